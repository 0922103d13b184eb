/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FACTS_H
#define GATEPOST_GATE_FACTS_H

/**
 * The facts of one commit, read once for all rules that ask for it.
 */

#include "gate/judging.h"
#include "git/walk.h"

/** Owns what struct commit_facts points to; used again for each commit. */
struct facts {
	struct commit_facts facts;
	const struct walk *walk;
	const struct walk_commit *at;
	const struct oid *old_tree; /* of the ref until now, or NULL */
	struct commit commit;
	struct object object; /* when the walk did not keep the bytes */
	struct trailers trailers, divided;
	struct buf followed; /* the message with what has followed */
	struct agents_facts agents;
	struct signature signature; /* when has_signature */
	struct oid *parents;	    /* the parents' trees */
	size_t nparents, parents_cap;
	bool *areas; /* per area of the policy: a changed path lies there */
	bool has_message, has_areas, has_digest, digest_any, has_signature;
	bool has_memory, has_bringer;
	const struct principal *bringer;   /* when has_bringer */
	unsigned char digest[SHA256_SIZE]; /* when digest_any */
	bool first_any; /* of a merge: it changes its first parent, by … */
	unsigned char first[SHA256_SIZE]; /* … this digest */
	/* set behind facts_read by who knows: */
	const struct tree_digests *known; /* against the first parent */
	bool lands; /* what it changes on a gated ref is to be remembered, */
	bool back;  /* … as the taking back of an earlier change */
	struct memory_facts memory; /* when facts.memory */
};

void facts_init(struct facts *f);
void facts_release(struct facts *f);

/**
 * Read and parse a commit.
 * @param walk  the walk that `at` is of, which stays as it is until the facts
 *              are read again; NULL when `at` holds nothing but the id
 * @param sink  gets object/… findings
 * @param ok    false when the commit is malformed, which is then said, and
 *              nothing of it can be judged
 */
int facts_read(struct facts *f, struct judging *j, struct check_sink *sink,
	       const struct walk *walk, const struct walk_commit *at, bool *ok,
	       struct err *e);

/** Trailers and agents. */
int facts_message(struct facts *f, struct judging *j, struct check_sink *sink,
		  struct err *e);

/** Whose signature it has. */
int facts_signature(struct facts *f, struct judging *j, struct err *e);

#endif
