/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_OPENPGP_H
#define GATEPOST_TRUST_OPENPGP_H

/**
 * OpenPGP signatures, by gpgv as a child. The judge cannot start programs, so
 * this is for its parent, which must not read what a pusher wrote: payload
 * and signature pass through as bytes, and the child reads them.
 */

#include "base/cursor.h"
#include "base/err.h"
#include "sys/deadline.h"
#include "trust/signature.h"

enum {
	OPENPGP_MAX_TEXT = 65536,   /* bytes of a signature */
	OPENPGP_MAX_STATUS = 262144 /* bytes of gpgv's answer */
};

struct openpgp_spec {
	const char *gpgv;    /* the program, absolute */
	const char *keyring; /* the only one, absolute */
	struct deadline deadline;
};

/**
 * Whether `gpgv` can be run, said of a policy.
 * @return 0; ERR_CONFIG naming it
 */
int openpgp_check(const char *gpgv, struct err *e);

/**
 * Whether `sig` is armour of exactly one detached signature, and no longer
 * than OPENPGP_MAX_TEXT; else `out` says what is wrong. For those who may
 * read it.
 */
bool openpgp_armor_ok(struct span sig, struct signature *out);

/**
 * Verify `sig` (armoured text, openpgp_armor_ok) over `payload`. It counts for
 * the principal who has the full fingerprint of the key, or of the primary key
 * above it; names and addresses in keys count for nothing. gpgv takes the
 * clock's time: expired and revoked keys are refused as of now.
 *
 * @param at   the time of receipt, milliseconds: the principal must be known
 * @param out  says what was found; presence is never proved
 * @return 0 whenever there is an answer; ERR_NOT_FOUND without gpgv;
 *         ERR_TIMEOUT, ERR_LIMIT, ERR_SYS, ERR_MEMORY when there is none
 */
int openpgp_verify(const struct openpgp_spec *spec,
		   const struct principals *people, struct span payload,
		   struct span sig, int64_t at, struct signature *out,
		   struct err *e);

#endif
