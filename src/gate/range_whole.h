/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RANGE_WHOLE_H
#define GATEPOST_GATE_RANGE_WHOLE_H

#include "gate/range_state.h"

/** Whether a rule asks for approvals of something that came. */
bool range_whole_wants_approvals(const struct range *r);

/**
 * What a rule has to say of all that came, when each commit was judged and
 * the approvals are found. Who asks for approvals asks for none of what only
 * takes back, unless it has them all the same.
 */
int range_whole_judge(struct range *r, struct rule_run *run, struct err *e);

#endif
