/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_GITTUF_H
#define GATEPOST_GATE_GITTUF_H

#include "gate/change.h"

/**
 * Reference authorizations of exactly this move of the ref, in the repository
 * or in this push, as approvals of kind APPROVAL_GITTUF. Nothing unless the
 * policy accepts them.
 */
int gittuf_find(struct change *c, struct judging *j, size_t ref, struct err *e);

/** What such an approval covers: all of it, by its content. */
void gittuf_match(const struct change *c, const struct approval *a,
		  struct extent *x);

#endif
