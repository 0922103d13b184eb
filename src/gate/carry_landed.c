/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/carry_landed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gate/facts_trees.h"
#include "gate/reverts.h"
#include "git/refs.h"
#include "git/walk.h"

struct landed {
	const struct carry *k;
	struct carry_commit *v;
	int64_t when;
	char *ref; /* where it was let in; NULL: nowhere of interest */
	bool nomem;
	enum oid_algo algo;
};

static int see_landing(void *ctx, const struct engine_landing *a)
{
	struct landed *l = ctx;
	struct oid id;
	size_t i;

	if (!a->commit || a->whole ||
	    !oid_from_hex(&id, l->algo, span_str(a->commit)))
		return 0;
	for (i = 0; i < l->v->n && !oid_equal(&id, &l->v->picked[i]); i++)
		;
	if (i == l->v->n)
		return 0;
	if (!carry_is_from(l->k, a->ref)) {
		if (!l->v->elsewhere)
			l->nomem |= !(l->v->elsewhere = strdup(a->ref));
		return l->nomem;
	}
	l->v->good = i;
	l->v->state = CARRY_GOOD;
	l->when = a->when;
	free(l->ref);
	l->nomem |= !(l->ref = strdup(a->ref));
	return l->nomem;
}

static int see_back(void *ctx, const struct engine_landing *a)
{
	const struct landed *l = ctx;

	if (strcmp(a->ref, l->ref) != 0 || a->when < l->when)
		return 0;
	l->v->state = CARRY_BACK;
	return 1;
}

static int ask(const struct judging *j, const unsigned char *digest,
	       engine_landing_fn *fn, struct landed *l, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	int rc = m->landings(m->ctx, j->in->repository, digest, fn, l, e);

	return l->nomem ? err_nomem(e) : rc;
}

struct remains {
	struct judging *j;
	const struct oid *tree; /* of the ref from which it is picked */
	bool any;
	struct err *e;
};

static int see_remains(void *ctx, const struct path_change *c)
{
	struct remains *r = ctx;
	unsigned mode = 0;
	struct oid id = {0};
	int rc = tree_lookup(r->j->trees, r->tree, c->path, &mode, &id, r->e);

	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	err_clear(r->e);
	r->any = rc ? c->old_mode != 0
		    : mode != c->old_mode || !oid_equal(&id, &c->old_id);
	return r->any;
}

/* It may have been taken back together with others, or by hand: where that
 * ref is now as it was before at each of its paths, it was. */
static int look_at_tip(struct judging *j, const struct landed *l,
		       const struct oid *from, const struct oid *to,
		       struct err *e)
{
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	struct object_fault fault = {0};
	struct oid tip = {0}, tree;
	struct remains r = {.j = j, .tree = &tree, .e = e};
	const struct tree_diff d = {.cache = j->trees,
				    .limits = &j->in->policy->limits,
				    .fn = see_remains,
				    .ctx = &r,
				    .fault = &fault};
	int rc = judging_resolve(j, refs_in_namespace(l->ref), &real, &tip, e);

	if (!rc && !oid_is_null(&tip)) {
		rc = facts_commit_tree(j, &tip, &tree, e);
		if (!rc)
			rc = tree_diff(&d, from, 1, to, e);
	}
	if (rc >= 0 && !r.any)
		l->v->state = CARRY_BACK;
	buf_release(&real);
	return rc < 0 ? rc : 0;
}

static int see_gone(struct judging *j, const struct landed *l,
		    const struct oid *id, struct err *e)
{
	struct oid parent, from, to;
	int rc = reverts_parent(j, id, &parent, e);

	if (!rc)
		rc = facts_commit_tree(j, &parent, &from, e);
	if (!rc)
		rc = facts_commit_tree(j, id, &to, e);
	return rc ? rc : look_at_tip(j, l, &from, &to, e);
}

/* What it names, and whether that was let in anywhere for something else. */
static int other_or_unknown(struct carry_commit *v, struct judging *j,
			    const struct tree_digests *d, struct err *e)
{
	struct tree_digests named;
	int rc = 0;
	size_t i;

	v->state = v->elsewhere ? CARRY_ELSEWHERE : CARRY_UNKNOWN;
	for (i = 0; v->state == CARRY_UNKNOWN && i < v->n; i++) {
		rc = reverts_digests_of(j, &v->picked[i], &named, e);
		if (!rc && named.changes &&
		    memcmp(named.forth, d->forth, SHA256_SIZE) != 0)
			v->state = CARRY_OTHER;
		if (object_is_amiss(rc))
			err_clear(e);
		else if (rc)
			return rc;
	}
	return 0;
}

static int judge_commit(struct carry *k, const struct change *c,
			struct judging *j, size_t number, struct err *e)
{
	const struct oid *id = &order_commit(&c->order, number)->id;
	struct carry_commit *v = &k->v[number];
	struct landed l = {.k = k, .v = v, .algo = j->algo};
	struct tree_digests d;
	int rc = reverts_digests_of(j, id, &d, e);

	v->state = CARRY_UNKNOWN;
	if (!rc && d.changes)
		rc = ask(j, d.forth, see_landing, &l, e);
	if (!rc && v->state == CARRY_GOOD)
		rc = ask(j, d.back, see_back, &l, e);
	else if (!rc)
		rc = other_or_unknown(v, j, &d, e);
	if (!rc && v->state == CARRY_GOOD)
		rc = see_gone(j, &l, id, e);
	free(l.ref);
	if (object_is_amiss(rc)) {
		err_clear(e); /* told of where it is judged */
		v->state = CARRY_UNKNOWN;
		rc = 0;
	}
	return rc;
}

/* Who wrote what it names contributed, whoever the pick says has. */
static int add_authors(struct change *c, struct judging *j,
		       const struct oid *id, size_t number, struct err *e)
{
	struct object_fault fault;
	struct object o;
	struct commit commit;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (rc)
		return rc;
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), j->algo,
			 &j->in->policy->limits, &commit, &fault))
		rc = people_add_authors(&c->people, j, &commit, true,
					(uint32_t)number, e);
	object_release(&o);
	return rc;
}

int carry_judge(struct carry *k, struct change *c, struct judging *j,
		struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < k->n; i++) {
		struct carry_commit *v = &k->v[i];

		if (!v->n)
			continue;
		rc = judge_commit(k, c, j, i, e);
		if (!rc && v->state == CARRY_GOOD)
			rc = add_authors(c, j, &v->picked[v->good], i, e);
		if (rc == ERR_NOT_FOUND) {
			err_clear(e);
			v->state = CARRY_UNKNOWN;
			rc = 0;
		}
	}
	return rc;
}
