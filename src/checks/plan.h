/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_PLAN_H
#define GATEPOST_CHECKS_PLAN_H

/** What the value of a rollback trailer is. */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"

enum plan_kind {
	PLAN_NONE = 0,
	PLAN_PLACEHOLDER, /* tbd, n/a, -, and the like: no plan */
	PLAN_SHORT,	  /* a text too short to say anything */
	PLAN_REVERT,
	PLAN_URL,
	PLAN_TICKET,
	PLAN_PATH, /* must exist in the pushed tree */
	PLAN_TEXT
};

enum {
	PLAN_MIN_TEXT = 10,  /* bytes of a text */
	PLAN_MAX_TICKET = 64 /* bytes that are held against a pattern */
};

/** A compiled pattern for tickets (POSIX, extended, the whole value). */
struct plan_tickets;

#define PLAN_DEFAULT_TICKETS                                                   \
	"[A-Z][A-Z0-9_]*-[0-9]+|[A-Z]{2,8}[0-9]{4,}|#[0-9]+"
int plan_tickets_new(struct plan_tickets **out, const char *pattern,
		     struct err *e);
void plan_tickets_free(struct plan_tickets *t);
/** Whether all of a trimmed value is one. */
bool plan_is_ticket(struct span value, const struct plan_tickets *t);

/** The first kind, in the order above, that a trimmed value is of. */
enum plan_kind plan_classify(struct span value,
			     const struct plan_tickets *tickets);

#endif
