/* SPDX-License-Identifier: Apache-2.0 */

/* the low-level calls are deprecated; see ssh_hash.h */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "trust/push_nonce.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"

enum { BLOCK = 64, DIGEST_MAX = 32, KEY_MAX = 8192, SECONDS_DIGITS = 12 };

/* SHA-1 or SHA-256 of a block and what follows it. */
static size_t hash_two(enum oid_algo algo, const unsigned char block[BLOCK],
		       struct span rest, unsigned char out[DIGEST_MAX])
{
	struct sha256 s256;
	SHA_CTX s1;

	if (algo == OID_SHA256) {
		sha256_init(&s256);
		sha256_update(&s256, block, BLOCK);
		sha256_update(&s256, rest.p, rest.n);
		sha256_final(&s256, out);
		return SHA256_SIZE;
	}
	SHA1_Init(&s1);
	SHA1_Update(&s1, block, BLOCK);
	SHA1_Update(&s1, rest.p, rest.n);
	SHA1_Final(out, &s1);
	return SHA_DIGEST_LENGTH;
}

static void key_block(enum oid_algo algo, struct span key,
		      unsigned char block[BLOCK])
{
	memset(block, 0, BLOCK);
	if (key.n <= BLOCK)
		memcpy(block, key.p, key.n);
	else if (algo == OID_SHA256)
		sha256_of(key.p, key.n, block);
	else
		SHA1((const unsigned char *)key.p, key.n, block);
}

static size_t hmac(enum oid_algo algo, struct span key, struct span text,
		   unsigned char out[DIGEST_MAX])
{
	unsigned char block[BLOCK], pad[BLOCK], inner[DIGEST_MAX];
	size_t i, n;

	key_block(algo, key, block);
	for (i = 0; i < BLOCK; i++)
		pad[i] = block[i] ^ 0x36;
	n = hash_two(algo, pad, text, inner);
	for (i = 0; i < BLOCK; i++)
		pad[i] = block[i] ^ 0x5c;
	return hash_two(algo, pad, span_of((const char *)inner, n), out);
}

/* Without telling by its time how much is alike. */
static bool same_secret(struct span a, const char *b)
{
	unsigned char differ = 0;
	size_t i;

	if (a.n != strlen(b))
		return false;
	for (i = 0; i < a.n; i++)
		differ |= (unsigned char)(a.p[i] ^ b[i]);
	return !differ;
}

bool push_nonce_is_ours(struct span nonce, enum oid_algo algo,
			const char *directory, const char *seed,
			int64_t *seconds)
{
	struct cursor c = cursor_of(nonce.p, nonce.n);
	struct buf key = BUF_INIT(KEY_MAX);
	unsigned char digest[DIGEST_MAX];
	char hex[2 * DIGEST_MAX + 1];
	struct span when;
	uint64_t stamp;
	size_t n;
	bool ok;

	*seconds = 0;
	if (!cursor_until(&c, '-', &when) || when.n > SECONDS_DIGITS ||
	    !text_to_u64(when, INT64_MAX, &stamp))
		return false;
	buf_addf(&key, "%s:", directory);
	buf_add(&key, when.p, when.n);
	ok = buf_ok(&key);
	n = hmac(algo, span_of(key.data, key.len), span_str(seed), digest);
	buf_release(&key);
	hex_encode(digest, n, hex);
	*seconds = (int64_t)stamp;
	return ok && same_secret(span_of(c.p, cursor_left(&c)), hex);
}
