/* SPDX-License-Identifier: Apache-2.0 */
/* Paths in one tree, and the digest of a difference. */
#include <stdio.h>
#include <string.h>

#include "git/tree_cache.h"
#include "git/tree_diff.h"

struct digest {
	struct sha256 hash, inverse;
	bool both; /* the inverse, too */
	size_t changes;
	enum oid_algo algo;
};

/** One record of the raw format of git-diff-tree(1), with -z. */
static void add_record(struct sha256 *hash, enum oid_algo algo,
		       const struct path_change *c)
{
	struct oid old = c->old_id, new = c->new_id;
	char old_hex[OID_HEX_SIZE], new_hex[OID_HEX_SIZE];
	char head[2 * OID_HEX_SIZE + 32];
	int n;

	old.algo = new.algo = (unsigned char)algo;
	n = snprintf(head, sizeof(head), ":%06o %06o %s %s %c", c->old_mode,
		     c->new_mode, oid_to_hex(&old, old_hex),
		     oid_to_hex(&new, new_hex), c->status);
	sha256_update(hash, head, (size_t)n + 1);
	sha256_update(hash, c->path.p, c->path.n + 1);
}

static struct path_change inverse_of(const struct path_change *c)
{
	struct path_change back = *c;

	back.old_mode = c->new_mode;
	back.new_mode = c->old_mode;
	back.old_id = c->new_id;
	back.new_id = c->old_id;
	if (c->status == 'A')
		back.status = 'D';
	else if (c->status == 'D')
		back.status = 'A';
	return back;
}

static int digest_change(void *ctx, const struct path_change *c)
{
	struct digest *d = ctx;
	struct path_change back;

	add_record(&d->hash, d->algo, c);
	if (d->both) {
		back = inverse_of(c);
		add_record(&d->inverse, d->algo, &back);
	}
	d->changes++;
	return 0;
}

static int digest_trees(struct digest *digest, struct tree_cache *cache,
			const struct object_limits *limits,
			const struct oid *base_tree, const struct oid *tip_tree,
			struct object_fault *fault, struct err *e)
{
	struct tree_diff d = {.cache = cache,
			      .limits = limits,
			      .fn = digest_change,
			      .ctx = digest,
			      .fault = fault};

	digest->algo = tree_cache_algo(cache);
	sha256_init(&digest->hash);
	if (digest->both)
		sha256_init(&digest->inverse);
	return tree_diff(&d, base_tree, 1, tip_tree, e);
}

int tree_diff_digest(struct tree_cache *cache,
		     const struct object_limits *limits,
		     const struct oid *base_tree, const struct oid *tip_tree,
		     unsigned char out[SHA256_SIZE], size_t *changes,
		     struct object_fault *fault, struct err *e)
{
	struct digest digest = {.both = false};
	int ret;

	*changes = 0;
	ret = digest_trees(&digest, cache, limits, base_tree, tip_tree, fault,
			   e);
	if (ret)
		return ret;
	sha256_final(&digest.hash, out);
	*changes = digest.changes;
	return 0;
}

int tree_diff_digests(struct tree_cache *cache,
		      const struct object_limits *limits,
		      const struct oid *base_tree, const struct oid *tip_tree,
		      struct tree_digests *out, struct object_fault *fault,
		      struct err *e)
{
	struct digest digest = {.both = true};
	int ret;

	out->changes = 0;
	ret = digest_trees(&digest, cache, limits, base_tree, tip_tree, fault,
			   e);
	if (ret)
		return ret;
	sha256_final(&digest.hash, out->forth);
	sha256_final(&digest.inverse, out->back);
	out->changes = digest.changes;
	return 0;
}

/** Find `name` in one tree's bytes. @return 1, 0, ERR_MALFORMED */
static int find_name(enum oid_algo algo, struct span bytes, struct span name,
		     struct raw_entry *out, struct err *e)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n;
	size_t raw_size = oid_raw_size(algo);

	for (; p < end; p = out->end) {
		if (!raw_entry_read(out, p, end, raw_size))
			return err_set(
				e, ERR_MALFORMED,
				"a tree with a truncated entry or file mode");
		if (span_equal(out->name, name))
			return 1;
	}
	return 0;
}

static int not_there(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "no such path in the tree");
}

int tree_lookup(struct tree_cache *cache, const struct oid *tree,
		struct span path, unsigned *mode, struct oid *id, struct err *e)
{
	enum oid_algo algo = tree_cache_algo(cache);
	struct cursor at = cursor_of(path.p, path.n);
	struct tree_node *node;
	struct raw_entry entry;
	struct span bytes, name;
	int found;

	*mode = MODE_TREE;
	*id = *tree;
	while (cursor_left(&at)) {
		if (!cursor_until(&at, '/', &name))
			cursor_take(&at, cursor_left(&at), &name);
		if (!name.n)
			continue;
		if (*mode != MODE_TREE)
			return not_there(e);
		found = tree_cache_hold(cache, id, &node, &bytes, e);
		if (found)
			return found;
		found = find_name(algo, bytes, name, &entry, e);
		if (found == 1) {
			*mode = entry.mode;
			oid_from_raw(id, algo, entry.raw_id);
		}
		tree_cache_drop(cache, node);
		if (found <= 0)
			return found ? found : not_there(e);
	}
	return 0;
}

int tree_list(struct tree_cache *cache, const struct oid *tree,
	      struct span path, tree_list_fn *fn, void *ctx, struct err *e)
{
	size_t raw_size = oid_raw_size(tree_cache_algo(cache));
	struct tree_node *node;
	struct raw_entry at;
	struct tree_entry entry;
	struct span bytes;
	struct oid id;
	const char *p, *end;
	unsigned mode;
	int ret = tree_lookup(cache, tree, path, &mode, &id, e);

	if (ret)
		return ret;
	if (mode != MODE_TREE)
		return not_there(e);
	ret = tree_cache_hold(cache, &id, &node, &bytes, e);
	if (ret)
		return ret;
	end = bytes.p + bytes.n;
	for (p = bytes.p; !ret && p < end; p = at.end) {
		if (!raw_entry_read(&at, p, end, raw_size)) {
			ret = err_set(
				e, ERR_MALFORMED,
				"a tree with a truncated entry or file mode");
			break;
		}
		entry = (struct tree_entry){at.mode, at.name, at.raw_id};
		ret = fn(ctx, &entry);
	}
	tree_cache_drop(cache, node);
	return ret;
}
