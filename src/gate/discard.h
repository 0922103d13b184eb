/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_DISCARD_H
#define GATEPOST_GATE_DISCARD_H

#include "gate/facts.h"

enum {
	DISCARD_MAX_PARENTS = 64, /* that differ from a merge which is to be
				   * looked into */
	DISCARD_MAX_BASES = 8
};

/**
 * What a merge throws away: paths that one parent had changed, that are in
 * the merge as they were before, and not as on the ref until now (`git merge
 * -s ours` from the wrong side). Against all parents such a merge changes
 * nothing.
 *
 * @param f   a merge, its parents' trees read; f->old_tree is what the ref
 *            has
 * @param fn  called for each path, maybe more than once
 * @param ok  false: too many parents to tell
 * @return as tree_diff
 */
int discard_find(struct judging *j, const struct facts *f, tree_diff_fn *fn,
		 void *ctx, bool *ok, struct object_fault *fault,
		 struct err *e);

#endif
