/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_REASK_H
#define GATEPOST_COURIER_REASK_H

/**
 * Asking again about the tickets of pushes that were let in while the
 * ticketing system gave no answer. It is asked until it answers, however long
 * that takes, with the pauses of courier/backoff.h; what it then says is a
 * record. The window of a ticket is that of the time of the push; all else is
 * as it is now, for a system tells no more.
 */

#include "courier/drain.h"

enum {
	REASK_MAX_ROUND = 64,  /* records, before deliveries go on */
	REASK_MAX_FAILURES = 3 /* in a row: then it is down; 1 while it is */
};

/** Whether this sink's tickets can be asked about at all. */
bool reask_is_possible(const struct sink *sink);

/** Look what waits, and ask what is due. What goes wrong is logged, and tried
 * again; deliveries do not depend on it. */
void reask_round(struct drain *d);

/** Milliseconds until it is asked again, at least 1; INT64_MAX: nothing
 * waits. */
int64_t reask_until_due(const struct drain *d);

#endif
