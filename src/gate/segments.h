/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_SEGMENTS_H
#define GATEPOST_GATE_SEGMENTS_H

#include "gate/change.h"

/**
 * The parts of a change that could be pushed alone: compute their digests,
 * and look for approvals by these and by the commits that end them. The whole
 * comes first; of the rest, no more than CHANGE_MAX_… say, else c->bounded.
 */
int segments_find(struct change *c, struct judging *j, size_t ref,
		  struct err *e);

/** What one approval covers, by its position, as far as is known by now. */
void segments_match_one(const struct change *c, size_t approval,
			struct extent *x);

/** When all approvals are found: fill c->extents. */
int segments_match(struct change *c, struct err *e);

#endif
