/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TREE_CACHE_H
#define GATEPOST_GIT_TREE_CACHE_H

/** The cache of tree_diff.h as its users inside this room see it. */

#include <stdint.h>
#include <string.h>

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

/** The first byte of eight that is not 0, in the order of memory. */
static inline unsigned first_set_byte(uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(x) / 8;
#else
	return (unsigned)__builtin_clzll(x) / 8;
#endif
}

/** The first NUL, or `end`. Names are short: a call costs more than this. */
static inline const char *tree_find_nul(const char *p, const char *end)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	for (; end - p >= 8; p += 8) {
		uint64_t x;

		memcpy(&x, p, 8);
		x = ~(((x & low) + low) | x | low);
		if (x)
			return p + first_set_byte(x);
	}
	while (p < end && *p)
		p++;
	return p;
}

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
