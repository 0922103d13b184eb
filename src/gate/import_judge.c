/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one import holds, and who makes and takes back one. */
#include "gate/imports.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

static const char import_hint[] =
	"who may sign one runs: git approve --import TARGET COMMIT --reason "
	"TEXT";
static const char withdraw_hint[] =
	"who signed one takes it back with: git approve --import --withdraw "
	"TARGET COMMIT";

void import_say(struct import_fault *out, const char *code, const char *fmt,
		...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out->text, sizeof(out->text), fmt, ap);
	va_end(ap);
	out->code = code;
}

void import_judge(const struct judging *j, const struct import *i,
		  struct span name, struct import_fault *out)
{
	int64_t keep = j->in->policy->approval_keep;
	char until[TIME_RFC3339_SIZE];

	out->code = NULL;
	if (i->said.fault != APPROVAL_OK)
		import_say(out, judging_tag_code(i->said.fault), "%s",
			   i->said.why);
	else if (!i->withdrawal && !span_equal(i->tip_hex, name))
		import_say(out, "malformed",
			   "it is of another commit than its ref's name says");
	else if (!statement_is_for(j->in->repository, i->repository))
		import_say(out, "repository",
			   "the import is for another repository");
	else if (!principal_is_human(i->said.sig.principal, j->in->now))
		import_say(out, "not-human",
			   "no bot and no agent signs an "
			   "import");
	if (out->code)
		return;
	if (i->has_end && i->end < j->in->now) {
		time_format(i->end, until);
		import_say(out, "expired", "the import expired on %.10s",
			   until);
	} else if (i->said.made < j->in->now - keep * 1000) {
		/* unused ones go then, and what has withdrawn one with it */
		import_say(out, "expired",
			   "the import was signed more than %lld days ago",
			   (long long)(keep / 86400));
	}
}

bool import_has_role(const struct judging *j, const struct import *i,
		     const struct option_list *roles)
{
	const struct principal *who = i->said.sig.principal;
	size_t k;

	for (k = 0; who && k < roles->n; k++)
		if (principal_has_role(who, roles->v[k], j->in->now))
			return true;
	return false;
}

/* ---- the guard ---- */

static bool may_for_some_rule(const struct judging *j, const struct import *i)
{
	const struct policy *p = j->in->policy;
	size_t k;

	for (k = 0; k < p->nrules; k++)
		if (import_has_role(j, i, &p->rules[k].import))
			return true;
	return false;
}

/* As an example: rules may name several. */
static const char *role_that_may(const struct judging *j)
{
	const struct policy *p = j->in->policy;
	size_t k;

	for (k = 0; k < p->nrules; k++)
		if (p->rules[k].import.n)
			return p->rules[k].import.v[0];
	return NULL;
}

static void no_role(const struct judging *j, struct import_fault *fault)
{
	const char *role = role_that_may(j);

	if (role)
		import_say(fault, "role",
			   "who signed the import has no role that may, such "
			   "as %s",
			   role);
	else
		import_say(fault, "role",
			   "who signed the import has no role that may: no "
			   "rule of the policy names one by import");
}

static int report_one(struct judging *j, const struct import *i,
		      struct report_tag *out, struct err *e)
{
	struct arena *a = &j->report->arena;
	char until[TIME_RFC3339_SIZE];

	time_format(i->end, until);
	out->kind = STATEMENT_IMPORT;
	out->rule = REPORT_NO_RULE;
	out->counted = true;
	out->until = i->has_end ? until : NULL;
	out->tip = arena_dup(a, i->tip_hex);
	out->reason = arena_dup(a, i->reason);
	out->refs = arena_dup_all(a, i->refs, i->nrefs);
	out->paths = arena_dup_all(a, &i->prefix, i->prefix.n > 0);
	if (!out->tip || !out->reason || !out->refs || !out->paths)
		return err_nomem(e);
	return statements_report(j, &i->said, out, e);
}

/* Only who signed an import takes it back, and where it was signed. */
static int guard_withdrawal(struct check_sink *sink, const struct import *w,
			    struct span between, struct err *e)
{
	struct judging *j = sink->j;
	const char *why = NULL;
	struct import given;
	int rc;

	import_init(&given);
	rc = statements_read(j, &w->withdraws, &given.said, e);
	if (!rc)
		rc = statement_verify(&given.said, &j->verifier, e);
	import_take(&given, j->algo);
	if (given.said.fault == APPROVAL_MALFORMED || given.withdrawal)
		why = "what it withdraws is no import here";
	else if (given.said.sig.principal != w->said.sig.principal)
		why = "it withdraws what somebody else has signed";
	else if (!span_equal(given.tip_hex, between))
		why = "it withdraws the import of another commit than its "
		      "ref's name says";
	import_release(&given);
	if (rc || !why)
		return rc;
	return judging_find(sink, "malformed", NULL, withdraw_hint, e, "%s",
			    why);
}

int import_guard(struct check_sink *sink, struct statement *s,
		 struct span between, struct err *e)
{
	struct judging *j = sink->j;
	struct report_tag out = {
		.ref = sink->ref,
		.at = j->refs[sink->ref].real,
		.created = true,
	};
	struct import_fault fault;
	struct import i;
	int rc;

	import_init(&i);
	i.said = *s;
	import_take(&i, j->algo);
	import_judge(j, &i, between, &fault);
	if (!fault.code && !i.withdrawal && !may_for_some_rule(j, &i))
		no_role(j, &fault);
	if (fault.code)
		rc = judging_find(sink, fault.code, NULL, import_hint, e, "%s",
				  fault.text);
	else if (i.withdrawal)
		rc = guard_withdrawal(sink, &i, between, e);
	else
		rc = report_one(j, &i, &out, e);
	import_release(&i);
	return rc;
}

/* ---- of those that were used ---- */

static int report_used(struct imports *all, struct imported *v, struct err *e)
{
	struct report_tag out = {
		.ref = all->ref,
		.at = v->at,
		.commits = v->commits,
		.files = v->files,
	};

	return report_one(all->j, &v->import, &out, e);
}

int imports_report(struct imports *all, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < all->n; i++)
		if (all->v[i].commits)
			rc = report_used(all, &all->v[i], e);
	return rc;
}

static int explain_one(const struct imported *v, struct check_sink *sink,
		       const struct option_list *roles, unsigned set,
		       struct err *e)
{
	const struct import_fault *f = &v->fault;
	struct import_fault own;

	if (!f->code && !import_has_role(sink->j, &v->import, roles)) {
		import_say(&own, "role",
			   "who signed the import of %.10s has no role that "
			   "may for this rule",
			   v->import.tip_hex.p);
		f = &own;
	} else if (!f->code && v->tip == SIZE_MAX) {
		import_say(&own, "other-tip",
			   "%.10s may be imported, but this push does not "
			   "bring that commit",
			   v->import.tip_hex.p);
		f = &own;
	} else if (!f->code && v->sets & UINT32_C(1) << set) {
		f = &v->more;
	}
	if (!f->code)
		return 0;
	return judging_find(sink, f->code, NULL, import_hint, e, "%s", f->text);
}

int imports_explain(struct imports *all, const struct check_sink *rule,
		    unsigned set, struct err *e)
{
	struct check_sink sink = *rule;
	size_t i;
	int rc;

	if (!all->walk ||
	    judging_weight(rule->mode, rule->level) != WEIGHT_REJECT ||
	    !all->walk->imports[set]->n)
		return 0;
	rc = imports_load_others(all, e);
	sink.check = "import";
	for (i = 0; !rc && i < all->n && i < IMPORTS_TOLD; i++)
		rc = explain_one(&all->v[i], &sink, all->walk->imports[set],
				 set, e);
	return rc;
}
