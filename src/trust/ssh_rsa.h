/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_RSA_H
#define GATEPOST_TRUST_SSH_RSA_H

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2) with the exponent 65537, which is that
 * of nearly all keys, on libcrypto's numbers. EVP takes a fifth more time for
 * the same: its ladder is made for any exponent, and does its last steps in
 * a slower form.
 *
 * The expected encoding is built and compared in full; nothing that a
 * signature holds is parsed. All of it is public, so times tell nothing.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/ssh_hash.h"
#include "trust/ssh_key.h"

/** A modulus, with what multiplying by it needs. */
struct ssh_rsa;

/**
 * @param key  of kind SSH_KEY_RSA
 * @return 0, with NULL in `out` when the exponent is another one, or the
 *         modulus none that ssh_key_parse accepts; ERR_CRYPTO when libcrypto
 *         does not take it; ERR_MEMORY
 */
int ssh_rsa_new(struct ssh_rsa **out, const struct ssh_key *key, struct err *e);
void ssh_rsa_free(struct ssh_rsa *rsa);

/**
 * Whether `sig` is the signature of a digest.
 * @param hash  SSH_HASH_256 or SSH_HASH_512, of which `digest` is
 * @return 0 with the answer in `good`; ERR_CRYPTO
 */
int ssh_rsa_verify(struct ssh_rsa *rsa, enum ssh_hash hash, struct span digest,
		   struct span sig, bool *good, struct err *e);

#endif
