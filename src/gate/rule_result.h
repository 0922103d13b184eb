/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RULE_RESULT_H
#define GATEPOST_GATE_RULE_RESULT_H

#include "gate/rule_run.h"

/**
 * Put what came of a rule into the report, when all is judged: whether it was
 * met, or why it was not asked.
 * @param deleted  the ref goes away, so no commit came
 */
int rule_result_add(struct judging *j, const struct rule_run *run, bool deleted,
		    struct err *e);

#endif
