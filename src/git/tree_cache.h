/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TREE_CACHE_H
#define GATEPOST_GIT_TREE_CACHE_H

/** The cache of tree_diff.h as its users inside this room see it. */

#include "base/cursor.h"
#include "git/tree_diff.h"

struct tree_node;

/**
 * The bytes of a tree. They stay until tree_cache_drop; the null id is the
 * empty tree.
 * @param node  what to drop; NULL for the empty tree
 * @return 0; ERR_MALFORMED when it is no tree; as object_read
 */
int tree_cache_hold(struct tree_cache *c, const struct oid *id,
		    struct tree_node **node, struct span *bytes, struct err *e);
void tree_cache_drop(struct tree_cache *c, struct tree_node *node);

enum oid_algo tree_cache_algo(const struct tree_cache *c);

/**
 * One entry as it stands, by the form of a tree alone: trees that were
 * accepted long ago may hold what is refused today. The mode is made the one
 * that git takes it for.
 */
struct raw_entry {
	const char *start; /* of the whole entry */
	struct span name;
	const char *raw_id;
	unsigned mode;
	const char *end;
};
/** @return false when there is no well-formed entry at `p` */
bool raw_entry_read(struct raw_entry *out, const char *p, const char *end,
		    size_t raw_size);

#endif
