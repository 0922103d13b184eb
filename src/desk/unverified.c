/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/unverified.h"

#include "checks/ticket.h"
#include "desk/record.h"
#include "gate/unverified.h"

/** A group, by the number of the ticket that leads it. */
struct group {
	const struct report *report;
	const struct policy *policy;
	size_t leader;
};

static bool leads(const struct group *g, size_t i)
{
	return unverified_leads(g->report, g->policy, i);
}

static bool is_same(const struct group *g, size_t i)
{
	return unverified_is_same(g->report, g->policy, g->leader, i);
}

/* Whether an earlier record asks the same. */
static bool is_asked(const struct group *g)
{
	size_t i;

	for (i = 0; i < g->leader; i++)
		if (leads(g, i) && is_same(g, i))
			return true;
	return false;
}

static void add_ticket(struct record *r, yyjson_mut_val *arr,
		       const struct report_ticket *t)
{
	enum ticket_answer answer = (enum ticket_answer)t->answer;
	yyjson_mut_val *o = record_object(r, arr);

	record_text(r, o, "id", t->id);
	record_text(r, o, "code", ticket_answer_code(answer));
	record_text(r, o, "asked", t->asked);
	record_text(r, o, "why", t->why);
}

static int add_tickets(struct record *r, const struct group *g, struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	size_t i;

	for (i = g->leader; arr && i < g->report->ntickets; i++)
		if (unverified_is_of(g->report, g->policy, g->leader, i))
			add_ticket(r, arr, &g->report->tickets[i]);
	return record_list(r, "tickets", arr, e);
}

static bool has_ref(const struct group *g, size_t ref, size_t below)
{
	size_t i;

	for (i = g->leader; i < below; i++)
		if (g->report->tickets[i].ref == ref && leads(g, i) &&
		    is_same(g, i))
			return true;
	return false;
}

static int add_refs(struct record *r, const struct group *g, struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc), *o;
	size_t i;

	for (i = g->leader; arr && i < g->report->ntickets; i++) {
		const struct report_ref *ref =
			&g->report->refs[g->report->tickets[i].ref];

		if (!leads(g, i) || !is_same(g, i) ||
		    has_ref(g, g->report->tickets[i].ref, i))
			continue;
		o = record_object(r, arr);
		record_text(r, o, "name", ref->name);
		record_text(r, o, "real", ref->real);
		record_text(r, o, "old", ref->old);
		record_text(r, o, "new", ref->new_);
	}
	return record_list(r, "refs", arr, e);
}

static void add_words(struct record *r, const char *name,
		      const struct option_list *words)
{
	if (words->n)
		record_texts(r, r->root, name, (const char *const *)words->v,
			     words->n);
}

/* All that it takes to ask again: the policy of then counts, whatever it is
 * by then. */
static int record_group(struct ledger *l, const struct record_frame *frame,
			const struct group *g, const char *decision,
			struct err *e)
{
	const struct rule *rule =
		&g->policy->rules[g->report->tickets[g->leader].rule];
	const struct ticket_options *o = ticket_options_of(rule);
	struct record_frame own = *frame;
	struct record r;
	int rc;

	own.id = NULL;
	rc = record_init(&r, l, &own, "ticket", e);
	if (!rc) {
		record_text(&r, r.root, "lookup",
			    ticket_answer_word(TICKET_UNREACHABLE));
		record_text(&r, r.root, "severity",
			    severity_word(SEVERITY_MEDIUM));
		record_text(&r, r.root, "decision", decision);
		record_text(&r, r.root, "rule", rule->name);
		record_text(&r, r.root, "sink", o->lookup);
		add_words(&r, "states", &o->states);
		add_words(&r, "require", &o->require);
		rc = add_tickets(&r, g, e);
	}
	if (!rc)
		rc = add_refs(&r, g, e);
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int unverified_record(struct ledger *l, const struct record_frame *frame,
		      const struct report *report, const char *decision,
		      struct err *e)
{
	struct group g = {.report = report, .policy = frame->policy};
	int rc = 0;

	for (; !rc && g.leader < report->ntickets; g.leader++)
		if (leads(&g, g.leader) && !is_asked(&g))
			rc = record_group(l, frame, &g, decision, e);
	return rc;
}

int unverified_record_closed(struct ledger *l, const struct record_frame *frame,
			     const struct unverified_case *c,
			     const char *reason, struct err *e)
{
	struct record_frame own = *frame;
	struct record r;
	int rc;

	own.repository = c->repository;
	own.git_namespace = c->git_namespace;
	rc = record_init(&r, l, &own, "ticket", e);
	if (!rc) {
		record_text(&r, r.root, "severity",
			    severity_word(SEVERITY_LOW));
		record_text(&r, r.root, "question", c->id);
		record_text(&r, r.root, "decision", c->decision);
		record_text(&r, r.root, "rule", c->rule);
		record_text(&r, r.root, "sink", c->sink);
		record_text(&r, r.root, "by_hand", reason);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
