/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CARRY_TAKE_H
#define GATEPOST_GATE_CARRY_TAKE_H

#include "gate/carry_picks.h"

/**
 * Add to the approvals of the change those that counted, on a ref that is
 * carried from, for exactly a part of it that was picked as a whole. What is
 * left of a tag is read again, so that its key is judged as it is now.
 */
int carry_take(struct change *c, struct judging *j, size_t ref, struct err *e);

#endif
