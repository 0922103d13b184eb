/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RANGE_COMMIT_H
#define GATEPOST_GATE_RANGE_COMMIT_H

#include "gate/range_state.h"

/**
 * One commit of what the ref update brings, judged by each rule from which it
 * is not hidden. Findings and who brought it go into the report.
 * @param at  in the walk
 */
int range_commit_judge(struct range *r, size_t at, struct err *e);

#endif
