/* SPDX-License-Identifier: Apache-2.0 */

/* the low-level calls are deprecated, and the reason for this file */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "trust/ssh_hash.h"

#include <openssl/sha.h>

#include "base/sha256.h"

static size_t sha512_of(struct span bytes, unsigned char out[SSH_HASH_MAX])
{
	SHA512_CTX c;

	SHA512_Init(&c);
	SHA512_Update(&c, bytes.p, bytes.n);
	SHA512_Final(out, &c);
	return SHA512_DIGEST_LENGTH;
}

static size_t sha384_of(struct span bytes, unsigned char out[SSH_HASH_MAX])
{
	SHA512_CTX c;

	SHA384_Init(&c);
	SHA384_Update(&c, bytes.p, bytes.n);
	SHA384_Final(out, &c);
	return SHA384_DIGEST_LENGTH;
}

size_t ssh_hash_of(enum ssh_hash hash, struct span bytes,
		   unsigned char out[SSH_HASH_MAX])
{
	switch (hash) {
	case SSH_HASH_256:
		sha256_of(bytes.p, bytes.n, out);
		return SHA256_SIZE;
	case SSH_HASH_384:
		return sha384_of(bytes, out);
	case SSH_HASH_512:
		return sha512_of(bytes, out);
	case SSH_HASH_NONE:
		break;
	}
	return 0;
}
