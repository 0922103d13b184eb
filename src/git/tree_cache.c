/* SPDX-License-Identifier: Apache-2.0 */
#include "git/tree_cache.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 13 };

struct tree_node {
	struct oid id;
	struct object object;
	unsigned holders;
	struct tree_node *chain;	 /* in the bucket */
	struct tree_node *newer, *older; /* by last use */
};

struct tree_cache {
	struct repository *repo;
	enum oid_algo algo;
	size_t bytes, max;
	struct tree_node *buckets[BUCKETS];
	struct tree_node *newest, *oldest;
};

int tree_cache_new(struct tree_cache **out, struct repository *repo,
		   size_t max_bytes, struct err *e)
{
	struct tree_cache *c = calloc(1, sizeof(*c));

	*out = c;
	if (!c)
		return err_nomem(e);
	c->repo = repo;
	c->algo = repository_algo(repo);
	c->max = max_bytes;
	return 0;
}

void tree_cache_free(struct tree_cache *c)
{
	struct tree_node *node, *next;

	if (!c)
		return;
	for (node = c->newest; node; node = next) {
		next = node->older;
		object_release(&node->object);
		free(node);
	}
	free(c);
}

enum oid_algo tree_cache_algo(const struct tree_cache *c)
{
	return c->algo;
}

static struct tree_node **bucket_of(struct tree_cache *c, const struct oid *id)
{
	/* An id is a hash already. A pusher who makes ids collide here
	 * slows his own push. */
	unsigned h = (unsigned)id->id[0] | (unsigned)id->id[1] << 8;

	return &c->buckets[h % BUCKETS];
}

static void unlink_node(struct tree_cache *c, struct tree_node *node)
{
	if (node->newer)
		node->newer->older = node->older;
	else
		c->newest = node->older;
	if (node->older)
		node->older->newer = node->newer;
	else
		c->oldest = node->newer;
}

static void link_newest(struct tree_cache *c, struct tree_node *node)
{
	node->newer = NULL;
	node->older = c->newest;
	if (c->newest)
		c->newest->newer = node;
	else
		c->oldest = node;
	c->newest = node;
}

static size_t cost(const struct tree_node *node)
{
	return node->object.size + sizeof(*node);
}

static void evict(struct tree_cache *c, struct tree_node *node)
{
	struct tree_node **at = bucket_of(c, &node->id);

	while (*at != node)
		at = &(*at)->chain;
	*at = node->chain;
	unlink_node(c, node);
	c->bytes -= cost(node);
	object_release(&node->object);
	free(node);
}

static void shrink(struct tree_cache *c)
{
	struct tree_node *node = c->oldest, *newer;

	for (; node && c->bytes > c->max; node = newer) {
		newer = node->newer;
		if (!node->holders)
			evict(c, node);
	}
}

static int load(struct tree_cache *c, const struct oid *id,
		struct tree_node **out, struct err *e)
{
	struct tree_node *node = calloc(1, sizeof(*node)), **bucket;
	char hex[OID_HEX_SIZE];
	int ret;

	if (!node)
		return err_nomem(e);
	ret = object_read(c->repo, id, TREE_MAX_BYTES, &node->object, e);
	if (!ret && node->object.type != OBJECT_TREE) {
		ret = err_set(e, ERR_MALFORMED, "%s is a %s, not a tree",
			      oid_to_hex(id, hex),
			      object_type_name(node->object.type));
		object_release(&node->object);
	}
	if (ret) {
		free(node);
		return ret;
	}
	node->id = *id;
	bucket = bucket_of(c, id);
	node->chain = *bucket;
	*bucket = node;
	link_newest(c, node);
	c->bytes += cost(node);
	*out = node;
	return 0;
}

int tree_cache_hold(struct tree_cache *c, const struct oid *id,
		    struct tree_node **node, struct span *bytes, struct err *e)
{
	struct tree_node *found;
	int ret;

	*node = NULL;
	*bytes = span_of("", 0);
	if (oid_is_null(id))
		return 0;
	for (found = *bucket_of(c, id); found; found = found->chain)
		if (oid_equal(&found->id, id))
			break;
	if (!found) {
		ret = load(c, id, &found, e);
		if (ret)
			return ret;
	} else if (found != c->newest) {
		unlink_node(c, found);
		link_newest(c, found);
	}
	found->holders++;
	shrink(c);
	*node = found;
	*bytes = span_of(found->object.data, found->object.size);
	return 0;
}

void tree_cache_drop(struct tree_cache *c, struct tree_node *node)
{
	(void)c;
	if (node)
		node->holders--;
}

/** As git's canon_mode: what it takes an unusual mode for. */
static unsigned usual_mode(unsigned mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return mode & 0100 ? MODE_EXEC : MODE_BLOB;
	case 0120000:
		return MODE_LINK;
	case 0040000:
		return MODE_TREE;
	default:
		return MODE_GITLINK;
	}
}

bool raw_entry_read(struct raw_entry *out, const char *p, const char *end,
		    size_t raw_size)
{
	unsigned mode = 0;
	const char *nul;

	out->start = p;
	while (p < end && *p >= '0' && *p <= '7' && mode < 01000000)
		mode = mode << 3 | (unsigned)(*p++ - '0');
	if (p == end || *p != ' ')
		return false;
	p++;
	nul = tree_find_nul(p, end);
	if (nul == end || nul == p || (size_t)(end - nul - 1) < raw_size)
		return false;
	out->mode = usual_mode(mode);
	out->name = span_of(p, (size_t)(nul - p));
	out->raw_id = nul + 1;
	out->end = out->raw_id + raw_size;
	return true;
}
