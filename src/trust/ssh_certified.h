/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_CERTIFIED_H
#define GATEPOST_TRUST_SSH_CERTIFIED_H

/**
 * Certificates whose authority's signature has been verified, so that a
 * thousand commits by one certificate need that once.
 */

#include <stdbool.h>

#include "base/err.h"
#include "base/sha256.h"
#include "trust/ssh_cert.h"
#include "trust/ssh_pkey.h"

enum { SSH_CERTIFIED_SLOTS = 64 };

/** A certificate by its digest goes to one slot; a later one takes it. */
struct ssh_certified {
	struct {
		unsigned char digest[SHA256_SIZE];
		struct ssh_pkey *pkey; /* NULL: free */
	} slots[SSH_CERTIFIED_SLOTS];
};

/** @return NULL when memory ran out */
struct ssh_certified *ssh_certified_new(void);
void ssh_certified_free(struct ssh_certified *c);

/**
 * Verify that `authority` signed the certificate.
 * @param pkey  gets the certified key, which the cache keeps; NULL when the
 *              authority's signature is bad
 * @return 0; ERR_CRYPTO when libcrypto does not take the certified key;
 *         ERR_MEMORY
 */
int ssh_certified_verify(struct ssh_certified *c, const struct ssh_cert *cert,
			 struct ssh_pkey *authority, struct ssh_pkey **pkey,
			 struct err *e);

#endif
