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
	const char *x509_ca;  /* certificates in PEM */
	const char *x509_crl; /* revocation lists in PEM */
	/* told when loading fails, unless NULL: the policy's key of the
	 * file that is to blame, or NULL if none is */
	const char **failed;
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

/**
 * Read to the last byte what signers_load leaves for the first use: X.509
 * files. For those who check a policy.
 * @return ERR_CONFIG naming the file
 */
int signers_check(const struct signers *s, struct err *e);

void signers_free(struct signers *s);

#endif
