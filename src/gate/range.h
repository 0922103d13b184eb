/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RANGE_H
#define GATEPOST_GATE_RANGE_H

#include "gate/judging.h"

/**
 * Judge one ref update by the rules in its scope: the ref itself, then each
 * new commit, then the range as a whole. Fills j->refs[ref] and adds
 * results, findings, evidence and provenance to the report.
 */
int range_judge(struct judging *j, size_t ref, struct err *e);

#endif
