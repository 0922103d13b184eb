/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_WAKE_H
#define GATEPOST_COURIER_WAKE_H

#include "policy/policy.h"

/**
 * For the hook that answers last: where nobody drains some sink of the
 * policy, start a short drain in a process of its own, which has nothing
 * of the pusher's (descriptors, environment, session). Waits for nothing
 * and tells nobody when it fails: the record is in the ledger, and the next
 * drain finds it there. Does not need the courier's libraries.
 *
 * @param courier  absolute path of the courier program
 */
void courier_wake(const struct policy *policy, const char *courier);

#endif
