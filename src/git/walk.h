/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_WALK_H
#define GATEPOST_GIT_WALK_H

/**
 * Which commits are reachable from a tip and not from hidden ones. Up to
 * WALK_MAX_SETS sets of hidden tips are painted in one walk, newest first as
 * git does it, so that the cost is that of the new commits plus those
 * between the tips and their merge bases.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "git/oid.h"
#include "git/repository.h"

enum {
	WALK_MAX_SETS = 31,
	/** Raw commits up to this many bytes together stay in memory for the
	 * judging that follows; later ones are read again. */
	WALK_KEEP_BYTES = 48 << 20,
	WALK_MAX_COMMIT = 16 << 20 /* bytes of one commit object */
};

struct walk;

struct walk_commit {
	struct oid id, tree;
	int64_t when;	  /* the committer's time, seconds since 1970 */
	uint32_t hidden;  /* bit s: reachable from a hidden tip of set s */
	bool reachable;	  /* from a start */
	size_t nparents;
	const size_t *parents; /* positions for walk_at; SIZE_MAX: not read */
	struct span raw; /* the object's bytes if kept, else p == NULL */
};

int walk_new(struct walk **out, struct repository *repo, struct err *e);
void walk_free(struct walk *w);

/** The tips that are walked from. Tags are peeled (at most 16 deep); what is
 * not a commit in the end has no history and is no error (*peeled is then
 * the null id). */
int walk_start(struct walk *w, const struct oid *tip, struct oid *peeled,
	       struct err *e);
/** What is reachable from `tip` is hidden in set `set`. A tip that does not
 * exist, or is no commit, hides nothing. */
int walk_hide(struct walk *w, const struct oid *tip, unsigned set,
	      struct err *e);

/**
 * Walk until every commit still to be looked at is hidden in all `nsets`
 * sets. With nsets == 0: everything reachable.
 * @param max  the most commits to read (0: no limit); beyond: ERR_LIMIT
 * @return ERR_NOT_FOUND or ERR_MALFORMED, naming the commit, when one
 *         cannot be read: never a silent end
 */
int walk_run(struct walk *w, unsigned nsets, size_t max, struct err *e);

/** All commits that were read, in the order of the walk, newest first. Those
 * of interest have `reachable` and lack a bit of some set. */
size_t walk_count(const struct walk *w);
const struct walk_commit *walk_at(const struct walk *w, size_t i);
/** Position of a commit, or SIZE_MAX. */
size_t walk_find(const struct walk *w, const struct oid *id);

/**
 * Whether the commits that were read show `id` as an ancestor of `from`.
 * Nothing more is read; false is no proof that it is none.
 */
bool walk_shows_ancestor(const struct walk *w, const struct walk_commit *from,
			 const struct oid *id);

/** What walk_hide_behind finds. */
struct walk_behind {
	bool *fresh;  /* by position, may be NULL: set where it was not hidden
		       * in all of these sets */
	size_t n;     /* of those */
	bool touches; /* some were hidden in one of them, or were not read */
};

/**
 * After the walk: hide a commit that it read, and what lies behind it, in
 * more sets.
 * @param sets  their bits
 */
int walk_hide_behind(struct walk *w, size_t at, uint32_t sets,
		     struct walk_behind *out, struct err *e);

/** The commit that could not be read, when walk_run failed. */
const struct oid *walk_culprit(const struct walk *w);

/** Forget starts, hidden tips and results, keep the repository. */
void walk_reset(struct walk *w);

/**
 * All merge bases of two commits (`git merge-base --all`).
 * @param out  room for `max` ids; *n is how many there are (may exceed max)
 */
int walk_merge_bases(struct repository *repo, const struct oid *a,
		     const struct oid *b, struct oid *out, size_t max,
		     size_t *n, struct err *e);

/** Whether `ancestor` is reachable from `tip` (a commit is from itself). */
int walk_is_ancestor(struct repository *repo, const struct oid *ancestor,
		     const struct oid *tip, bool *yes, struct err *e);

#endif
