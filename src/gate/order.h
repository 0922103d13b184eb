/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ORDER_H
#define GATEPOST_GATE_ORDER_H

/**
 * In which order the commits of a push would come to the ref if each step
 * were a push of its own. A lane is a line of commits, each a parent of the
 * next; what a merge on it brings stands right before the merge. So whatever
 * comes with the steps from one commit of a lane to another is a run of
 * neighbours.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "git/walk.h"

enum {
	ORDER_MAX_LANE = 1000, /* steps; a longer one is not taken apart */
	ORDER_MAX_FEET = 8     /* commits asked whether they hold the old tip */
};

/** One judged commit. */
struct order_commit {
	size_t at;    /* in the walk */
	size_t place; /* in the order */
	size_t lead;  /* which parent is the one before it on its lane */
};

struct order {
	const struct walk *walk;
	struct order_commit *v; /* as they were added */
	size_t n, cap;
	size_t *number;	  /* by position in the walk, of v plus one */
	size_t *by_place; /* numbers of v */
	size_t placed;	  /* of by_place; others of v have no place */
};

/** A line of commits, the oldest first. */
struct lane {
	size_t *v; /* numbers of order.v */
	size_t n;
	size_t foot; /* in the walk: the commit before the first; SIZE_MAX:
		      * none, or not read */
	size_t low;  /* the place where its first step begins */
	bool firsts; /* each is the first parent of the next */
};

void order_init(struct order *o, const struct walk *w);
void order_release(struct order *o);

/** A judged commit, by its position in the walk. Its number is o->n before. */
int order_add(struct order *o, size_t at, struct err *e);

/**
 * When all are added: find the order, and the lane from `old` to `tip`.
 * @param old   what the ref has; NULL: nothing
 * @param based set: the lane begins at `old`, or at a commit that is hidden
 *              and has it as an ancestor
 */
int order_run(struct order *o, struct repository *repo, const struct oid *old,
	      const struct oid *tip, struct lane *out, bool *based,
	      struct err *e);

/**
 * The lane of first parents that ends at a commit which a merge brings.
 * @param low  the place of the last commit that the merge does not bring,
 *             plus one
 */
int order_side(const struct order *o, size_t tip, size_t low, struct lane *out,
	       struct err *e);
void lane_release(struct lane *l);

/** The number of a commit by its position in the walk; SIZE_MAX: it is not
 * judged. */
size_t order_number(const struct order *o, size_t at);
const struct walk_commit *order_commit(const struct order *o, size_t number);

/** Where a run of places ends at which commits stand: some that are judged may
 * have no place, so the last numbers are of none. */
static inline size_t order_bound(const struct order *o, size_t end)
{
	return end < o->placed ? end : o->placed;
}

/** The place behind the i-th step of a lane, counted from 1; 0: `low`. */
size_t lane_end(const struct order *o, const struct lane *l, size_t i);

#endif
