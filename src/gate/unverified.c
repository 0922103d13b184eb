/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/unverified.h"

#include <string.h>

#include "base/text.h"
#include "checks/ticket.h"

enum { COLUMNS = 80, TICKETS_SHOWN = 3 };

static bool is_unanswered(const struct report_ticket *t)
{
	return t->answer == TICKET_UNREACHABLE;
}

static bool same_ref(const struct report_ticket *a,
		     const struct report_ticket *b)
{
	return a->rule == b->rule && a->ref == b->ref;
}

static const struct ticket_options *options_of(const struct policy *p,
					       const struct report_ticket *t)
{
	return t->rule < p->nrules ? ticket_options_of(&p->rules[t->rule])
				   : NULL;
}

bool unverified_is_of(const struct report *r, const struct policy *p,
		      size_t leader, size_t k)
{
	const struct report_ticket *a = &r->tickets[leader];
	const struct ticket_options *o = options_of(p, a);

	if (!o || o->scope == TICKET_COMMIT)
		return k == leader;
	return same_ref(a, &r->tickets[k]) && is_unanswered(&r->tickets[k]);
}

/* The answers of the push beside it. */
static bool is_answered(const struct report *r, const struct report_ticket *a)
{
	size_t k;

	for (k = 0; k < r->ntickets; k++)
		if (same_ref(a, &r->tickets[k]) &&
		    r->tickets[k].answer != TICKET_UNASKED &&
		    !is_unanswered(&r->tickets[k]))
			return true;
	return false;
}

bool unverified_leads(const struct report *r, const struct policy *p, size_t i)
{
	const struct report_ticket *a = &r->tickets[i];
	const struct ticket_options *o = options_of(p, a);
	size_t k;

	if (!o || !o->lookup || !is_unanswered(a))
		return false;
	if (o->scope == TICKET_COMMIT)
		return true;
	for (k = 0; k < i; k++)
		if (same_ref(a, &r->tickets[k]) &&
		    is_unanswered(&r->tickets[k]))
			return false;
	return !is_answered(r, a);
}

static bool has_id(const struct report *r, const struct policy *p,
		   size_t leader, const char *id)
{
	size_t k;

	for (k = leader; k < r->ntickets; k++)
		if (unverified_is_of(r, p, leader, k) &&
		    !strcmp(r->tickets[k].id, id))
			return true;
	return false;
}

static bool has_all(const struct report *r, const struct policy *p, size_t a,
		    size_t b)
{
	size_t k;

	for (k = b; k < r->ntickets; k++)
		if (unverified_is_of(r, p, b, k) &&
		    !has_id(r, p, a, r->tickets[k].id))
			return false;
	return true;
}

bool unverified_is_same(const struct report *r, const struct policy *p,
			size_t a, size_t b)
{
	return r->tickets[a].rule == r->tickets[b].rule &&
	       has_all(r, p, a, b) && has_all(r, p, b, a);
}

/* ---- for who pushes ---- */

/* Whether it is of any group. */
static bool is_asked_again(const struct report *r, const struct policy *p,
			   size_t i)
{
	size_t k;

	for (k = 0; k <= i; k++)
		if (unverified_leads(r, p, k) && unverified_is_of(r, p, k, i))
			return true;
	return false;
}

static bool told_before(const struct report *r, const struct policy *p,
			size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strcmp(r->tickets[k].id, r->tickets[i].id) &&
		    is_asked_again(r, p, k))
			return true;
	return false;
}

size_t unverified_answer(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	struct buf names = BUF_INIT(ANSWER_MAX_BYTES / 8);
	size_t i, n = 0;

	for (i = 0; i < r->ntickets; i++) {
		if (!is_asked_again(r, a->policy, i) ||
		    told_before(r, a->policy, i) || n++ >= TICKETS_SHOWN)
			continue;
		buf_adds(&names, n > 1 ? ", " : " ");
		text_add_printable(&names, span_str(r->tickets[i].id), COLUMNS);
	}
	if (n > TICKETS_SHOWN)
		buf_addf(&names, " and %zu more", n - TICKETS_SHOWN);
	if (n)
		buf_addf(out,
			 "gatepost: ticket%s%s not verified: no answer from "
			 "the ticketing system. It will be checked again; a no "
			 "is recorded and reported\n",
			 n == 1 ? "" : "s", names.data);
	buf_release(&names);
	return n > 0;
}

size_t unasked_answer(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	size_t i;

	if (a->moves_refs)
		return 0;
	for (i = 0; i < r->ntickets; i++) {
		const struct ticket_options *o =
			options_of(a->policy, &r->tickets[i]);

		if (!o || !o->lookup || r->tickets[i].answer != TICKET_UNASKED)
			continue;
		buf_adds(out, "advice: whether ticket ");
		text_add_printable(out, span_str(r->tickets[i].id), COLUMNS);
		buf_adds(out, " allows this is not known here: only the server "
			      "asks, when it is pushed\n");
		return 1;
	}
	return 0;
}
