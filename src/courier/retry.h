/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_RETRY_H
#define GATEPOST_COURIER_RETRY_H

#include "courier/drain.h"
#include "courier/sender.h"

/**
 * Whether parked records are to be tried again although nobody asks: those of
 * tickets, some time after the latest was. A product in which nothing may be
 * written for a while answers as one that refuses a record for what it says,
 * and there is nothing harmless to write that would tell the two apart.
 */
bool retry_is_due(const struct drain *d);

/**
 * Send parked records that somebody wants tried again, and if it is due the
 * latest: once that is taken, all. Those that are refused once more stay
 * parked.
 * @return 0 to go on, 1 when the endpoint fails and the round is over, or an
 *   error of our own
 */
int retry_parked(struct drain *d, struct sender *s, struct err *e);

#endif
