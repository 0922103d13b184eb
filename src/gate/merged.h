/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_MERGED_H
#define GATEPOST_GATE_MERGED_H

#include "gate/change.h"

/**
 * Whoever signs a merge commit approves what it merges, if the merge changes
 * nothing by itself and stands on the line of first parents between what the
 * ref has and what it is to have. Finds those with a signature of a key that
 * somebody here has or had, as approvals of kind APPROVAL_MERGE.
 */
int merged_find(struct change *c, struct judging *j, struct err *e);

/** What such an approval covers: the merge and what it brings. */
void merged_match(const struct change *c, const struct approval *a,
		  struct extent *x);

#endif
