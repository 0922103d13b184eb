/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_TREE_VIEW_H
#define GATEPOST_GATE_TREE_VIEW_H

#include "gate/judging.h"

/** The pushed tree as checks see it. Stays where it was initialised: `check`
 * points to it. */
struct tree_view {
	struct check_tree check;
	struct judging *j;
	struct oid tree; /* of the tip; set when it is known */
};

void tree_view_init(struct tree_view *v, struct judging *j);

#endif
