/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/emergency.h"

#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "desk/decision_report.h"
#include "checks/check.h"
#include "desk/remember.h"

/* Why a rule was waived, as gate/rule_result.c says it. */
static bool by_emergency(const struct rule *rule,
			 const struct report_result *res)
{
	(void)rule;
	return res->why && !strcmp(res->why, "emergency");
}

static bool by_revert(const struct rule *rule, const struct report_result *res)
{
	const struct check *check = check_of_kind(rule->kind);

	return check && check->needs & NEED_APPROVALS &&
	       check->excuses_reverts && res->why &&
	       strcmp(res->why, "exception") != 0;
}

typedef bool waived_fn(const struct rule *rule, const struct report_result *r);

/* Each rule of which something was excused, once. */
static void add_rules(struct record *r, const struct report *report,
		      const struct policy *policy, waived_fn *waived)
{
	yyjson_mut_val *arr =
		yyjson_mut_obj_add_arr(r->doc, r->root, "excused_rules");
	size_t i, k;

	r->failed |= !arr;
	for (i = 0; arr && i < policy->nrules; i++) {
		const struct rule *rule = &policy->rules[i];
		const struct report_result *res = report->results;

		for (k = 0; k < report->nresults; k++)
			if (res[k].rule == i &&
			    res[k].result == RESULT_WAIVED &&
			    waived(rule, &res[k]))
				break;
		if (k < report->nresults &&
		    !yyjson_mut_arr_add_strcpy(r->doc, arr, rule->name))
			r->failed = true;
	}
}

static void add_ref(struct record *r, yyjson_mut_val *arr,
		    const struct report_ref *ref)
{
	yyjson_mut_val *o = record_object(r, arr);

	record_text(r, o, "name", ref->name);
	record_text(r, o, "real", ref->real);
	record_text(r, o, "old", ref->old);
	record_text(r, o, "new", ref->new_);
	record_number(r, o, "commits", ref->commits);
}

static int add_refs(struct record *r, const struct report *report,
		    struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i;

	for (i = 0; arr && i < report->nemergencies; i++)
		add_ref(r, arr, &report->refs[report->emergencies[i].ref]);
	return record_list(r, "refs", arr, e);
}

/* What only took a change back: no more than a review is asked of it. */
static int add_reverts(struct record *r, const struct report *report,
		       struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i;

	if (!report->nreverts)
		return 0;
	for (i = 0; arr && i < report->nreverts; i++) {
		const struct report_revert *v = &report->reverts[i];
		yyjson_mut_val *o = record_object(r, arr);

		record_text(r, o, "ref", report->refs[v->ref].real);
		record_text(r, o, "commit", v->commit);
		record_text(r, o, "undoes", v->undoes);
		record_text(r, o, "record", v->record);
	}
	return record_list(r, "reverts", arr, e);
}

static int add_owner(struct record *r, const struct report_person *who,
		     struct err *e)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(r->doc, r->root, "owner");
	size_t number;
	int rc = o ? record_person(r, who, &number, e) : err_nomem(e);

	if (!rc)
		record_number(r, o, "person", number);
	return rc;
}

static int add_what(struct record *r, const struct report *report,
		    struct err *e)
{
	const struct report_emergency *m = report->emergencies;
	size_t i, excused = 0;
	int rc = 0;

	for (i = 0; i < report->nemergencies; i++)
		excused += m[i].excused;
	record_text(r, r->root, "ticket", m->ticket);
	record_text(r, r->root, "reason", m->reason);
	record_text(r, r->root, "how", m->how);
	record_text(r, r->root, "deadline", m->deadline);
	record_number(r, r->root, "excused", excused);
	if (m->who < report->npersons)
		rc = add_owner(r, &report->persons[m->who], e);
	return rc;
}

int emergency_record(struct ledger *l, const struct record_frame *frame,
		     const struct report *report, const char *decision,
		     struct err *e)
{
	struct record_frame own = *frame;
	struct record r;
	int rc;

	if (!report->nemergencies)
		return 0;
	own.id = NULL;
	rc = record_init(&r, l, &own, "emergency", e);
	if (!rc) {
		record_text(&r, r.root, "state", "open");
		record_text(&r, r.root, "severity", "high");
		record_text(&r, r.root, "decision", decision);
		rc = add_what(&r, report, e);
	}
	if (!rc) {
		add_rules(&r, report, frame->policy, by_emergency);
		rc = add_refs(&r, report, e);
	}
	if (!rc)
		rc = add_reverts(&r, report, e);
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

/* ---- what was taken back ---- */

static bool is_due(const struct report *report, size_t ref)
{
	size_t i;

	for (i = 0; i < report->nreverts; i++)
		if (report->reverts[i].review &&
		    (ref == REPORT_NO_REF || report->reverts[i].ref == ref))
			return true;
	return false;
}

/* The first is due when all are: each ref has a time of its own. */
static const struct report_revert *first_due(const struct report *report)
{
	const struct report_revert *first = NULL;
	size_t i;

	for (i = 0; i < report->nreverts; i++) {
		const struct report_revert *v = &report->reverts[i];

		if (v->review &&
		    (!first || strcmp(v->deadline, first->deadline) < 0))
			first = v;
	}
	return first;
}

static int add_taken_back(struct record *r, const struct report *report,
			  const struct policy *policy, struct err *e)
{
	const struct report_revert *first = first_due(report);
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i;
	int rc = 0;

	record_text(r, r->root, "deadline", first->deadline);
	if (first->who < report->npersons)
		rc = add_owner(r, &report->persons[first->who], e);
	if (!rc)
		rc = add_reverts(r, report, e);
	add_rules(r, report, policy, by_revert);
	for (i = 0; arr && i < report->nrefs; i++)
		if (is_due(report, i))
			add_ref(r, arr, &report->refs[i]);
	return rc ? rc : record_list(r, "refs", arr, e);
}

int revert_record(struct ledger *l, const struct record_frame *frame,
		  const struct report *report, const char *decision,
		  struct err *e)
{
	struct record_frame own = *frame;
	struct record r;
	int rc;

	if (!is_due(report, REPORT_NO_REF))
		return 0;
	own.id = NULL;
	rc = record_init(&r, l, &own, "revert", e);
	if (!rc) {
		record_text(&r, r.root, "state", "open");
		record_text(&r, r.root, "severity", "medium");
		record_text(&r, r.root, "decision", decision);
		rc = add_taken_back(&r, report, frame->policy, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

/* ---- how it ends ---- */

static int begin(struct record *r, struct ledger *l,
		 const struct record_frame *frame,
		 const struct emergency_case *c, const char *state,
		 struct err *e)
{
	struct report_person owner = {.principal = c->owner,
				      .login = *c->login ? c->login : NULL};
	struct record_frame own = *frame;
	char deadline[TIME_RFC3339_SIZE];
	int rc;

	own.repository = c->repository;
	own.git_namespace = c->git_namespace;
	rc = record_init(r, l, &own, c->revert ? "revert" : "emergency", e);
	if (rc)
		return rc;
	time_format(c->deadline, deadline);
	record_text(r, r->root, "state", state);
	record_text(r, r->root, "severity", c->revert ? "medium" : "high");
	record_text(r, r->root, "decision", c->decision);
	record_text(r, r->root, "ticket", *c->ticket ? c->ticket : NULL);
	record_text(r, r->root, "deadline", deadline);
	return c->owner || owner.login ? add_owner(r, &owner, e) : 0;
}

/* The signed tag's own bytes outlive its ref. */
static int add_raw(struct record *r, yyjson_mut_val *o, const char *raw,
		   struct err *e)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc = 0;

	if (raw && !base64_decode(&bytes, span_str(raw)))
		rc = err_set(e, ERR_MALFORMED,
			     "the judge's report has broken evidence");
	else if (raw)
		rc = record_evidence(r, o, "evidence",
				     span_of(bytes.data, bytes.len), e);
	buf_release(&bytes);
	return rc;
}

static int add_follow_ups(struct record *r, const struct report *report,
			  struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i, number;
	int rc = 0;

	for (i = 0; arr && !rc && i < report->ntags; i++) {
		const struct report_tag *s = &report->tags[i];
		yyjson_mut_val *o;

		if (s->kind != STATEMENT_FOLLOW_UP)
			continue;
		o = record_object(r, arr);
		record_text(r, o, "at", s->at);
		record_text(r, o, "tag", s->tag);
		record_text(r, o, "key",
			    *s->fingerprint ? s->fingerprint : NULL);
		record_bool(r, o, "counted", s->counted);
		record_text(r, o, "why", s->why);
		rc = add_raw(r, o, s->raw, e);
		if (rc || s->who >= report->npersons)
			continue;
		rc = record_person(r, &report->persons[s->who], &number, e);
		if (!rc)
			record_number(r, o, "person", number);
	}
	return rc ? rc : record_list(r, "follow_ups", arr, e);
}

/* Before the record: what was used must not count again. */
static int add_report(struct record *r, const struct record_frame *frame,
		      const struct emergency_case *c,
		      const struct report *report, struct err *e)
{
	int rc = remember_push(r->ledger, c->repository, "", report, r->id, e);

	if (!rc)
		rc = decision_add_report(r, report, frame->policy, e);
	return rc ? rc : add_follow_ups(r, report, e);
}

int emergency_record_closed(struct ledger *l, const struct record_frame *frame,
			    const struct emergency_case *c,
			    const struct emergency_end *end, struct err *e)
{
	struct record r;
	int rc = begin(&r, l, frame, c, "closed", e);

	if (!rc) {
		record_bool(&r, r.root, "late", frame->now > c->deadline);
		record_text(&r, r.root, "by_hand", end->by_hand);
	}
	if (!rc && end->report && !end->by_hand)
		rc = add_report(&r, frame, c, end->report, e);
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int emergency_record_overdue(struct ledger *l, const struct record_frame *frame,
			     const struct emergency_case *c,
			     const struct emergency_end *end, struct err *e)
{
	struct record r;
	int rc = begin(&r, l, frame, c, "overdue", e);

	if (!rc) {
		record_texts(&r, r.root, "missing", end->missing,
			     end->nmissing);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
