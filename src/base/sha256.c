/* SPDX-License-Identifier: Apache-2.0 */

/* the low-level calls are deprecated, and the reason for this file */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.h"

#include <assert.h>
#include <openssl/sha.h>
#include <stdalign.h>

#include "base/encode.h"

static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256), "state too small");
static_assert(alignof(SHA256_CTX) <= alignof(struct sha256), "misaligned");

static SHA256_CTX *state_of(struct sha256 *h)
{
	return (SHA256_CTX *)(void *)h->state;
}

void sha256_init(struct sha256 *h)
{
	SHA256_Init(state_of(h));
}

void sha256_update(struct sha256 *h, const void *bytes, size_t n)
{
	SHA256_Update(state_of(h), bytes, n);
}

void sha256_final(struct sha256 *h, unsigned char out[SHA256_SIZE])
{
	SHA256_Final(out, state_of(h));
}

void sha256_of(const void *bytes, size_t n, unsigned char out[SHA256_SIZE])
{
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, bytes, n);
	sha256_final(&h, out);
}

void sha256_hex(const void *bytes, size_t n, char out[SHA256_HEX_SIZE])
{
	unsigned char raw[SHA256_SIZE];

	sha256_of(bytes, n, raw);
	hex_encode(raw, sizeof(raw), out);
}
