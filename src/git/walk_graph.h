/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_WALK_GRAPH_H
#define GATEPOST_GIT_WALK_GRAPH_H

/**
 * Commits read so far, and those of them that are still to be looked at,
 * newest first. Private to this room: walk.c and walk_bases.c paint it.
 */

#include "git/object_parse.h"
#include "git/walk.h"

/**
 * A commit is a node as soon as its id is known. Its place in graph.v is its
 * number; pointers to nodes do not outlive a call that may add some.
 */
struct graph_node {
	struct walk_commit c; /* c.parents: numbers of nodes */
	uint32_t paint;	      /* the painter's own */
	bool read, queued, expanded;
};

struct graph {
	struct repository *repo;
	enum oid_algo algo;
	struct graph_node *v;
	size_t n, cap;
	size_t nread, max; /* commits read; the most to read, 0: no limit */
	struct oid_map index;
	size_t *heap; /* node numbers; the newest first */
	size_t nheap, heap_cap;
	struct graph_block *links; /* parent numbers */
	struct graph_block *raw;   /* kept bytes */
	size_t kept, keep_max;	   /* bytes */
	struct oid culprit;
};

void graph_init(struct graph *g, struct repository *repo);
void graph_release(struct graph *g);

/** The number of the node of an id; it is made if there is none. */
int graph_intern(struct graph *g, const struct oid *id, size_t *node,
		 struct err *e);

/**
 * Read a commit (once): its time, tree, and parents, which become nodes.
 * @param keep  whether its bytes are worth keeping
 * @return 0; ERR_NOT_FOUND, ERR_MALFORMED (also: no commit), ERR_LIMIT;
 *         g->culprit is then set and `e` names the commit
 */
int graph_read(struct graph *g, size_t node, bool keep, struct err *e);

/** Queue a node that was read and is not in the queue. */
int graph_push(struct graph *g, size_t node, struct err *e);
/** The newest of the queue, or SIZE_MAX. */
size_t graph_pop(struct graph *g);
size_t graph_peek(const struct graph *g);

/** As walk_start has it: peel tags. @return ERR_NOT_FOUND for what is not
 * there; *commit is null for what is no commit in the end */
int graph_peel(struct graph *g, const struct oid *tip, struct oid *commit,
	       struct err *e);

#endif
