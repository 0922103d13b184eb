/* SPDX-License-Identifier: Apache-2.0 */
/* The merges that join what is imported to the ref. */
#include "gate/imports.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "gate/facts_trees.h"
#include "git/walk.h"

enum { JOINS_MAX = 1000 };

/* One merge: of what, and what lies in between. */
struct join {
	struct imports *all;
	struct imported *v;
	const struct walk_commit *merge, *before, *tip;
	struct oid base; /* the tree that both had; null: none */
	bool based;	 /* it is known whether there is one, and which */
	struct err *e;
};

static int find_base(struct join *k)
{
	struct judging *j = k->all->j;
	struct oid base;
	size_t n = 0;
	int rc;

	k->base = (struct oid){.algo = (unsigned char)j->algo};
	/* behind what is hidden, there is nothing that was not */
	k->based =
		k->v->alone && (k->before->hidden & k->v->sets) == k->v->sets;
	if (k->based)
		return 0;
	rc = walk_merge_bases(j->repo, &k->before->id, &k->tip->id, &base, 1,
			      &n, k->e);
	if (!rc && n == 1)
		rc = facts_commit_tree(j, &base, &k->base, k->e);
	k->based = !rc && n <= 1;
	return judging_pass_over(rc, k->e);
}

static int digest(struct join *k, const struct oid *from, const struct oid *to,
		  unsigned char out[SHA256_SIZE], size_t *n)
{
	struct judging *j = k->all->j;
	struct object_fault fault = {0};

	return tree_diff_digest(j->trees, &j->in->policy->limits, from, to, out,
				n, &fault, k->e);
}

/* The ref becomes other by just what the foreign side is other. */
static int is_plain(struct join *k, bool *yes, size_t *files)
{
	unsigned char ours[SHA256_SIZE], theirs[SHA256_SIZE];
	size_t n = 0;
	int rc = digest(k, &k->before->tree, &k->merge->tree, ours, &n);

	if (!rc)
		rc = digest(k, &k->base, &k->tip->tree, theirs, files);
	*yes = !rc && n && n == *files && !memcmp(ours, theirs, SHA256_SIZE);
	return rc;
}

struct outside {
	struct span prefix;
	bool any;
};

static int see_path(void *ctx, const struct path_change *change)
{
	struct outside *o = ctx;

	(void)change;
	o->any = true;
	return 1;
}

/* What lies in the directory is compared as a whole. */
static bool enter_other(void *ctx, struct span directory)
{
	const struct outside *o = ctx;

	return !span_equal(directory, o->prefix);
}

static int changes_outside(struct join *k, bool *yes)
{
	struct judging *j = k->all->j;
	struct object_fault fault = {0};
	struct outside o = {.prefix = k->v->import.prefix};
	const struct tree_diff d = {
		.cache = j->trees,
		.limits = &j->in->policy->limits,
		.fn = see_path,
		.enter = enter_other,
		.ctx = &o,
		.fault = &fault,
	};
	int rc = tree_diff(&d, &k->before->tree, 1, &k->merge->tree, k->e);

	*yes = o.any;
	return rc > 0 ? 0 : rc;
}

/* Whether the directory is a tree in that tree: `id` null when it is not
 * there. A file in its place is another thing than either. */
static int look_up(struct join *k, const struct oid *tree, struct oid *id,
		   bool *fits)
{
	unsigned mode = 0;
	int rc = tree_lookup(k->all->j->trees, tree, k->v->import.prefix, &mode,
			     id, k->e);

	*fits = true;
	if (rc == ERR_NOT_FOUND) {
		err_clear(k->e);
		memset(id, 0, sizeof(*id));
		id->algo = (unsigned char)k->all->j->algo;
		return 0;
	}
	*fits = !rc && mode == MODE_TREE;
	return rc;
}

/* The directory becomes what is imported, and was nothing or what was
 * imported before: what was changed there by hand is not thrown away. */
static int is_below(struct join *k, bool *yes, size_t *files)
{
	struct oid empty = {.algo = (unsigned char)k->all->j->algo};
	unsigned char ignored[SHA256_SIZE];
	bool was_fits = false, is_fits = false, outside = true;
	struct oid was, is;
	int rc = look_up(k, &k->before->tree, &was, &was_fits);

	*yes = false;
	if (!rc)
		rc = look_up(k, &k->merge->tree, &is, &is_fits);
	if (rc || !was_fits || !is_fits || !oid_equal(&is, &k->tip->tree))
		return rc;
	if (!oid_is_null(&was) && !oid_equal(&was, &k->base))
		return 0;
	rc = changes_outside(k, &outside);
	/* they are counted, and each of its trees is read */
	if (!rc && !outside)
		rc = digest(k, &empty, &k->tip->tree, ignored, files);
	*yes = !rc && !outside;
	return rc;
}

static int add_join(struct imports *all, size_t at, const struct imported *v,
		    struct err *e)
{
	if (array_push(&all->joins, all->njoins, &all->joins_cap, JOINS_MAX))
		return all->njoins == JOINS_MAX ? 0 : err_nomem(e);
	all->joins[all->njoins++] = (struct import_join){at, v->sets};
	return 0;
}

static int try_merge(struct imports *all, struct imported *v, size_t at,
		     size_t other, struct err *e)
{
	const struct walk *w = all->walk->walk;
	struct join k = {
		.all = all,
		.v = v,
		.merge = walk_at(w, at),
		.tip = walk_at(w, v->tip),
		.e = e,
	};
	bool yes = false;
	size_t files = 0;
	int rc;

	k.before = walk_at(w, other);
	rc = find_base(&k);
	if (!rc && k.based)
		rc = v->import.prefix.n ? is_below(&k, &yes, &files)
					: is_plain(&k, &yes, &files);
	rc = judging_pass_over(rc, e);
	if (rc)
		return rc;
	if (yes) {
		v->files = files;
		return add_join(all, at, v, e);
	}
	import_say(
		&v->more, "merge",
		"the merge is more, or less, than the import of %.10s%s%.*s: "
		"it is judged like any change",
		v->import.tip_hex.p, v->import.prefix.n ? " into " : "",
		v->import.prefix.n < 100 ? (int)v->import.prefix.n : 100,
		v->import.prefix.n ? v->import.prefix.p : "");
	return 0;
}

/* A commit right behind which the imported one stands. */
static int try_child(struct imports *all, struct imported *v, size_t at,
		     struct err *e)
{
	const struct walk_commit *c = walk_at(all->walk->walk, at);
	char hex[OID_HEX_SIZE];
	size_t side = c->parents[0] == v->tip;

	if (c->nparents == 2 && c->parents[side] != SIZE_MAX &&
	    c->parents[side] != v->tip)
		return try_merge(all, v, at, c->parents[side], e);
	import_say(&v->more, "more",
		   "%.10s goes on beyond the import of %.10s: it is judged "
		   "like any change",
		   oid_to_hex(&c->id, hex), v->import.tip_hex.p);
	return 0;
}

static int find_children(struct imports *all, struct imported *v, struct err *e)
{
	const struct walk *w = all->walk->walk;
	size_t i, k;
	int rc = 0;

	for (i = 0; !rc && i < walk_count(w); i++) {
		const struct walk_commit *c = walk_at(w, i);
		bool child = false;

		if (!c->reachable || (c->hidden & v->sets) == v->sets)
			continue;
		for (k = 0; k < c->nparents; k++)
			child |= c->parents[k] == v->tip;
		if (child)
			rc = try_child(all, v, i, e);
	}
	return rc;
}

int imports_find_joins(struct imports *all, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < all->n; i++)
		if (all->v[i].sets && all->v[i].commits)
			rc = find_children(all, &all->v[i], e);
	return rc;
}
