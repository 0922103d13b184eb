/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/part_digest.h"

bool part_may_compare(struct change *c)
{
	size_t paths = c->approved ? CHANGE_FEW_PATHS : CHANGE_MAX_PATHS;

	if (c->ndigests < CHANGE_MAX_DIGESTS && c->npaths < paths)
		return true;
	c->bounded = true;
	return false;
}

int part_digest(struct change *c, struct judging *j, const struct oid *from,
		const struct oid *to, unsigned char out[SHA256_SIZE], bool *has,
		struct err *e)
{
	struct object_fault fault = {0};
	size_t paths = 0;
	int rc;

	*has = false;
	if (!part_may_compare(c))
		return 0;
	c->ndigests++;
	rc = tree_diff_digest(j->trees, &j->in->policy->limits, from, to, out,
			      &paths, &fault, e);
	c->npaths += paths;
	*has = !rc && paths;
	return judging_pass_over(rc, e);
}
