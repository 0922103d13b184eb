/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_SHA256_H
#define GATEPOST_BASE_SHA256_H

/**
 * SHA-256 through libcrypto's low-level calls: they cost 15 microseconds at
 * first use, EVP close to a millisecond, which a push with nothing to verify
 * need not pay.
 */

#include <stddef.h>

enum { SHA256_SIZE = 32, SHA256_HEX_SIZE = 65 };

struct sha256 {
	unsigned long long state[32]; /* holds libcrypto's SHA256_CTX */
};

void sha256_init(struct sha256 *h);
void sha256_update(struct sha256 *h, const void *bytes, size_t n);
void sha256_final(struct sha256 *h, unsigned char out[SHA256_SIZE]);

/** The digest of one run of bytes, raw and as lower-case hex with a NUL. */
void sha256_of(const void *bytes, size_t n, unsigned char out[SHA256_SIZE]);
void sha256_hex(const void *bytes, size_t n, char out[SHA256_HEX_SIZE]);

#endif
