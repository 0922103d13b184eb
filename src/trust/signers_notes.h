/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SIGNERS_NOTES_H
#define GATEPOST_TRUST_SIGNERS_NOTES_H

/**
 * Keys that are well-formed and yet can never count: no mistake, since lists
 * are often shared and larger than a policy, but rarely meant.
 */

#include "base/buf.h"
#include "trust/principals.h"
#include "trust/signers.h"

enum { SIGNERS_MAX_NOTES = 100 };

/**
 * Tell of SSH keys and OpenPGP keys that are nobody's or two people's, and of
 * fingerprints in the policy that no keyring has.
 * @param files   those that `s` was loaded from; the keyring is read again
 * @param policy  the file that says who is who, for texts
 * @param now     milliseconds since 1970
 * @param out     gets a line for each, `FILE[:LINE]: note: TEXT`
 * @param n       how many there are; beyond SIGNERS_MAX_NOTES they are counted
 *                and not written
 * @return ERR_SYS and the like for an unreadable keyring; ERR_MEMORY
 */
int signers_note(const struct signers *s, const struct signers_spec *files,
		 const struct principals *people, const char *policy,
		 int64_t now, struct buf *out, size_t *n, struct err *e);

#endif
