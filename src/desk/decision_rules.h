/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_RULES_H
#define GATEPOST_DESK_DECISION_RULES_H

#include "desk/decision_draft.h"

/** Add `rules`: what came of each, and what it relied on. */
int decision_add_rules(struct draft *d);

/** How grave the gravest rule is that was broken, let in or not. What no rule
 * asks for and is refused all the same is no bagatelle.
 * @return NULL when nothing was broken */
const char *decision_severity(const struct draft *d);

#endif
