/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_REVIEW_H
#define GATEPOST_CHECKS_REVIEW_H

/** Private to review*.c: what a rule asks, and what was given. */

#include "checks/check.h"

enum bind { BIND_NONE = 0, BIND_DIFF, BIND_TIP, BIND_PATCH };

/** What a signature must prove beside the key. */
struct proof {
	bool presence;	   /* a touch */
	bool verification; /* a PIN or a finger; and a touch */
};

/** `N`, `N of ROLE`, `all of ROLE`, `N of owner`, `all of owner` */
struct quorum {
	unsigned n; /* with `all` 0 */
	bool all;
	bool owner; /* of each area that has owners and is changed */
	char *role; /* NULL: anybody, or an owner */
	struct proof proof;
	unsigned line; /* of its file; for messages */
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
	int presence, verification; /* of every line; 0: as the line says */
	int64_t max_age;	    /* seconds; 0: any */
};

enum { REVIEW_OPTIONS = 6 };
extern const struct option review_table[REVIEW_OPTIONS];
/** Whether each line can ever be met, and names what there is. */
int review_resolve(const void *options, const struct policy *p, struct err *e);

/** What a line asks for; one of owners asks for each area by itself. */
struct ask {
	const struct quorum *q;
	struct proof proof; /* the line's and the rule's */
	size_t area;	    /* of a line of owners, in policy.areas */
};

enum { REVIEW_MAX_WHY = 200 };
/** With which the reason begins that names files. */
#define REVIEW_LAPSED "is for an older "

/** What is to be said of one approval. */
struct verdict_on {
	const struct approval_facts *facts;
	size_t first, end; /* the parts that it covers: a run of neighbours */
	bool counts;
	/** If not: reads well behind "does not count: ". */
	char why[REVIEW_MAX_WHY];
};

struct counting {
	const struct check_ctx *ctx;
	const struct review_options *o;
	const struct range_facts *range;
	const struct ask *asks;
	size_t nasks;
	struct verdict_on *v; /* one for each approval */
	size_t n;
	unsigned *marks; /* one for each principal: those marked last … */
	unsigned mark;	 /* … have this */
	const char *claimed; /* a trailer's key that claims reviews, or NULL */
	struct err *e;
};

/** How near an approval comes to what is asked for. */
enum fit {
	FIT_NONE = 0,
	FIT_OTHER,	/* not by one of those who are asked */
	FIT_UNTOUCHED,	/* the signature proves no touch */
	FIT_UNVERIFIED, /* no PIN or finger */
	FIT_GOOD
};
/** Only for an approval whose signer is known. */
enum fit review_fit(const struct counting *c, const struct ask *ask,
		    const struct verdict_on *v);
/** What is wrong with a fit that is not good, as struct verdict_on's why. */
void review_misfit(const struct counting *c, const struct ask *ask,
		   const struct verdict_on *v, char out[REVIEW_MAX_WHY]);

/** Whether one of those who are asked: role, owner, anybody; now. */
bool review_asks_of(const struct counting *c, const struct ask *ask,
		    const struct principal *p);

/** Whether an approval, by its position, covers a part as the rule wants it. */
bool review_covers(const struct counting *c, size_t approval, size_t part);

/** Whether anything is asked of a part: its owned areas are changed. */
bool review_wants(const struct counting *c, const struct ask *ask, size_t part);

/** Whether one contribution, of all that there are to a change, keeps its
 * principal from approving it. */
bool review_excludes(const struct counting *c, const struct contributor *by);

/** Mark a principal of the policy. @return false when marked already */
bool review_mark(struct counting *c, const struct principal *p);

/** Decide on each approval, and tell each decision. */
int review_judge(struct counting *c);

/** Find what a part lacks of what is asked for. */
int review_ask(struct counting *c, const struct ask *ask, size_t part);

#endif
