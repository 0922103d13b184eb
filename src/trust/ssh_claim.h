/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_CLAIM_H
#define GATEPOST_TRUST_SSH_CLAIM_H

/** What the list of allowed signers says of one key. */

#include "trust/signature.h"
#include "trust/signers_private.h"
#include "trust/ssh_cert.h"

/** The lines borrowed from the list. */
struct ssh_claim {
	struct allowed_signer *first;	     /* of all */
	const struct allowed_signer *timely; /* of those valid now */
	const struct allowed_signer *early, *late, *other;
	const struct principal *principal; /* of the timely ones */
	const struct principal *second;	   /* another one of them */
};

/** All lines that have this key itself, at the time `at` (milliseconds). */
void ssh_claim_read(struct ssh_claim *claim, const struct signers *s,
		    struct span blob, const struct principals *people,
		    int64_t at);

/** All lines that trust this certificate's authority. A certificate counts
 * for those of its principals whom such a line names; a line's negated
 * pattern excludes a principal who has any name that it matches. */
void ssh_claim_read_certificate(struct ssh_claim *claim,
				const struct signers *s,
				const struct ssh_cert *cert,
				const struct principals *people, int64_t at);

/** What a signature is worth whose bytes have been found good. */
void ssh_claim_judge(const struct ssh_claim *claim, int64_t at,
		     struct signature *out);

#endif
