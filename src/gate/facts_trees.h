/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FACTS_TREES_H
#define GATEPOST_GATE_FACTS_TREES_H

/**
 * What a commit changes: the trees that it goes from and to, the paths that
 * differ, and the areas in which they lie.
 */

#include "gate/facts.h"

/** What any commit of the repository goes from and to. */
struct facts_step {
	struct oid tree, parent; /* the first; unset without one */
	size_t nparents;
};

/** @return ERR_MALFORMED for what is no commit; else as object_read() */
int facts_commit_step(struct judging *j, const struct oid *id,
		      struct facts_step *out, struct err *e);

/** The tree of a commit; as above. */
int facts_commit_tree(struct judging *j, const struct oid *id, struct oid *tree,
		      struct err *e);

/** Fill f->parents with the trees of its parents. */
int facts_parent_trees(struct facts *f, struct judging *j, struct err *e);

/** Which areas the commit changes, and whether a merge changes anything; that
 * is also what discard_find finds.
 * Directories that no area can lie in are not read, except for merges. */
int facts_areas(struct facts *f, struct judging *j, struct check_sink *sink,
		struct err *e);

/** Instead of it, where it is known that a merge changes nothing. */
int facts_nothing(struct facts *f, struct judging *j, struct err *e);

/** Call fn for each changed path. */
int facts_paths(struct facts *f, struct judging *j, struct check_sink *sink,
		tree_diff_fn *fn, void *ctx, struct err *e);

#endif
