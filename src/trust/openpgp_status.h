/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_OPENPGP_STATUS_H
#define GATEPOST_TRUST_OPENPGP_STATUS_H

/** What gpgv says on its status descriptor (GnuPG's doc/DETAILS). */

#include "base/cursor.h"
#include "trust/signature.h"

enum {
	OPENPGP_FINGERPRINT = 65, /* bytes, with the NUL */
	OPENPGP_MAX_STATUS_LINES = 1000
};

struct openpgp_status {
	/** SIG_GOOD: exactly one signature, of a document as bytes, by a key
	 * that is valid, with an algorithm and a digest that are accepted.
	 * Else what it is, with the reason. */
	enum signature_status status;
	const char *why;
	char primary[OPENPGP_FINGERPRINT]; /* upper-case hex; "" unknown */
	const char *algorithm;		   /* "RSA"; NULL unknown */
};

/**
 * Read all of it. What is not understood is no good signature.
 * @param ok  whether gpgv ended with status 0
 */
void openpgp_status_read(struct openpgp_status *out, struct span text, bool ok);

/** Whether it is a full fingerprint: 40 or 64 digits of upper-case hex. */
bool openpgp_is_fingerprint(struct span s);

#endif
