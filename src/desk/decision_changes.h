/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_CHANGES_H
#define GATEPOST_DESK_DECISION_CHANGES_H

/**
 * What the record says of the commits themselves, by which later pushes find
 * them.
 */

#include "desk/decision_draft.h"

/** Add `provenance`: what is known of AI tools, by commit. */
int decision_add_provenance(struct draft *d);

/** Add `statements`: what was declared of changes that may come again. */
int decision_add_statements(struct draft *d);

/** Add `changes`: the digest of each commit, and where it landed. */
int decision_add_changes(struct draft *d);

#endif
