/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CARRY_H
#define GATEPOST_GATE_CARRY_H

/**
 * Approvals that counted on another ref, for what is picked from there with
 * `git cherry-pick -x`. The proof is the digest: that of the part of the
 * change which was approved, and of each commit of it, which must have been
 * let in on that ref. The line in the message only says which commit that is.
 */

#include "gate/change.h"

enum {
	CARRY_MAX_COMMITS = 256, /* of a push in which any are looked for */
	CARRY_MAX_TOLD = 3	 /* of which it is told why they are none */
};

/** Find them, when the parts of the change are known: before seek_finish. */
int carry_find(struct change *c, struct judging *j, size_t ref, struct err *e);

/** When it is known what each covers: those of parts that were not picked as
 * a whole cover nothing. */
void carry_match(struct change *c);

/** Why nothing is carried for what says that it was picked. */
int carry_report(const struct change *c, struct judging *j, size_t ref,
		 struct err *e);

#endif
