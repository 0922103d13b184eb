/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_PKEY_H
#define GATEPOST_TRUST_SSH_PKEY_H

/**
 * SSH signatures against libcrypto's EVP. The first call costs most of a
 * millisecond, so nothing here is called before there is something to
 * verify.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "trust/ssh_sig.h"

struct evp_pkey_st; /* libcrypto's EVP_PKEY */

/**
 * Make libcrypto's form of a key.
 * @return 0; ERR_CRYPTO when libcrypto does not take it (a point off its
 *         curve, an algorithm switched off); ERR_MEMORY
 */
int ssh_pkey_new(struct evp_pkey_st **out, const struct ssh_key *key,
		 struct err *e);
void ssh_pkey_free(struct evp_pkey_st *pkey);

/**
 * Whether a well-formed signature is that of `payload` by `pkey`, which
 * must be the key that the signature names.
 * @return 0 with the answer in `good`; ERR_CRYPTO or ERR_MEMORY
 */
int ssh_pkey_verify(struct evp_pkey_st *pkey, const struct ssh_sig *sig,
		    struct span payload, bool *good, struct err *e);

#endif
