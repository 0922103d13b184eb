/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_JOINED_H
#define GATEPOST_GATE_JOINED_H

#include "gate/judging.h"
#include "git/walk.h"

enum {
	JOINED_MAX_COMMITS = 32, /* in a row, parts of which are remembered */
	JOINED_FEW_COMMITS = 8,	 /* all parts of which are */
	JOINED_MAX_ALL = 256,	 /* of a branch that is remembered as a whole */
	JOINED_MAX_TOOLS = 16,	 /* different ones in one branch */
	JOINED_MAX_PATHS = 50000, /* of all these differences together */
	JOINED_MAX_WALK = 1000,	  /* commits read to find where it begins */
	JOINED_MAX_LOOKS = 64,	  /* refs of one push that are looked at */
	JOINED_MAX_REFS = 16	  /* gated refs that it may begin at */
};

/**
 * Tell what several commits of a ref say of AI tools together, for the day
 * when somebody squashes them into one: of the branch as a whole, of each of
 * its ends, of all runs of commits in a short one. Only what has a commit of
 * this push in it; the rest was told before.
 * @param walk  that shows them
 * @param all   the bits of a commit that is hidden
 */
int joined_tell(struct judging *j, size_t ref, const struct walk *walk,
		uint32_t all, const struct oid *tip, struct err *e);

/** The same outside of every gate, where the branch is what no gated ref has.
 */
int joined_look(struct judging *j, size_t ref, struct err *e);

#endif
