/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/discard.h"

#include "gate/facts_trees.h"

#include <string.h>

/* One parent of the merge beside another. */
struct pair {
	struct judging *j;
	const struct facts *f;
	tree_diff_fn *fn;
	void *ctx;
	/* the merge's tree, then those of the two parents' merge bases */
	struct oid trees[1 + DISCARD_MAX_BASES];
	size_t ntrees;
	struct err *e;
};

struct place {
	unsigned mode; /* 0: nothing is there */
	struct oid id;
};

static int look_up(struct pair *p, const struct oid *tree, struct span path,
		   struct place *out)
{
	int rc = tree_lookup(p->j->trees, tree, path, &out->mode, &out->id,
			     p->e);

	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(p->e);
	out->mode = 0;
	return 0;
}

static bool same_place(const struct place *a, const struct place *b)
{
	return a->mode == b->mode && (!a->mode || oid_equal(&a->id, &b->id));
}

/* A path that the parent had changed and that is not so in the merge. */
static int tell_discarded(void *ctx, const struct path_change *change)
{
	struct pair *p = ctx;
	struct place merged, before, other = {0};
	bool dropped;
	size_t i;
	int rc = look_up(p, &p->trees[0], change->path, &merged);

	if (!rc)
		rc = look_up(p, p->f->old_tree, change->path, &before);
	if (rc || same_place(&merged, &before))
		return rc;
	/* no merge base: before both there was nothing */
	dropped = p->ntrees == 1 && same_place(&merged, &other);
	for (i = 1; !rc && !dropped && i < p->ntrees; i++) {
		rc = look_up(p, &p->trees[i], change->path, &other);
		dropped = same_place(&merged, &other);
	}
	return !rc && dropped ? p->fn(p->ctx, change) : rc;
}

static int one_side(struct pair *p, size_t parent, struct object_fault *fault)
{
	struct tree_diff d = {
		.cache = p->j->trees,
		.limits = &p->j->in->policy->limits,
		.fn = tell_discarded,
		.ctx = p,
		.fault = fault,
	};

	return tree_diff(&d, p->trees, p->ntrees, &p->f->parents[parent], p->e);
}

static int find_bases(struct pair *p, size_t a, size_t b)
{
	struct oid ids[DISCARD_MAX_BASES], x, y;
	size_t n = 0, i;
	int rc;

	commit_parent(&p->f->commit, a, &x);
	commit_parent(&p->f->commit, b, &y);
	rc = walk_merge_bases(p->j->repo, &x, &y, ids, DISCARD_MAX_BASES, &n,
			      p->e);
	p->ntrees = 1;
	for (i = 0; !rc && i < n && i < DISCARD_MAX_BASES; i++)
		rc = facts_commit_tree(p->j, &ids[i], &p->trees[p->ntrees++],
				       p->e);
	return rc;
}

/* Nothing is missing from a merge that is as this parent. */
static bool whole(const struct facts *f, size_t parent)
{
	return oid_equal(&f->parents[parent], &f->commit.tree);
}

static int both_sides(struct pair *p, size_t a, size_t b,
		      struct object_fault *fault)
{
	const struct facts *f = p->f;
	int rc;

	if (whole(f, a) && whole(f, b))
		return 0;
	rc = find_bases(p, a, b);
	if (!rc && !whole(f, a))
		rc = one_side(p, a, fault);
	if (!rc && !whole(f, b))
		rc = one_side(p, b, fault);
	return rc;
}

int discard_find(struct judging *j, const struct facts *f, tree_diff_fn *fn,
		 void *ctx, bool *ok, struct object_fault *fault, struct err *e)
{
	struct pair p = {.j = j, .f = f, .fn = fn, .ctx = ctx, .e = e};
	size_t a, b, n = 0;
	int rc = 0;

	*ok = true;
	if (oid_equal(&f->commit.tree, f->old_tree))
		return 0;
	for (a = 0; a < f->nparents; a++)
		n += !whole(f, a);
	*ok = n <= DISCARD_MAX_PARENTS;
	p.trees[0] = f->commit.tree;
	for (a = 0; *ok && !rc && a < f->nparents; a++)
		for (b = 0; !rc && b < a; b++)
			rc = both_sides(&p, a, b, fault);
	return rc;
}
