/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_TICKETS_H
#define GATEPOST_DESK_DECISION_TICKETS_H

#include "desk/decision_draft.h"

/** Add `tickets`: those that the push named. */
int decision_add_tickets(struct draft *d);

#endif
