/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNERS_H
#define GATEPOST_TRUST_SIGNERS_H

/**
 * Whose keys are trusted: OpenSSH allowed_signers (ssh-keygen(1), ALLOWED
 * SIGNERS) and revocations. Trust data fails closed: a configured file that
 * is missing or wrong is an error when it is loaded, never a warning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

struct signers;

/** Configured files; absolute paths, NULL when not configured. */
struct signers_spec {
	const char *ssh;	 /* allowed_signers */
	const char *ssh_revoked; /* KRL or list of public keys */
	const char *openpgp;
	const char *x509_ca;
};

/**
 * Load and check everything.
 * @param normal  gets the normalised text of all files, for the policy digest
 * @return ERR_CONFIG naming file and line; ERR_DENIED for files that others
 *         can write; ERR_NOT_FOUND for missing ones; ERR_SYS for unreadable
 *         ones; ERR_LIMIT
 */
int signers_load(struct signers **out, const struct signers_spec *spec,
		 struct buf *normal, struct err *e);
void signers_free(struct signers *s);

#endif
