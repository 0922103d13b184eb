/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_RETRY_H
#define GATEPOST_COURIER_RETRY_H

#include "courier/drain.h"
#include "courier/sender.h"

/**
 * Send parked records that somebody wants tried again. Those that are refused
 * once more stay parked.
 * @return 0 to go on, 1 when the endpoint fails and the round is over, or an
 *   error of our own
 */
int retry_parked(struct drain *d, struct sender *s, struct err *e);

#endif
