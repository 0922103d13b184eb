/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/ssh_rsa.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>

enum {
	MAX_BYTES = SSH_KEY_MAX_RSA / 8,
	SQUARINGS = 16, /* 65537 is 2^16 + 1 */
	PADDING = 11,	/* least bytes before a DigestInfo: 00 01 ff*8 00 */
	INFO = 19
};

struct ssh_rsa {
	size_t size; /* bytes of the modulus */
	BIGNUM *n;
	BN_MONT_CTX *mont;
	BN_CTX *ctx;
	BIGNUM *s, *power; /* of one verification, kept for the next */
	unsigned char expected[MAX_BYTES], found[MAX_BYTES];
};

/* What stands before the digest in a DigestInfo (RFC 8017, 9.2, note 1). */
static const unsigned char info_256[INFO] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
static const unsigned char info_512[INFO] = {
	0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40};

static const unsigned char *bytes_of(struct span s)
{
	return (const unsigned char *)s.p;
}

static int crypto_failed(struct err *e, const char *what)
{
	ERR_clear_error();
	return err_set(e, ERR_CRYPTO, "libcrypto: %s", what);
}

/* The exponent 65537, and an odd modulus of a length that counts. */
static bool is_ours(struct span e, struct span n)
{
	return e.n == 3 && memcmp(e.p, "\1\0\1", 3) == 0 &&
	       n.n >= SSH_KEY_MIN_RSA / 8 && n.n <= MAX_BYTES && n.p[0] &&
	       (n.p[n.n - 1] & 1);
}

int ssh_rsa_new(struct ssh_rsa **out, const struct ssh_key *key, struct err *e)
{
	struct ssh_rsa *r;

	*out = NULL;
	if (!is_ours(key->e, key->n))
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_nomem(e);
	r->size = key->n.n;
	r->n = BN_bin2bn(bytes_of(key->n), (int)key->n.n, NULL);
	r->mont = BN_MONT_CTX_new();
	r->ctx = BN_CTX_new();
	r->s = BN_new();
	r->power = BN_new();
	if (!r->n || !r->mont || !r->ctx || !r->s || !r->power ||
	    BN_MONT_CTX_set(r->mont, r->n, r->ctx) != 1) {
		ssh_rsa_free(r);
		return crypto_failed(e, "the key is not accepted");
	}
	*out = r;
	return 0;
}

void ssh_rsa_free(struct ssh_rsa *r)
{
	if (!r)
		return;
	BN_free(r->n);
	BN_MONT_CTX_free(r->mont);
	BN_CTX_free(r->ctx);
	BN_free(r->s);
	BN_free(r->power);
	free(r);
}

/* EMSA-PKCS1-v1_5 (RFC 8017, 9.2). @return false when it cannot be */
static bool encode(struct ssh_rsa *r, enum ssh_hash hash, struct span digest)
{
	const unsigned char *info = hash == SSH_HASH_512 ? info_512 : info_256;
	unsigned char *at = r->expected;
	size_t fill;

	/* the last byte of the prefix is the digest's length */
	if ((hash != SSH_HASH_512 && hash != SSH_HASH_256) ||
	    digest.n != info[INFO - 1] || r->size < PADDING + INFO + digest.n)
		return false;
	fill = r->size - 3 - INFO - digest.n;
	*at++ = 0;
	*at++ = 1;
	memset(at, 0xff, fill);
	at += fill;
	*at++ = 0;
	memcpy(at, info, INFO);
	memcpy(at + INFO, digest.p, digest.n);
	return true;
}

/*
 * s^65537 mod n. The squares carry Montgomery's factor; the last product,
 * with s itself, takes it away.
 */
static bool raise_s(struct ssh_rsa *r)
{
	int i;

	if (BN_to_montgomery(r->power, r->s, r->mont, r->ctx) != 1)
		return false;
	for (i = 0; i < SQUARINGS; i++)
		if (BN_mod_mul_montgomery(r->power, r->power, r->power, r->mont,
					  r->ctx) != 1)
			return false;
	return BN_mod_mul_montgomery(r->power, r->power, r->s, r->mont,
				     r->ctx) == 1;
}

int ssh_rsa_verify(struct ssh_rsa *r, enum ssh_hash hash, struct span digest,
		   struct span sig, bool *good, struct err *e)
{
	*good = false;
	if (!encode(r, hash, digest))
		return crypto_failed(e, "cannot verify with this key");
	if (sig.n != r->size)
		return 0;
	if (!BN_bin2bn(bytes_of(sig), (int)sig.n, r->s))
		return crypto_failed(e, "cannot verify with this key");
	if (BN_cmp(r->s, r->n) >= 0)
		return 0;
	if (!raise_s(r) ||
	    BN_bn2binpad(r->power, r->found, (int)r->size) != (int)r->size)
		return crypto_failed(e, "cannot verify with this key");
	*good = memcmp(r->found, r->expected, r->size) == 0;
	return 0;
}
