/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_LAPSED_H
#define GATEPOST_GATE_LAPSED_H

/**
 * Approvals of an earlier state of a change: they count for nothing, and who
 * pushes is told which files have changed since. An amended or rebased commit
 * keeps its author and the author's date, so by these an approval of the one
 * is found for the other.
 */

#include "gate/change.h"

enum {
	LAPSED_MAX_COMMITS = 16, /* of a change, the newest: asked about */
	LAPSED_MAX_FOUND = 8,	 /* approvals that are compared */
	LAPSED_MAX_PATHS = 2000	 /* looked at for one */
};

/** By what approvals of a commit with this author are found. */
void lapsed_name(const struct commit *c, char out[APPROVAL_DIGEST_PREFIX + 1]);

/** The same of the commit that an approval tags; "" when it cannot be read. */
int lapsed_name_target(struct judging *j, const struct oid *target,
		       char out[APPROVAL_DIGEST_PREFIX + 1], struct err *e);

/** Look for them, when all others are found. */
int lapsed_find(struct change *c, struct judging *j, size_t ref, struct err *e);

/** When it is known what each covers: compare those that cover nothing. */
int lapsed_compare(struct change *c, struct judging *j, size_t ref,
		   struct err *e);

#endif
