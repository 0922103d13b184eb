/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cli/audit.h"
#include "desk/remember.h"
#include "gate/answer.h"
#include "gate/judge.h"

enum { TEXT_COLUMNS = 400 };

void audit_case_init(struct audit_case *a, const struct emergency_case *what)
{
	memset(a, 0, sizeof(*a));
	a->what = what;
	report_init(&a->report);
}

void audit_case_release(struct audit_case *a)
{
	report_release(&a->report);
}

void audit_case_misses(struct audit_case *a, const char *code, const char *text)
{
	if (a->nmissing == AUDIT_MAX_MISSING)
		return;
	a->missing[a->nmissing] = code;
	a->texts[a->nmissing++] = text;
}

/* ---- the push as it was ---- */

static int make_push(const struct emergency_case *c, enum oid_algo algo,
		     struct push *push, struct err *e)
{
	size_t i;

	push->v = calloc(c->nrefs + 1, sizeof(*push->v));
	if (!push->v)
		return err_nomem(e);
	push->cap = c->nrefs + 1;
	for (i = 0; i < c->nrefs; i++) {
		struct ref_update *u = &push->v[i];

		if (!oid_from_hex(&u->old, algo, span_str(c->refs[i].old)) ||
		    !oid_from_hex(&u->new_, algo, span_str(c->refs[i].new_)))
			return err_set(e, ERR_MALFORMED,
				       "its record names no objects of this "
				       "repository");
		u->name = strdup(c->refs[i].name);
		if (!u->name)
			return err_nomem(e);
		push->n++;
	}
	return 0;
}

static int algo_of(const struct place *p, enum oid_algo *algo, struct err *e)
{
	struct repository *repo;
	int rc = place_open(p, &repo, e);

	if (rc)
		return rc;
	*algo = repository_algo(repo);
	repository_free(repo);
	return 0;
}

/* As who pushed it: what he brought he may not approve. */
static void set_pusher(const struct place *p, const struct emergency_case *c,
		       struct pusher *out)
{
	*out = (struct pusher){
		.login = c->login,
		.how = "record",
		.principal = principals_by_login(
			&p->policy->people, span_str(c->login), time_now_ms()),
	};
}

static int judge(struct place *p, struct ledger *ledger, struct audit_case *a,
		 const struct push *push, struct err *e)
{
	const struct engine_follow_up follow_up = {
		.record = a->what->decision,
		.owner = a->what->owner,
		.reverts = a->what->reverts,
		.nreverts = a->what->nreverts,
	};
	struct engine_memory memory;
	struct engine_input in = {
		.policy = p->policy,
		.override = MODE_ENFORCE,
		.repository = a->what->repository,
		.git_namespace = a->what->git_namespace,
		.baseline = &p->settings.baseline,
		.push = push,
		.follow_up = &follow_up,
		.now = time_now_ms(),
		.memory = &memory,
		.trust_old = true,
	};
	char index[FILE_MAX_PATH];
	const char *readable[] = {index};
	struct judge_spec spec = {
		.input = &in,
		.where = {.gitdir = p->gitdir},
		.readable = readable,
		.nreadable = 1,
	};

	set_pusher(p, a->what, &in.pusher);
	remember_memory(ledger_dir(ledger), &memory);
	if (file_join(ledger_dir(ledger), "index", index, e))
		return e->code;
	return judge_run(&spec, &a->report, e);
}

/* ---- what is missing ---- */

static bool was_excused(const struct emergency_case *c, const char *rule)
{
	size_t i;

	for (i = 0; i < c->nrules; i++)
		if (!strcmp(c->rules[i], rule))
			return true;
	return false;
}

/* The text names people; the word names nobody. */
static void add_finding(struct audit_case *a, const struct report_finding *f)
{
	struct buf text = BUF_INIT(2 * REPORT_MAX_TEXT), code = BUF_INIT(256);
	const char *kept_text, *kept_code;

	if (f->commit)
		buf_addf(&text, "%.9s: ", f->commit);
	answer_add_text(&text, &a->report, f, f->text, TEXT_COLUMNS);
	buf_addf(&code, "%s/%s", f->check, f->code);
	kept_text = arena_strdup(&a->report.arena, text.data);
	kept_code = arena_strdup(&a->report.arena, code.data);
	audit_case_misses(a, kept_code ? kept_code : "unknown",
			  kept_text ? kept_text : "unknown");
	buf_release(&text);
	buf_release(&code);
}

static void add_findings(struct audit_case *a, const struct policy *p)
{
	size_t i;

	for (i = 0; i < a->report.nfindings; i++) {
		const struct report_finding *f = &a->report.findings[i];

		if (f->weight != WEIGHT_REJECT)
			continue;
		if (f->rule >= p->nrules ||
		    was_excused(a->what, p->rules[f->rule].name))
			add_finding(a, f);
	}
}

/* A rule that is not asked any more proves nothing. */
static void add_unasked(struct audit_case *a, const struct policy *p)
{
	size_t i, k;

	for (i = 0; i < a->what->nrules; i++) {
		bool asked = false;

		for (k = 0; k < a->report.nresults; k++) {
			const struct report_result *r = &a->report.results[k];

			asked |= r->result != RESULT_NOT_APPLICABLE &&
				 !strcmp(p->rules[r->rule].name,
					 a->what->rules[i]);
		}
		if (!asked)
			audit_case_misses(a, "not-asked",
					  "a rule that was excused cannot "
					  "be asked again: close it by "
					  "hand");
	}
}

/* What hides commits now has hidden none then. */
static void add_hidden(struct audit_case *a)
{
	size_t i;

	for (i = 0; i < a->report.nrefs && i < a->what->nrefs; i++)
		if (a->report.refs[i].commits < a->what->refs[i].commits)
			audit_case_misses(a, "hidden",
					  "not all of its commits can be "
					  "judged again: close it by hand");
}

int audit_judge(struct place *p, struct ledger *ledger, struct audit_case *a,
		struct err *e)
{
	enum oid_algo algo = OID_SHA1;
	struct push push;
	int rc;

	push_init(&push);
	rc = algo_of(p, &algo, e);
	if (!rc)
		rc = make_push(a->what, algo, &push, e);
	if (!rc)
		rc = judge(p, ledger, a, &push, e);
	push_release(&push);
	if (rc) {
		snprintf(a->why, sizeof(a->why), "%s", e->msg);
		err_clear(e);
		audit_case_misses(a, "not-judged", a->why);
		return 0;
	}
	a->judged = true;
	add_findings(a, p->policy);
	add_unasked(a, p->policy);
	add_hidden(a);
	return 0;
}
