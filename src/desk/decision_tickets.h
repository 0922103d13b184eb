/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_TICKETS_H
#define GATEPOST_DESK_DECISION_TICKETS_H

#include "desk/record.h"

/** Add `tickets` to a record of kind decision: those that the push named. */
int decision_add_tickets(struct record *r, const struct report *report,
			 const struct policy *policy, struct err *e);

#endif
