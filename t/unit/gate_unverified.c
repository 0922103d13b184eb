/* SPDX-License-Identifier: Apache-2.0 */

/* Which tickets a push relies on though nobody has answered for them. */

#include "gate_help.h"

#include <stdio.h>
#include <string.h>

#include "checks/ticket.h"
#include "gate/unverified.h"

enum { PUSH = 0, COMMIT, UNASKED_OF };

/* Rules: one ticket of the push, one of each commit, and no look-up. */
static const struct policy *policy_of_tickets(void)
{
	static char itsm[] = "itsm";
	static struct ticket_options options[] = {
		[PUSH] = {.scope = TICKET_PUSH, .lookup = itsm},
		[COMMIT] = {.scope = TICKET_COMMIT, .lookup = itsm},
		[UNASKED_OF] = {.scope = TICKET_PUSH},
	};
	static struct rule rules[] = {
		{.kind = &check_ticket.kind, .options = &options[PUSH]},
		{.kind = &check_ticket.kind, .options = &options[COMMIT]},
		{.kind = &check_ticket.kind, .options = &options[UNASKED_OF]},
	};
	static struct policy p = {.rules = rules, .nrules = 3};

	return &p;
}

static struct report_ticket tickets[8];

/* `WORD` of rule, ref, answer and id: `pa?7` is rule PUSH, ref 0, no answer;
 * `c`: COMMIT, `u`: UNASKED_OF; `b`: ref 1; `+` holds, `-` refused, `.`
 * nobody was asked. */
static struct report reports(const char *words)
{
	static char ids[8][2];
	struct report r = {.tickets = tickets};

	for (; *words; words += words[4] ? 5 : 4) {
		struct report_ticket *t = &tickets[r.ntickets];

		*t = (struct report_ticket){
			.rule = words[0] == 'p'	  ? PUSH
				: words[0] == 'c' ? COMMIT
						  : UNASKED_OF,
			.ref = words[1] == 'b',
			.answer = words[2] == '?'   ? TICKET_UNREACHABLE
				  : words[2] == '+' ? TICKET_HOLDS
				  : words[2] == '-' ? TICKET_STATE
						    : TICKET_UNASKED,
			.id = ids[r.ntickets]};
		ids[r.ntickets++][0] = words[3];
	}
	return r;
}

/* The groups that are asked about again: their members' ids, one group behind
 * the other. */
static const struct {
	const char *tickets, *groups, *names;
} cases[] = {
	{"pa?7", "7 ", "ticket 7 not"},
	{"pa?7 pa?8", "78 ", "tickets 7, 8 not"},
	{"pa+7 pa?8", "", NULL},
	{"pa?7 pa-8", "", NULL},
	{"pa?7 pa.8", "7 ", "ticket 7 not"},
	{"pa.7", "", NULL},
	{"ua?7", "", NULL},
	/* another ref is another group, but no other question */
	{"pa?7 pb?7", "7 =", "ticket 7 not"},
	{"pa?7 pb?8", "7 8 ", "tickets 7, 8 not"},
	{"pa?7 pb?7 pb?8", "7 78 ", "tickets 7, 8 not"},
	{"pa?7 pa?8 pb?8 pb?7", "78 =", "tickets 7, 8 not"},
	{"pa?7 pb+7", "7 ", "ticket 7 not"},
	/* each commit needs its own, whatever others have */
	{"ca?7 ca?8", "7 8 ", "tickets 7, 8 not"},
	{"ca?7 ca+8", "7 ", "ticket 7 not"},
	{"ca?7 pa?7", "7 7 ", "ticket 7 not"},
	{"pa?1 pa?2 pa?3 pa?4 pa?5", "12345 ",
	 "tickets 1, 2, 3 and 2 more not"},
};

static void add_group(const struct report *r, const struct policy *p, size_t at,
		      struct buf *out)
{
	for (size_t i = 0; i < at; i++)
		if (unverified_leads(r, p, i) &&
		    unverified_is_same(r, p, i, at)) {
			buf_addch(out, '=');
			return;
		}
	for (size_t i = at; i < r->ntickets; i++)
		if (unverified_is_of(r, p, at, i))
			buf_adds(out, r->tickets[i].id);
	buf_addch(out, ' ');
}

START_TEST(what_a_push_relies_on_is_asked_again)
{
	const struct policy *p = policy_of_tickets();
	struct report r = reports(cases[_i].tickets);
	const struct answer a = {&r, p, "0193-record", true};
	struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < r.ntickets; i++)
		if (unverified_leads(&r, p, i))
			add_group(&r, p, i, &out);
	ck_assert_str_eq(out.data, cases[_i].groups);
	buf_clear(&out);
	ck_assert_uint_eq(unverified_answer(&a, &out), cases[_i].names != NULL);
	if (cases[_i].names)
		ck_assert_ptr_nonnull(strstr(out.data, cases[_i].names));
	ck_assert_uint_eq(unasked_answer(&a, &out), 0);
	buf_release(&out);
}
END_TEST

START_TEST(what_is_no_push_is_told_who_asks)
{
	static const struct {
		const char *tickets;
		size_t lines;
	} checked[] = {{"pa.7", 1}, {"ca.7", 1}, {"ua.7", 0}, {"", 0}};
	const struct policy *p = policy_of_tickets();
	struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < sizeof(checked) / sizeof(checked[0]); i++) {
		struct report r = reports(checked[i].tickets);
		const struct answer a = {&r, p, NULL, false};

		buf_clear(&out);
		ck_assert_uint_eq(unasked_answer(&a, &out), checked[i].lines);
		ck_assert(!checked[i].lines ||
			  strstr(out.data, "whether ticket 7 allows this is "
					   "not known here: only the server "
					   "asks"));
	}
	buf_release(&out);
}
END_TEST

Suite *suite_unverified(void)
{
	Suite *s = suite_create("unverified");
	TCase *t = tcase_create("tickets");

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, what_a_push_relies_on_is_asked_again, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, what_is_no_push_is_told_who_asks);
	return s;
}
