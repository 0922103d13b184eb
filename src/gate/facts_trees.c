/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts_trees.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/discard.h"
#include "gate/facts_fault.h"

int facts_commit_step(struct judging *j, const struct oid *id,
		      struct facts_step *out, struct err *e)
{
	struct commit_links links;
	struct object o;
	bool ok;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (rc)
		return rc;
	ok = o.type == OBJECT_COMMIT &&
	     commit_parse_links(span_of(o.data, o.size), j->algo, &links);
	if (ok) {
		out->tree = links.tree;
		out->nparents = links.nparents;
		if (links.nparents)
			commit_links_parent(&links, j->algo, 0, &out->parent);
	}
	object_release(&o);
	return ok ? 0 : err_set(e, ERR_MALFORMED, "not a commit");
}

int facts_commit_tree(struct judging *j, const struct oid *id, struct oid *tree,
		      struct err *e)
{
	struct facts_step step;
	int rc = facts_commit_step(j, id, &step, e);

	if (!rc)
		*tree = step.tree;
	return rc;
}

/* The tree of a commit; the walk has read most parents already. */
static int tree_of(struct facts *f, struct judging *j, size_t parent,
		   struct oid *tree, struct err *e)
{
	size_t known = f->walk ? f->at->parents[parent] : SIZE_MAX;
	struct oid id;

	if (known != SIZE_MAX) {
		*tree = walk_at(f->walk, known)->tree;
		return 0;
	}
	commit_parent(&f->commit, parent, &id);
	return facts_commit_tree(j, &id, tree, e);
}

int facts_parent_trees(struct facts *f, struct judging *j, struct err *e)
{
	size_t i;

	if (f->nparents == f->commit.nparents)
		return 0;
	f->nparents = 0;
	for (i = 0; i < f->commit.nparents; i++) {
		int rc = array_push(&f->parents, f->nparents, &f->parents_cap,
				    SIZE_MAX / sizeof(struct oid));

		if (rc)
			return err_nomem(e);
		rc = tree_of(f, j, i, &f->parents[i], e);
		if (rc)
			return rc;
		f->nparents++;
	}
	return 0;
}

static int diff(struct facts *f, struct judging *j, struct check_sink *sink,
		tree_diff_fn *fn, tree_enter_fn *enter, void *ctx,
		struct err *e)
{
	struct object_fault fault = {0};
	struct tree_diff d = {
		.cache = j->trees,
		.limits = &j->in->policy->limits,
		.fn = fn,
		.enter = enter,
		.ctx = ctx,
		.fault = &fault,
	};
	int rc = facts_parent_trees(f, j, e);

	if (!rc)
		rc = tree_diff(&d, f->parents, f->nparents, &f->commit.tree, e);
	return rc < 0 ? facts_fault_diff(f, sink, &fault, rc, e) : rc;
}

struct area_seek {
	struct facts *f;
	struct judging *j;
};

static int mark_areas(void *ctx, const struct path_change *change)
{
	struct area_seek *s = ctx;
	const struct policy *p = s->j->in->policy;
	size_t i;

	s->j->npaths++;
	for (i = 0; i < p->nareas; i++)
		if (!s->f->areas[i])
			s->f->areas[i] =
				area_has_path(&p->areas[i], change->path);
	return s->j->npaths > p->limits.paths;
}

static bool may_matter(void *ctx, struct span directory)
{
	struct area_seek *s = ctx;
	const struct policy *p = s->j->in->policy;
	size_t i;

	for (i = 0; i < p->nareas; i++)
		if (!s->f->areas[i] &&
		    area_may_be_below(&p->areas[i], directory))
			return true;
	return false;
}

static int first_path(void *ctx, const struct path_change *change)
{
	(void)change;
	*(bool *)ctx = false;
	return 1;
}

static int mark_discarded(void *ctx, const struct path_change *change)
{
	struct area_seek *s = ctx;

	s->f->facts.changes_nothing = false;
	return mark_areas(ctx, change);
}

/* What a merge throws away, it changes on the ref that it is pushed to. */
static int discards(struct facts *f, struct judging *j, struct check_sink *sink,
		    struct err *e)
{
	struct area_seek seek = {f, j};
	struct object_fault fault = {0};
	size_t i;
	bool ok;
	int rc;

	if (!f->old_tree)
		return 0;
	rc = discard_find(j, f, mark_discarded, &seek, &ok, &fault, e);
	if (!rc && !ok) {
		f->facts.changes_nothing = false;
		for (i = 0; i < j->in->policy->nareas; i++)
			f->areas[i] = true;
	}
	if (rc > 0)
		return facts_fault_paths(f, j, sink, e);
	return rc ? facts_fault_diff(f, sink, &fault, rc, e) : 0;
}

int facts_nothing(struct facts *f, struct judging *j, struct err *e)
{
	const struct policy *p = j->in->policy;

	f->has_areas = true;
	f->facts.changes_nothing = f->facts.merge;
	if (!f->areas)
		f->areas = calloc(p->nareas + 1, sizeof(*f->areas));
	if (!f->areas)
		return err_nomem(e);
	memset(f->areas, 0, p->nareas * sizeof(*f->areas));
	return 0;
}

int facts_areas(struct facts *f, struct judging *j, struct check_sink *sink,
		struct err *e)
{
	const struct policy *p = j->in->policy;
	struct area_seek seek = {f, j};
	int rc;

	if (f->has_areas)
		return 0;
	rc = facts_nothing(f, j, e);
	if (rc)
		return rc;
	if (f->facts.merge) {
		rc = diff(f, j, sink, first_path, NULL,
			  &f->facts.changes_nothing, e);
		if (rc >= 0)
			rc = discards(f, j, sink, e);
		if (rc < 0 || f->facts.changes_nothing)
			return rc < 0 ? rc : 0;
	}
	if (!p->nareas)
		return 0;
	rc = diff(f, j, sink, mark_areas, may_matter, &seek, e);
	return rc > 0 ? facts_fault_paths(f, j, sink, e) : rc;
}

struct path_count {
	struct judging *j;
	tree_diff_fn *fn;
	void *ctx;
	bool over;
};

static int count_path(void *ctx, const struct path_change *change)
{
	struct path_count *c = ctx;

	if (++c->j->npaths > c->j->in->policy->limits.paths) {
		c->over = true;
		return 1;
	}
	return c->fn(c->ctx, change);
}

int facts_paths(struct facts *f, struct judging *j, struct check_sink *sink,
		tree_diff_fn *fn, void *ctx, struct err *e)
{
	struct path_count count = {j, fn, ctx, false};
	int rc = diff(f, j, sink, count_path, NULL, &count, e);

	return count.over ? facts_fault_paths(f, j, sink, e) : rc;
}
