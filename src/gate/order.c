/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void order_init(struct order *o, const struct walk *w)
{
	memset(o, 0, sizeof(*o));
	o->walk = w;
}

void order_release(struct order *o)
{
	free(o->v);
	free(o->number);
	free(o->by_place);
	order_init(o, NULL);
}

int order_add(struct order *o, size_t at, struct err *e)
{
	if (array_push(&o->v, o->n, &o->cap, SIZE_MAX / sizeof(*o->v)))
		return err_nomem(e);
	o->v[o->n++] = (struct order_commit){.at = at, .place = SIZE_MAX};
	return 0;
}

size_t order_number(const struct order *o, size_t at)
{
	return at == SIZE_MAX ? SIZE_MAX : o->number[at] - 1;
}

const struct walk_commit *order_commit(const struct order *o, size_t number)
{
	return walk_at(o->walk, o->v[number].at);
}

size_t lane_end(const struct order *o, const struct lane *l, size_t i)
{
	return i ? o->v[l->v[i - 1]].place + 1 : l->low;
}

void lane_release(struct lane *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

/* ---- visiting parents before their children ---- */

struct visit {
	size_t number, next; /* the parent to go to */
};

struct visits {
	const struct order *o;
	struct visit *v;
	size_t n, cap;
	bool *seen; /* by number */
	struct err *e;
};

static int visit_push(struct visits *s, size_t number)
{
	if (number == SIZE_MAX || s->seen[number])
		return 0;
	s->seen[number] = true;
	if (array_push(&s->v, s->n, &s->cap, SIZE_MAX / sizeof(*s->v)))
		return err_nomem(s->e);
	s->v[s->n++] = (struct visit){number, 0};
	return 0;
}

/* The parent on the lane first, then the others as they stand. */
static size_t parent_in_turn(const struct order *o, size_t number, size_t turn)
{
	size_t lead = o->v[number].lead, i = turn;

	if (!turn)
		i = lead;
	else if (turn <= lead)
		i = turn - 1;
	return order_number(o, order_commit(o, number)->parents[i]);
}

typedef void visit_fn(struct order *o, size_t number, void *ctx);

static int visit_all(struct order *o, size_t from, visit_fn *fn, void *ctx,
		     struct err *e)
{
	struct visits s = {.o = o, .e = e};
	int rc;

	s.seen = calloc(o->n + 1, sizeof(*s.seen));
	if (!s.seen)
		return err_nomem(e);
	rc = visit_push(&s, from);
	while (!rc && s.n) {
		struct visit *top = &s.v[s.n - 1];
		size_t number = top->number;

		if (top->next < order_commit(o, number)->nparents) {
			rc = visit_push(&s,
					parent_in_turn(o, number, top->next++));
		} else {
			s.n--;
			fn(o, number, ctx);
		}
	}
	free(s.seen);
	free(s.v);
	return rc;
}

/* ---- the way down to what the ref has ---- */

struct holding {
	struct repository *repo;
	const struct oid *old;
	size_t old_at;	/* in the walk, SIZE_MAX: not read */
	bool *holds;	/* by number: has it as an ancestor */
	size_t feet;	/* asked so far */
	bool ask;	/* hidden commits whether they have it */
	struct oid yes; /* the one that did, when `ask` */
	int rc;
	struct err *e;
};

static bool foot_holds(struct holding *h, const struct order *o, size_t at)
{
	bool there = false;

	if (at == SIZE_MAX)
		return false;
	if (at == h->old_at)
		return true;
	if (!h->ask || h->rc || order_number(o, at) != SIZE_MAX)
		return false;
	if (oid_equal(&walk_at(o->walk, at)->id, &h->yes))
		return true;
	if (h->feet++ >= ORDER_MAX_FEET)
		return false;
	h->rc = walk_is_ancestor(h->repo, h->old, &walk_at(o->walk, at)->id,
				 &there, h->e);
	if (h->rc && h->rc != ERR_MEMORY) {
		/* where it cannot be read, it is not known to hold anything */
		err_clear(h->e);
		h->rc = 0;
	}
	if (there)
		h->yes = walk_at(o->walk, at)->id;
	return there;
}

static void find_lead(struct order *o, size_t number, void *ctx)
{
	const struct walk_commit *c = order_commit(o, number);
	struct holding *h = ctx;
	size_t i;

	for (i = 0; i < c->nparents && !h->holds[number]; i++) {
		size_t parent = order_number(o, c->parents[i]);

		if (parent == SIZE_MAX ? !foot_holds(h, o, c->parents[i])
				       : !h->holds[parent])
			continue;
		h->holds[number] = true;
		o->v[number].lead = i;
	}
}

static int find_leads(struct order *o, struct holding *h, size_t tip,
		      bool *based)
{
	int rc;

	h->holds = calloc(o->n + 1, sizeof(*h->holds));
	if (!h->holds)
		return err_nomem(h->e);
	rc = visit_all(o, tip, find_lead, h, h->e);
	*based = !rc && !h->rc && h->holds[tip];
	free(h->holds);
	return rc ? rc : h->rc;
}

static void find_place(struct order *o, size_t number, void *ctx)
{
	(void)ctx;
	o->by_place[o->placed] = number;
	o->v[number].place = o->placed++;
}

/* Down from the tip while there are judged commits. */
static int follow(const struct order *o, size_t tip, size_t low,
		  struct lane *out, struct err *e)
{
	size_t at = tip, cap = 0, i;

	out->low = low;
	out->foot = SIZE_MAX;
	out->firsts = true;
	while (at != SIZE_MAX && o->v[at].place >= low) {
		const struct walk_commit *c = order_commit(o, at);
		size_t lead = o->v[at].lead;

		if (array_push(&out->v, out->n, &cap,
			       SIZE_MAX / sizeof(*out->v)))
			return err_nomem(e);
		out->v[out->n++] = at;
		out->firsts &= !lead;
		out->foot = lead < c->nparents ? c->parents[lead] : SIZE_MAX;
		at = order_number(o, out->foot);
	}
	for (i = 0; i < out->n / 2; i++) {
		size_t swap = out->v[i];

		out->v[i] = out->v[out->n - 1 - i];
		out->v[out->n - 1 - i] = swap;
	}
	return 0;
}

int order_run(struct order *o, struct repository *repo, const struct oid *old,
	      const struct oid *tip, struct lane *out, bool *based,
	      struct err *e)
{
	struct holding h = {.repo = repo, .old = old, .e = e};
	size_t i, top;
	int rc = 0;

	*based = false;
	o->number = calloc(walk_count(o->walk) + 1, sizeof(*o->number));
	o->by_place = calloc(o->n + 1, sizeof(*o->by_place));
	if (!o->number || !o->by_place)
		return err_nomem(e);
	for (i = 0; i < o->n; i++)
		o->number[o->v[i].at] = i + 1;
	top = order_number(o, walk_find(o->walk, tip));
	if (top == SIZE_MAX)
		return 0;
	h.old_at = old ? walk_find(o->walk, old) : SIZE_MAX;
	if (old)
		rc = find_leads(o, &h, top, based);
	if (!rc && old && !*based) {
		h.ask = true;
		rc = find_leads(o, &h, top, based);
	}
	if (!rc)
		rc = visit_all(o, top, find_place, NULL, e);
	return rc ? rc : follow(o, top, 0, out, e);
}

int order_side(const struct order *o, size_t tip, size_t low, struct lane *out,
	       struct err *e)
{
	return follow(o, tip, low, out, e);
}
