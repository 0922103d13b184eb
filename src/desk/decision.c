/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "desk/record.h"

/* The record being made of one report. */
struct making {
	struct record r;
	const struct report *report;
	const struct policy *policy;
	size_t *numbers; /* in the record, of the report's persons */
	struct err *e;
};

static int make_persons(struct making *m)
{
	size_t i;
	int rc = 0;

	m->numbers = calloc(m->report->npersons + 1, sizeof(*m->numbers));
	if (!m->numbers)
		return err_nomem(m->e);
	for (i = 0; !rc && i < m->report->npersons; i++)
		rc = record_person(&m->r, &m->report->persons[i],
				   &m->numbers[i], m->e);
	return rc;
}

static void add_person(struct making *m, yyjson_mut_val *obj, const char *name,
		       size_t person)
{
	if (person < m->report->npersons)
		record_number(&m->r, obj, name, m->numbers[person]);
}

static const struct rule *rule_of(const struct making *m, size_t rule)
{
	return rule < m->policy->nrules ? &m->policy->rules[rule] : NULL;
}

static size_t list_length(const char **list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

static int make_refs(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;

	for (i = 0; arr && i < m->report->nrefs; i++) {
		const struct report_ref *f = &m->report->refs[i];
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "name", f->name);
		record_text(&m->r, o, "real", f->real);
		record_text(&m->r, o, "old", f->old);
		record_text(&m->r, o, "new", f->new_);
		record_text(&m->r, o, "kind",
			    ref_kind_word((enum ref_kind)f->kind));
		record_texts(&m->r, o, "gates", (const char *const *)f->gates,
			     list_length(f->gates));
		if (list_length(f->previews))
			record_texts(&m->r, o, "previews",
				     (const char *const *)f->previews,
				     list_length(f->previews));
		record_text(&m->r, o, "mode",
			    policy_mode_word((enum policy_mode)f->mode));
		record_text(&m->r, o, "verdict",
			    verdict_word((enum verdict)f->verdict));
		record_number(&m->r, o, "commits", f->commits);
		record_digest(&m->r, o, "digest", f->digest);
	}
	return record_list(&m->r, "refs", arr, m->e);
}

static void make_rule_evidence(struct making *m, yyjson_mut_val *rule,
			       const struct report_result *res)
{
	yyjson_mut_val *arr = NULL;
	size_t i;

	for (i = 0; i < m->report->nevidence; i++) {
		const struct report_evidence *v = &m->report->evidence[i];
		yyjson_mut_val *o;

		if (v->ref != res->ref || v->rule != res->rule)
			continue;
		if (!arr)
			arr = yyjson_mut_obj_add_arr(m->r.doc, rule,
						     "evidence");
		if (!arr)
			break;
		o = record_object(&m->r, arr);
		record_text(&m->r, o, "kind", v->kind);
		record_text(&m->r, o, "commit", v->commit);
		record_text(&m->r, o, "text", v->text);
	}
}

static int make_rules(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;

	for (i = 0; arr && i < m->report->nresults; i++) {
		const struct report_result *res = &m->report->results[i];
		const struct rule *rule = &m->policy->rules[res->rule];
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "rule", rule->name);
		record_text(&m->r, o, "check", rule->check);
		record_text(&m->r, o, "ref", m->report->refs[res->ref].real);
		record_texts(&m->r, o, "controls",
			     (const char *const *)rule->controls.v,
			     rule->controls.n);
		record_text(&m->r, o, "mode",
			    policy_mode_word((enum policy_mode)res->mode));
		record_text(&m->r, o, "result",
			    result_word((enum result)res->result));
		record_text(&m->r, o, "why", res->why);
		record_number(&m->r, o, "commits", res->commits);
		record_number(&m->r, o, "matched", res->matched);
		make_rule_evidence(m, o, res);
	}
	return record_list(&m->r, "rules", arr, m->e);
}

/* {0} to {7} become {person:N}: the text itself names nobody. */
static void add_named_text(struct making *m, yyjson_mut_val *o,
			   const char *name, const char *text,
			   const struct report_finding *f)
{
	struct buf b = BUF_INIT(16 * REPORT_MAX_TEXT);
	const char *at;

	if (!text)
		return;
	for (at = text; *at; at++) {
		size_t k = at[0] == '{' && at[1] >= '0' && at[1] <= '7' &&
					   at[2] == '}'
				   ? (size_t)(at[1] - '0')
				   : f->nwho;

		if (k < f->nwho && f->who[k] < m->report->npersons) {
			buf_addf(&b, "{person:%zu}", m->numbers[f->who[k]]);
			at += 2;
		} else {
			buf_addch(&b, *at);
		}
	}
	record_text(&m->r, o, name, b.data);
	buf_release(&b);
}

static void add_people(struct making *m, yyjson_mut_val *o,
		       const struct report_finding *f)
{
	yyjson_mut_val *arr;
	size_t i;

	if (!f->nwho)
		return;
	arr = yyjson_mut_obj_add_arr(m->r.doc, o, "people");
	for (i = 0; arr && i < f->nwho; i++)
		if (f->who[i] < m->report->npersons)
			yyjson_mut_arr_add_uint(m->r.doc, arr,
						m->numbers[f->who[i]]);
}

static const char *weight_word(int weight)
{
	switch ((enum weight)weight) {
	case WEIGHT_REJECT:
		return "reject";
	case WEIGHT_WARN:
		return "warn";
	case WEIGHT_ADVICE:
	case WEIGHT_NONE:
		break;
	}
	return "advice";
}

static int make_findings(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;

	for (i = 0; arr && i < m->report->nfindings; i++) {
		const struct report_finding *f = &m->report->findings[i];
		const struct rule *rule = rule_of(m, f->rule);
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "rule", rule ? rule->name : NULL);
		record_text(&m->r, o, "check", f->check);
		record_text(&m->r, o, "code", f->code);
		record_text(&m->r, o, "weight", weight_word(f->weight));
		if (f->ref < m->report->nrefs)
			record_text(&m->r, o, "ref",
				    m->report->refs[f->ref].real);
		record_text(&m->r, o, "commit", f->commit);
		record_text(&m->r, o, "subject", f->subject);
		add_person(m, o, "person", f->author);
		add_named_text(m, o, "text", f->text, f);
		add_named_text(m, o, "hint", f->hint, f);
		add_people(m, o, f);
	}
	return record_list(&m->r, "findings", arr, m->e);
}

static int make_provenance(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;

	for (i = 0; arr && i < m->report->nprovenance; i++) {
		const struct report_provenance *p = &m->report->provenance[i];
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "commit", p->commit);
		add_person(m, o, "person", p->author);
		record_text(&m->r, o, "agent", p->agent);
		record_text(&m->r, o, "model", p->model);
		record_text(&m->r, o, "session", p->session);
		record_bool(&m->r, o, "declared", p->declared);
		record_bool(&m->r, o, "detected", p->detected);
		record_text(&m->r, o, "how", p->how);
		record_digest(&m->r, o, "digest", p->digest);
	}
	return record_list(&m->r, "provenance", arr, m->e);
}

/* The signed tag's own bytes outlive its ref. */
static int keep_tag(struct making *m, yyjson_mut_val *o, const char *raw)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc;

	if (!raw)
		return 0;
	if (!base64_decode(&bytes, span_str(raw)))
		rc = err_set(m->e, ERR_MALFORMED,
			     "the judge's report has a broken approval");
	else
		rc = record_evidence(&m->r, o, "evidence",
				     span_of(bytes.data, bytes.len), m->e);
	buf_release(&bytes);
	return rc;
}

static int make_approvals(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;
	int rc = 0;

	for (i = 0; arr && !rc && i < m->report->napprovals; i++) {
		const struct report_approval *a = &m->report->approvals[i];
		const struct rule *rule = rule_of(m, a->rule);
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "rule", rule ? rule->name : NULL);
		record_text(&m->r, o, "ref", m->report->refs[a->ref].real);
		record_text(&m->r, o, "at", a->at);
		record_text(&m->r, o, "tag", a->tag);
		add_person(m, o, "person", a->who);
		record_text(&m->r, o, "key", a->fingerprint);
		record_bool(&m->r, o, "presence", a->presence);
		record_bool(&m->r, o, "counted", a->counted);
		record_text(&m->r, o, "why", a->why);
		rc = keep_tag(m, o, a->raw);
	}
	return rc ? rc : record_list(&m->r, "approvals", arr, m->e);
}

static int make_changes(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r.doc);
	size_t i;

	if (!m->report->nchanges)
		return 0;
	for (i = 0; arr && i < m->report->nchanges; i++) {
		const struct report_change *c = &m->report->changes[i];
		yyjson_mut_val *o = record_object(&m->r, arr);

		record_text(&m->r, o, "commit", c->commit);
		record_digest(&m->r, o, "digest", c->digest);
	}
	return record_list(&m->r, "changes", arr, m->e);
}

static int make_all(struct making *m, int64_t duration_us)
{
	const struct report *report = m->report;
	struct record *r = &m->r;
	int rc = make_persons(m);

	if (rc)
		return rc;
	record_text(r, r->root, "verdict",
		    verdict_word((enum verdict)report->verdict));
	if (report->would != report->verdict)
		record_text(r, r->root, "would",
			    verdict_word((enum verdict)report->would));
	record_text(r, r->root, "mode",
		    policy_mode_word((enum policy_mode)report->mode));
	record_number(r, r->root, "commits", report->commits);
	record_number(r, r->root, "problems", report->nfindings_all);
	rc = make_refs(m);
	if (!rc)
		rc = make_rules(m);
	if (!rc)
		rc = make_findings(m);
	if (!rc)
		rc = make_provenance(m);
	if (!rc)
		rc = make_approvals(m);
	if (!rc)
		rc = make_changes(m);
	record_number(r, r->root, "duration_us", (uint64_t)duration_us);
	return rc;
}

/* Each new text of the policy is kept, so that a digest still means
 * something after a year. */
static int record_policy(struct ledger *l, const struct record_frame *frame,
			 struct err *e)
{
	const struct policy *p = frame->policy;
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	if (ledger_evidence_has(l, p->digest))
		return 0;
	plain.pusher = NULL;
	plain.repository = NULL;
	plain.id = NULL;
	rc = record_init(&r, l, &plain, "policy", e);
	if (!rc)
		rc = record_evidence(&r, r.root, "evidence",
				     span_of(p->normal, p->normal_len), e);
	if (!rc) {
		record_text(&r, r.root, "path", p->path);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}

int decision_record(struct ledger *l, const struct record_frame *frame,
		    const struct report *report, int64_t duration_us,
		    struct err *e)
{
	struct making m = {
		.report = report,
		.policy = frame->policy,
		.e = e,
	};
	int rc = record_policy(l, frame, e);

	if (rc)
		return rc;
	rc = record_init(&m.r, l, frame, "decision", e);
	if (!rc)
		rc = make_all(&m, duration_us);
	if (!rc)
		rc = record_append(&m.r, e);
	free(m.numbers);
	record_release(&m.r);
	return rc;
}

static int plain_refs(struct record *r, const struct push *push, struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	char hex[OID_HEX_SIZE];
	size_t i;

	for (i = 0; arr && i < push->n; i++) {
		const struct ref_update *u = &push->v[i];
		yyjson_mut_val *o = record_object(r, arr);

		record_text(r, o, "name", u->name);
		record_text(r, o, "old", oid_to_hex(&u->old, hex));
		record_text(r, o, "new", oid_to_hex(&u->new_, hex));
	}
	return record_list(r, "refs", arr, e);
}

int decision_record_failure(struct ledger *l, const struct record_frame *frame,
			    const struct push *push, int verdict,
			    const char *why, struct err *e)
{
	struct record r;
	int rc = record_init(&r, l, frame, "decision", e);

	if (!rc) {
		record_text(&r, r.root, "verdict",
			    verdict_word((enum verdict)verdict));
		if (verdict != VERDICT_ERROR)
			record_text(&r, r.root, "would",
				    verdict_word(VERDICT_ERROR));
		record_text(&r, r.root, "error", why);
		rc = plain_refs(&r, push, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int outcome_record(struct ledger *l, const struct record_frame *frame,
		   const struct push *moved, const char *decision,
		   struct err *e)
{
	struct record r;
	int rc = record_init(&r, l, frame, "outcome", e);

	if (!rc) {
		record_text(&r, r.root, "decision",
			    *decision ? decision : NULL);
		rc = plain_refs(&r, moved, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int change_record(struct ledger *l, const struct record_frame *frame,
		  const struct change_note *what, struct err *e)
{
	struct record r;
	int rc = record_init(&r, l, frame, what->kind, e);

	if (!rc) {
		record_text(&r, r.root, "from", what->from);
		record_text(&r, r.root, "to", what->to);
		record_digest(&r, r.root, "baseline", what->digest);
		if (what->count)
			record_number(&r, r.root, "tips", what->count);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
