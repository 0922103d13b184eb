/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_EXACT_H
#define GATEPOST_GATE_EXACT_H

/**
 * A merge is exact when it does to the commit before it what each of the
 * branches does to where that began, and nothing else: nothing of either is
 * missing, and nothing added. Then whoever looked at the branches has seen all
 * that it does.
 */

#include "gate/change.h"

enum {
	EXACT_MAX_SIDES = 16,	  /* branches that one merge brings */
	EXACT_MAX_PATHS = 100000, /* changed by one of more than two parents */
};

/** A merge on a lane. */
struct exact_merge {
	size_t number;			  /* of the commit */
	const struct walk_commit *before; /* on the lane */
	size_t low; /* the place from which on it brings commits */
};

/** A branch that it brings, as the order has them. */
struct exact_side {
	size_t at;	 /* its tip, in the walk */
	struct oid base; /* the one merge base with what was before */
};

/**
 * Find out, and set `exact` and `low` of c->commits[m->number].
 * @param m      a merge that changes no path against all its parents
 * @param sides  room for EXACT_MAX_SIDES; filled when it is exact
 */
int exact_find(struct change *c, struct judging *j, const struct exact_merge *m,
	       struct exact_side *sides, size_t *n, struct err *e);

#endif
