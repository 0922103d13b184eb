/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_tickets.h"

#include <string.h>

#include "checks/ticket.h"

/* What one takes beside the name of its ref, mostly less. */
enum { TICKET_BYTES = 400 };

static void add_ticket(struct draft *d, yyjson_mut_val *arr,
		       const struct report_ticket *t)
{
	const struct rule *rule = draft_rule(d, t->rule);
	struct record *r = d->r;
	enum ticket_answer answer = (enum ticket_answer)t->answer;
	const char *code = ticket_answer_code(answer);
	yyjson_mut_val *o = record_object(r, arr);

	record_text(r, o, "id", t->id);
	record_text(r, o, "ref", d->report->refs[t->ref].real);
	record_text(r, o, "rule", rule ? rule->name : NULL);
	record_text(r, o, "from", t->from);
	record_text(r, o, "commit", t->commit);
	record_text(r, o, "lookup", ticket_answer_word(answer));
	record_text(r, o, "code", *code ? code : NULL);
	record_text(r, o, "sink", t->sink);
	record_text(r, o, "state", t->state);
	record_text(r, o, "asked", t->asked);
	record_text(r, o, "why", t->why);
}

static size_t bytes_of(const struct report *report,
		       const struct report_ticket *t)
{
	return strlen(report->refs[t->ref].real) + TICKET_BYTES;
}

/* They stand in the record itself: a destination finds its ticket by the
 * first. What is too much is counted. */
int decision_add_tickets(struct draft *d)
{
	const struct report *report = d->report;
	struct record *r = d->r;
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i, bytes = 0;

	if (!report->ntickets)
		return 0;
	for (i = 0; arr && i < report->ntickets; i++) {
		bytes += bytes_of(report, &report->tickets[i]);
		if (i && bytes > DECISION_LIST_BYTES)
			break;
		add_ticket(d, arr, &report->tickets[i]);
	}
	if (i < report->ntickets)
		record_number(r, r->root, "tickets_unrecorded",
			      report->ntickets - i);
	return arr && yyjson_mut_obj_add_val(r->doc, r->root, "tickets", arr)
		       ? 0
		       : err_nomem(d->e);
}
