/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TICKET_H
#define GATEPOST_COURIER_TICKET_H

/**
 * One ticket a change: an emergency opens one or comments, a landing
 * comments, refusals are counted and told once a day; the rest is passed
 * over. What has been told is looked up before it is told again.
 */

#include "courier/drain.h"
#include "courier/sender.h"

/** Deal with a record. @return 1 to go on, 0 to end the round, or an error */
int ticket_handle(struct drain *d, struct sender *s,
		  const struct ledger_item *item, struct err *e);

/** Whether there are refusals of a day that is over. */
bool ticket_is_due(const struct drain *d);
/** Tell them. @return 0 to go on, 1 when the round is over, or an error */
int ticket_tell_due(struct drain *d, struct sender *s, struct err *e);

/** A parked record once more. @return 1 told, 0 refused again, ERR_TIMEOUT
 * when the endpoint fails, which is noted; or an error */
int ticket_retry(struct drain *d, struct sender *s,
		 const struct ledger_item *item, struct err *e);

#endif
