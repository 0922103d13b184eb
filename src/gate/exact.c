/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/exact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/facts_trees.h"
#include "gate/part_digest.h"

static bool brings_asked(const struct change *c, const struct exact_merge *m)
{
	const struct order *o = &c->order;
	size_t at;

	for (at = m->low; at < o->v[m->number].place; at++)
		if (c->commits[o->by_place[at]].asked)
			return true;
	return false;
}

static const struct oid *tree_of(const struct change *c,
				 const struct exact_merge *m)
{
	return &order_commit(&c->order, m->number)->tree;
}

/* The other parents, and where each branch began.
 * @return 1, or 0 when that is not known of all of them */
static int find_sides(struct change *c, struct judging *j,
		      const struct exact_merge *m, struct exact_side *sides,
		      size_t *n, struct err *e)
{
	const struct walk_commit *merge = order_commit(&c->order, m->number);
	size_t i;

	*n = 0;
	if (merge->nparents > EXACT_MAX_SIDES + 1)
		return 0;
	/* as dear as comparing: each counts against what one ref may have */
	if (merge->nparents > 2) {
		if (!part_may_compare(c))
			return 0;
		c->ndigests += merge->nparents - 1;
	}
	for (i = 0; i < merge->nparents; i++) {
		struct exact_side *s = &sides[*n];
		size_t bases;
		int rc;

		if (i == c->order.v[m->number].lead)
			continue;
		if (merge->parents[i] == SIZE_MAX)
			return 0;
		s->at = merge->parents[i];
		rc = walk_merge_bases(j->repo, &m->before->id,
				      &walk_at(c->order.walk, s->at)->id,
				      &s->base, 1, &bases, e);
		if (rc || bases != 1)
			return judging_pass_over(rc, e);
		++*n;
	}
	return *n > 0;
}

/* The trees between which a branch lies. */
static int side_trees(struct judging *j, const struct change *c,
		      const struct exact_side *s, struct oid *from,
		      struct oid *to, struct err *e)
{
	*to = walk_at(c->order.walk, s->at)->tree;
	return facts_commit_tree(j, &s->base, from, e);
}

/* Of one branch: the one digest and the other. */
static int is_one(struct change *c, struct judging *j,
		  const struct exact_merge *m, const struct exact_side *side,
		  bool *same, struct err *e)
{
	unsigned char whole[SHA256_SIZE], branch[SHA256_SIZE];
	struct oid from, to;
	bool has;
	int rc = part_digest(c, j, &m->before->tree, tree_of(c, m), whole, &has,
			     e);

	if (rc || !has)
		return rc;
	rc = side_trees(j, c, side, &from, &to, e);
	if (!rc)
		rc = part_digest(c, j, &from, &to, branch, &has, e);
	*same = !rc && has && !memcmp(whole, branch, SHA256_SIZE);
	return judging_pass_over(rc, e);
}

/* ---- of several branches ---- */

struct line {
	unsigned char digest[SHA256_SIZE]; /* of a path and its change */
};

struct lines {
	struct line *v;
	size_t n, cap;
	bool nomem;
};

static void lines_release(struct lines *l)
{
	free(l->v);
	*l = (struct lines){0};
}

static int add_line(void *ctx, const struct path_change *p)
{
	const unsigned modes[] = {p->old_mode, p->new_mode};
	struct lines *l = ctx;
	struct sha256 h;
	int rc = array_push(&l->v, l->n, &l->cap, EXACT_MAX_PATHS);

	l->nomem = rc == -1;
	if (rc)
		return 1;
	/* behind an id that is shorter stand zeros */
	sha256_init(&h);
	sha256_update(&h, modes, sizeof(modes));
	sha256_update(&h, p->old_id.id, sizeof(p->old_id.id));
	sha256_update(&h, p->new_id.id, sizeof(p->new_id.id));
	sha256_update(&h, p->path.p, p->path.n);
	sha256_final(&h, l->v[l->n++].digest);
	return 0;
}

/* @return 0; 1 when there is no room for what it changes */
static int add_lines(struct change *c, struct judging *j,
		     const struct oid *from, const struct oid *to,
		     struct lines *l, struct err *e)
{
	struct object_fault fault = {0};
	const struct tree_diff d = {.cache = j->trees,
				    .limits = &j->in->policy->limits,
				    .fn = add_line,
				    .ctx = l,
				    .fault = &fault};
	size_t before = l->n;
	int rc;

	if (!part_may_compare(c))
		return 1;
	c->ndigests++;
	rc = tree_diff(&d, from, 1, to, e);
	c->npaths += l->n - before;
	if (rc > 0)
		c->bounded = true;
	return l->nomem ? err_nomem(e) : rc;
}

static int compare_lines(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct line));
}

/* As a set: branches may do the same. */
static void sort_lines(struct lines *l)
{
	size_t i, n = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare_lines);
	for (i = 0; i < l->n; i++)
		if (!n || compare_lines(&l->v[i], &l->v[n - 1]) != 0)
			l->v[n++] = l->v[i];
	l->n = n;
}

/* Two branches that change one path in two ways have two lines for it, and
 * the merge can have one at the most. */
static int are_all(struct change *c, struct judging *j,
		   const struct exact_merge *m, const struct exact_side *sides,
		   size_t n, bool *same, struct err *e)
{
	struct lines whole = {0}, all = {0};
	struct oid from, to;
	size_t i;
	int rc = add_lines(c, j, &m->before->tree, tree_of(c, m), &whole, e);

	for (i = 0; !rc && i < n; i++) {
		rc = side_trees(j, c, &sides[i], &from, &to, e);
		if (!rc)
			rc = add_lines(c, j, &from, &to, &all, e);
	}
	if (!rc) {
		sort_lines(&whole);
		sort_lines(&all);
		*same = whole.n && whole.n == all.n &&
			!memcmp(whole.v, all.v, all.n * sizeof(*all.v));
	}
	lines_release(&whole);
	lines_release(&all);
	return rc > 0 ? 0 : judging_pass_over(rc, e);
}

/* ---- either ---- */

int exact_find(struct change *c, struct judging *j, const struct exact_merge *m,
	       struct exact_side *sides, size_t *n, struct err *e)
{
	struct change_commit *cc = &c->commits[m->number];
	bool same = false;
	int rc = find_sides(c, j, m, sides, n, e);

	if (rc <= 0)
		return rc;
	if (oid_equal(&m->before->tree, tree_of(c, m))) {
		/* nothing is added, and nothing lost that was there */
		cc->exact = !brings_asked(c, m);
		return 0;
	}
	cc->low = m->low;
	if (*n == 1)
		rc = is_one(c, j, m, &sides[0], &same, e);
	else
		rc = are_all(c, j, m, sides, *n, &same, e);
	cc->exact = !rc && same;
	return rc;
}
