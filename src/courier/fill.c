/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/fill.h"

#include <string.h>

#include "base/text.h"
#include "courier/change.h"
#include "courier/tell.h"
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

/** What is asked for: the names that the sink's bodies have, and of the first
 * record of a request those that may stand in addresses and headers. */
struct filling {
	struct values *v;
	const struct sender *s;
	struct ledger *l;
	const struct about *a;
	bool first;
};

static bool uses(const struct filling *f, enum template_name name)
{
	return f->s->uses >> name & 1 ||
	       (f->first && template_traits(name) & TRAIT_SAFE);
}

static int set_text(const struct filling *f, enum template_name name,
		    const char *text, struct err *e)
{
	return text && uses(f, name) ? values_set(f->v, name, span_str(text), e)
				     : 0;
}

static int fill_head(const struct filling *f, struct err *e)
{
	int rc = set_text(f, TEMPLATE_ID, f->a->head.id, e);

	f->v->vars = &f->s->sink->vars;
	if (!rc && uses(f, TEMPLATE_INDEX))
		rc = values_set_number(f->v, TEMPLATE_INDEX, f->a->index, e);
	return rc ? rc : set_text(f, TEMPLATE_KIND, f->a->head.kind, e);
}

static int fill_time(const struct filling *f, struct err *e)
{
	uint64_t ms = f->a->head.time_ms > 0 ? (uint64_t)f->a->head.time_ms : 0;
	char text[TEXT_U64_SIZE + sizeof(".000")];
	size_t n;
	int rc = 0;

	if (ms && uses(f, TEMPLATE_TIME_MS))
		rc = values_set_number(f->v, TEMPLATE_TIME_MS, ms, e);
	if (rc || !ms || !uses(f, TEMPLATE_TIME_S))
		return rc;
	text_of_u64(ms / 1000, text);
	n = strlen(text);
	text[n++] = '.';
	for (unsigned digit = 100; digit; digit /= 10)
		text[n++] = (char)('0' + ms / digit % 10);
	text[n] = '\0';
	return set_text(f, TEMPLATE_TIME_S, text, e);
}

/* Where a ticket is kept for each change, that is known by more. */
static int fill_ticket(const struct filling *f, struct err *e)
{
	const struct sink *sink = f->s->sink;
	char number[CHANGE_KEY_SIZE];

	if (sink->per == SINK_PER_CHANGE || !sink->ticket_pattern ||
	    !change_named(f->a, sink, number))
		return 0;
	return values_set(f->v, TEMPLATE_TICKET, span_str(number), e);
}

static int set_member(const struct filling *f, enum template_name name,
		      yyjson_val *object, const char *member, struct err *e)
{
	return uses(f, name) ? set_text(f, name, about_text(object, member), e)
			     : 0;
}

static int fill_severity(const struct filling *f, struct err *e)
{
	if (!uses(f, TEMPLATE_SEVERITY))
		return 0;
	return set_text(f, TEMPLATE_SEVERITY,
			severity_word((int)about_severity(f->a)), e);
}

static int fill_facts(const struct filling *f, struct err *e)
{
	yyjson_val *decision = about_decision(f->a), *root = about_root(f->a);
	int rc = fill_severity(f, e);

	if (!rc)
		rc = set_member(f, TEMPLATE_TIME, root, "time", e);
	if (!rc)
		rc = set_member(f, TEMPLATE_VERDICT, decision, "verdict", e);
	if (!rc)
		rc = set_member(f, TEMPLATE_REPOSITORY, root, "repository", e);
	if (!rc)
		rc = set_member(f, TEMPLATE_DECISION, decision, "id", e);
	return rc;
}

static int fill_told(const struct filling *f, enum template_name name,
		     void (*tell)(const struct about *, struct buf *),
		     struct err *e)
{
	struct buf text = BUF_INIT(TELL_MAX_COMMENT);
	int rc;

	if (!uses(f, name))
		return 0;
	tell(f->a, &text);
	rc = values_set(f->v, name, span_of(text.data, text.len), e);
	buf_release(&text);
	return rc;
}

static int fill_record(const struct filling *f, struct err *e)
{
	int rc;

	buf_clear(&f->v->record);
	rc = event_record_join(f->a->event, &f->v->record, e);
	if (!rc)
		values_take_record(f->v, about_root(f->a));
	return rc;
}

static int fill_event(const struct filling *f, struct err *e)
{
	int rc;

	if (!uses(f, TEMPLATE_EVENT))
		return 0;
	buf_clear(&f->v->event);
	rc = event_record_render(f->a->event, ledger_origin(f->l), f->a->index,
				 &f->v->event, e);
	if (!rc)
		values_take_event(f->v);
	return rc;
}

static int fill_origin(const struct filling *f, struct err *e)
{
	const char *origin = ledger_origin(f->l);
	struct buf text = BUF_INIT(EVENT_MAX_SOURCE);
	int rc = set_text(f, TEMPLATE_ORIGIN, origin, e);

	if (!rc && uses(f, TEMPLATE_SOURCE) && !event_source(origin, &text))
		rc = values_set(f->v, TEMPLATE_SOURCE,
				span_of(text.data, text.len), e);
	buf_release(&text);
	return rc;
}

/* Where nothing is sealed there is none, and damage is for others to tell. */
static int fill_proof(const struct filling *f, struct err *e)
{
	struct buf text = BUF_INIT(PROOF_MAX);
	bool restored;
	int rc;

	if (!uses(f, TEMPLATE_PROOF) && !f->s->sink->upload_url)
		return 0;
	rc = proof_make(f->l, f->a->index, &text, &restored, e);
	if (!rc) {
		rc = values_set(f->v, TEMPLATE_PROOF,
				span_of(text.data, text.len), e);
	} else if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	buf_release(&text);
	return rc;
}

int fill_values(struct values *v, const struct sender *s, struct ledger *l,
		const struct about *a, bool first, struct err *e)
{
	struct filling f = {.v = v, .s = s, .l = l, .a = a, .first = first};
	int rc = fill_head(&f, e);

	if (!rc)
		rc = fill_time(&f, e);
	if (!rc)
		rc = fill_facts(&f, e);
	if (!rc)
		rc = fill_ticket(&f, e);
	if (!rc)
		rc = fill_record(&f, e);
	if (!rc)
		rc = fill_origin(&f, e);
	if (!rc)
		rc = fill_told(&f, TEMPLATE_SUMMARY, tell_summary, e);
	if (!rc)
		rc = fill_told(&f, TEMPLATE_COMMENT, tell_comment, e);
	if (!rc)
		rc = fill_event(&f, e);
	return rc ? rc : fill_proof(&f, e);
}
