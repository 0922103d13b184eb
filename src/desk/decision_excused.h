/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_EXCUSED_H
#define GATEPOST_DESK_DECISION_EXCUSED_H

/**
 * What the record says of that which a rule was not asked of.
 */

#include "desk/decision_draft.h"

/** Add `reverts`: what was let in unreviewed since it only takes back. */
int decision_add_reverts(struct draft *d);

/** Add `waivers`: which exceptions were used; what they say is in records of
 * their own. */
int decision_add_waivers(struct draft *d);

/** Add `imports`: foreign history that somebody signed for, now, or earlier
 * and it comes now. */
int decision_add_imports(struct draft *d);

#endif
