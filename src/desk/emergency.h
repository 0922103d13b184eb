/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_EMERGENCY_H
#define GATEPOST_DESK_EMERGENCY_H

/**
 * Records of emergencies: that one was declared, that what it lacked has
 * followed, that it did not follow in time. And of reverts, in the same way.
 */

#include "desk/decision.h"
#include "desk/emergency_book.h"

/** Record each emergency by which the report's refs are let in.
 * @param decision  the id of the decision */
int emergency_record(struct ledger *l, const struct record_frame *frame,
		     const struct report *report, const char *decision,
		     struct err *e);

/** Record that a review is due of what only took changes back, if one is. */
int revert_record(struct ledger *l, const struct record_frame *frame,
		  const struct report *report, const char *decision,
		  struct err *e);

/** How one ended. */
struct emergency_end {
	const struct report *report; /* of judging it again; NULL: it was not */
	const char *by_hand;	     /* the reason of who closes it, or NULL */
	const char *const *missing;  /* texts */
	size_t nmissing;
};

/** Record that all has followed, or that somebody closed it by hand. What was
 * counted is used up. */
int emergency_record_closed(struct ledger *l, const struct record_frame *frame,
			    const struct emergency_case *c,
			    const struct emergency_end *end, struct err *e);

/** Record that it was not closed in time. */
int emergency_record_overdue(struct ledger *l, const struct record_frame *frame,
			     const struct emergency_case *c,
			     const struct emergency_end *end, struct err *e);

#endif
