/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_X509_OWNER_H
#define GATEPOST_TRUST_X509_OWNER_H

/** Whose certificate it is. */

#include "trust/signature.h"

struct x509_st; /* libcrypto's X509 */

enum { X509_MAX_EMAILS = 64 };

/** What a verified signature by this certificate is worth: `out` becomes good
 * or says why it counts for nobody. */
void x509_owner_judge(struct x509_st *signer, const struct principals *people,
		      int64_t at, struct signature *out);

#endif
