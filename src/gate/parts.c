/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/parts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct parts_block {
	struct parts_block *next;
	enum cover *covered;
	bool *areas;
};

void parts_release(struct parts *p)
{
	size_t i;

	for (i = 0; p->people && i < p->c->seek.n; i++)
		free(p->people[i]);
	free(p->people);
	free(p->approvals);
	free(p->all);
	free(p->v);
	while (p->blocks) {
		struct parts_block *b = p->blocks;

		p->blocks = b->next;
		free(b->covered);
		free(b->areas);
		free(b);
	}
	memset(p, 0, sizeof(*p));
}

/* ---- who contributed ---- */

struct wanted {
	const struct parts *p;
	const struct extent *x; /* NULL: to anything */
	bool unsure;
};

static bool is_judged(const struct parts *p, size_t number)
{
	return !(p->c->commits[number].hidden & UINT32_C(1) << p->set);
}

static bool is_wanted(const void *ctx, uint32_t to)
{
	const struct wanted *w = ctx;
	const struct change *c = w->p->c;

	if (to == PEOPLE_ALL)
		return true;
	if (to == PEOPLE_UNSURE)
		return w->unsure && (!w->x || w->x->branch == SIZE_MAX);
	if (to >= PEOPLE_BRANCH(0))
		return w->unsure &&
		       (!w->x || to == PEOPLE_BRANCH(w->x->branch));
	return is_judged(w->p, to) &&
	       (!w->x || (c->order.v[to].place >= w->x->low &&
			  c->order.v[to].place < w->x->end));
}

static bool is_unsure(const struct parts *p, const struct extent *x)
{
	const struct change *c = p->c;
	size_t i;

	for (i = 0; i < c->order.n; i++) {
		size_t place = c->order.v[i].place;

		if (c->commits[i].unsure && is_judged(p, i) &&
		    (!x || (place >= x->low && place < x->end)))
			return true;
	}
	return false;
}

static int people_for(const struct parts *p, const struct extent *x,
		      struct contributor **out, size_t *n, struct err *e)
{
	const struct wanted w = {p, x, is_unsure(p, x)};

	return people_of(&p->c->people, is_wanted, &w, out, n, e);
}

/* gittuf's form names a tree and no branch: who pushes answers for whose work
 * it is, unless that is a program. */
static bool answers(const struct parts *p, size_t approval)
{
	const struct seek *k = &p->c->seek;
	const struct principal *pusher = k->j->pusher.principal;

	return k->found[approval].kind == APPROVAL_GITTUF && pusher &&
	       principal_is_human(pusher, k->j->in->now);
}

/* A tag may claim any difference. Then nobody knows whose work it is that was
 * squashed, and it may be the approver's. */
static bool is_untold(const struct parts *p, size_t approval)
{
	const struct extent *x = &p->c->extents[approval];

	return x->branch == SIZE_MAX && !extent_is_named(x) &&
	       is_unsure(p, x) && !p->c->seek.j->in->trust_old &&
	       !answers(p, approval);
}

static int find_people(struct parts *p, struct range_facts *out, struct err *e)
{
	const struct change *c = p->c;
	size_t i;
	int rc = people_for(p, NULL, &p->all, &out->ncontributors, e);

	out->contributors = p->all;
	p->people = calloc(c->seek.n + 1, sizeof(struct contributor *));
	if (!rc && !p->people)
		rc = err_nomem(e);
	for (i = 0; !rc && i < c->seek.n; i++) {
		struct approval_facts *a = &p->approvals[i];

		if (c->extents[i].low == c->extents[i].end)
			continue;
		rc = people_for(p, &c->extents[i], &p->people[i],
				&a->ncontributors, e);
		a->contributors = p->people[i];
		a->untold = is_untold(p, i);
	}
	return rc;
}

/* ---- which commits need an approval ---- */

/*
 * What is not exact may throw away a part of what was approved before it, and
 * that is no change of its own: each parent has some of it.
 */
static void add_merges(const struct parts *p, bool *needs)
{
	const struct change *c = p->c;
	bool any = false;
	size_t i;

	for (i = 0; i < c->order.placed; i++) {
		size_t number = c->order.by_place[i];
		const struct change_commit *cc = &c->commits[number];

		if (any && cc->clean && !cc->exact && is_judged(p, number))
			needs[i] = true;
		any |= needs[i];
	}
}

/*
 * By place, whether a commit needs one. A merge that is exactly what it
 * merges needs none, if that needs one.
 */
static bool *find_needs(const struct parts *p, const size_t *matched, size_t n)
{
	const struct change *c = p->c;
	bool *needs = calloc(c->order.n + 1, sizeof(*needs));
	size_t i, k;

	for (i = 0; needs && i < n; i++) {
		size_t place = c->order.v[matched[i]].place;

		if (place != SIZE_MAX)
			needs[place] = true;
	}
	for (i = 0; needs && i < c->order.placed; i++) {
		size_t number = c->order.by_place[i];
		const struct change_commit *cc = &c->commits[number];

		if (!needs[i] || !cc->clean || !cc->exact)
			continue;
		for (k = cc->low; k < i && needs[i]; k++)
			needs[i] = !needs[k] &&
				   !c->commits[c->order.by_place[k]].excused;
	}
	if (needs)
		add_merges(p, needs);
	return needs;
}

static int compare_places(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Where what covers changes. */
static size_t *find_cuts(const struct change *c, size_t *n)
{
	size_t *v = calloc(4 * c->seek.n + 2, sizeof(*v)), i;

	*n = 0;
	if (!v)
		return NULL;
	v[(*n)++] = 0;
	v[(*n)++] = c->order.n;
	for (i = 0; i < c->seek.n; i++) {
		const struct extent *x = &c->extents[i];

		v[(*n)++] = x->low;
		v[(*n)++] = x->end;
		if (x->tip) {
			v[(*n)++] = x->tip_low;
			v[(*n)++] = x->tip_end;
		}
	}
	qsort(v, *n, sizeof(*v), compare_places);
	return v;
}

/* ---- one part ---- */

static enum cover cover_of(const struct extent *x, size_t low, size_t end)
{
	if (low < x->low || end > x->end)
		return COVER_NONE;
	if (x->tip && low >= x->tip_low && end <= x->tip_end)
		return x->level;
	return x->patch ? COVER_PATCH : COVER_DIFF;
}

/* Like the last one, but for an approval or two? */
static bool goes_on(const struct parts *p, size_t low, size_t end)
{
	const struct part_facts *last = &p->v[p->n - 1];
	size_t i;

	for (i = 0; i < p->c->seek.n; i++)
		if (last->covered[i] != cover_of(&p->c->extents[i], low, end))
			return false;
	return true;
}

static int new_part(struct parts *p, size_t nareas, struct err *e)
{
	struct parts_block *b = calloc(1, sizeof(*b));

	if (!b)
		return err_nomem(e);
	b->next = p->blocks;
	p->blocks = b;
	b->covered = calloc(p->c->seek.n + 1, sizeof(*b->covered));
	b->areas = calloc(nareas + 1, sizeof(*b->areas));
	if (!b->covered || !b->areas ||
	    array_push(&p->v, p->n, &p->cap, SIZE_MAX / sizeof(*p->v)))
		return err_nomem(e);
	p->v[p->n++] =
		(struct part_facts){.covered = b->covered, .areas = b->areas};
	return 0;
}

static void put_commit(struct parts *p, size_t number, size_t nareas,
		       bool *named)
{
	const struct change *c = p->c;
	struct part_facts *part = &p->v[p->n - 1];
	size_t i;

	part->commits++;
	/* a merge is what nobody has to look at */
	if (!*named || !c->commits[number].clean)
		part->newest = order_commit(&c->order, number)->id;
	*named |= !c->commits[number].clean;
	for (i = 0; i < nareas; i++)
		p->blocks->areas[i] |= c->areas[number * nareas + i];
}

/* The commits between two cuts. */
static int put_run(struct parts *p, const bool *needs, size_t low, size_t end,
		   size_t nareas, bool *named, struct err *e)
{
	size_t place, i;
	bool any = false;

	for (place = low; place < end; place++) {
		if (!needs[place])
			continue;
		if (!any && (!p->n || !goes_on(p, low, end))) {
			*named = false;
			if (new_part(p, nareas, e))
				return e ? e->code : ERR_MEMORY;
			for (i = 0; i < p->c->seek.n; i++)
				p->blocks->covered[i] =
					cover_of(&p->c->extents[i], low, end);
		}
		any = true;
		put_commit(p, p->c->order.by_place[place], nareas, named);
	}
	return 0;
}

/* What the order does not reach, no approval does. */
static int put_unplaced(struct parts *p, const size_t *matched, size_t n,
			size_t nareas, struct err *e)
{
	bool any = false, named = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p->c->order.v[matched[i]].place != SIZE_MAX)
			continue;
		if (!any && new_part(p, nareas, e))
			return e ? e->code : ERR_MEMORY;
		any = true;
		put_commit(p, matched[i], nareas, &named);
	}
	return 0;
}

static int divide(struct parts *p, const size_t *matched, size_t n,
		  size_t nareas, struct err *e)
{
	bool *needs = find_needs(p, matched, n), named = false;
	size_t ncuts, *cuts = find_cuts(p->c, &ncuts), i;
	int rc = needs && cuts ? 0 : err_nomem(e);

	for (i = 0; !rc && i + 1 < ncuts; i++)
		rc = put_run(p, needs, cuts[i], cuts[i + 1], nareas, &named, e);
	if (!rc)
		rc = put_unplaced(p, matched, n, nareas, e);
	free(needs);
	free(cuts);
	return rc;
}

int parts_find(struct parts *p, const struct change *c, unsigned set,
	       const size_t *matched, size_t nmatched, size_t nareas,
	       struct range_facts *out, struct err *e)
{
	size_t i, k;
	int rc;

	memset(p, 0, sizeof(*p));
	p->c = c;
	p->set = set;
	p->approvals = calloc(c->seek.n + 1, sizeof(*p->approvals));
	if (!p->approvals)
		return err_nomem(e);
	for (i = 0; i < c->seek.n; i++)
		p->approvals[i] = c->seek.found[i];
	rc = find_people(p, out, e);
	if (!rc && nmatched)
		rc = divide(p, matched, nmatched, nareas, e);
	for (i = 0; !rc && i < c->seek.n; i++)
		for (k = 0; k < p->n; k++)
			if (p->v[k].covered[i])
				p->approvals[i].covers += p->v[k].commits;
	out->has_digest = c->has_digest;
	memcpy(out->digest, c->digest, SHA256_SIZE);
	out->approvals = p->approvals;
	out->napprovals = c->seek.n;
	out->parts = p->v;
	out->nparts = p->n;
	out->bounded = c->bounded || c->seek.full;
	out->no_patches = c->no_patches;
	return rc;
}
