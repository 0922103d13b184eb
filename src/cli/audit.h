/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_AUDIT_H
#define GATEPOST_CLI_AUDIT_H

/** Judging an emergency push again, with what has followed. */

#include "cli/place.h"
#include "desk/emergency.h"

enum { AUDIT_MAX_MISSING = 100 };

struct audit_case {
	const struct emergency_case *what;
	struct report report;
	bool judged; /* report is filled */
	/* what has not followed: a word for records, a text for people */
	const char *missing[AUDIT_MAX_MISSING], *texts[AUDIT_MAX_MISSING];
	size_t nmissing;
	char why[ERR_MAX_MSG]; /* it cannot be judged; in `missing`, too */
};

/**
 * Judge it. Nothing missing: it can be closed. What stops the judgement is
 * something that is missing.
 * @param p       its repository, with its policy
 * @param ledger  where it is recorded
 */
int audit_judge(struct place *p, struct ledger *ledger, struct audit_case *a,
		struct err *e);

/** Who looks at names is recorded, where there is anything to see.
 * @param n  what is shown */
int audit_record_access(struct place *p, size_t n, struct err *e);

/** Show the exceptions that the ledger of a place tells of. */
int audit_waivers(struct place *p, bool json, struct err *e);

void audit_case_init(struct audit_case *a, const struct emergency_case *what);
void audit_case_release(struct audit_case *a);

/** One more reason why it stays open. */
void audit_case_misses(struct audit_case *a, const char *code,
		       const char *text);

#endif
