/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_EMERGENCY_H
#define GATEPOST_GATE_EMERGENCY_H

/**
 * Emergencies: who has the role that a rule names may have a push let in that
 * breaks it, for a ticket and a reason. He says so by the push option
 * `gatepost.emergency=TICKET REASON`, or by the trailer `Emergency: TICKET
 * REASON` of the tip commit, which then must come with this very push and be
 * his by its committer.
 */

#include "gate/judging.h"

#define EMERGENCY_OPTION "gatepost.emergency="
#define EMERGENCY_TRAILER "Emergency"

enum {
	EMERGENCY_MAX_TICKET = 64,  /* bytes */
	EMERGENCY_MAX_REASON = 500, /* bytes that are kept */
	EMERGENCY_MAX_TRAILERS = 256
};

enum emergency_state {
	EMERGENCY_NONE = 0, /* nobody asks for it */
	EMERGENCY_FAULTY,   /* it cannot count, whatever the rule: `code` */
	EMERGENCY_DECLARED
};

/** What is asked for one ref update. Strings live as long as the report. */
struct emergency {
	struct judging *j;
	size_t ref;
	enum emergency_state state;
	const char *how; /* "push-option" or "trailer" */
	const char *ticket, *reason;
	const char *code, *text, *hint; /* of the fault */
	bool told;			/* the fault is in the report */
	size_t excused;			/* findings */
};

/** Split `TICKET REASON`; what is missing is empty. */
void emergency_split(struct span value, struct span *ticket,
		     struct span *reason);

/** Look for it. Nothing is said yet. */
int emergency_look(struct emergency *m, struct judging *j, size_t ref,
		   struct err *e);

/** Whether it excuses a rule: its pusher has a role that the rule names. */
bool emergency_excuses(const struct emergency *m, const struct judging *j,
		       const struct rule *rule);

/** When a rule is done: why it was not excused, if it refuses; and what was
 * is counted. */
int emergency_after_rule(struct emergency *m, const struct check_sink *rule,
			 const struct rule *what, struct err *e);

/** When all rules are done: it goes into the report if it was needed. */
int emergency_report(const struct emergency *m, struct err *e);

#endif
