/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RSA on libcrypto's numbers against libcrypto's own answer, for signatures
 * that are right, nearly right, or made with the private key over an encoding
 * that is nearly right.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "trust/ssh_pkey.h"
#include "trust/ssh_rsa.h"
#include "trust_help.h"

enum { MAX = SSH_KEY_MAX_RSA / 8, FLIPS = 1200, FORGED = 40 };

static const struct {
	unsigned bits, exponent;
} keys[] = {{2048, 65537}, {2049, 65537}, {3072, 65537}, {2048, 3}};

/* One key in both forms. */
static struct {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verify, *raw;
	struct ssh_key key;
	struct ssh_pkey *ours;
	BIGNUM *n;
	size_t size;
	char e_bytes[8], n_bytes[MAX];
	unsigned char encoded[MAX]; /* of the message, for this key */
	unsigned good, bad;
} it;

static const char message[] = "what is signed";
static enum ssh_hash hash;

static uint64_t random_below(uint64_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static EVP_PKEY *generate(unsigned bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	ck_assert_int_eq(BN_set_word(e, exponent), 1);
	ck_assert_int_eq(EVP_PKEY_keygen_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
	ck_assert_int_eq(EVP_PKEY_generate(ctx, &pkey), 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static struct span number(EVP_PKEY *pkey, const char *name, char *out,
			  BIGNUM **keep)
{
	BIGNUM *v = NULL;
	int n;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name, &v), 1);
	n = BN_bn2bin(v, (unsigned char *)out);
	if (keep)
		*keep = v;
	else
		BN_free(v);
	return span_of(out, (size_t)n);
}

static void take_key(unsigned bits, unsigned exponent)
{
	struct err e;

	memset(&it, 0, sizeof(it));
	it.pkey = generate(bits, exponent);
	it.key.type = ssh_key_type_find(span_str("ssh-rsa"));
	it.key.e = number(it.pkey, OSSL_PKEY_PARAM_RSA_E, it.e_bytes, NULL);
	it.key.n = number(it.pkey, OSSL_PKEY_PARAM_RSA_N, it.n_bytes, &it.n);
	it.size = it.key.n.n;
	ck_assert_int_eq(ssh_pkey_new(&it.ours, &it.key, &e), 0);
	it.raw = EVP_PKEY_CTX_new_from_pkey(NULL, it.pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_sign_init(it.raw), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(it.raw, RSA_NO_PADDING),
			 1);
}

static void drop_key(void)
{
	EVP_PKEY_CTX_free(it.verify);
	EVP_PKEY_CTX_free(it.raw);
	EVP_PKEY_free(it.pkey);
	ssh_pkey_free(it.ours);
	BN_free(it.n);
}

static const EVP_MD *digest(void)
{
	return hash == SSH_HASH_512 ? EVP_sha512() : EVP_sha256();
}

static void use_hash(enum ssh_hash which)
{
	hash = which;
	EVP_PKEY_CTX_free(it.verify);
	it.verify = EVP_PKEY_CTX_new_from_pkey(NULL, it.pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_verify_init(it.verify), 1);
	ck_assert_int_eq(
		EVP_PKEY_CTX_set_rsa_padding(it.verify, RSA_PKCS1_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(it.verify, digest()), 1);
}

/* What both say of a signature, which must be the same. */
static bool both_say(const unsigned char *sig, size_t n)
{
	struct ssh_raw_sig raw = {.hash = hash, .bytes = span_of(sig, n)};
	unsigned char md[SSH_HASH_MAX];
	size_t len = ssh_hash_of(hash, span_str(message), md);
	bool good, theirs;
	struct err e;

	theirs = EVP_PKEY_verify(it.verify, sig, n, md, len) == 1;
	ERR_clear_error();
	ck_assert_int_eq(ssh_pkey_verify(it.ours, &it.key, &raw,
					 span_str(message), &good, &e),
			 0);
	ck_assert_msg(good == theirs, "%d bits: ours %d, libcrypto %d",
		      BN_num_bits(it.n), good, theirs);
	if (good)
		it.good++;
	else
		it.bad++;
	return good;
}

/* m^d mod n, whatever m encodes; false when it is not below n */
static bool sign_raw(const unsigned char *m, unsigned char *sig)
{
	size_t n = it.size;
	bool ok = EVP_PKEY_sign(it.raw, sig, &n, m, it.size) == 1;

	ERR_clear_error();
	return ok;
}

static void sign_well(unsigned char *sig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, it.pkey, NULL);
	unsigned char md[SSH_HASH_MAX];
	size_t len = ssh_hash_of(hash, span_str(message), md), n = it.size;

	ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING),
			 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, digest()), 1);
	ck_assert_int_eq(EVP_PKEY_sign(ctx, sig, &n, md, len), 1);
	EVP_PKEY_CTX_free(ctx);
	ck_assert_uint_eq(n, it.size);
	/* raised again, it is the encoding */
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, it.pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(ctx, it.encoded, &n, sig, it.size),
			 1);
	EVP_PKEY_CTX_free(ctx);
}

static void flip_bits(const unsigned char *sig)
{
	unsigned char changed[MAX + 1];
	int i;

	for (i = 0; i < FLIPS; i++) {
		memcpy(changed, sig, it.size);
		changed[random_below(it.size)] ^= 1u << random_below(8);
		if (i % 4 == 0)
			changed[random_below(it.size)] ^= 1u << random_below(8);
		if (memcmp(changed, sig, it.size) != 0)
			ck_assert(!both_say(changed, it.size));
	}
	for (i = 0; i < 40; i++) {
		size_t j;

		for (j = 0; j < it.size; j++)
			changed[j] = (unsigned char)random_below(256);
		ck_assert(!both_say(changed, it.size));
	}
	memcpy(changed, sig, it.size);
	changed[it.size] = 0;
	ck_assert(!both_say(changed, it.size + 1));
	ck_assert(!both_say(changed, it.size - 1));
	ck_assert(!both_say(changed, 0));
	ck_assert(!both_say(changed + 1, it.size - 1));
}

/* Numbers that are the same or special modulo n. */
static void try_numbers(const unsigned char *sig)
{
	BIGNUM *s = BN_bin2bn(sig, (int)it.size, NULL), *v = BN_new();
	unsigned char bytes[MAX];
	int i;

	for (i = 0; i < 8; i++) {
		if (i < 3)
			ck_assert(BN_copy(v, it.n) && BN_add_word(v, 1) &&
				  BN_sub_word(v, (BN_ULONG)i));
		else if (i == 3)
			ck_assert(BN_add(v, it.n, s));
		else if (i == 4)
			ck_assert(BN_sub(v, it.n, s));
		else if (i == 5)
			ck_assert(BN_lshift1(v, it.n) && BN_sub(v, v, s));
		else
			ck_assert(BN_set_word(v, (BN_ULONG)i - 6));
		if (BN_bn2binpad(v, bytes, (int)it.size) > 0)
			ck_assert(!both_say(bytes, it.size));
	}
	BN_free(s);
	BN_free(v);
}

static void forge_byte(size_t at, unsigned char xor_)
{
	unsigned char m[MAX], sig[MAX];

	memcpy(m, it.encoded, it.size);
	m[at] ^= xor_;
	if (sign_raw(m, sig))
		ck_assert(!both_say(sig, it.size));
}

/* The encoding with `info` in place of its own, and so many bytes of padding
 * less, which stand behind the digest. */
static void forge_info(const char *info, size_t n, size_t behind)
{
	unsigned char m[MAX], sig[MAX], md[SSH_HASH_MAX];
	size_t len = ssh_hash_of(hash, span_str(message), md);
	size_t fill = it.size - 3 - n - len - behind;

	memset(m, 0xff, it.size);
	m[0] = 0;
	m[1] = 1;
	m[2 + fill] = 0;
	memcpy(m + 3 + fill, info, n);
	memcpy(m + 3 + fill + n, md, len);
	memset(m + it.size - behind, 0xa5, behind);
	ck_assert(sign_raw(m, sig));
	ck_assert_int_eq(both_say(sig, it.size),
			 !behind && memcmp(m, it.encoded, it.size) == 0);
}

/* What libraries have taken for a signature that was none. */
static void forge_encodings(void)
{
	size_t len = hash == SSH_HASH_512 ? 64 : 32, i;
	const char *info = (char *)it.encoded + it.size - len - 19;
	char other[32];

	forge_info(info, 19, 0);
	forge_info(info, 19, 1);
	forge_info(info, 19, 100);
	forge_info("", 0, 0);
	/* no NULL behind the algorithm */
	memcpy(other, info, 19);
	other[1] -= 2;
	other[3] -= 2;
	other[15] = 4;
	other[16] = (char)len;
	forge_info(other, 17, 0);
	/* a length in two bytes */
	other[0] = 0x30;
	other[1] = (char)0x81;
	memcpy(other + 2, info + 1, 18);
	forge_info(other, 20, 0);
	/* the name of another hash */
	memcpy(other, info, 19);
	other[14] ^= 3;
	forge_info(other, 19, 0);
	for (i = 0; i < 12; i++)
		forge_byte(i, (unsigned char)(1 + random_below(255)));
	for (i = it.size - len - 21; i < it.size; i += 5)
		forge_byte(i, (unsigned char)(1u << random_below(8)));
	for (i = 0; i < FORGED; i++)
		forge_byte(random_below(it.size),
			   (unsigned char)(1 + random_below(255)));
}

START_TEST(is_what_libcrypto_says)
{
	unsigned char sig[MAX];

	take_key(keys[_i].bits, keys[_i].exponent);
	for (hash = SSH_HASH_256; hash <= SSH_HASH_512; hash += 2) {
		use_hash(hash);
		sign_well(sig);
		ck_assert(both_say(sig, it.size));
		flip_bits(sig);
		try_numbers(sig);
		forge_encodings();
		ck_assert(both_say(sig, it.size));
	}
	ck_assert_uint_eq(it.good, 6);
	ck_assert_uint_gt(it.bad, 2 * (FLIPS + FORGED));
	drop_key();
}
END_TEST

/* Nothing but bytes: no such key need exist. */
static const struct {
	const char *e;
	size_t e_bytes, n_bytes;
	unsigned char first, last;
	bool taken;
} forms[] = {
	{"\1\0\1", 3, 256, 0x80, 1, true},
	{"\1\0\1", 3, 2048, 0xff, 0xff, true},
	{"\3", 1, 256, 0x80, 1, false},
	{"\1\0\3", 3, 256, 0x80, 1, false},
	{"\0\1\0\1", 4, 256, 0x80, 1, false},
	{"\1\0\1", 3, 255, 0x80, 1, false},
	{"\1\0\1", 3, 2049, 0x80, 1, false},
	{"\1\0\1", 3, 257, 0, 1, false},
	{"\1\0\1", 3, 256, 0x80, 2, false},
};

START_TEST(other_keys_are_left_to_evp)
{
	static char n[MAX + 1];
	struct ssh_key key = {
		.type = ssh_key_type_find(span_str("ssh-rsa")),
		.e = span_of(forms[_i].e, forms[_i].e_bytes),
		.n = span_of(n, forms[_i].n_bytes),
	};
	struct ssh_rsa *r;
	struct err e;

	n[0] = (char)forms[_i].first;
	n[forms[_i].n_bytes - 1] = (char)forms[_i].last;
	ck_assert_int_eq(ssh_rsa_new(&r, &key, &e), 0);
	ck_assert_int_eq(r != NULL, forms[_i].taken);
	ssh_rsa_free(r);
}
END_TEST

START_TEST(no_other_hash_and_no_other_length)
{
	unsigned char md[SSH_HASH_MAX] = {0}, sig[MAX] = {0};
	struct span whole;
	struct ssh_rsa *r;
	struct err e;
	bool good = true;

	take_key(2048, 65537);
	whole = span_of(sig, it.size);
	ck_assert_int_eq(ssh_rsa_new(&r, &it.key, &e), 0);
	ck_assert_int_eq(ssh_rsa_verify(r, SSH_HASH_384, span_of(md, 48), whole,
					&good, &e),
			 ERR_CRYPTO);
	ck_assert(!good);
	ck_assert_int_eq(ssh_rsa_verify(r, SSH_HASH_512, span_of(md, 63), whole,
					&good, &e),
			 ERR_CRYPTO);
	ck_assert_int_eq(ssh_rsa_verify(r, SSH_HASH_256, span_of(md, 64), whole,
					&good, &e),
			 ERR_CRYPTO);
	ck_assert_int_eq(ssh_rsa_verify(r, SSH_HASH_256, span_of(md, 32), whole,
					&good, &e),
			 0);
	ck_assert(!good);
	ssh_rsa_free(r);
	drop_key();
}
END_TEST

Suite *suite_rsa(void)
{
	Suite *s = suite_create("rsa");
	TCase *t = tcase_create("all");
	int n = sizeof(keys) / sizeof(keys[0]);

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, is_what_libcrypto_says, 0, n);
	tcase_add_loop_test(t, other_keys_are_left_to_evp, 0,
			    sizeof(forms) / sizeof(forms[0]));
	tcase_add_test(t, no_other_hash_and_no_other_length);
	return s;
}
