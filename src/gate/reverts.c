/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reverts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gate/facts.h"
#include "gate/facts_trees.h"

enum { MAX_AHEAD_MS = 3600 * 1000 /* of another process's clock */ };

/* ---- what the gates say ---- */

static bool may_excuse(const struct judging *j, size_t ref)
{
	const struct scope *s = &j->refs[ref].scope;
	size_t i;

	for (i = 0; i < s->nrules; i++) {
		const struct check *c = check_of_kind(
			j->in->policy->rules[s->rules[i].rule].kind);

		if (c && c->excuses_reverts)
			return true;
	}
	return false;
}

void reverts_init(struct reverts *r, struct judging *j, size_t ref)
{
	const struct policy *p = j->in->policy;
	const struct scope *s = &j->refs[ref].scope;
	size_t i;

	*r = (struct reverts){.j = j, .ref = ref};
	r->review = p->revert_review;
	r->window = INT64_MAX;
	for (i = 0; i < s->ngates; i++) {
		const struct gate *g = &p->gates[s->gates[i]];
		int64_t window = g->revert_window.given
					 ? g->revert_window.seconds
					 : p->revert_window.seconds;

		if (window < r->window)
			r->window = window;
		if (g->revert_review && g->revert_review < r->review)
			r->review = g->revert_review;
	}
	if (!s->ngates || !may_excuse(j, ref))
		r->window = 0;
	r->lands = r->window > 0 && !j->in->follow_up;
}

void reverts_release(struct reverts *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->v[i].elsewhere);
	free(r->v);
	r->v = NULL;
	r->n = 0;
}

/* ---- differences ---- */

int reverts_parent(struct judging *j, const struct oid *id, struct oid *parent,
		   struct err *e)
{
	struct facts_step step;
	int rc = facts_commit_step(j, id, &step, e);

	if (rc)
		return rc;
	if (!step.nparents)
		return err_set(e, ERR_MALFORMED, "no commit with a parent");
	*parent = step.parent;
	return 0;
}

int reverts_digests_of(struct judging *j, const struct oid *id,
		       struct tree_digests *out, struct err *e)
{
	struct object_fault fault = {0};
	struct oid parent, from, to;
	int rc = reverts_parent(j, id, &parent, e);

	out->changes = 0;
	if (!rc)
		rc = facts_commit_tree(j, &parent, &from, e);
	if (!rc)
		rc = facts_commit_tree(j, id, &to, e);
	return rc ? rc
		  : tree_diff_digests(j->trees, &j->in->policy->limits, &from,
				      &to, out, &fault, e);
}

static int read_from(struct reverts *r, const struct walk_commit *c,
		     struct oid *from, struct err *e)
{
	struct oid parent;
	int rc;

	if (c->parents[0] != SIZE_MAX) {
		*from = walk_at(r->walk, c->parents[0])->tree;
		return 0;
	}
	rc = reverts_parent(r->j, &c->id, &parent, e);
	return rc ? rc : facts_commit_tree(r->j, &parent, from, e);
}

static int read_digests(struct reverts *r, size_t at, struct err *e)
{
	const struct walk_commit *c = walk_at(r->walk, at);
	struct revert *v = &r->v[at];
	struct object_fault fault = {0};
	int rc;

	if (!c->nparents)
		return 0;
	rc = read_from(r, c, &v->from, e);
	if (!rc)
		rc = tree_diff_digests(r->j->trees, &r->j->in->policy->limits,
				       &v->from, &c->tree, &v->digests, &fault,
				       e);
	v->has_digests = !rc && v->digests.changes;
	return judging_pass_over(rc, e);
}

/* ---- what landed ---- */

/* The landings of one change on this ref. */
struct landed {
	const struct reverts *r;
	struct revert *to; /* NULL: only the first time is of interest */
	int64_t first;	   /* that was no taking back; INT64_MAX: never */
	bool again;	   /* but for takings back */
	bool nomem;
};

static int see_landing(void *ctx, const struct engine_landing *a)
{
	struct landed *l = ctx;
	const struct judging *j = l->r->j;
	struct revert *to = l->to;

	if (strcmp(a->ref, j->refs[l->r->ref].real) != 0) {
		if (to && !to->elsewhere)
			l->nomem |= !(to->elsewhere = strdup(a->ref));
		return l->nomem;
	}
	if (a->back) {
		l->again = true;
		return 0;
	}
	if (a->when < l->first)
		l->first = a->when;
	if (!to || !a->commit ||
	    !oid_from_hex(&to->undoes, j->algo, span_str(a->commit)))
		return 0;
	to->old = (struct oid){.algo = (unsigned char)j->algo};
	if (a->old && !oid_from_hex(&to->old, j->algo, span_str(a->old)))
		return 0;
	memcpy(to->record, a->record,
	       strnlen(a->record, sizeof(to->record) - 1) + 1);
	to->when = a->when;
	to->whole = a->whole;
	to->state = REVERT_GOOD;
	return 0;
}

static int look_up(const struct reverts *r,
		   const unsigned char digest[SHA256_SIZE], struct landed *l,
		   struct err *e)
{
	const struct engine_memory *m = r->j->in->memory;
	int rc = m->landings(m->ctx, r->j->in->repository, digest, see_landing,
			     l, e);

	return l->nomem ? err_nomem(e) : rc;
}

static bool in_time(const struct reverts *r, int64_t when)
{
	int64_t age = r->j->in->now - when;

	return age <= r->window * 1000 && age >= -MAX_AHEAD_MS;
}

/* The change must have come to this ref before anything took it back: else
 * this brings it again. */
static int find_landing(struct reverts *r, size_t at, struct err *e)
{
	const struct walk_commit *c = walk_at(r->walk, at);
	struct revert *v = &r->v[at];
	struct landed back = {.r = r, .to = v, .first = INT64_MAX};
	struct landed forth = {.r = r, .first = INT64_MAX};
	bool there = false;
	int rc = look_up(r, v->digests.back, &back, e);

	if (!rc && v->state == REVERT_GOOD)
		rc = look_up(r, v->digests.forth, &forth, e);
	if (rc)
		return rc;
	if (v->state == REVERT_GOOD && forth.first < back.first) {
		v->state = REVERT_AGAIN;
	} else if (v->state == REVERT_GOOD) {
		r->any = v->back = true;
		rc = walk_is_ancestor(r->j->repo, &v->undoes, &c->id, &there,
				      e);
		if (rc || !there)
			v->state = REVERT_GONE;
		else if (c->nparents != 1)
			v->state = REVERT_MERGE;
		else if (!in_time(r, v->when))
			v->state = REVERT_LATE;
	} else if (back.again) {
		v->state = REVERT_AGAIN;
	} else if (v->elsewhere) {
		v->state = REVERT_ELSEWHERE;
	}
	return judging_pass_over(rc, e);
}

/* ---- what it leads to ---- */

struct leading {
	struct reverts *r;
	const struct revert *v;
	const struct oid *last, *old; /* trees; old NULL: nothing */
	struct err *e;
};

/* 1: the tree has this at that path; 0: something else */
static int has_entry(struct leading *l, const struct oid *tree,
		     const struct path_change *c)
{
	unsigned mode = 0;
	struct oid id = {0};
	int rc = tree ? tree_lookup(l->r->j->trees, tree, c->path, &mode, &id,
				    l->e)
		      : ERR_NOT_FOUND;

	if (rc == ERR_NOT_FOUND) {
		err_clear(l->e);
		return !c->new_mode;
	}
	if (rc)
		return rc;
	return mode == c->new_mode && oid_equal(&id, &c->new_id);
}

/* What the last one leaves at a path, the ref must have had before. */
static int see_path(void *ctx, const struct path_change *c)
{
	struct leading *l = ctx;
	int rc;

	if (++l->r->paths > REVERTS_MAX_PATHS)
		return 1;
	rc = has_entry(l, l->last, c);
	if (rc <= 0)
		return rc;
	rc = has_entry(l, l->old, c);
	return rc < 0 ? rc : !rc;
}

static int leads_back(struct reverts *r, size_t at, bool *yes, struct err *e)
{
	const struct revert *v = &r->v[at];
	struct object_fault fault = {0};
	struct oid old;
	struct leading l = {.r = r,
			    .v = v,
			    .last = &walk_at(r->walk, v->end)->tree,
			    .e = e};
	struct tree_diff d = {.cache = r->j->trees,
			      .limits = &r->j->in->policy->limits,
			      .fn = see_path,
			      .ctx = &l,
			      .fault = &fault};
	int rc = 0;

	*yes = false;
	if (!oid_is_null(&v->old)) {
		rc = facts_commit_tree(r->j, &v->old, &old, e);
		l.old = &old;
	}
	if (!rc)
		rc = tree_diff(&d, &v->from, 1, &walk_at(r->walk, at)->tree, e);
	*yes = !rc;
	return rc > 0 ? 0 : judging_pass_over(rc, e);
}

/* ---- one behind the other ---- */

static bool is_good(const struct reverts *r, size_t at)
{
	return at < r->n && r->v[at].state == REVERT_GOOD;
}

/* A commit that has one child, which is such a one, too, goes on with it. */
static int join(struct reverts *r, struct err *e)
{
	size_t *children = calloc(r->n + 1, sizeof(*children)), i, k;

	if (!children)
		return err_nomem(e);
	for (i = 0; i < r->n; i++)
		r->v[i].next = SIZE_MAX;
	for (i = 0; i < r->n; i++) {
		const struct walk_commit *c = walk_at(r->walk, i);

		for (k = 0; r->v[i].judged && k < c->nparents; k++) {
			if (c->parents[k] == SIZE_MAX)
				continue;
			children[c->parents[k]]++;
			if (!k && is_good(r, i))
				r->v[c->parents[k]].next = i;
		}
	}
	for (i = 0; i < r->n; i++)
		if (children[i] != 1)
			r->v[i].next = SIZE_MAX;
	for (i = 0; i < r->n; i++) {
		for (k = i; is_good(r, i) && r->v[k].next != SIZE_MAX;)
			k = r->v[k].next;
		r->v[i].end = k;
	}
	free(children);
	return 0;
}

static int settle(struct reverts *r, struct err *e)
{
	size_t i;
	bool yes;
	int rc = join(r, e);

	for (i = 0; !rc && i < r->n; i++) {
		if (!is_good(r, i))
			continue;
		rc = leads_back(r, i, &yes, e);
		r->v[r->v[i].end].failed |= !yes;
	}
	for (i = 0; i < r->n; i++)
		if (is_good(r, i) && r->v[r->v[i].end].failed)
			r->v[i].state = REVERT_STATE;
	return rc;
}

/* ---- all of them ---- */

static size_t mark_judged(struct reverts *r, uint32_t all)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		const struct walk_commit *c = walk_at(r->walk, i);

		r->v[i].judged = c->reachable && (c->hidden & all) != all;
		n += r->v[i].judged;
	}
	return n;
}

/* Of a push that is judged again, the record says which they were. */
static void take_told(struct reverts *r)
{
	const struct engine_follow_up *f = r->j->in->follow_up;
	char hex[OID_HEX_SIZE];
	size_t i, k;

	for (i = 0; i < r->n; i++)
		for (k = 0; k < f->nreverts && r->v[i].judged; k++)
			if (!strcmp(oid_to_hex(&walk_at(r->walk, i)->id, hex),
				    f->reverts[k]))
				r->v[i].state = REVERT_GOOD;
}

static int look_for(struct reverts *r, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->n; i++) {
		if (!r->v[i].judged)
			continue;
		rc = read_digests(r, i, e);
		if (!rc && r->v[i].has_digests)
			rc = find_landing(r, i, e);
	}
	return rc || !r->any ? rc : settle(r, e);
}

static bool is_few(const struct walk *walk, uint32_t all)
{
	size_t i, n = 0;

	for (i = 0; i < walk_count(walk) && n <= REVERTS_FEW_COMMITS; i++) {
		const struct walk_commit *c = walk_at(walk, i);

		n += c->reachable && (c->hidden & all) != all;
	}
	return n <= REVERTS_FEW_COMMITS;
}

int reverts_find(struct reverts *r, const struct walk *walk, uint32_t all,
		 struct err *e)
{
	const struct engine_input *in = r->j->in;
	size_t n;

	r->walk = walk;
	r->each = r->lands && is_few(walk, all);
	if (in->follow_up ? !in->follow_up->nreverts
			  : !r->window || !in->memory || !in->memory->landings)
		return 0;
	r->v = calloc(walk_count(walk) + 1, sizeof(*r->v));
	if (!r->v)
		return err_nomem(e);
	r->n = walk_count(walk);
	n = mark_judged(r, all);
	if (in->follow_up) {
		take_told(r);
		return 0;
	}
	if (n <= REVERTS_MAX_COMMITS)
		return look_for(r, e);
	reverts_release(r);
	return 0;
}

const struct tree_digests *reverts_digests(const struct reverts *r, size_t at)
{
	return at < r->n && r->v[at].has_digests ? &r->v[at].digests : NULL;
}

bool reverts_is(const struct reverts *r, size_t at)
{
	return is_good(r, at);
}

bool reverts_takes_back(const struct reverts *r, size_t at)
{
	return at < r->n && r->v[at].back;
}

bool reverts_excuses(const struct reverts *r, size_t at,
		     const struct check *check, enum policy_mode mode)
{
	if (!is_good(r, at) || !check->excuses_reverts || mode == MODE_PREVIEW)
		return false;
	return !r->j->in->follow_up || !(check->needs & NEED_APPROVALS);
}

bool reverts_excuses_merge(const struct reverts *r, size_t at,
			   const struct check *check, enum policy_mode mode)
{
	const struct walk_commit *c;
	bool any = false;
	size_t i;

	if (at >= r->n || check->needs & NEED_APPROVALS)
		return false;
	c = walk_at(r->walk, at);
	for (i = 0; i < c->nparents && c->nparents == 2; i++) {
		size_t parent = c->parents[i];

		if (reverts_excuses(r, parent, check, mode))
			any = true;
		else if (parent < r->n && r->v[parent].judged)
			return false;
	}
	return any;
}

void reverts_use(struct reverts *r, size_t at, bool review)
{
	r->v[at].used = true;
	r->v[at].review |= review;
}
