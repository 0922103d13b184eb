/* SPDX-License-Identifier: Apache-2.0 */
/* Merge bases, and what is an ancestor of what. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/walk_graph.h"

enum {
	ONE = 1,    /* reachable from the one commit */
	TWO = 2,    /* reachable from one of the others */
	STALE = 4,  /* reachable from a common ancestor */
	RESULT = 8, /* a common ancestor, in the list */
	MAX_CANDIDATES = 1000
};

struct bases {
	struct graph g;
	size_t *found, nfound, cap;
	size_t fresh; /* nodes in the queue that are not stale */
	size_t stop;  /* a node that ends the search when TWO reaches it */
};

static int paint(struct bases *b, size_t node, uint32_t bits, struct err *e)
{
	int ret = graph_read(&b->g, node, false, e);
	struct graph_node *n = &b->g.v[node];

	if (ret)
		return ret;
	if (n->queued) {
		if (!(n->paint & STALE) && (bits & STALE))
			b->fresh--;
		n->paint |= bits;
		return 0;
	}
	n->paint |= bits;
	if (!(n->paint & STALE))
		b->fresh++;
	return graph_push(&b->g, node, e);
}

static int add_result(struct bases *b, size_t node, struct err *e)
{
	if (b->g.v[node].paint & RESULT)
		return 0;
	b->g.v[node].paint |= RESULT;
	switch (array_push(&b->found, b->nfound, &b->cap, MAX_CANDIDATES)) {
	case 0:
		b->found[b->nfound++] = node;
		return 0;
	case -2:
		return err_set(e, ERR_LIMIT, "more than %d merge bases",
			       MAX_CANDIDATES);
	default:
		return err_nomem(e);
	}
}

static int paint_parents(struct bases *b, size_t node, uint32_t bits,
			 struct err *e)
{
	size_t i, n = b->g.v[node].c.nparents;
	int ret = 0;

	for (i = 0; !ret && i < n; i++) {
		size_t parent = b->g.v[node].c.parents[i];

		if ((b->g.v[parent].paint & bits) != bits)
			ret = paint(b, parent, bits, e);
	}
	return ret;
}

static bool reached(const struct bases *b)
{
	return b->stop != SIZE_MAX && b->g.v[b->stop].paint & TWO;
}

/** Paint down from all tips until whatever is queued is stale. */
static int paint_down(struct bases *b, struct err *e)
{
	int ret = 0;

	while (!ret && b->fresh && !reached(b)) {
		size_t node = graph_pop(&b->g);
		uint32_t bits = b->g.v[node].paint & (ONE | TWO | STALE);

		if (!(bits & STALE))
			b->fresh--;
		if (bits == (ONE | TWO)) {
			ret = add_result(b, node, e);
			bits |= STALE;
		}
		if (!ret)
			ret = paint_parents(b, node, bits, e);
	}
	return ret;
}

static void wipe(struct bases *b)
{
	size_t i;

	while (graph_pop(&b->g) != SIZE_MAX)
		;
	for (i = 0; i < b->g.n; i++)
		b->g.v[i].paint = 0;
	b->fresh = b->nfound = 0;
}

static void init(struct bases *b, struct repository *repo)
{
	memset(b, 0, sizeof(*b));
	graph_init(&b->g, repo);
	b->stop = SIZE_MAX;
}

static void release(struct bases *b)
{
	graph_release(&b->g);
	free(b->found);
}

static int add_tip(struct bases *b, const struct oid *id, uint32_t bits,
		   size_t *node, struct err *e)
{
	int ret = graph_intern(&b->g, id, node, e);

	return ret ? ret : paint(b, *node, bits, e);
}

/** Common ancestors, newest first; with skewed clocks one may be another's
 * ancestor. */
static int find_candidates(struct bases *b, const struct oid *x,
			   const struct oid *y, struct err *e)
{
	size_t node, i, n = 0;
	int ret = add_tip(b, x, ONE, &node, e);

	if (!ret)
		ret = add_tip(b, y, TWO, &node, e);
	if (!ret)
		ret = paint_down(b, e);
	for (i = 0; !ret && i < b->nfound; i++)
		if (!(b->g.v[b->found[i]].paint & STALE))
			b->found[n++] = b->found[i];
	b->nfound = n;
	return ret;
}

/** Mark those of `v` that are ancestors of v[at], or v[at] if it is one of
 * theirs. */
static int mark_redundant(struct bases *b, const size_t *v, size_t n, size_t at,
			  bool *redundant, struct err *e)
{
	size_t i;
	int ret;

	wipe(b);
	ret = paint(b, v[at], ONE, e);
	for (i = 0; !ret && i < n; i++)
		if (i != at && !redundant[i])
			ret = paint(b, v[i], TWO, e);
	if (!ret)
		ret = paint_down(b, e);
	for (i = 0; !ret && i < n; i++)
		if (b->g.v[v[i]].paint & (i == at ? TWO : ONE))
			redundant[i] = true;
	return ret;
}

static int drop_redundant(struct bases *b, size_t **kept, size_t *nkept,
			  struct err *e)
{
	size_t n = b->nfound, i, k = 0, *v = b->found;
	bool *redundant = calloc(n + 1, sizeof(*redundant));
	int ret = 0;

	/* paint_down is about to fill a list of its own. */
	b->found = NULL;
	b->cap = 0;
	*kept = v;
	if (!redundant)
		return err_nomem(e);
	for (i = 0; !ret && n > 1 && i < n; i++)
		if (!redundant[i])
			ret = mark_redundant(b, v, n, i, redundant, e);
	for (i = 0; i < n; i++)
		if (!redundant[i])
			v[k++] = v[i];
	free(redundant);
	*nkept = k;
	return ret;
}

int walk_merge_bases(struct repository *repo, const struct oid *a,
		     const struct oid *b, struct oid *out, size_t max,
		     size_t *n, struct err *e)
{
	struct bases bases;
	size_t *kept = NULL, i;
	int ret;

	*n = 0;
	init(&bases, repo);
	ret = find_candidates(&bases, a, b, e);
	if (!ret)
		ret = drop_redundant(&bases, &kept, n, e);
	for (i = 0; !ret && i < *n && i < max; i++)
		out[i] = bases.g.v[kept[i]].c.id;
	if (ret)
		*n = 0;
	free(kept);
	release(&bases);
	return ret;
}

int walk_is_ancestor(struct repository *repo, const struct oid *ancestor,
		     const struct oid *tip, bool *yes, struct err *e)
{
	struct bases bases;
	size_t node;
	int ret;

	*yes = false;
	init(&bases, repo);
	ret = add_tip(&bases, ancestor, ONE, &bases.stop, e);
	if (!ret)
		ret = add_tip(&bases, tip, TWO, &node, e);
	if (!ret)
		ret = paint_down(&bases, e);
	if (!ret)
		*yes = bases.g.v[bases.stop].paint & TWO;
	release(&bases);
	return ret;
}
