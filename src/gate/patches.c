/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/patches.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/named.h"
#include "gate/part_digest.h"
#include "gate/segments.h"

enum { MAX_TRIES = 200 /* parts that are thought of */ };

static int make_id(struct change *c, struct judging *j, const struct oid *from,
		   const struct oid *to, struct oid *out, bool *has,
		   struct err *e)
{
	enum patch_answer answer = PATCH_NONE;
	int rc;

	*has = false;
	if (c->no_patches)
		return 0;
	if (c->npatch_ids == CHANGE_MAX_PATCHES) {
		c->bounded = true;
		return 0;
	}
	c->npatch_ids++;
	rc = j->in->patch(j->in->patch_ctx, from, to, &answer, out, e);
	*has = !rc && answer == PATCH_ID;
	c->no_patches = answer == PATCH_TOO_OLD;
	return rc;
}

static int add(struct change *c, struct judging *j, const struct oid *from,
	       const struct oid *to, size_t low, size_t end, struct err *e)
{
	struct patch_segment s = {.low = low, .end = end};
	bool has;
	int rc = make_id(c, j, from, to, &s.id, &has, e);

	if (rc || !has)
		return rc;
	if (array_push(&c->patches, c->npatches, &c->patches_cap,
		       SIZE_MAX / sizeof(*c->patches)))
		return err_nomem(e);
	c->patches[c->npatches++] = s;
	return seek_patch(&c->seek, &s.id, e);
}

static int add_whole(struct change *c, struct judging *j, size_t ref,
		     struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	struct oid from, to;
	bool has;
	int rc = change_trees_between(j, &r->old, &r->tip, &from, &to, &has, e);

	if (rc || !has)
		return judging_pass_over(rc, e);
	return add(c, j, &from, &to, 0, c->order.n, e);
}

/* ---- what is covered so far ---- */

static bool *find_covered(const struct change *c, struct err *e)
{
	bool *covered = calloc(c->order.n + 1, sizeof(*covered));
	struct extent x;
	size_t i, k;

	if (!covered)
		err_nomem(e);
	for (i = 0; covered && i < c->seek.n; i++) {
		segments_match_one(c, i, &x);
		for (k = x.low; k < x.end; k++)
			covered[k] = true;
	}
	return covered;
}

static int is_open(const struct change *c, size_t low, size_t end, bool *open,
		   struct err *e)
{
	bool *covered = find_covered(c, e);
	size_t i;

	*open = false;
	if (!covered)
		return ERR_MEMORY;
	for (i = low; i < order_bound(&c->order, end); i++)
		*open |= !covered[i] && c->commits[c->order.by_place[i]].asked;
	free(covered);
	return 0;
}

/* ---- parts ---- */

struct parting {
	struct change *c;
	struct judging *j;
	size_t tries;
	struct err *e;
};

static const struct oid *tree_behind(const struct change *c, size_t step)
{
	const struct order *o = &c->order;

	return step ? &order_commit(o, c->lane.v[step - 1])->tree
		    : &walk_at(o->walk, c->lane.foot)->tree;
}

static int try_steps(struct parting *p, size_t from, size_t to)
{
	struct change *c = p->c;
	size_t low = lane_end(&c->order, &c->lane, from);
	size_t end = lane_end(&c->order, &c->lane, to);
	bool open;
	int rc;

	if (p->tries++ >= MAX_TRIES || c->no_patches) {
		c->bounded |= !c->no_patches;
		return 0;
	}
	rc = is_open(c, low, end, &open, p->e);
	if (rc || !open)
		return rc;
	return add(c, p->j, tree_behind(c, from), tree_behind(c, to), low, end,
		   p->e);
}

/* As what is rebased or merged comes: a queue's merges one by one, a stack
 * from its foot on, and what comes behind a part that is approved. */
static int try_parts(struct parting *p)
{
	size_t n = p->c->lane.n, i, k;
	int rc = 0;

	for (i = 1; !rc && i <= n; i++)
		rc = try_steps(p, i - 1, i);
	for (i = n; !rc && i-- > 2;)
		rc = try_steps(p, 0, i);
	for (i = 1; !rc && i < n; i++)
		for (k = n; !rc && k > i + 1; k--)
			rc = try_steps(p, i, k);
	return rc;
}

int patches_find(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	struct parting p = {c, j, 0, e};
	bool open = false;
	int rc = 0;

	if (!c->has_digest)
		return 0;
	rc = add_whole(c, j, ref, e);
	if (!rc && c->based && c->lane.n > 1 && c->lane.foot != SIZE_MAX &&
	    c->lane.n <= ORDER_MAX_LANE)
		rc = is_open(c, 0, c->order.n, &open, e);
	return rc || !open ? rc : try_parts(&p);
}

/* ---- what an approval covers by it ---- */

/* As with digests: the longest run, or the first. */
void patches_match(const struct change *c, const struct approval *a,
		   struct extent *x)
{
	size_t i;

	for (i = 0; i < c->npatches && !oid_is_null(&a->patch); i++) {
		const struct patch_segment *s = &c->patches[i];
		size_t n = s->end - s->low;

		if (!oid_equal(&s->id, &a->patch) || n < x->end - x->low ||
		    (n == x->end - x->low && (x->tip || s->low >= x->low)) ||
		    (x->tip && (s->low > x->tip_low || s->end < x->tip_end)))
			continue;
		x->patch = true;
		x->low = s->low;
		x->end = s->end;
	}
}

int patches_check_branch(struct change *c, struct judging *j, size_t ref,
			 const struct approval *a, bool *same, struct err *e)
{
	struct oid from, to, id;
	bool has = true;
	int rc;

	*same = false;
	if (oid_is_null(&a->base))
		rc = change_trees_between(j, &j->refs[ref].old, &a->target,
					  &from, &to, &has, e);
	else
		rc = named_trees(j, a, &from, &to, e);
	if (!rc && has)
		rc = make_id(c, j, &from, &to, &id, &has, e);
	*same = !rc && has && oid_equal(&id, &a->patch);
	return rc;
}
