/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_FINDINGS_H
#define GATEPOST_DESK_DECISION_FINDINGS_H

#include "desk/decision_draft.h"

/** Add `findings`: every problem, with the people as numbers. */
int decision_add_findings(struct draft *d);

#endif
