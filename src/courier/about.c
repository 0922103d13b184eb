/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/about.h"

#include <string.h>

#include "base/glob.h"
#include "base/text.h"

static yyjson_doc *parse(struct span json)
{
	return yyjson_read(json.p, json.n, 0);
}

yyjson_val *about_root(const struct about *a)
{
	return yyjson_doc_get_root(a->record);
}

const char *about_text(yyjson_val *object, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(object, name));
}

static bool is_kind(const struct about *a, const char *kind)
{
	return !strcmp(a->head.kind, kind);
}

yyjson_val *about_decision(const struct about *a)
{
	return is_kind(a, "decision") ? about_root(a)
				      : yyjson_doc_get_root(a->decision);
}

/* Without its people a record still says what else it says. */
static int take_event(struct about *out, struct event_record *event,
		      struct err *e)
{
	int rc = event_record_people(event, &out->people, e);

	out->event = event;
	out->head = event->head;
	out->record = event->doc;
	if (rc != ERR_MALFORMED)
		return rc;
	err_clear(e);
	return 0;
}

static int find_decision(struct about *a, struct decisions *d, struct err *e)
{
	const char *id = about_text(about_root(a), "decision");
	int rc = id ? decisions_find(d, id, e) : 0;

	if (!id || rc)
		return rc;
	a->decision = d->doc;
	a->decision_people = d->people;
	a->decision_index = d->index;
	return 0;
}

static int look_around(struct about *a, struct decisions *d, bool deep,
		       struct err *e)
{
	int rc = 0;

	if (deep && is_kind(a, "decision"))
		decisions_note(d, a->event, a->index);
	else if (deep)
		rc = find_decision(a, d, e);
	if (rc)
		about_release(a);
	return rc;
}

int about_of(struct about *out, struct decisions *d, struct event_record *event,
	     uint64_t index, bool deep, struct err *e)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->index = index;
	rc = take_event(out, event, e);
	return rc ? rc : look_around(out, d, deep, e);
}

int about_read(struct about *out, struct decisions *d,
	       const struct ledger_item *item, bool deep, struct err *e)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->index = item->index;
	rc = event_record_read(&out->own, item->json, item->persons, e);
	if (!rc)
		rc = take_event(out, &out->own, e);
	if (!rc)
		return look_around(out, d, deep, e);
	about_release(out);
	return rc;
}

void about_release(struct about *a)
{
	event_record_release(&a->own);
	memset(a, 0, sizeof(*a));
}

enum severity about_severity(const struct about *a)
{
	const char *word = about_text(about_root(a), "severity");

	if (!word && is_kind(a, "break"))
		return SEVERITY_HIGH;
	if (!word && is_kind(a, "parked"))
		return SEVERITY_MEDIUM;
	if (!word)
		word = about_text(about_decision(a), "severity");
	return severity_of(word);
}

static bool was_excused(yyjson_val *decision)
{
	yyjson_val *findings = yyjson_obj_get(decision, "findings"), *one;
	size_t i, n;

	/* too many to stand in the record: look */
	if (yyjson_obj_get(decision, "findings_evidence"))
		return true;
	yyjson_arr_foreach(
		findings, i, n,
		one) if (yyjson_equals_str(yyjson_obj_get(one, "weight"),
					   "excused")) return true;
	return false;
}

static void take_ticket(yyjson_val *record, char *out)
{
	const char *ticket = about_text(record, "ticket");
	size_t n = ticket ? strlen(ticket) : 0;

	if (n && n < ABOUT_MAX_TICKET)
		memcpy(out, ticket, n + 1);
}

/* The hook writes both within the same moment. */
static int look_behind(struct ledger *l, uint64_t index, const char *decision,
		       char *out, struct err *e)
{
	struct ledger_reader *r = NULL;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, index + 1, e);

	for (int i = 0; rc >= 0 && i < ABOUT_NEAR && !*out; i++) {
		yyjson_doc *doc;
		yyjson_val *root;

		rc = ledger_reader_next(r, &item, e);
		if (rc == 0)
			break;
		if (rc != 1)
			continue;
		doc = parse(item.json);
		root = yyjson_doc_get_root(doc);
		if (yyjson_equals_str(yyjson_obj_get(root, "kind"),
				      "emergency") &&
		    yyjson_equals_str(yyjson_obj_get(root, "decision"),
				      decision))
			take_ticket(root, out);
		yyjson_doc_free(doc);
	}
	ledger_reader_free(r);
	if (rc != ERR_MALFORMED)
		return rc < 0 ? rc : 0;
	err_clear(e);
	return 0;
}

int about_emergency(const struct about *a, struct ledger *l, char *out,
		    struct err *e)
{
	yyjson_val *decision = about_decision(a);
	const char *id = about_text(decision, "id");

	*out = '\0';
	if (is_kind(a, "emergency"))
		take_ticket(about_root(a), out);
	if (*out || !id || !was_excused(decision))
		return 0;
	return look_behind(
		l, is_kind(a, "decision") ? a->index : a->decision_index, id,
		out, e);
}

static bool any_glob(const struct option_list *globs, const char *text)
{
	for (size_t i = 0; i < globs->n; i++)
		if (text_glob(globs->v[i], text))
			return true;
	return false;
}

static bool by_gate(const struct about *a, const struct sink *sink)
{
	yyjson_val *refs = yyjson_obj_get(about_decision(a), "refs"), *ref;
	size_t i, n, k, m;
	yyjson_val *gate;

	yyjson_arr_foreach(refs, i, n, ref) yyjson_arr_foreach(
		yyjson_obj_get(ref, "gates"), k, m,
		gate) if (any_glob(&sink->gates,
				   yyjson_get_str(gate))) return true;
	return false;
}

bool about_is_asked(const struct sink *sink)
{
	return sink->verdicts.n || sink->gates.n || sink->repos.n ||
	       sink->severity || sink->ticket_pattern;
}

bool about_is_wanted(const struct about *a, const struct sink *sink)
{
	const char *verdict = about_text(about_decision(a), "verdict");
	const char *repository = about_text(about_root(a), "repository");

	if (sink->records.n && !option_list_has(&sink->records, a->head.kind))
		return false;
	if (sink->verdicts.n && verdict &&
	    !option_list_has(&sink->verdicts, verdict))
		return false;
	if (sink->repos.n && repository && !any_glob(&sink->repos, repository))
		return false;
	if (sink->gates.n && about_decision(a) && !by_gate(a, sink))
		return false;
	return !sink->severity || (int)about_severity(a) >= sink->severity;
}
