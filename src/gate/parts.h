/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_PARTS_H
#define GATEPOST_GATE_PARTS_H

#include "gate/change.h"

/** What one rule is to know of the approvals of a change. */
struct parts {
	const struct change *c;
	unsigned set; /* of hidden tips, of that rule */
	struct approval_facts *approvals;
	struct contributor **people; /* of each approval */
	struct contributor *all;
	struct part_facts *v;
	size_t n, cap;
	struct parts_block *blocks; /* what the parts point to */
};

/**
 * Divide the commits that a rule matches into parts, and fill in what `out`
 * has of approvals, parts and contributors. That lives as long as `p`.
 * @param matched  their numbers
 */
int parts_find(struct parts *p, const struct change *c, unsigned set,
	       const size_t *matched, size_t nmatched, size_t nareas,
	       struct range_facts *out, struct err *e);
void parts_release(struct parts *p);

#endif
