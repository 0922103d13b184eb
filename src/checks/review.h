/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_REVIEW_H
#define GATEPOST_CHECKS_REVIEW_H

/** Private to review*.c: what a rule asks, and what was given. */

#include "checks/check.h"

enum bind { BIND_NONE = 0, BIND_DIFF, BIND_TIP };

/* `N` or `N of ROLE` */
struct quorum {
	unsigned n;
	char *role; /* NULL: anybody */
};

struct quorums {
	struct quorum *v;
	size_t n, cap;
};

struct excluded {
	unsigned how; /* enum contributor_how; authors always */
	bool given;   /* the default is replaced, not added to */
};

struct review_options {
	struct quorums quorums;
	int bind; /* enum bind */
	struct excluded excluded;
};

enum { REVIEW_MAX_WHY = 200 };

/** What is to be said of one approval. */
struct verdict_on {
	const struct approval_facts *facts;
	bool counts;
	/** If not: reads well behind "does not count: ". */
	char why[REVIEW_MAX_WHY];
};

struct counting {
	const struct check_ctx *ctx;
	const struct review_options *o;
	const struct range_facts *range;
	struct verdict_on *v; /* one for each approval */
	size_t n;
	struct err *e;
};

/** Whether the signer of an approval is of use to a line of the quorum. Only
 * for one whose signer is known. */
bool review_fits(const struct counting *c, const struct quorum *q,
		 const struct verdict_on *v);

/** Whether an approval, by its position, covers a part of the range as the
 * rule asks for it. */
bool review_covers(const struct counting *c, const struct part_facts *part,
		   size_t approval);

/** Decide on each approval, and tell each decision. */
int review_judge(struct counting *c);

#endif
