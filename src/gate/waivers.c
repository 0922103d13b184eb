/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/waivers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/glob.h"
#include "base/time.h"
#include "gate/facts_trees.h"
#include "git/refs.h"
#include "git/walk.h"

/* ---- whether one holds ---- */

static void __attribute__((format(printf, 3, 4)))
say(struct waiver_fault *out, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out->text, sizeof(out->text), fmt, ap);
	va_end(ap);
	out->code = code;
}

static const struct rule *rule_named(const struct judging *j, struct span name)
{
	const struct policy *p = j->in->policy;
	size_t i;

	for (i = 0; i < p->nrules; i++)
		if (span_is(name, p->rules[i].name))
			return &p->rules[i];
	return NULL;
}

static bool has_role(const struct judging *j, const struct principal *who,
		     const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->waiver.n; i++)
		if (principal_has_role(who, rule->waiver.v[i], j->in->now))
			return true;
	return false;
}

static void judge_until(const struct judging *j, const struct waiver *w,
			struct waiver_fault *out)
{
	int64_t longest = j->in->now + j->in->policy->waiver_max * 1000;
	char until[TIME_RFC3339_SIZE], last[TIME_RFC3339_SIZE];

	time_format(w->until, until);
	time_format(longest, last);
	if (w->until < j->in->now)
		say(out, "expired", "an exception from %.*s expired on %.10s",
		    (int)w->rule.n, w->rule.p, until);
	else if (w->until > longest)
		say(out, "too-long",
		    "an exception from %.*s until %.10s is too long: %.10s is "
		    "the last day",
		    (int)w->rule.n, w->rule.p, until, last);
}

static void judge_signer(const struct judging *j, const struct waiver *w,
			 const struct rule *rule, struct waiver_fault *out)
{
	const struct principal *who = w->said.sig.principal;

	if (!principal_is_human(who, j->in->now))
		say(out, "not-human", "no bot and no agent signs an exception");
	else if (!has_role(j, who, rule))
		say(out, "role",
		    "who signed an exception from %s has no role that may: "
		    "%s%s",
		    rule->name, rule->waiver.v[0],
		    rule->waiver.n > 1 ? " or another" : "");
}

void waiver_judge(const struct judging *j, const struct waiver *w,
		  struct span name, struct waiver_fault *out)
{
	const struct rule *rule = rule_named(j, name);

	out->code = NULL;
	if (w->said.fault != APPROVAL_OK)
		say(out, judging_tag_code(w->said.fault), "%s", w->said.why);
	else if (!span_equal(w->rule, name))
		say(out, "malformed",
		    "it is for another rule than its ref's name says");
	else if (!rule)
		say(out, "rule", "the policy has no such rule");
	else if (!rule->waiver.n || (rule->kind && rule->kind->always))
		say(out, "rule", "the rule %s allows no exception", rule->name);
	else if (!statement_is_for(j->in->repository, w->repository))
		say(out, "repository",
		    "an exception from %s is for another repository",
		    rule->name);
	else
		judge_until(j, w, out);
	/* signatures of what has expired are not looked at */
	if (!out->code && rule)
		judge_signer(j, w, rule, out);
}

/* ---- finding them ---- */

struct loading {
	struct waivers *to;
	struct span rule;
	struct err *e;
};

static bool matches_ref(const struct waivers *all, const struct waiver *w)
{
	const char *real = refs_in_namespace(all->j->refs[all->ref].real);
	char glob[STATEMENT_MAX_VALUE + 1];
	size_t i;

	for (i = 0; i < w->nrefs; i++) {
		memcpy(glob, w->refs[i].p, w->refs[i].n);
		glob[w->refs[i].n] = '\0';
		if (text_glob(glob, real))
			return true;
	}
	return !w->nrefs;
}

static bool is_late(const struct waivers *all, const struct waiver *w)
{
	return w->said.fault == APPROVAL_OK && w->until < all->j->in->now;
}

/* Takes over what `w` owns when it is kept. */
static int keep(struct waivers *all, const struct waiver *w, const char *at,
		struct err *e)
{
	if (array_push(&all->v, all->n, &all->v_cap, WAIVERS_MAX) ||
	    array_push(&all->at, all->n, &all->at_cap, WAIVERS_MAX) ||
	    array_push(&all->commits, all->n, &all->commits_cap, WAIVERS_MAX))
		return err_nomem(e);
	all->at[all->n] = strdup(at);
	if (!all->at[all->n])
		return err_nomem(e);
	all->commits[all->n] = 0;
	all->v[all->n++] = *w;
	return 0;
}

static int load_one(struct loading *l, const char *name, const struct oid *id)
{
	struct waivers *all = l->to;
	struct waiver_fault fault = {0};
	struct waiver w;
	int rc;

	waiver_init(&w);
	rc = statements_read(all->j, id, &w.said, l->e);
	waiver_take(&w);
	if (!rc && !is_late(all, &w))
		rc = statement_verify(&w.said, &all->j->verifier, l->e);
	if (!rc && !matches_ref(all, &w))
		goto out;
	waiver_judge(all->j, &w, l->rule, &fault);
	if (!rc && !fault.code) {
		rc = keep(all, &w, name, l->e);
		if (!rc)
			return 0;
	}
	if (fault.code && all->nfaults < WAIVERS_TOLD)
		all->faults[all->nfaults++] = fault;
out:
	waiver_release(&w);
	return rc;
}

static int found(void *ctx, const char *name, const struct oid *id)
{
	struct loading *l = ctx;

	return l->to->seen++ == WAIVERS_MAX ? 1 : load_one(l, name, id);
}

/* Those that come with this very push. */
static int load_pushed(struct loading *l, const char *prefix)
{
	const struct judging *j = l->to->j;
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < j->nrefs; i++) {
		const struct judged_ref *r = &j->refs[i];

		if (span_starts(span_str(refs_in_namespace(r->real)), prefix) &&
		    oid_is_null(&r->old) && !oid_is_null(&r->update->new_))
			rc = found(l, r->real, &r->update->new_);
	}
	return rc;
}

int waivers_load(struct waivers *w, struct judging *j, size_t ref, size_t rule,
		 struct err *e)
{
	const struct rule *r = &j->in->policy->rules[rule];
	struct loading l = {w, span_str(r->name), e};
	struct buf prefix = BUF_INIT(REFS_MAX_NAME);
	int rc = 0;

	memset(w, 0, sizeof(*w));
	w->j = j;
	w->ref = ref;
	w->rule = rule;
	if (!r->waiver.n)
		return 0;
	buf_addf(&prefix, WAIVERS_PREFIX "%s/", r->name);
	rc = judging_refs_each(j, prefix.data, found, &l, e);
	if (rc >= 0)
		rc = load_pushed(&l, prefix.data);
	buf_release(&prefix);
	return rc < 0 ? rc : 0;
}

void waivers_release(struct waivers *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		waiver_release(&w->v[i]);
		free(w->at[i]);
	}
	free(w->v);
	free(w->at);
	free(w->commits);
}

/* ---- commits ---- */

struct covering {
	const struct waiver *w;
	bool outside; /* some path is */
};

static bool is_inside(const struct waiver *w, struct span path)
{
	char glob[STATEMENT_MAX_VALUE + 4];
	size_t i;

	for (i = 0; i < w->npaths; i++) {
		size_t n = w->paths[i].n;

		memcpy(glob, w->paths[i].p, n);
		if (glob[n - 1] == '/') { /* all that is below */
			glob[n++] = '*';
			glob[n++] = '*';
		}
		glob[n] = '\0';
		if (text_glob_n(glob, path))
			return true;
	}
	return false;
}

static int see_path(void *ctx, const struct path_change *change)
{
	struct covering *c = ctx;

	c->outside |= !is_inside(c->w, change->path);
	return 0;
}

/* What a merge throws away shows in no path: only one that changes nothing is
 * within paths. */
static int covers(const struct waiver *w, struct facts *f, struct judging *j,
		  struct check_sink *sink, bool *yes, struct err *e)
{
	struct covering c = {w, false};
	int rc = 0;

	*yes = true;
	if (!w->npaths)
		return 0;
	if (f->facts.merge)
		*yes = f->facts.changes_nothing;
	else
		rc = facts_paths(f, j, sink, see_path, &c, e);
	*yes &= !c.outside;
	return rc;
}

int waivers_cover(struct waivers *w, struct facts *f, struct check_sink *sink,
		  bool *yes, struct err *e)
{
	size_t i;
	int rc = 0;

	*yes = false;
	for (i = 0; !rc && !*yes && i < w->n; i++) {
		rc = covers(&w->v[i], f, w->j, sink, yes, e);
		if (!rc && *yes)
			w->commits[i]++;
	}
	return rc;
}

/* ---- telling ---- */

static int report_one(struct judging *j, const struct waiver *w,
		      struct report_tag *out, struct err *e)
{
	struct arena *a = &j->report->arena;
	char until[TIME_RFC3339_SIZE];

	time_format(w->until, until);
	out->kind = STATEMENT_WAIVER;
	out->counted = true;
	out->until = until;
	out->reason = arena_dup(a, w->reason);
	out->control = arena_dup(a, w->control);
	out->refs = arena_dup_all(a, w->refs, w->nrefs);
	out->paths = arena_dup_all(a, w->paths, w->npaths);
	if (!out->reason || !out->control || !out->refs || !out->paths)
		return err_nomem(e);
	return statements_report(j, &w->said, out, e);
}

int waivers_tell_new(struct judging *j, size_t ref, const struct waiver *w,
		     struct err *e)
{
	struct report_tag out = {
		.ref = ref,
		.rule = (size_t)(rule_named(j, w->rule) - j->in->policy->rules),
		.at = j->refs[ref].real,
		.created = true,
	};

	return report_one(j, w, &out, e);
}

static int tell_faults(const struct waivers *w, const struct check_sink *rule,
		       struct err *e)
{
	struct check_sink sink = *rule;
	size_t i;
	int rc = 0;

	sink.check = "waiver";
	for (i = 0; !rc && i < w->nfaults; i++)
		rc = judging_find(&sink, w->faults[i].code, NULL,
				  "meet the rule, or have a new exception "
				  "signed",
				  e, "%s", w->faults[i].text);
	return rc;
}

int waivers_finish(struct waivers *w, const struct check_sink *rule,
		   struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < w->n; i++) {
		struct report_tag out = {
			.ref = w->ref,
			.rule = w->rule,
			.at = w->at[i],
			.commits = w->commits[i],
		};

		/* what is only looked at uses none */
		if (w->commits[i] && rule->mode != MODE_PREVIEW)
			rc = report_one(w->j, &w->v[i], &out, e);
	}
	if (rc || !rule->found ||
	    judging_weight(rule->mode, rule->level) != WEIGHT_REJECT)
		return rc;
	return tell_faults(w, rule, e);
}
