/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/segments.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/exact.h"
#include "gate/gittuf.h"
#include "gate/merged.h"
#include "gate/named.h"
#include "gate/part_digest.h"
#include "gate/patches.h"

/* One lane being searched. */
struct search {
	struct change *c;
	struct judging *j;
	const struct lane *lane;
	bool based;	/* differences from its foot mean something */
	unsigned depth; /* 0: the ref's own lane */
	bool *ends;	/* by step: an approval of a part ends there */
	struct err *e;
};

/* ---- digests ---- */

static int add_segment(struct change *c, size_t low, size_t end,
		       const unsigned char digest[SHA256_SIZE], struct err *e)
{
	struct segment *s;

	if (array_push(&c->segments, c->nsegments, &c->segments_cap,
		       SIZE_MAX / sizeof(*c->segments)))
		return err_nomem(e);
	s = &c->segments[c->nsegments++];
	s->low = low;
	s->end = end;
	memcpy(s->digest, digest, SHA256_SIZE);
	return seek_digest(&c->seek, digest, e);
}

/* The commit in the walk behind the i-th step; 0: the foot. */
static const struct walk_commit *commit_of(const struct search *s, size_t i)
{
	const struct order *o = &s->c->order;

	return i ? order_commit(o, s->lane->v[i - 1])
		 : walk_at(o->walk, s->lane->foot);
}

static int digest_steps(struct search *s, size_t from, size_t to,
			unsigned char out[SHA256_SIZE], bool *has)
{
	const struct change_commit *cc = &s->c->commits[s->lane->v[to - 1]];

	if (to == from + 1 && cc->has_step) {
		memcpy(out, cc->step, SHA256_SIZE);
		*has = true;
		return 0;
	}
	return part_digest(s->c, s->j, &commit_of(s, from)->tree,
			   &commit_of(s, to)->tree, out, has, s->e);
}

/* Whether an approval names exactly this digest. */
static bool is_approved(const struct seek *k,
			const unsigned char digest[SHA256_SIZE])
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->approvals[i].has_digest &&
		    k->approvals[i].fault == APPROVAL_OK &&
		    !memcmp(k->approvals[i].digest, digest, SHA256_SIZE))
			return true;
	return false;
}

static int try_steps(struct search *s, size_t from, size_t to)
{
	const struct order *o = &s->c->order;
	unsigned char digest[SHA256_SIZE];
	bool has;
	int rc = digest_steps(s, from, to, digest, &has);

	if (rc || !has)
		return rc;
	rc = add_segment(s->c, lane_end(o, s->lane, from),
			 lane_end(o, s->lane, to), digest, s->e);
	s->ends[to] |= is_approved(&s->c->seek, digest);
	return rc;
}

/* ---- what is covered so far ---- */

/* @param whole  all up to it, not from an Approves-base on */
static bool is_tip(const struct seek *k, const struct oid *id, bool whole)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->approvals[i].fault == APPROVAL_OK &&
		    oid_equal(&k->approvals[i].target, id) &&
		    (!whole || oid_is_null(&k->approvals[i].base)))
			return true;
	return false;
}

/* A run of places, and which of them an approval covers. */
struct run {
	size_t low, end;
	bool *covered; /* from low on */
};

static void cover(struct run *r, size_t low, size_t end)
{
	if (low < r->low)
		low = r->low;
	for (; low < end && low < r->end; low++)
		r->covered[low - r->low] = true;
}

static bool wants_more(const struct change *c, const struct run *r)
{
	size_t i;

	for (i = r->low; i < r->end; i++) {
		const struct change_commit *cc =
			&c->commits[c->order.by_place[i]];

		if (cc->asked && !r->covered[i - r->low] &&
		    !(cc->clean && cc->exact))
			return true;
	}
	return false;
}

/* Whether something of these steps needs an approval and has none. */
static int find_open(struct search *s, size_t from, size_t to, bool *open)
{
	const struct order *o = &s->c->order;
	const struct segment *at = s->c->segments;
	struct run r = {lane_end(o, s->lane, from), lane_end(o, s->lane, to),
			NULL};
	size_t i;

	*open = false;
	r.covered = calloc(r.end - r.low + 1, sizeof(*r.covered));
	if (!r.covered)
		return err_nomem(s->e);
	for (i = 0; i < s->c->nsegments; i++)
		if (at[i].end > r.low && at[i].low < r.end &&
		    is_approved(&s->c->seek, at[i].digest))
			cover(&r, at[i].low, at[i].end);
	for (i = 0; i < s->c->seek.n; i++) {
		struct extent x = {0};

		named_match(s->c, &s->c->seek.approvals[i], &x);
		cover(&r, x.tip_low, x.tip_end);
	}
	*open = wants_more(s->c, &r);
	free(r.covered);
	return 0;
}

/* ---- branches that are merged as they are ---- */

static int search_lane(struct search *s);

static int search_side(struct search *s, size_t low, size_t branch,
		       const struct oid *base)
{
	struct change *c = s->c;
	struct lane side = {0};
	struct search in = {.c = c,
			    .j = s->j,
			    .lane = &side,
			    .depth = s->depth + 1,
			    .e = s->e};
	int rc = order_side(&c->order, branch, low, &side, s->e);

	in.based = !rc && side.foot != SIZE_MAX &&
		   oid_equal(&walk_at(c->order.walk, side.foot)->id, base);
	if (!rc && side.n)
		rc = search_lane(&in);
	lane_release(&side);
	return rc;
}

/* Each branch stands behind the one before, without what that has, too. */
static int search_sides(struct search *s, size_t low,
			const struct exact_side *sides, size_t n)
{
	const struct order *o = &s->c->order;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++) {
		size_t branch = order_number(o, sides[i].at);

		if (branch == SIZE_MAX || o->v[branch].place < low)
			continue;
		rc = search_side(s, low, branch, &sides[i].base);
		low = o->v[branch].place + 1;
	}
	return rc;
}

static bool brings_any(const struct search *s, const struct exact_side *sides,
		       size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (order_number(&s->c->order, sides[i].at) != SIZE_MAX)
			return true;
	return false;
}

static int try_merge(struct search *s, size_t i)
{
	struct change *c = s->c;
	struct exact_side sides[EXACT_MAX_SIDES];
	const struct exact_merge m = {
		.number = s->lane->v[i - 1],
		.before = commit_of(s, i - 1),
		.low = lane_end(&c->order, s->lane, i - 1),
	};
	bool open = true;
	size_t n;
	int rc;

	if (order_commit(&c->order, m.number)->nparents < 2 ||
	    !c->commits[m.number].clean)
		return 0;
	rc = exact_find(c, s->j, &m, sides, &n, s->e);
	if (rc || !c->commits[m.number].exact || !brings_any(s, sides, n))
		return rc;
	if (c->nsides++ >= CHANGE_FEW_SIDES)
		rc = find_open(s, i - 1, i, &open);
	return rc || !open ? rc : search_sides(s, m.low, sides, n);
}

/* ---- one lane ---- */

static int add_tip(struct change *c, const struct tip_segment *tip,
		   struct err *e)
{
	if (array_push(&c->tips, c->ntips, &c->tips_cap,
		       SIZE_MAX / sizeof(*c->tips)))
		return err_nomem(e);
	c->tips[c->ntips++] = *tip;
	return seek_tip(&c->seek, &tip->tip, e);
}

static int try_tips(struct search *s)
{
	size_t i;
	int rc = 0;

	for (i = s->lane->n; !rc && i > 0; i--) {
		const struct tip_segment tip = {
			.tip = commit_of(s, i)->id,
			.low = s->lane->low,
			.end = lane_end(&s->c->order, s->lane, i),
			.level = s->depth ? COVER_DIFF : COVER_TIP,
		};

		rc = add_tip(s->c, &tip, s->e);
		s->ends[i] |= is_tip(&s->c->seek, &tip.tip, false);
	}
	return rc;
}

/* From the foot to each step, each step alone, and from where an approved
 * part ends. */
static int try_likely(struct search *s)
{
	const struct change *c = s->c;
	size_t n = s->lane->n, i, k;
	int rc = 0;

	/* all of the ref's own lane is known */
	if (!s->depth && c->has_digest && c->from_old)
		n--;
	for (i = n; !rc && i > 0; i--)
		rc = try_steps(s, 0, i);
	n = s->lane->n;
	for (i = 2; !rc && i <= n; i++)
		rc = try_steps(s, i - 1, i);
	for (i = 1; !rc && i < n; i++)
		for (k = n; s->ends[i] && !rc && k > i + 1; k--)
			rc = try_steps(s, i, k);
	return rc;
}

/* What begins behind a commit that needs no approval, say. */
static int try_all(struct search *s)
{
	size_t n = s->lane->n, i, k;
	bool open = true;
	int rc = 0;

	if (n > CHANGE_FEW_STEPS)
		rc = find_open(s, 0, n, &open);
	for (i = 1; open && !rc && i < n; i++)
		for (k = n; !s->ends[i] && !rc && k > i + 1; k--)
			rc = try_steps(s, i, k);
	return rc;
}

static int search_lane(struct search *s)
{
	size_t i;
	int rc;

	if (s->lane->n > ORDER_MAX_LANE || s->depth > CHANGE_MAX_DEPTH) {
		s->c->bounded = true;
		return 0;
	}
	s->ends = calloc(s->lane->n + 1, sizeof(*s->ends));
	if (!s->ends)
		return err_nomem(s->e);
	rc = try_tips(s);
	if (!rc && s->based)
		rc = try_likely(s);
	for (i = 1; !rc && s->based && i <= s->lane->n; i++)
		rc = try_merge(s, i);
	if (!rc && s->based)
		rc = try_all(s);
	free(s->ends);
	return rc;
}

int segments_find(struct change *c, struct judging *j, size_t ref,
		  struct err *e)
{
	struct search s = {.c = c,
			   .j = j,
			   .lane = &c->lane,
			   .based = c->based && c->lane.foot != SIZE_MAX,
			   .e = e};
	const struct tip_segment whole = {
		.tip = j->refs[ref].tip, .end = c->order.n, .level = COVER_TIP};
	int rc = add_tip(c, &whole, e);

	if (!rc && c->has_digest)
		rc = add_segment(c, 0, c->order.n, c->digest, e);
	c->approved = (c->has_digest && is_approved(&c->seek, c->digest)) ||
		      is_tip(&c->seek, &j->refs[ref].tip, true);
	if (!rc && c->lane.n)
		rc = search_lane(&s);
	return rc;
}

/* ---- what each approval covers ---- */

static bool within(size_t low, size_t end, const struct extent *x)
{
	return low >= x->tip_low && end <= x->tip_end;
}

static bool holds(size_t low, size_t end, const struct extent *x)
{
	return low <= x->tip_low && end >= x->tip_end;
}

/*
 * The same difference may come more than once, when it was taken back in
 * between. An approval is for one of them: the longest run, or the first. What
 * it names by its commit decides, where that is one of them.
 */
static void match_digest(const struct change *c, const struct approval *a,
			 struct extent *x)
{
	size_t i;

	for (i = 0; i < c->nsegments; i++) {
		const struct segment *s = &c->segments[i];
		size_t n = s->end - s->low;

		if (memcmp(s->digest, a->digest, SHA256_SIZE) != 0 || !n ||
		    (x->tip && !within(s->low, s->end, x) &&
		     !holds(s->low, s->end, x)))
			continue;
		if (x->diff && (n < x->end - x->low ||
				(n == x->end - x->low && s->low >= x->low)))
			continue;
		x->diff = true;
		x->low = s->low;
		x->end = s->end;
	}
}

void segments_match_one(const struct change *c, size_t i, struct extent *x)
{
	const struct approval *a = &c->seek.approvals[i];

	*x = (struct extent){0};
	x->branch = SIZE_MAX;
	if (c->seek.found[i].kind == APPROVAL_MERGE)
		merged_match(c, a, x);
	else if (c->seek.found[i].kind == APPROVAL_GITTUF)
		gittuf_match(c, a, x);
	else if (c->seek.found[i].kind == APPROVAL_TAG)
		named_match(c, a, x);
	if (a->has_digest && a->fault == APPROVAL_OK)
		match_digest(c, a, x);
	if (x->tip && (!x->diff || within(x->low, x->end, x))) {
		x->low = x->tip_low;
		x->end = x->tip_end;
	}
	if (a->fault == APPROVAL_OK && !x->diff &&
	    c->seek.found[i].kind != APPROVAL_CARRIED)
		patches_match(c, a, x);
}

int segments_match(struct change *c, struct err *e)
{
	size_t i;

	c->extents = calloc(c->seek.n + 1, sizeof(*c->extents));
	if (!c->extents)
		return err_nomem(e);
	for (i = 0; i < c->seek.n; i++) {
		struct extent *x = &c->extents[i];
		struct approval_facts *f = &c->seek.found[i];

		segments_match_one(c, i, x);
		f->matches_tip = x->tip && x->level == COVER_TIP;
		f->by_diff = x->diff;
		f->matches_diff = x->diff || (x->tip && !x->patch);
	}
	return 0;
}
