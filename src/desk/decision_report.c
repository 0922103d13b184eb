/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "desk/decision_tickets.h"
#include "desk/record.h"

/* What stands for a number while there is none. */
#define PERSON_NEW SIZE_MAX
#define PERSON_UNNAMED (SIZE_MAX - 1)

enum {
	PERSON_BYTES = 100,	  /* of salt and member names */
	BYTE_BYTES = 6,		  /* that one byte may take, as \u0001 */
	PUSHER_BYTES = 32 * 1024, /* kept for who pushed, counted above */
	PERSONS_BYTES = LEDGER_MAX_PERSONS - PUSHER_BYTES
};

struct evidence_key;

/* The record being made of one report. */
struct making {
	struct record *r;
	const struct report *report;
	const struct policy *policy;
	size_t *numbers; /* in the record, of the report's persons */
	size_t named, unnamed, bytes;
	struct evidence_key *evidence; /* sorted by ref and rule */
	struct err *e;
};

static size_t person_bytes(const struct report_person *p)
{
	const char *const parts[] = {p->principal, p->name, p->email, p->login};
	size_t i, n = PERSON_BYTES;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		n += parts[i] ? BYTE_BYTES * strlen(parts[i]) : 0;
	return n;
}

static int name_person(struct making *m, size_t person)
{
	size_t n;

	if (person >= m->report->npersons || m->numbers[person] != PERSON_NEW)
		return 0;
	n = person_bytes(&m->report->persons[person]);
	if (m->named == DECISION_PERSONS_MAX || n > PERSONS_BYTES - m->bytes) {
		m->numbers[person] = PERSON_UNNAMED;
		m->unnamed++;
		return 0;
	}
	m->named++;
	m->bytes += n;
	return record_person(m->r, &m->report->persons[person],
			     &m->numbers[person], m->e);
}

/* Those who approved come first: a record has room for so many, and the
 * import of a long history brings more. */
static int make_persons(struct making *m)
{
	const struct report *p = m->report;
	size_t i, k;
	int rc = 0;

	m->numbers = malloc((p->npersons + 1) * sizeof(*m->numbers));
	if (!m->numbers)
		return err_nomem(m->e);
	for (i = 0; i < p->npersons; i++)
		m->numbers[i] = PERSON_NEW;
	for (i = 0; !rc && i < p->napprovals; i++)
		rc = name_person(m, p->approvals[i].who);
	for (i = 0; !rc && i < p->ncertificates; i++)
		rc = name_person(m, p->certificates[i].who);
	for (i = 0; !rc && i < p->ntags; i++)
		rc = name_person(m, p->tags[i].who);
	for (i = 0; !rc && i < p->nsignatures; i++)
		rc = name_person(m, p->signatures[i].who);
	for (i = 0; !rc && i < p->nfindings; i++) {
		for (k = 0; !rc && k < p->findings[i].nwho; k++)
			rc = name_person(m, p->findings[i].who[k]);
		if (!rc)
			rc = name_person(m, p->findings[i].author);
	}
	for (i = 0; !rc && i < p->nprovenance; i++)
		rc = name_person(m, p->provenance[i].author);
	for (i = 0; !rc && i < p->nevidence; i++)
		rc = name_person(m, p->evidence[i].who);
	if (m->unnamed)
		record_number(m->r, m->r->root, "persons_unnamed", m->unnamed);
	return rc;
}

static bool is_named(const struct making *m, size_t person)
{
	return person < m->report->npersons &&
	       m->numbers[person] < PERSON_UNNAMED;
}

static void add_person(struct making *m, yyjson_mut_val *obj, const char *name,
		       size_t person)
{
	if (is_named(m, person))
		record_number(m->r, obj, name, m->numbers[person]);
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
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	for (i = 0; arr && i < m->report->nrefs; i++) {
		const struct report_ref *f = &m->report->refs[i];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "name", f->name);
		record_text(m->r, o, "real", f->real);
		record_text(m->r, o, "old", f->old);
		record_text(m->r, o, "new", f->new_);
		record_text(m->r, o, "kind",
			    ref_kind_word((enum ref_kind)f->kind));
		record_texts(m->r, o, "gates", (const char *const *)f->gates,
			     list_length(f->gates));
		if (list_length(f->previews))
			record_texts(m->r, o, "previews",
				     (const char *const *)f->previews,
				     list_length(f->previews));
		record_text(m->r, o, "mirror", f->mirror);
		record_text(m->r, o, "mode",
			    policy_mode_word((enum policy_mode)f->mode));
		record_text(m->r, o, "verdict",
			    verdict_word((enum verdict)f->verdict));
		if (f->would != f->verdict)
			record_text(m->r, o, "would",
				    verdict_word((enum verdict)f->would));
		record_number(m->r, o, "commits", f->commits);
		record_digest(m->r, o, "digest", f->digest);
		if (list_length(f->approves))
			record_texts(m->r, o, "approves",
				     (const char *const *)f->approves,
				     list_length(f->approves));
	}
	return record_list(m->r, "refs", arr, m->e);
}

/* ---- what each rule relied on ---- */

struct evidence_key {
	size_t ref, rule, at;
};

static int compare_evidence(const void *a, const void *b)
{
	const struct evidence_key *x = a, *y = b;

	if (x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int sort_evidence(struct making *m)
{
	size_t n = m->report->nevidence, i;

	m->evidence = calloc(n + 1, sizeof(*m->evidence));
	if (!m->evidence)
		return err_nomem(m->e);
	for (i = 0; i < n; i++) {
		const struct report_evidence *v = &m->report->evidence[i];

		m->evidence[i] = (struct evidence_key){v->ref, v->rule, i};
	}
	qsort(m->evidence, n, sizeof(*m->evidence), compare_evidence);
	return 0;
}

/* The first that is not before this ref and rule. */
static size_t find_evidence(const struct making *m, size_t ref, size_t rule)
{
	const struct evidence_key want = {ref, rule, 0};
	size_t from = 0, to = m->report->nevidence;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (compare_evidence(&m->evidence[mid], &want) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static void make_rule_evidence(struct making *m, yyjson_mut_val *rule,
			       const struct report_result *res)
{
	size_t i = find_evidence(m, res->ref, res->rule);
	yyjson_mut_val *arr = NULL;

	for (; i < m->report->nevidence; i++) {
		const struct evidence_key *k = &m->evidence[i];
		const struct report_evidence *v = &m->report->evidence[k->at];
		yyjson_mut_val *o;

		if (k->ref != res->ref || k->rule != res->rule)
			return;
		if (!arr)
			arr = yyjson_mut_obj_add_arr(m->r->doc, rule,
						     "evidence");
		if (!arr)
			return;
		o = record_object(m->r, arr);
		record_text(m->r, o, "kind", v->kind);
		record_text(m->r, o, "commit", v->commit);
		record_text(m->r, o, "text", v->text);
		add_person(m, o, "person", v->who);
		if (!strcmp(v->kind, "claim"))
			record_text(m->r, o, "proof", "host-claimed");
	}
}

/* Whether the rule was broken, let in or not; an exception was meant. */
static bool was_broken(const struct report_result *res)
{
	return res->result == RESULT_FAIL || res->result == RESULT_WARN ||
	       (res->result == RESULT_WAIVED && res->why &&
		!strcmp(res->why, "emergency"));
}

/* What no rule asks for and is refused all the same is no bagatelle. */
static const char *gravest(const struct making *m)
{
	int worst = SEVERITY_NONE;

	for (size_t i = 0; i < m->report->nresults; i++) {
		const struct report_result *res = &m->report->results[i];
		int severity = m->policy->rules[res->rule].severity;

		if (was_broken(res) && severity > worst)
			worst = severity;
	}
	if (!worst && m->report->verdict == VERDICT_REJECT)
		worst = SEVERITY_HIGH;
	return worst ? severity_word(worst) : NULL;
}

static int make_rules(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	for (i = 0; arr && i < m->report->nresults; i++) {
		const struct report_result *res = &m->report->results[i];
		const struct rule *rule = &m->policy->rules[res->rule];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "rule", rule->name);
		record_text(m->r, o, "check", rule->check);
		record_text(m->r, o, "ref", m->report->refs[res->ref].real);
		record_texts(m->r, o, "controls",
			     (const char *const *)rule->controls.v,
			     rule->controls.n);
		record_text(m->r, o, "mode",
			    policy_mode_word((enum policy_mode)res->mode));
		record_text(m->r, o, "result",
			    result_word((enum result)res->result));
		record_text(m->r, o, "why", res->why);
		if (was_broken(res))
			record_text(m->r, o, "severity",
				    severity_word(rule->severity));
		record_number(m->r, o, "commits", res->commits);
		record_number(m->r, o, "matched", res->matched);
		if (res->waived)
			record_number(m->r, o, "waived", res->waived);
		if (res->by_bot)
			record_number(m->r, o, "by_bot", res->by_bot);
		record_text(m->r, o, "bot", res->bot);
		make_rule_evidence(m, o, res);
	}
	return record_list(m->r, "rules", arr, m->e);
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

		if (k < f->nwho) {
			if (is_named(m, f->who[k]))
				buf_addf(&b, "{person:%zu}",
					 m->numbers[f->who[k]]);
			else
				buf_adds(&b, "{person:?}");
			at += 2;
		} else {
			buf_addch(&b, *at);
		}
	}
	record_text(m->r, o, name, b.data);
	buf_release(&b);
}

static void add_people(struct making *m, yyjson_mut_val *o,
		       const struct report_finding *f)
{
	yyjson_mut_val *arr;
	size_t i;

	if (!f->nwho)
		return;
	arr = yyjson_mut_obj_add_arr(m->r->doc, o, "people");
	for (i = 0; arr && i < f->nwho; i++)
		if (is_named(m, f->who[i]))
			yyjson_mut_arr_add_uint(m->r->doc, arr,
						m->numbers[f->who[i]]);
}

static const char *weight_word(int weight)
{
	switch ((enum weight)weight) {
	case WEIGHT_REJECT:
		return "reject";
	case WEIGHT_WARN:
		return "warn";
	case WEIGHT_EXCUSED:
		return "excused";
	case WEIGHT_ADVICE:
	case WEIGHT_NONE:
		break;
	}
	return "advice";
}

static int make_findings(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	for (i = 0; arr && i < m->report->nfindings; i++) {
		const struct report_finding *f = &m->report->findings[i];
		const struct rule *rule = rule_of(m, f->rule);
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "rule", rule ? rule->name : NULL);
		record_text(m->r, o, "check", f->check);
		record_text(m->r, o, "code", f->code);
		record_text(m->r, o, "weight", weight_word(f->weight));
		if (f->ref < m->report->nrefs)
			record_text(m->r, o, "ref",
				    m->report->refs[f->ref].real);
		record_text(m->r, o, "commit", f->commit);
		record_text(m->r, o, "subject", f->subject);
		add_person(m, o, "person", f->author);
		add_named_text(m, o, "text", f->text, f);
		add_named_text(m, o, "hint", f->hint, f);
		add_people(m, o, f);
	}
	return record_list(m->r, "findings", arr, m->e);
}

static int make_provenance(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	for (i = 0; arr && i < m->report->nprovenance; i++) {
		const struct report_provenance *p = &m->report->provenance[i];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "commit", p->commit);
		add_person(m, o, "person", p->author);
		record_text(m->r, o, "agent", p->agent);
		record_text(m->r, o, "model", p->model);
		record_text(m->r, o, "session", p->session);
		record_bool(m->r, o, "declared", p->declared);
		record_bool(m->r, o, "detected", p->detected);
		record_text(m->r, o, "how", p->how);
		record_text(m->r, o, "trailer", p->trailer);
		record_text(m->r, o, "inherited", p->inherited);
		record_digest(m->r, o, "digest", p->digest);
	}
	return record_list(m->r, "provenance", arr, m->e);
}

static int make_statements(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	if (!m->report->nstatements)
		return 0;
	for (i = 0; arr && i < m->report->nstatements; i++) {
		const struct report_statement *s = &m->report->statements[i];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "commit", s->commit);
		record_number(m->r, o, "commits", s->commits);
		record_digest(m->r, o, "digest", s->digest);
		record_text(m->r, o, "agent", s->agent);
		record_text(m->r, o, "model", s->model);
		record_text(m->r, o, "session", s->session);
		record_text(m->r, o, "trailer", s->trailer);
		if (s->none)
			record_bool(m->r, o, "none", true);
		else
			record_bool(m->r, o, "declared", s->declared);
	}
	return record_list(m->r, "statements", arr, m->e);
}

/* The signed tag's own bytes outlive its ref. */
static int keep_bytes(struct making *m, yyjson_mut_val *o, const char *raw)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc;

	if (!raw || !*raw)
		return 0;
	if (!base64_decode(&bytes, span_str(raw)))
		rc = err_set(m->e, ERR_MALFORMED,
			     "the judge's report has broken evidence");
	else
		rc = record_evidence(m->r, o, "evidence",
				     span_of(bytes.data, bytes.len), m->e);
	buf_release(&bytes);
	return rc;
}

static int make_approvals(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;
	int rc = 0;

	for (i = 0; arr && !rc && i < m->report->napprovals; i++) {
		const struct report_approval *a = &m->report->approvals[i];
		const struct rule *rule = rule_of(m, a->rule);
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "rule", rule ? rule->name : NULL);
		record_text(m->r, o, "ref", m->report->refs[a->ref].real);
		record_text(m->r, o, "kind", a->kind);
		record_text(m->r, o, "proof", "signed");
		record_text(m->r, o, "at", a->at);
		record_text(m->r, o, "tag", a->tag);
		record_digest(m->r, o, "payload", a->payload);
		add_person(m, o, "person", a->who);
		record_text(m->r, o, "format", a->format);
		record_text(m->r, o, "key_type", a->key_type);
		record_text(m->r, o, "key", a->fingerprint);
		record_bool(m->r, o, "presence", a->presence);
		record_bool(m->r, o, "verification", a->verification);
		record_bool(m->r, o, "counted", a->counted);
		record_text(m->r, o, "why", a->why);
		record_number(m->r, o, "covers", a->covers);
		record_text(m->r, o, "withdrawn_by", a->withdrawn);
		record_text(m->r, o, "withdrawal", a->withdrawal);
		if (list_length(a->others))
			record_texts(m->r, o, "also_for",
				     (const char *const *)a->others,
				     list_length(a->others));
		record_digest(m->r, o, "digest", a->digest);
		record_text(m->r, o, "tip", a->tip);
		record_text(m->r, o, "made", a->digest ? a->made : NULL);
		record_text(m->r, o, "end", a->end);
		record_text(m->r, o, "carried", a->carried);
		record_text(m->r, o, "carried_from", a->from);
		rc = keep_bytes(m, o, a->raw);
	}
	return rc ? rc : record_list(m->r, "approvals", arr, m->e);
}

static const char *signed_word(int of)
{
	switch ((enum signed_thing)of) {
	case SIGNED_TAG:
		return "tag";
	case SIGNED_PUSH:
		return "push";
	case SIGNED_COMMIT:
	case SIGNED_NONE:
		break;
	}
	return "commits";
}

/* One word for what came of a certificate. */
static const char *certificate_word(const struct report_certificate *c)
{
	switch ((enum push_cert_state)c->state) {
	case PUSH_CERT_MALFORMED:
	case PUSH_CERT_NONE:
		break;
	case PUSH_CERT_OTHER:
		return "other-push";
	case PUSH_CERT_NONCE:
		return "nonce";
	case PUSH_CERT_FITS:
		return signature_status_word((enum signature_status)c->status);
	}
	return "malformed";
}

static const char *unless_empty(const char *s)
{
	return *s ? s : NULL;
}

static int make_certificate(struct making *m)
{
	const struct report_certificate *c = m->report->certificates;
	yyjson_mut_val *o;

	if (!m->report->ncertificates)
		return 0;
	o = yyjson_mut_obj_add_obj(m->r->doc, m->r->root, "certificate");
	if (!o)
		return err_nomem(m->e);
	record_text(m->r, o, "result", certificate_word(c));
	record_text(m->r, o, "why", unless_empty(c->why));
	record_text(m->r, o, "nonce", c->nonce);
	add_person(m, o, "person", c->who);
	record_text(m->r, o, "format", unless_empty(c->format));
	record_text(m->r, o, "key_type", unless_empty(c->key_type));
	record_text(m->r, o, "key", unless_empty(c->fingerprint));
	record_bool(m->r, o, "presence", c->presence);
	record_bool(m->r, o, "verification", c->verification);
	return keep_bytes(m, o, c->raw);
}

/* Ids with blanks between them, as a list. */
static void add_ids(struct making *m, yyjson_mut_val *o, const char *ids)
{
	yyjson_mut_val *arr;
	struct cursor at;
	struct span id;

	if (!ids)
		return;
	arr = yyjson_mut_obj_add_arr(m->r->doc, o, "objects");
	at = cursor_of(ids, strlen(ids));
	while (arr && cursor_left(&at)) {
		if (!cursor_until(&at, ' ', &id))
			cursor_take(&at, cursor_left(&at), &id);
		yyjson_mut_arr_add_strncpy(m->r->doc, arr, id.p, id.n);
	}
}

static int make_signatures(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	if (!m->report->nsignatures)
		return 0;
	for (i = 0; arr && i < m->report->nsignatures; i++) {
		const struct report_signature *s = &m->report->signatures[i];
		const struct rule *rule = rule_of(m, s->rule);
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "rule", rule ? rule->name : NULL);
		if (s->ref < m->report->nrefs)
			record_text(m->r, o, "ref",
				    m->report->refs[s->ref].real);
		record_text(m->r, o, "of", signed_word(s->of));
		add_person(m, o, "person", s->who);
		record_text(m->r, o, "format", s->format);
		record_text(m->r, o, "key_type",
			    s->key_type[0] ? s->key_type : NULL);
		record_text(m->r, o, "key", s->fingerprint);
		record_bool(m->r, o, "presence", s->presence);
		record_bool(m->r, o, "verification", s->verification);
		record_number(m->r, o, "count", s->count);
		add_ids(m, o, s->objects);
	}
	return record_list(m->r, "signatures", arr, m->e);
}

static int make_changes(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	if (!m->report->nchanges)
		return 0;
	for (i = 0; arr && i < m->report->nchanges; i++) {
		const struct report_change *c = &m->report->changes[i];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "commit", c->commit);
		record_digest(m->r, o, "digest", c->digest);
		if (c->ref != REPORT_NO_REF)
			record_text(m->r, o, "ref",
				    m->report->refs[c->ref].real);
		if (c->known)
			record_bool(m->r, o, "known", true);
		if (c->back)
			record_bool(m->r, o, "takes_back", true);
	}
	return record_list(m->r, "changes", arr, m->e);
}

/* What was let in unreviewed since it only takes back. */
static int make_reverts(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i;

	if (!m->report->nreverts)
		return 0;
	for (i = 0; arr && i < m->report->nreverts; i++) {
		const struct report_revert *v = &m->report->reverts[i];
		yyjson_mut_val *o = record_object(m->r, arr);

		record_text(m->r, o, "ref", m->report->refs[v->ref].real);
		record_text(m->r, o, "commit", v->commit);
		record_text(m->r, o, "undoes", v->undoes);
		record_text(m->r, o, "record", v->record);
		if (v->whole)
			record_bool(m->r, o, "whole", true);
		record_text(m->r, o, "review_until",
			    v->review ? v->deadline : NULL);
	}
	return record_list(m->r, "reverts", arr, m->e);
}

/* Which exceptions were used; what they say is in records of their own. */
static int make_waivers(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i, n = 0;

	for (i = 0; arr && i < m->report->ntags; i++) {
		const struct report_tag *t = &m->report->tags[i];
		const struct rule *rule = rule_of(m, t->rule);
		yyjson_mut_val *o;

		if (t->kind != STATEMENT_WAIVER || t->created ||
		    t->ref >= m->report->nrefs)
			continue;
		n++;
		o = record_object(m->r, arr);
		record_text(m->r, o, "rule", rule ? rule->name : NULL);
		record_text(m->r, o, "ref", m->report->refs[t->ref].real);
		record_text(m->r, o, "at", t->at);
		record_text(m->r, o, "tag", t->tag);
		record_text(m->r, o, "until", t->until);
		record_number(m->r, o, "commits", t->commits);
		add_person(m, o, "person", t->who);
	}
	return n ? record_list(m->r, "waivers", arr, m->e) : 0;
}

static void add_texts(struct making *m, yyjson_mut_val *o, const char *name,
		      const char **list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	if (n)
		record_texts(m->r, o, name, list, n);
}

/* Foreign history that somebody signed for: now, or earlier and it comes now.
 */
static int make_imports(struct making *m)
{
	yyjson_mut_val *arr = yyjson_mut_arr(m->r->doc);
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; arr && !rc && i < m->report->ntags; i++) {
		const struct report_tag *t = &m->report->tags[i];
		yyjson_mut_val *o;

		if (t->kind != STATEMENT_IMPORT || t->ref >= m->report->nrefs)
			continue;
		n++;
		o = record_object(m->r, arr);
		record_text(m->r, o, "ref", m->report->refs[t->ref].real);
		record_text(m->r, o, "at", t->at);
		record_text(m->r, o, "tag", t->tag);
		record_text(m->r, o, "tip", t->tip);
		add_texts(m, o, "for", t->refs);
		record_text(m->r, o, "prefix", t->paths ? t->paths[0] : NULL);
		record_text(m->r, o, "until", t->until);
		record_text(m->r, o, "reason", t->reason);
		if (!t->created) {
			record_number(m->r, o, "commits", t->commits);
			record_number(m->r, o, "files", t->files);
		}
		add_person(m, o, "person", t->who);
		record_text(m->r, o, "key", t->fingerprint);
		rc = keep_bytes(m, o, t->raw);
	}
	return rc || !n ? rc : record_list(m->r, "imports", arr, m->e);
}

static void make_head(struct making *m)
{
	const struct report *report = m->report;
	struct record *r = m->r;

	record_text(r, r->root, "verdict",
		    verdict_word((enum verdict)report->verdict));
	if (report->would != report->verdict)
		record_text(r, r->root, "would",
			    verdict_word((enum verdict)report->would));
	record_text(r, r->root, "mode",
		    policy_mode_word((enum policy_mode)report->mode));
	record_text(r, r->root, "severity", gravest(m));
	record_text(r, r->root, "unprotected", report->sandbox);
	record_number(r, r->root, "commits", report->commits);
	record_number(r, r->root, "problems", report->nfindings_all);
	if (report->nevidence_all > report->nevidence)
		record_number(r, r->root, "evidence_unrecorded",
			      report->nevidence_all - report->nevidence);
}

int decision_add_report(struct record *r, const struct report *report,
			const struct policy *policy, struct err *e)
{
	struct making m = {.r = r, .report = report, .policy = policy, .e = e};
	int rc = make_persons(&m);

	if (!rc)
		rc = sort_evidence(&m);
	if (!rc) {
		make_head(&m);
		rc = make_refs(&m);
	}
	if (!rc)
		rc = make_rules(&m);
	if (!rc)
		rc = make_findings(&m);
	if (!rc)
		rc = make_provenance(&m);
	if (!rc)
		rc = make_approvals(&m);
	if (!rc)
		rc = make_waivers(&m);
	if (!rc)
		rc = make_imports(&m);
	if (!rc)
		rc = make_signatures(&m);
	if (!rc)
		rc = make_certificate(&m);
	if (!rc)
		rc = make_changes(&m);
	if (!rc)
		rc = make_reverts(&m);
	if (!rc)
		rc = make_statements(&m);
	if (!rc)
		rc = decision_add_tickets(r, report, policy, e);
	free(m.numbers);
	free(m.evidence);
	return rc;
}
