/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/named.h"

#include "gate/facts_trees.h"

#include <stdint.h>
#include <string.h>

static const struct tip_segment *find_tip(const struct change *c,
					  const struct oid *id)
{
	size_t i;

	for (i = 0; i < c->ntips; i++)
		if (oid_equal(&c->tips[i].tip, id))
			return &c->tips[i];
	return NULL;
}

/* What it reaches is on gated refs, so of what is judged it leaves out
 * nothing. */
static bool is_hidden(const struct change *c, const struct oid *id)
{
	size_t at = walk_find(c->order.walk, id);

	return at != SIZE_MAX && walk_at(c->order.walk, at)->hidden &&
	       order_number(&c->order, at) == SIZE_MAX;
}

/* Where the commits begin that come after the base, if that is on the same
 * lane. A base elsewhere leaves out more than a beginning. */
static bool find_low(const struct change *c, const struct approval *a,
		     const struct tip_segment *t, size_t *low)
{
	size_t i;

	*low = t->low;
	for (i = 0; i < c->ntips; i++) {
		const struct tip_segment *b = &c->tips[i];

		if (!oid_equal(&b->tip, &a->base) || b->low != t->low ||
		    b->end >= t->end)
			continue;
		*low = b->end;
		return true;
	}
	return is_hidden(c, &a->base);
}

static bool is_its_digest(const struct change *c, const struct approval *a,
			  const struct tip_segment *t)
{
	size_t i;

	for (i = 0; i < c->nsegments; i++)
		if (c->segments[i].low == t->low &&
		    c->segments[i].end == t->end &&
		    !memcmp(c->segments[i].digest, a->digest, SHA256_SIZE))
			return true;
	return false;
}

void named_match(const struct change *c, const struct approval *a,
		 struct extent *x)
{
	const struct tip_segment *t = find_tip(c, &a->target);
	size_t low;

	if (a->fault != APPROVAL_OK || a->withdrawal || !t)
		return;
	low = t->low;
	if (!oid_is_null(&a->base)) {
		if (!find_low(c, a, t, &low))
			return;
	} else if (a->more[0] && a->has_digest && !is_its_digest(c, a, t)) {
		return;
	}
	x->tip = true;
	x->level = t->level;
	x->tip_low = low;
	x->tip_end = t->end;
}

int named_trees(struct judging *j, const struct approval *a, struct oid *from,
		struct oid *to, struct err *e)
{
	int rc = facts_commit_tree(j, &a->base, from, e);

	return rc ? rc : facts_commit_tree(j, &a->target, to, e);
}

int named_check_base(struct judging *j, const struct approval *a, bool *ok,
		     struct err *e)
{
	struct oid from, to;
	int rc = named_trees(j, a, &from, &to, e);

	*ok = false;
	if (!rc && !oid_equal(&a->base, &a->target))
		rc = walk_is_ancestor(j->repo, &a->base, &a->target, ok, e);
	if (object_is_amiss(rc)) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}
