/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_SIGNED_H
#define GATEPOST_DESK_DECISION_SIGNED_H

/**
 * What the record says of signatures.
 */

#include "desk/decision_draft.h"

/** Add `approvals`: all that were found, counted or not and why. */
int decision_add_approvals(struct draft *d);

/** Add `signatures`: by whom commits and tags are signed, for each rule. */
int decision_add_signatures(struct draft *d);

/** Add `certificate`: that of a signed push. */
int decision_add_certificate(struct draft *d);

#endif
