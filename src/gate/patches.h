/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_PATCHES_H
#define GATEPOST_GATE_PATCHES_H

#include "gate/change.h"

/**
 * Look for approvals by git's patch id, where a rule says `bind = patch`: of
 * the whole change, and of parts of it while something has no approval. No
 * more than CHANGE_MAX_PATCHES patch ids are asked for, then c->bounded is
 * set.
 */
int patches_find(struct change *c, struct judging *j, size_t ref,
		 struct err *e);

/** What an approval covers by its patch id. Nothing where that is no more
 * than it covers already. */
void patches_match(const struct change *c, const struct approval *a,
		   struct extent *x);

/** Whether the branch that an approval tags has the patch id that it claims. */
int patches_check_branch(struct change *c, struct judging *j, size_t ref,
			 const struct approval *a, bool *same, struct err *e);

#endif
