/* SPDX-License-Identifier: Apache-2.0 */
#include "git/walk_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { BLOCK_BYTES = 1 << 18, MAX_TAG_DEPTH = 16, MAX_TAG_BYTES = 16 << 20 };

/* Bytes that live as long as the graph. */
struct graph_block {
	struct graph_block *next;
	size_t used, size;
	max_align_t data[];
};

void graph_init(struct graph *g, struct repository *repo)
{
	memset(g, 0, sizeof(*g));
	g->repo = repo;
	g->algo = repository_algo(repo);
}

static void free_blocks(struct graph_block *b)
{
	while (b) {
		struct graph_block *next = b->next;

		free(b);
		b = next;
	}
}

void graph_release(struct graph *g)
{
	free_blocks(g->links);
	free_blocks(g->raw);
	free(g->v);
	free(g->heap);
	oid_map_release(&g->index);
	graph_init(g, g->repo);
}

static void *block_take(struct graph_block **at, size_t n, size_t align)
{
	struct graph_block *b = *at;
	size_t from = b ? (b->used + align - 1) / align * align : 0;

	if (!b || from > b->size || n > b->size - from) {
		size_t size = n > BLOCK_BYTES / 4 ? n : BLOCK_BYTES;

		b = malloc(sizeof(*b) + size);
		if (!b)
			return NULL;
		b->next = *at;
		b->size = size;
		from = 0;
		*at = b;
	}
	b->used = from + n;
	return (char *)b->data + from;
}

int graph_intern(struct graph *g, const struct oid *id, size_t *node,
		 struct err *e)
{
	*node = oid_map_get(&g->index, id);
	if (*node != SIZE_MAX)
		return 0;
	if (array_push(&g->v, g->n, &g->cap, SIZE_MAX / 2) ||
	    oid_map_put(&g->index, id, g->n))
		return err_nomem(e);
	memset(&g->v[g->n], 0, sizeof(*g->v));
	g->v[g->n].c.id = *id;
	*node = g->n++;
	return 0;
}

/** Make nodes of the parents. */
static int link_parents(struct graph *g, size_t node,
			const struct commit_links *links, struct err *e)
{
	struct oid id;
	size_t *parents, i;
	int ret = 0;

	if (!links->nparents)
		return 0;
	parents = block_take(&g->links, links->nparents * sizeof(*parents),
			     sizeof(*parents));
	if (!parents)
		return err_nomem(e);
	for (i = 0; !ret && i < links->nparents; i++) {
		commit_links_parent(links, g->algo, i, &id);
		ret = graph_intern(g, &id, &parents[i], e);
	}
	g->v[node].c.parents = parents;
	g->v[node].c.nparents = links->nparents;
	return ret;
}

static void keep_raw(struct graph *g, struct graph_node *node,
		     struct span bytes)
{
	char *copy;

	if (bytes.n > g->keep_max - g->kept)
		return;
	copy = block_take(&g->raw, bytes.n, 1);
	if (!copy)
		return;
	memcpy(copy, bytes.p, bytes.n);
	g->kept += bytes.n;
	node->c.raw = span_of(copy, bytes.n);
}

static int take_commit(struct graph *g, size_t node, bool keep,
		       const struct object *o, struct err *e)
{
	struct span bytes = span_of(o->data, o->size);
	struct commit_links links;
	int ret;

	if (o->type != OBJECT_COMMIT)
		return err_set(e, ERR_MALFORMED, "is a %s, not a commit",
			       object_type_name(o->type));
	if (!commit_parse_links(bytes, g->algo, &links))
		return err_set(e, ERR_MALFORMED, "is malformed");
	ret = link_parents(g, node, &links, e);
	if (ret)
		return ret;
	g->v[node].c.tree = links.tree;
	g->v[node].c.when = links.when;
	g->v[node].read = true;
	g->nread++;
	if (keep)
		keep_raw(g, &g->v[node], bytes);
	return 0;
}

int graph_read(struct graph *g, size_t node, bool keep, struct err *e)
{
	struct oid id = g->v[node].c.id;
	char hex[OID_HEX_SIZE];
	struct object o;
	int ret;

	if (g->v[node].read)
		return 0;
	if (g->max && g->nread >= g->max) {
		g->culprit = id;
		return err_set(e, ERR_LIMIT, "more than %zu commits", g->max);
	}
	ret = object_read(g->repo, &id, WALK_MAX_COMMIT, &o, e);
	if (!ret) {
		ret = take_commit(g, node, keep, &o, e);
		object_release(&o);
	}
	if (ret) {
		g->culprit = id;
		err_wrap(e, "commit %s", oid_to_hex(&id, hex));
	}
	return ret;
}

/** Whether node a comes out of the queue before b. */
static bool before(const struct graph *g, size_t a, size_t b)
{
	int64_t x = g->v[a].c.when, y = g->v[b].c.when;

	return x != y ? x > y : a < b;
}

int graph_push(struct graph *g, size_t node, struct err *e)
{
	size_t at = g->nheap, up;

	if (array_push(&g->heap, g->nheap, &g->heap_cap, SIZE_MAX / 2))
		return err_nomem(e);
	for (g->nheap++; at; at = up) {
		up = (at - 1) / 2;
		if (!before(g, node, g->heap[up]))
			break;
		g->heap[at] = g->heap[up];
	}
	g->heap[at] = node;
	g->v[node].queued = true;
	return 0;
}

size_t graph_peek(const struct graph *g)
{
	return g->nheap ? g->heap[0] : SIZE_MAX;
}

size_t graph_pop(struct graph *g)
{
	size_t top = graph_peek(g), at = 0, down, last;

	if (top == SIZE_MAX)
		return top;
	last = g->heap[--g->nheap];
	while ((down = 2 * at + 1) < g->nheap) {
		if (down + 1 < g->nheap &&
		    before(g, g->heap[down + 1], g->heap[down]))
			down++;
		if (!before(g, g->heap[down], last))
			break;
		g->heap[at] = g->heap[down];
		at = down;
	}
	if (g->nheap)
		g->heap[at] = last;
	g->v[top].queued = false;
	return top;
}

/** @return 1 when `id` was a tag and is now what that names */
static int peel_once(struct graph *g, struct oid *id, enum object_type *type,
		     struct err *e)
{
	struct oid to;
	enum object_type to_type;
	struct object o;
	uint64_t size;
	int ret = object_stat(g->repo, id, type, &size, e);

	if (ret || *type != OBJECT_TAG)
		return ret;
	ret = object_read(g->repo, id, MAX_TAG_BYTES, &o, e);
	if (ret)
		return ret;
	ret = 1;
	if (!tag_parse_target(span_of(o.data, o.size), g->algo, &to, &to_type))
		ret = err_set(e, ERR_MALFORMED, "is a malformed tag");
	object_release(&o);
	if (ret == 1)
		*id = to;
	return ret;
}

int graph_peel(struct graph *g, const struct oid *tip, struct oid *commit,
	       struct err *e)
{
	enum object_type type = OBJECT_NONE;
	struct oid id = *tip;
	char hex[OID_HEX_SIZE];
	unsigned depth;
	int ret = 1;

	memset(commit, 0, sizeof(*commit));
	for (depth = 0; ret == 1 && depth <= MAX_TAG_DEPTH; depth++)
		ret = peel_once(g, &id, &type, e);
	if (ret == 1)
		ret = err_set(e, ERR_LIMIT, "tags are nested too deep");
	if (ret) {
		g->culprit = id;
		err_wrap(e, "%s", oid_to_hex(&id, hex));
		return ret;
	}
	if (type == OBJECT_COMMIT)
		*commit = id;
	return 0;
}
