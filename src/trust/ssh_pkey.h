/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_PKEY_H
#define GATEPOST_TRUST_SSH_PKEY_H

/**
 * SSH signatures against libcrypto: its EVP, or for most RSA keys ssh_rsa.h.
 * EVP's first call costs most of a millisecond, so nothing here is called
 * before there is something to verify.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/ssh_raw_sig.h"

/** libcrypto's form of a key, with what verifying with it needs. */
struct ssh_pkey;

/**
 * Make libcrypto's form of a key.
 * @return 0; ERR_CRYPTO when libcrypto does not take it (a point off its
 *         curve, an algorithm switched off); ERR_MEMORY
 */
int ssh_pkey_new(struct ssh_pkey **out, const struct ssh_key *key,
		 struct err *e);
void ssh_pkey_free(struct ssh_pkey *pkey);

/**
 * Whether a well-formed signature is that of `message` by `pkey`.
 * @param key  the same key, with which the signature was read
 * @return 0 with the answer in `good`; ERR_CRYPTO or ERR_MEMORY
 */
int ssh_pkey_verify(struct ssh_pkey *pkey, const struct ssh_key *key,
		    const struct ssh_raw_sig *sig, struct span message,
		    bool *good, struct err *e);

#endif
