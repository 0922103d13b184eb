/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CARRY_LANDED_H
#define GATEPOST_GATE_CARRY_LANDED_H

#include "gate/carry_picks.h"

/**
 * Find out of each commit that names one whether it is what it says: by its
 * digest, let in on a ref that is carried from, and still there. Who wrote
 * what was picked is added to the people of the change.
 */
int carry_judge(struct carry *k, struct change *c, struct judging *j,
		struct err *e);

#endif
