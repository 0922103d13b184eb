/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CHANGE_H
#define GATEPOST_GATE_CHANGE_H

/**
 * The change that a ref update brings: its digest and those of its parts, who
 * contributed to them, which approvals there are.
 *
 * An approval may cover a part, if that could have been pushed alone: from
 * one commit to a later one on the line of parents that leads from what the
 * ref has to what it is to have. Its digest is then that of the difference
 * between these two, or its target is the later one. A merge on that line
 * whose difference is exactly that of the branch it merges adds nothing of
 * its own: then the branch is such a line, too.
 */

#include <stdint.h>

#include "gate/facts.h"
#include "gate/order.h"
#include "gate/people.h"
#include "gate/seek.h"

enum {
	CHANGE_MAX_DIGESTS = 1000,    /* of parts, computed for one ref */
	CHANGE_MAX_PATHS = 500000,    /* that these have together */
	CHANGE_FEW_PATHS = 100000,    /* when the whole is approved */
	CHANGE_MAX_DEPTH = 8,	      /* merges of merged branches */
	CHANGE_FEW_SIDES = 64,	      /* looked into in any case */
	CHANGE_FEW_STEPS = 16,	      /* all parts of which are looked for */
	CHANGE_MAX_SIGNED = 200,      /* merge commits verified */
	CHANGE_MAX_BRANCHES = 100,    /* that may have been squashed */
	CHANGE_MAX_PATCHES = 24,      /* patch ids, some 8 ms each */
	CHANGE_MAX_SQUASHED = 1000,   /* commits read of one */
	CHANGE_MAX_COMMITS = 20000000 /* judged */
};

/** One judged commit, by its number in the order. */
struct change_commit {
	uint32_t hidden; /* bit s: of no interest to set s */
	bool clean;	 /* a merge that changes nothing */
	bool exact;	 /* which is known to be what it merges, on top of
			  * what was there; that is from … */
	size_t low;	 /* … this place on */
	bool unsure;	 /* nobody is known to have brought it */
	bool asked;	 /* some rule wants an approval of it */
	bool excused;	 /* it only takes back: what wants one may do without */
	bool has_step;	 /* one parent, and a change: */
	unsigned char step[SHA256_SIZE];
};

/** A run of commits that could have been pushed alone. */
struct segment {
	size_t low, end; /* places in the order */
	unsigned char digest[SHA256_SIZE];
};

/** One with its patch id. */
struct patch_segment {
	size_t low, end;
	struct oid id;
};

/** One that an approval names by its last commit. */
struct tip_segment {
	struct oid tip;
	size_t low, end;
	enum cover level;
};

/** What one approval covers. */
struct extent {
	bool diff, tip;
	bool patch;		 /* by the patch id, and by no digest */
	size_t low, end;	 /* all of it */
	size_t tip_low, tip_end; /* by its target */
	enum cover level;	 /* of that: COVER_DIFF where it is merged */
	size_t branch; /* the approval whose branch tells who brought what
			* nobody is remembered for; SIZE_MAX: whoever pushes */
};

/** Whether an approval names the very commits that it covers. */
static inline bool extent_is_named(const struct extent *x)
{
	return x->tip && x->tip_low <= x->low && x->end <= x->tip_end;
}

struct change {
	bool has_digest; /* of all of it */
	unsigned char digest[SHA256_SIZE];
	struct order order;
	struct change_commit *commits;
	size_t commits_cap;
	bool *areas; /* of each commit, for each area of the policy */
	size_t areas_cap;
	struct people people;
	struct seek seek;
	struct lane lane; /* from what the ref has to the new tip */
	bool based;	  /* it begins there, or at what is hidden … */
	bool from_old;	  /* … no: at the very commit */
	struct segment *segments;
	size_t nsegments, segments_cap;
	struct tip_segment *tips;
	size_t ntips, tips_cap;
	/* by which approvals of earlier states are found (gate/lapsed.h) */
	char (*authors)[APPROVAL_DIGEST_PREFIX + 1];
	size_t nauthors;
	struct patch_segment *patches;
	size_t npatches, patches_cap;
	size_t npatch_ids;  /* asked for */
	bool wants_patches; /* a rule says `bind = patch` … */
	bool no_patches;    /* … and git here is too old */
	bool approved;	    /* somebody approves of all of it */
	size_t ndigests, npaths, nsides, nbranches;
	bool bounded;		/* not every part was looked for */
	struct extent *extents; /* for each approval */
	struct carry *carry;	/* what was picked; NULL: not looked for */
};

void change_init(struct change *c, struct judging *j, size_t ref,
		 const struct walk *w);
void change_release(struct change *c);

/**
 * A judged commit: who wrote it and who first brought it to the server.
 * @param at      in the walk
 * @param hidden  bits of the sets of hidden tips in which it is hidden
 * @param asked   whether any rule that asks for approvals matches it
 */
int change_add_commit(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, size_t at, uint32_t hidden,
		      bool asked, struct err *e);

/** When all commits are added: find the approvals, and what each covers. */
int change_find_approvals(struct change *c, struct judging *j, size_t ref,
			  struct err *e);

/** The trees of the one merge base and of `tip`. *has is false without a merge
 * base, and with several. */
int change_trees_between(struct judging *j, const struct oid *old_tip,
			 const struct oid *tip, struct oid *from,
			 struct oid *to, bool *has, struct err *e);

/** The digest between the one merge base and `tip`. *has is false without a
 * merge base, with several, or without a change. */
int change_digest_between(struct judging *j, const struct oid *old_tip,
			  const struct oid *tip, unsigned char out[SHA256_SIZE],
			  bool *has, struct object_fault *fault, struct err *e);

#endif
