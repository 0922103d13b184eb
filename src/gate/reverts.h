/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_REVERTS_H
#define GATEPOST_GATE_REVERTS_H

/**
 * Commits that only take back what this ref accepted a short while ago: the
 * exact inverse of a change that the ledger knows to have landed there, of
 * one commit or of all that one push brought. What they say of themselves
 * proves nothing.
 *
 * A reviewer has seen what a push changes as a whole, and not each state in
 * between. So what is taken back must lead to what the ref has really had:
 * where such commits follow each other without another one between them, the
 * last one decides for all.
 */

#include "base/uuid.h"
#include "gate/judging.h"
#include "git/walk.h"

enum {
	REVERTS_MAX_COMMITS = 256, /* of a push in which any are looked for */
	REVERTS_FEW_COMMITS = 32,  /* of a push, each of which is remembered
				    * though nothing else asks for it */
	REVERTS_MAX_PATHS = 20000, /* that they change together */
	REVERTS_MAX_TOLD = 3	   /* of which it is told why they are none */
};

/** What a commit takes back, or why it is not excused for that. */
enum revert_state {
	REVERT_NONE = 0,
	REVERT_LATE,	  /* of what landed too long ago */
	REVERT_STATE,	  /* to what the ref never had */
	REVERT_GONE,	  /* of what is not in its history */
	REVERT_AGAIN,	  /* of what itself took something back */
	REVERT_MERGE,	  /* by a merge: what that does to its other parents
			   * is no part of what it takes back */
	REVERT_ELSEWHERE, /* of what landed on another ref */
	REVERT_GOOD
};

struct revert {
	bool judged, has_digests;
	struct tree_digests digests; /* against the first parent */
	struct oid from;	     /* that one's tree */
	enum revert_state state;
	bool back; /* it takes a change of this ref back */
	/* that change's landing */
	char record[UUID_TEXT_SIZE];
	struct oid undoes, old;
	bool whole;
	int64_t when;
	char *elsewhere;  /* a ref on which it landed */
	size_t next, end; /* the one behind it; the last of them */
	bool failed;	  /* of the last: one of them is none */
	bool used, review;
};

struct reverts {
	struct judging *j;
	size_t ref;
	const struct walk *walk;
	int64_t window, review; /* seconds; no window: none are looked for */
	bool lands;		/* what lands is to be remembered, … */
	bool each;		/* … each commit by itself, too */
	struct revert *v;
	size_t n;     /* of the walk; 0: none are looked for */
	size_t paths; /* compared so far */
	bool any;     /* some commit takes something back */
};

/** What is to be done on this ref, by its gates. */
void reverts_init(struct reverts *r, struct judging *j, size_t ref);
void reverts_release(struct reverts *r);

/** When the walk is done: which commits are such.
 * @param all  the bits of a commit that is hidden */
int reverts_find(struct reverts *r, const struct walk *walk, uint32_t all,
		 struct err *e);

/** The digests of a commit by its position in the walk; NULL: not known. */
const struct tree_digests *reverts_digests(const struct reverts *r, size_t at);

/** Whether it is one that is excused, by checks that take that. */
bool reverts_is(const struct reverts *r, size_t at);

/** Whether it takes a change back, excused or not. */
bool reverts_takes_back(const struct reverts *r, size_t at);

/** Whether a check need not be asked of it. Previews excuse nothing. */
bool reverts_excuses(const struct reverts *r, size_t at,
		     const struct check *check, enum policy_mode mode);

/** Whether all that a merge brings is such a commit, of which the same holds.
 * The caller knows that it changes nothing by itself. */
bool reverts_excuses_merge(const struct reverts *r, size_t at,
			   const struct check *check, enum policy_mode mode);

/** It was excused from a rule. @param review  which asks for approvals, and
 * would refuse */
void reverts_use(struct reverts *r, size_t at, bool review);

/** For what a check finds where nothing of it is to be told: a sink that
 * counts alone. */
extern const struct check_sink_ops reverts_trial;

/** The first parent of a commit, whose own object is read. */
int reverts_parent(struct judging *j, const struct oid *id, struct oid *parent,
		   struct err *e);

/** What a commit changes on its first parent. No changes: nothing, or that
 * one has none. @return as tree_diff_digests */
int reverts_digests_of(struct judging *j, const struct oid *id,
		       struct tree_digests *out, struct err *e);

/** All that the ref gains, as it may be taken back some day. */
int reverts_tell_whole(struct reverts *r, struct err *e);

/** What was excused goes into the report; and with `refused`, why others are
 * no such commits. */
int reverts_report(struct reverts *r, bool refused, struct err *e);

#endif
