/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_BRINGERS_H
#define GATEPOST_GATE_BRINGERS_H

#include "gate/change.h"

/**
 * Who brought what nobody is known to have brought. Whoever squashes a branch
 * brings a commit that nobody saw before, but no change of his own: the
 * branch is on the server, its change as a whole is the same, and who brought
 * its parts is remembered. An approval of the branch tells which it is. Done
 * for each approval that covers such a commit.
 */
int bringers_settle(struct change *c, struct judging *j, size_t ref,
		    struct err *e);

#endif
