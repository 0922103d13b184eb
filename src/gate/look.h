/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_LOOK_H
#define GATEPOST_GATE_LOOK_H

#include "gate/judging.h"

/**
 * A ref update outside of every gate: the commits that came with the push
 * must be well formed, and who brought them is noted. Fills
 * j->refs[ref].commits and adds findings and changes to the report.
 */
int look_judge(struct judging *j, size_t ref, struct err *e);

#endif
