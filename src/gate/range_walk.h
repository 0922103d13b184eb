/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RANGE_WALK_H
#define GATEPOST_GATE_RANGE_WALK_H

#include "gate/judging.h"
#include "git/walk.h"

/**
 * The commits that one ref update brings, and from which rules each of them
 * is hidden: by the refs on which a rule is enforced already, and by the
 * baseline.
 */
struct range_walk {
	struct judging *j;
	size_t ref;
	const char ***globs; /* per set: the refs that hide */
	size_t *nglobs;
	const struct option_list **imports; /* roles that may import past it */
	unsigned nsets;
	uint32_t looks; /* bits of the sets with a rule that looks at commits */
	struct walk *walk;
	struct oid tip; /* the commit that the ref is to point to */
};

/** Release it also after an error. */
int range_walk_init(struct range_walk *w, struct judging *j, size_t ref,
		    struct err *e);
void range_walk_release(struct range_walk *w);

/**
 * The set of hidden tips for a rule of the policy. Rules that are enforced
 * on the same refs, and past which the same roles may import, share one.
 * @param mode  in which the rule applies to this ref
 */
int range_walk_set(struct range_walk *w, size_t rule, enum policy_mode mode,
		   unsigned *set, struct err *e);

/**
 * Walk, when all sets are known.
 * @param read  false when the history cannot be read, which is then said
 */
int range_walk_run(struct range_walk *w, bool *read, struct err *e);

/**
 * A history that cannot be read is the push's fault: say which commit.
 * @param rc  what the walk returned, with its words in `e`
 * @return 0 when it is a finding now; else rc
 */
int range_walk_fault(struct judging *j, size_t ref, const struct walk *walk,
		     int rc, struct err *e);

#endif
