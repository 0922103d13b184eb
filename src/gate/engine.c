/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/engine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "gate/bots.h"
#include "gate/certificate.h"
#include "gate/follow_up.h"
#include "gate/guard.h"
#include "gate/judging.h"
#include "gate/look.h"
#include "gate/mirrored.h"
#include "gate/range.h"
#include "gate/signed.h"
#include "gate/tags.h"
#include "git/walk.h"

static void judging_release(struct judging *j)
{
	size_t i;

	for (i = 0; i < j->nrefs; i++) {
		free(j->refs[i].real);
		scope_release(&j->refs[i].scope);
	}
	free(j->refs);
	tree_cache_free(j->trees);
	oid_map_release(&j->told);
	oid_map_release(&j->mirrored);
	signed_objects_free(j->objects);
	certificate_free(j->certificate);
	follow_ups_free(j->follow_ups);
}

bool judging_wants_memory(const struct rule *rule)
{
	const struct check *c = check_of_kind(rule->kind);
	size_t i;

	if (c && c->needs & NEED_MEMORY)
		return true;
	for (i = 0; i < rule->nwhen; i++)
		if (rule->when[i].kind == WHEN_AI_ASSISTED)
			return true;
	return false;
}

/* Whether a rule applies somewhere in this repository. */
static int applies(struct judging *j, size_t rule, bool *yes, struct err *e)
{
	const char **globs = NULL;
	size_t n = 0;
	int rc = scope_rule_refs(j->in->policy, j->in->override,
				 j->in->repository, rule, MODE_WARN, &globs, &n,
				 e);

	free(globs);
	*yes = !rc && n;
	return rc;
}

/* Does some rule that applies in this repository ask who brought a change, or
 * what was said of it? */
static int find_wants(struct judging *j, struct err *e)
{
	const struct policy *p = j->in->policy;
	const struct engine_memory *m = j->in->memory;
	size_t i;
	int rc = 0;

	for (i = 0; i < p->people.n; i++)
		j->has_bots |= p->people.v[i].kind == KIND_BOT;
	for (i = 0; !rc && i < p->nrules; i++) {
		const struct check *c = check_of_kind(p->rules[i].kind);
		bool changes = c && c->needs & NEED_APPROVALS, yes = false;
		bool memory = judging_wants_memory(&p->rules[i]);

		changes |= c && j->has_bots && bots_ask(p, c->kind.name);
		if (changes || memory)
			rc = applies(j, i, &yes, e);
		j->wants_changes |= changes && yes;
		j->wants_memory |= memory && yes;
	}
	j->remembers = j->wants_memory && m && m->has_statements &&
		       m->has_statements(m->ctx, j->in->repository);
	return rc;
}

static int judging_init(struct judging *j, const struct engine_input *in,
			struct repository *repo, struct report *out,
			struct err *e)
{
	memset(j, 0, sizeof(*j));
	j->in = in;
	j->repo = repo;
	j->algo = repository_algo(repo);
	j->report = out;
	j->verifier = (struct verifier){.signers = in->policy->signers,
					.people = &in->policy->people,
					.at = in->now,
					.openpgp = in->openpgp,
					.ctx = in->openpgp_ctx};
	j->pusher = in->pusher;
	j->house = in->policy->mode;
	if (in->override != MODE_UNSET)
		j->house = in->override;
	j->verdict = j->would = VERDICT_PASS;
	j->whole = j->whole_would = VERDICT_PASS;
	j->refs = calloc(in->push->n + 1, sizeof(*j->refs));
	if (!j->refs)
		return err_nomem(e);
	if (tree_cache_new(&j->trees, repo, JUDGING_TREE_CACHE, e))
		return e ? e->code : ERR_MEMORY;
	return find_wants(j, e);
}

/* ---- resolving ---- */

static int resolve_one(struct judging *j, struct judged_ref *r, struct err *e)
{
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	int rc = judging_resolve(j, r->update->name, &real, &r->old, e);

	if (!rc) {
		r->real = buf_detach(&real, NULL);
		if (!r->real)
			rc = err_nomem(e);
	}
	buf_release(&real);
	if (!rc && j->in->trust_old)
		r->old = r->update->old;
	return rc;
}

/* A name that cannot be resolved stands for itself; the fault is told. */
static int unresolved(struct judging *j, size_t at, int rc, struct err *e)
{
	struct judged_ref *r = &j->refs[at];
	struct check_sink sink;
	char was[ERR_MAX_MSG];

	if (rc != ERR_MALFORMED && rc != ERR_LIMIT)
		return rc;
	memcpy(was, e->msg, sizeof(was));
	err_clear(e);
	free(r->real);
	r->real = strdup(r->update->name);
	if (!r->real)
		return err_nomem(e);
	judging_sink_push(j, "push", &sink);
	return judging_find(&sink, "malformed", NULL, NULL, e, "%s", was);
}

static int scope_one(struct judging *j, size_t at, struct err *e)
{
	struct judged_ref *r = &j->refs[at];
	int rc = scope_of_push(&r->scope, j->in->policy, j->in->override,
			       j->in->repository, refs_in_namespace(r->real),
			       j->pusher.principal, e);

	r->mode = r->scope.mode != MODE_UNSET ? r->scope.mode : j->house;
	return rc;
}

static bool stale(const struct judging *j, const struct judged_ref *r)
{
	if (j->in->trust_old || oid_equal(&r->update->old, &r->old))
		return false;
	return !(oid_is_null(&r->update->old) && oid_is_null(&r->old));
}

static int check_old(struct judging *j, size_t at, struct err *e)
{
	struct judged_ref *r = &j->refs[at];
	struct check_sink sink;

	if (!stale(j, r))
		return 0;
	judging_sink_ref(j, at, "push", &sink);
	return judging_find(&sink, "stale-old", NULL,
			    "git fetch, then rebase or merge, then push again",
			    e, "the ref has moved since you fetched it");
}

static int compare_real(const void *a, const void *b)
{
	const struct judged_ref *const *x = a, *const *y = b;

	return strcmp((*x)->real, (*y)->real);
}

/* Two names of a push may be one ref, through a symbolic ref. */
static int check_twice(struct judging *j, struct err *e)
{
	const struct judged_ref **v;
	struct check_sink sink;
	size_t i;
	int rc = 0;

	if (j->nrefs < 2)
		return 0;
	v = calloc(j->nrefs, sizeof(*v));
	if (!v)
		return err_nomem(e);
	for (i = 0; i < j->nrefs; i++)
		v[i] = &j->refs[i];
	qsort(v, j->nrefs, sizeof(*v), compare_real);
	judging_sink_push(j, "push", &sink);
	for (i = 1; !rc && i < j->nrefs; i++)
		if (!strcmp(v[i - 1]->real, v[i]->real))
			rc = judging_find(&sink, "duplicate-ref", NULL,
					  "push each ref once", e,
					  "%s and %s are one ref",
					  v[i - 1]->update->name,
					  v[i]->update->name);
	free(v);
	return rc;
}

static int find_rewind(struct judging *j, struct judged_ref *r, struct err *e)
{
	bool there = false;
	int rc;

	if (oid_is_null(&r->old) || oid_is_null(&r->update->new_) ||
	    r->scope.mode == MODE_UNSET)
		return 0;
	rc = walk_is_ancestor(j->repo, &r->old, &r->update->new_, &there, e);
	if (object_is_amiss(rc)) {
		/* the walk that judges the commits says what is broken */
		err_clear(e);
		rc = 0;
	}
	r->rewind = !there;
	return rc;
}

static int resolve_all(struct judging *j, struct err *e)
{
	const struct push *push = j->in->push;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < push->n; i++) {
		j->refs[i].update = &push->v[i];
		j->refs[i].verdict = j->refs[i].would = VERDICT_PASS;
		j->nrefs++;
		rc = resolve_one(j, &j->refs[i], e);
		if (rc)
			rc = unresolved(j, i, rc, e);
		if (!rc)
			rc = scope_one(j, i, e);
		if (!rc)
			rc = check_old(j, i, e);
		if (!rc)
			rc = find_rewind(j, &j->refs[i], e);
	}
	return rc ? rc : check_twice(j, e);
}

/* A signature may tell who pushes, and so that it is a mirror. */
static int scope_again(struct judging *j, const struct principal *before,
		       struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < j->nrefs && j->pusher.principal != before; i++) {
		scope_release(&j->refs[i].scope);
		rc = scope_one(j, i, e);
	}
	return rc;
}

/* ---- judging ---- */

static int push_faults(struct judging *j, struct err *e)
{
	const struct push *push = j->in->push;
	size_t max = j->in->policy->limits.refs;
	struct check_sink sink;
	int rc = 0;

	if (push->fault != PUSH_OK) {
		judging_sink_push(j, "push", &sink);
		rc = judging_find(&sink,
				  push->fault == PUSH_DUPLICATE_REF
					  ? "duplicate-ref"
					  : "malformed",
				  NULL, NULL, e, "%s", push->text);
	}
	if (!rc && push->n > max) {
		judging_sink_push(j, "object", &sink);
		rc = judging_find(&sink, "too-big", NULL,
				  "push fewer refs at a time", e,
				  "the push updates %zu refs; %zu are allowed",
				  push->n, max);
	}
	return rc;
}

/* A push that is off as a whole is not looked into. */
static bool hopeless(const struct judging *j)
{
	return j->in->push->fault != PUSH_OK ||
	       j->in->push->n > j->in->policy->limits.refs;
}

/* With an approval come the commits that it is for: who pushes it brings
 * them. */
static int judge_guarded(struct judging *j, size_t at, struct err *e)
{
	const struct judged_ref *r = &j->refs[at];

	if (!verdict_accepts((enum verdict)r->verdict) ||
	    oid_is_null(&r->update->new_))
		return 0;
	return look_judge(j, at, e);
}

static int judge_ref(struct judging *j, size_t at, struct err *e)
{
	struct judged_ref *r = &j->refs[at];
	bool guarded = false;
	int rc;

	if (j->in->override == MODE_OFF)
		return 0;
	rc = guard_ref(j, at, &guarded, e);
	if (rc)
		return rc;
	if (guarded)
		return judge_guarded(j, at, e);
	if (r->mode == MODE_OFF)
		return r->scope.mirror ? mirrored_count(j, at, e) : 0;
	if (!oid_is_null(&r->update->new_))
		rc = tags_judge(j, at, e);
	if (rc)
		return rc;
	if (r->scope.nrules)
		return range_judge(j, at, e);
	if (!oid_is_null(&r->update->new_))
		rc = look_judge(j, at, e);
	return rc;
}

/* ---- the verdicts ---- */

static void decide(struct judging *j)
{
	struct report *r = j->report;
	size_t i;

	r->verdict = j->verdict;
	r->would = j->would;
	for (i = 0; i < j->nrefs; i++) {
		struct judged_ref *ref = &j->refs[i];

		if (ref->verdict < j->whole)
			ref->verdict = j->whole;
		if (ref->would < j->whole_would)
			ref->would = j->whole_would;
		r->commits += ref->commits;
		if ((int)ref->mode > r->mode)
			r->mode = (int)ref->mode;
	}
}

static int kind_of(const struct judged_ref *r)
{
	if (oid_is_null(&r->update->new_))
		return REF_DELETE;
	if (oid_is_null(&r->old))
		return REF_CREATE;
	return r->rewind ? REF_REWIND : REF_UPDATE;
}

/* Fill the refs' places that were taken before the findings named them. */
static int tell_ref(struct judging *j, size_t at, struct err *e)
{
	const struct policy *p = j->in->policy;
	struct judged_ref *r = &j->refs[at];
	char old[OID_HEX_SIZE], new_[OID_HEX_SIZE];
	const char **gates = calloc(r->scope.ngates + 1, sizeof(*gates));
	const char **previews =
		calloc(r->scope.npreviews + 1, sizeof(*previews));
	const char *approves[JUDGED_NAMES + 1] = {NULL};
	struct oid null = {.algo = (unsigned char)j->algo};
	struct report_ref out = {
		.name = r->update->name,
		.real = r->real,
		.old = oid_to_hex(oid_is_null(&r->old) ? &null : &r->old, old),
		.new_ = oid_to_hex(&r->update->new_, new_),
		.kind = kind_of(r),
		.mode = (int)r->mode,
		.verdict = r->verdict,
		.would = r->would,
		.commits = r->commits,
		.digest = r->digest[0] ? r->digest : NULL,
		.gates = gates,
		.previews = previews,
		.approves = approves,
		.mirror = r->scope.mirror ? r->scope.mirror->name : NULL,
	};
	size_t i, n = 0;
	int rc;

	for (i = 0; i < JUDGED_NAMES; i++)
		if (r->approves[i][0])
			approves[n++] = r->approves[i];
	for (i = 0; gates && i < r->scope.ngates; i++)
		gates[i] = p->gates[r->scope.gates[i]].name;
	for (i = 0; previews && i < r->scope.npreviews; i++)
		previews[i] = p->gates[r->scope.previews[i]].name;
	rc = gates && previews ? report_add_ref(j->report, &out, e)
			       : err_nomem(e);
	free(gates);
	free(previews);
	return rc;
}

int engine_judge(const struct engine_input *in, struct repository *repo,
		 struct report *out, struct err *e)
{
	struct judging j;
	size_t i;
	int rc;

	report_init(out);
	rc = judging_init(&j, in, repo, out, e);
	if (!rc)
		rc = resolve_all(&j, e);
	if (!rc)
		rc = push_faults(&j, e);
	if (!rc && !hopeless(&j))
		rc = certificate_pusher(&j, e);
	if (!rc && !hopeless(&j))
		rc = scope_again(&j, in->pusher.principal, e);
	if (!rc)
		rc = follow_ups_load(&j, &j.follow_ups, e);
	for (i = 0; !rc && i < j.nrefs && !hopeless(&j); i++)
		rc = judge_ref(&j, i, e);
	if (!rc)
		decide(&j);
	for (i = 0; !rc && i < j.nrefs; i++)
		rc = tell_ref(&j, i, e);
	judging_release(&j);
	return rc;
}
