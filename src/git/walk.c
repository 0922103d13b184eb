/* SPDX-License-Identifier: Apache-2.0 */
#include "git/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/walk_graph.h"

enum {
	/* Commits looked at behind the last one of interest: clocks differ,
	 * and hidden commits may have been made on a slow one. Dates are also
	 * whatever somebody wrote: a chain of hidden commits from long ago
	 * must be as many times longer than what it is to uncover. */
	SLOP = 8,
	SLOP_FOR_EACH = 8
};
/* Bits of graph_node.paint: a set each, and this. */
#define PAINT_REACHABLE (UINT32_C(1) << WALK_MAX_SETS)

struct walk {
	struct graph g;
	uint32_t all;	    /* the bits of all sets */
	size_t interesting; /* of those in the queue */
	size_t found;	    /* that have left it and were of interest then */
	int64_t oldest;	    /* time of the oldest of interest so far */
	size_t *order;	    /* node numbers by position */
	size_t *place;	    /* positions by node number */
	size_t n;
	size_t *stack; /* nodes whose paint must still reach their parents */
	size_t nstack, stack_cap;
};

int walk_new(struct walk **out, struct repository *repo, struct err *e)
{
	struct walk *w = calloc(1, sizeof(*w));

	*out = w;
	if (!w)
		return err_nomem(e);
	graph_init(&w->g, repo);
	w->g.keep_max = WALK_KEEP_BYTES;
	return 0;
}

void walk_reset(struct walk *w)
{
	struct repository *repo = w->g.repo;

	graph_release(&w->g);
	free(w->order);
	free(w->place);
	free(w->stack);
	memset(w, 0, sizeof(*w));
	graph_init(&w->g, repo);
	w->g.keep_max = WALK_KEEP_BYTES;
}

void walk_free(struct walk *w)
{
	if (!w)
		return;
	walk_reset(w);
	free(w);
}

/** Read and queue a tip with `paint`. */
static int add_tip(struct walk *w, const struct oid *id, uint32_t paint,
		   struct err *e)
{
	size_t node;
	int ret = graph_intern(&w->g, id, &node, e);

	if (!ret)
		ret = graph_read(&w->g, node, paint == PAINT_REACHABLE, e);
	if (!ret && !w->g.v[node].queued)
		ret = graph_push(&w->g, node, e);
	if (!ret)
		w->g.v[node].paint |= paint;
	return ret;
}

int walk_start(struct walk *w, const struct oid *tip, struct oid *peeled,
	       struct err *e)
{
	int ret = graph_peel(&w->g, tip, peeled, e);

	if (ret || oid_is_null(peeled))
		return ret;
	return add_tip(w, peeled, PAINT_REACHABLE, e);
}

int walk_hide(struct walk *w, const struct oid *tip, unsigned set,
	      struct err *e)
{
	struct oid commit;
	int ret;

	if (set >= WALK_MAX_SETS)
		return err_set(e, ERR_INTERNAL, "no set %u in a walk", set);
	ret = graph_peel(&w->g, tip, &commit, e);
	if (!ret && !oid_is_null(&commit))
		ret = add_tip(w, &commit, UINT32_C(1) << set, e);
	if (ret == ERR_MEMORY)
		return ret;
	/* What cannot be read hides nothing, so that more is judged. */
	err_clear(e);
	return 0;
}

static bool of_interest(const struct walk *w, uint32_t paint)
{
	/* With no set at all, nothing is hidden. */
	return (paint & PAINT_REACHABLE) &&
	       (!w->all || (paint & w->all) != w->all);
}

/** Paint a node, keep count of the queue. @return whether that was news */
static bool paint_node(struct walk *w, size_t node, uint32_t paint)
{
	struct graph_node *n = &w->g.v[node];
	uint32_t was = n->paint;

	n->paint |= paint;
	if (n->queued) {
		w->interesting -= of_interest(w, was);
		w->interesting += of_interest(w, n->paint);
	}
	return n->paint != was;
}

/** Hand a node's paint on to parents that were passed before it came. */
static int repaint(struct walk *w, size_t node, struct err *e)
{
	w->nstack = 0;
	for (;;) {
		const struct graph_node *n = &w->g.v[node];
		size_t i;

		for (i = 0; i < n->c.nparents; i++) {
			size_t parent = n->c.parents[i];

			if (!paint_node(w, parent, n->paint) ||
			    !w->g.v[parent].expanded)
				continue;
			if (array_push(&w->stack, w->nstack, &w->stack_cap,
				       SIZE_MAX / 2))
				return err_nomem(e);
			w->stack[w->nstack++] = parent;
		}
		if (!w->nstack)
			return 0;
		node = w->stack[--w->nstack];
	}
}

/** Read and queue the parents of a node that left the queue. */
static int expand(struct walk *w, size_t node, struct err *e)
{
	bool keep = of_interest(w, w->g.v[node].paint);
	size_t i, n = w->g.v[node].c.nparents;
	int ret = 0;

	w->g.v[node].expanded = true;
	for (i = 0; !ret && i < n; i++) {
		size_t parent = w->g.v[node].c.parents[i];

		if (w->g.v[parent].queued || w->g.v[parent].expanded)
			continue;
		ret = graph_read(&w->g, parent, keep, e);
		if (!ret)
			ret = graph_push(&w->g, parent, e);
		if (!ret)
			w->interesting += of_interest(w, w->g.v[parent].paint);
	}
	return ret ? ret : repaint(w, node, e);
}

/** Whether anything still in the queue can change the result. */
static bool unfinished(const struct walk *w, size_t *slop)
{
	size_t next = graph_peek(&w->g);

	if (next == SIZE_MAX)
		return false;
	if (w->interesting || w->g.v[next].c.when >= w->oldest)
		*slop = SLOP + SLOP_FOR_EACH * w->found;
	else
		--*slop;
	return *slop > 0;
}

static int append(struct walk *w, size_t *cap, size_t node, struct err *e)
{
	if (array_push(&w->order, w->n, cap, SIZE_MAX / 2))
		return err_nomem(e);
	w->order[w->n++] = node;
	return 0;
}

/** Number the commits in the order in which they were read. */
static int finish(struct walk *w, struct err *e)
{
	size_t i, k;

	w->place = malloc((w->g.n + 1) * sizeof(*w->place));
	if (!w->place)
		return err_nomem(e);
	for (i = 0; i < w->g.n; i++)
		w->place[i] = SIZE_MAX;
	for (i = 0; i < w->n; i++)
		w->place[w->order[i]] = i;
	for (i = 0; i < w->n; i++) {
		struct graph_node *n = &w->g.v[w->order[i]];
		/* The graph gave them out as its own; this is their owner. */
		size_t *parents = (size_t *)(uintptr_t)n->c.parents;

		for (k = 0; k < n->c.nparents; k++)
			parents[k] = w->place[parents[k]];
		n->c.hidden = n->paint & w->all;
		n->c.reachable = n->paint & PAINT_REACHABLE;
	}
	return 0;
}

int walk_run(struct walk *w, unsigned nsets, size_t max, struct err *e)
{
	size_t i, node, cap = 0, slop = SLOP;
	int ret = 0;

	if (nsets > WALK_MAX_SETS || w->place)
		return err_set(e, ERR_INTERNAL, "a walk runs once, on %d sets",
			       WALK_MAX_SETS);
	w->all = (UINT32_C(1) << nsets) - 1;
	w->g.max = max;
	w->oldest = INT64_MAX;
	for (i = 0; i < w->g.nheap; i++)
		w->interesting += of_interest(w, w->g.v[w->g.heap[i]].paint);
	while (!ret && unfinished(w, &slop)) {
		node = graph_pop(&w->g);
		if (of_interest(w, w->g.v[node].paint)) {
			w->interesting--;
			w->found++;
			if (w->g.v[node].c.when < w->oldest)
				w->oldest = w->g.v[node].c.when;
		}
		ret = append(w, &cap, node, e);
		if (!ret)
			ret = expand(w, node, e);
	}
	while (!ret && (node = graph_pop(&w->g)) != SIZE_MAX)
		ret = append(w, &cap, node, e);
	return ret ? ret : finish(w, e);
}

size_t walk_count(const struct walk *w)
{
	return w->n;
}

const struct walk_commit *walk_at(const struct walk *w, size_t i)
{
	return &w->g.v[w->order[i]].c;
}

size_t walk_find(const struct walk *w, const struct oid *id)
{
	size_t node = oid_map_get(&w->g.index, id);

	return node == SIZE_MAX || !w->place ? SIZE_MAX : w->place[node];
}

bool walk_shows_ancestor(const struct walk *w, const struct walk_commit *from,
			 const struct oid *id)
{
	size_t want = walk_find(w, id), n = 0, cap = 0, i;
	unsigned char *seen = want == SIZE_MAX ? NULL : calloc(1, w->n + 1);
	const struct walk_commit *at = from;
	size_t *todo = NULL;
	bool found = false;

	while (seen && at && !found) {
		for (i = 0; i < at->nparents && !found; i++) {
			size_t p = at->parents[i];

			found = p == want;
			/* One that is older has it behind it only when
			 * clocks differ. */
			if (p == SIZE_MAX || seen[p] ||
			    walk_at(w, p)->when < walk_at(w, want)->when)
				continue;
			seen[p] = 1;
			if (array_push(&todo, n, &cap, SIZE_MAX / 2))
				break;
			todo[n++] = p;
		}
		at = n ? walk_at(w, todo[--n]) : NULL;
	}
	free(todo);
	free(seen);
	return found;
}

static int hide_one(struct walk *w, size_t at, uint32_t sets,
		    struct walk_behind *out, struct err *e)
{
	struct walk_commit *c = &w->g.v[w->order[at]].c;

	out->touches |= (c->hidden & sets) != 0;
	if ((c->hidden & sets) == sets)
		return 0;
	c->hidden |= sets;
	out->n++;
	if (out->fresh)
		out->fresh[at] = true;
	if (array_push(&w->stack, w->nstack, &w->stack_cap, SIZE_MAX / 2))
		return err_nomem(e);
	w->stack[w->nstack++] = at;
	return 0;
}

int walk_hide_behind(struct walk *w, size_t at, uint32_t sets,
		     struct walk_behind *out, struct err *e)
{
	int ret;

	out->n = 0;
	out->touches = false;
	w->nstack = 0;
	ret = hide_one(w, at, sets, out, e);
	while (!ret && w->nstack) {
		const struct walk_commit *c = walk_at(w, w->stack[--w->nstack]);
		size_t i;

		for (i = 0; !ret && i < c->nparents; i++) {
			out->touches |= c->parents[i] == SIZE_MAX;
			if (c->parents[i] != SIZE_MAX)
				ret = hide_one(w, c->parents[i], sets, out, e);
		}
	}
	return ret;
}

const struct oid *walk_culprit(const struct walk *w)
{
	return &w->g.culprit;
}
