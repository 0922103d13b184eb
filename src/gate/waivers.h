/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_WAIVERS_H
#define GATEPOST_GATE_WAIVERS_H

/**
 * Exceptions: commits within the scope of one are not asked what its rule
 * asks. Who may sign one, the rule says by `waiver = ROLE`.
 */

#include "gate/facts.h"
#include "gate/statements.h"
#include "trust/waiver.h"

enum { WAIVERS_MAX = 1000, /* of one rule */ WAIVERS_TOLD = 3 };

/** What is off with one; `code` is NULL when nothing is. */
struct waiver_fault {
	const char *code;
	char text[SIG_MAX_TEXT];
};

/** Whether it holds now: for the guard, and for each push again. */
void waiver_judge(const struct judging *j, const struct waiver *w,
		  struct span rule, struct waiver_fault *out);

/** Those of one rule that are for one ref. */
struct waivers {
	struct judging *j;
	size_t ref, rule;
	struct waiver *v;
	char **at;	 /* their refs */
	size_t *commits; /* that each excuses */
	size_t n, v_cap, at_cap, commits_cap;
	struct waiver_fault faults[WAIVERS_TOLD]; /* of others */
	size_t nfaults, seen;
};

/** Load them; none where the rule names no role. */
int waivers_load(struct waivers *w, struct judging *j, size_t ref, size_t rule,
		 struct err *e);
void waivers_release(struct waivers *w);

/** Whether one covers this commit; it is counted. */
int waivers_cover(struct waivers *w, struct facts *f, struct check_sink *sink,
		  bool *yes, struct err *e);

/** When the rule is done: which were used goes into the report; if it
 * refuses, why others do not count. */
int waivers_finish(struct waivers *w, const struct check_sink *rule,
		   struct err *e);

/** Tell of one that is pushed. */
int waivers_tell_new(struct judging *j, size_t ref, const struct waiver *w,
		     struct err *e);

#endif
