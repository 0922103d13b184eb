/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_WAIVER_H
#define GATEPOST_DESK_WAIVER_H

/** Records of exceptions, and how often each was used. */

#include "base/arena.h"
#include "desk/decision.h"

/** Record each exception that the report's push makes.
 * @param decision  the id of the decision */
int waiver_record(struct ledger *l, const struct record_frame *frame,
		  const struct report *report, const char *decision,
		  struct err *e);

enum { WAIVER_BOOK_MAX = 100000 };

/** One exception, as the records have it. Strings live as long as the book. */
struct waiver_entry {
	const char *repository, *at, *tag;
	const char *rule, *until, *reason, *control;
	const char *who;	/* a principal; "" when erased */
	int64_t end;		/* of `until`, milliseconds since 1970 */
	size_t pushes, commits; /* in which it was used, that it excused */
};

struct waiver_book {
	struct arena arena;
	struct waiver_entry *v; /* oldest first */
	size_t n, cap;
};

void waiver_book_init(struct waiver_book *b);
void waiver_book_release(struct waiver_book *b);
/** Read all. Damaged records are passed over. */
int waiver_book_read(struct waiver_book *b, struct ledger *l, struct err *e);

#endif
