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
	struct oid *parents; /* the parents' trees */
	size_t nparents, parents_cap;
	bool *areas; /* per area of the policy: a changed path lies there */
	bool has_message, has_areas, has_digest, digest_any, has_signature;
	bool has_memory, has_bringer;
	const struct principal *bringer; /* when has_bringer */
	unsigned char digest[SHA256_SIZE]; /* when digest_any */
	bool first_any; /* of a merge: it changes its first parent, by … */
	unsigned char first[SHA256_SIZE]; /* … this digest */
	/* set behind facts_read by who knows: */
	const struct tree_digests *known; /* against the first parent */
	bool lands; /* what it changes on a gated ref is to be remembered, */
	bool back;  /* … as the taking back of an earlier change */
	struct memory_facts memory;	   /* when facts.memory */
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

/** The tree of a commit. */
int facts_commit_tree(struct judging *j, const struct oid *id,
		      struct oid *tree, struct err *e);

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

/** Whose signature it has. */
int facts_signature(struct facts *f, struct judging *j, struct err *e);

/** Whether it is the exact inverse of the change of an ancestor that its
 * message names. */
int facts_revert(struct facts *f, struct judging *j, struct err *e);

/** SHA-256 of the commit's change against its first parent.
 * Trees that cannot be compared are a finding, and as if nothing changed.
 * For a merge that of those against each parent.
 * @param any  false when it changes nothing */
int facts_digest(struct facts *f, struct judging *j, struct check_sink *sink,
		 unsigned char out[SHA256_SIZE], bool *any, struct err *e);

/**
 * The login that first brought the commit's change to this server, on any
 * ref; this push's when it came with it.
 * @param any    as facts_digest
 * @param login  set; empty when nobody is known
 */
int facts_bringer(struct facts *f, struct judging *j, struct check_sink *sink,
		  bool *any, struct buf *login, struct err *e);

/** Who brought it, of those who are known now; NULL: nobody of them. */
int facts_brought_by(struct facts *f, struct judging *j,
		     struct check_sink *sink, const struct principal **who,
		     struct err *e);

#endif
