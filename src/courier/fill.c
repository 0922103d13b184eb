/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "courier/change.h"
#include "courier/tell.h"
#include "ledger/persons.h"
#include "ledger/proof.h"

int fill_ids(struct values *v, const struct sink *sink,
	     const struct event_head *head, uint64_t index, struct err *e)
{
	int rc = 0;

	v->vars = &sink->vars;
	if (*head->id)
		rc = values_set(v, TEMPLATE_ID, span_str(head->id), e);
	if (!rc)
		rc = values_set_number(v, TEMPLATE_INDEX, index, e);
	if (!rc && *head->kind)
		rc = values_set(v, TEMPLATE_KIND, span_str(head->kind), e);
	return rc;
}

static int set_text(struct values *v, enum template_name name, const char *text,
		    struct err *e)
{
	return text ? values_set(v, name, span_str(text), e) : 0;
}

static int fill_time(struct values *v, int64_t ms, struct err *e)
{
	char text[32];
	int rc;

	if (ms <= 0)
		return 0;
	rc = values_set_number(v, TEMPLATE_TIME_MS, (uint64_t)ms, e);
	snprintf(text, sizeof(text), "%" PRId64 ".%03d", ms / 1000,
		 (int)(ms % 1000));
	return rc ? rc : values_set(v, TEMPLATE_TIME_S, span_str(text), e);
}

/* Where a ticket is kept for each change, that is known by more. */
static int fill_ticket(struct values *v, const struct sink *sink,
		       const struct about *a, struct err *e)
{
	char number[CHANGE_KEY_SIZE];

	if (sink->per == SINK_PER_CHANGE || !sink->ticket_pattern ||
	    !change_named(a, sink, number))
		return 0;
	return values_set(v, TEMPLATE_TICKET, span_str(number), e);
}

static int fill_facts(struct values *v, const struct about *a, struct err *e)
{
	yyjson_val *decision = about_decision(a);
	int rc = set_text(v, TEMPLATE_TIME, about_text(about_root(a), "time"),
			  e);

	if (!rc)
		rc = fill_time(v, a->head.time_ms, e);
	if (!rc)
		rc = set_text(v, TEMPLATE_SEVERITY,
			      severity_word((int)about_severity(a)), e);
	if (!rc)
		rc = set_text(v, TEMPLATE_VERDICT,
			      about_text(decision, "verdict"), e);
	if (!rc)
		rc = set_text(v, TEMPLATE_REPOSITORY,
			      about_text(about_root(a), "repository"), e);
	if (!rc)
		rc = set_text(v, TEMPLATE_DECISION, about_text(decision, "id"),
			      e);
	return rc;
}

static int fill_told(struct values *v, const struct about *a, struct err *e)
{
	struct buf text = BUF_INIT(TELL_MAX_SUMMARY);
	int rc;

	tell_summary(a, &text);
	rc = values_set(v, TEMPLATE_SUMMARY, span_of(text.data, text.len), e);
	buf_release(&text);
	if (rc)
		return rc;
	buf_init(&text, TELL_MAX_COMMENT);
	tell_comment(a, &text);
	rc = values_set(v, TEMPLATE_COMMENT, span_of(text.data, text.len), e);
	buf_release(&text);
	return rc;
}

static int fill_record(struct values *v, const struct ledger_item *item,
		       struct err *e)
{
	struct buf text = BUF_INIT(EVENT_MAX_BYTES);
	int rc = persons_join(item->json, item->persons, &text, e);

	if (!rc)
		rc = values_set(v, TEMPLATE_RECORD,
				span_of(text.data, text.len), e);
	if (!rc) {
		v->doc = yyjson_read(text.data, text.len, 0);
		if (!v->doc)
			rc = err_set(e, ERR_MALFORMED,
				     "the record is not a JSON object");
	}
	buf_release(&text);
	return rc;
}

static int fill_event(struct values *v, struct ledger *l,
		      const struct ledger_item *item, struct err *e)
{
	struct buf text = BUF_INIT(EVENT_MAX_BYTES);
	int rc = event_render(item->json, item->persons, ledger_origin(l),
			      item->index, &text, e);

	if (!rc)
		rc = values_set(v, TEMPLATE_EVENT, span_of(text.data, text.len),
				e);
	buf_release(&text);
	return rc;
}

static int fill_origin(struct values *v, struct ledger *l, struct err *e)
{
	struct buf text = BUF_INIT(EVENT_MAX_SOURCE);
	int rc = set_text(v, TEMPLATE_ORIGIN, ledger_origin(l), e);

	if (!rc && !event_source(ledger_origin(l), &text))
		rc = values_set(v, TEMPLATE_SOURCE,
				span_of(text.data, text.len), e);
	buf_release(&text);
	return rc;
}

/* Where nothing is sealed there is none, and damage is for others to tell. */
static int fill_proof(struct values *v, struct ledger *l, uint64_t index,
		      struct err *e)
{
	struct buf text = BUF_INIT(PROOF_MAX);
	bool restored;
	int rc = proof_make(l, index, &text, &restored, e);

	if (!rc) {
		rc = values_set(v, TEMPLATE_PROOF, span_of(text.data, text.len),
				e);
	} else if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&text);
	return rc;
}

static bool uses(const struct sender *s, enum template_name name)
{
	return s->uses >> name & 1;
}

int fill_values(struct values *v, const struct sender *s, struct ledger *l,
		const struct about *a, const struct ledger_item *item,
		struct err *e)
{
	int rc = fill_ids(v, s->sink, &a->head, item->index, e);

	if (!rc)
		rc = fill_facts(v, a, e);
	if (!rc)
		rc = fill_ticket(v, s->sink, a, e);
	if (!rc)
		rc = fill_record(v, item, e);
	if (!rc)
		rc = fill_origin(v, l, e);
	if (!rc && (uses(s, TEMPLATE_SUMMARY) || uses(s, TEMPLATE_COMMENT)))
		rc = fill_told(v, a, e);
	if (!rc && uses(s, TEMPLATE_EVENT))
		rc = fill_event(v, l, item, e);
	if (!rc && (uses(s, TEMPLATE_PROOF) || s->sink->upload_url))
		rc = fill_proof(v, l, item->index, e);
	return rc;
}
