/* SPDX-License-Identifier: Apache-2.0 */

/* What an emergency says, what it excuses, and what follows. */

#include "gate_help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/emergency.h"
#include "gate/follow_up.h"

static const struct {
	const char *value, *ticket, *reason;
} splits[] = {
	{"INC-1 it burns", "INC-1", "it burns"},
	{"  INC-1\t it  burns ", "INC-1", "it  burns"},
	{"INC-1", "INC-1", ""},
	{"INC-1   ", "INC-1", ""},
	{"", "", ""},
	{"   ", "", ""},
};

START_TEST(the_first_word_is_the_ticket)
{
	struct span ticket, reason;

	emergency_split(span_str(splits[_i].value), &ticket, &reason);
	ck_assert(span_is(ticket, splits[_i].ticket));
	ck_assert(span_is(reason, splits[_i].reason));
}
END_TEST

/* Who pushes, which role a rule names, and whether that excuses it. */
static char oncall[] = "oncall", lapsed[] = "lapsed", alice[] = "alice";

static bool excuses(enum emergency_state state, char *named, bool always)
{
	struct role roles[] = {{oncall, 0}, {lapsed, 1000}};
	struct principal who = {
		.name = alice, .roles = roles, .nroles = 2, .kind = KIND_HUMAN};
	const struct rule_kind kind = {.always = always};
	char *names[] = {named};
	struct rule rule = {.kind = &kind,
			    .emergency = {.v = names, .n = named != NULL}};
	const struct engine_input in = {.now = 5000};
	struct judging j = {.in = &in, .pusher = {.principal = &who}};
	const struct emergency m = {.state = state};

	return emergency_excuses(&m, &j, &rule);
}

START_TEST(the_role_that_the_rule_names_excuses)
{
	ck_assert(excuses(EMERGENCY_DECLARED, oncall, false));
	ck_assert(!excuses(EMERGENCY_DECLARED, alice, false));
	ck_assert(!excuses(EMERGENCY_DECLARED, lapsed, false));
	ck_assert(!excuses(EMERGENCY_DECLARED, NULL, false));
	ck_assert(!excuses(EMERGENCY_DECLARED, oncall, true));
	ck_assert(!excuses(EMERGENCY_FAULTY, oncall, false));
	ck_assert(!excuses(EMERGENCY_NONE, oncall, false));
}
END_TEST

START_TEST(what_is_excused_warns_and_would_refuse)
{
	const struct engine_input in = {.policy = policy_bare()};
	struct judged_ref ref = {.mode = MODE_ENFORCE,
				 .verdict = VERDICT_PASS,
				 .would = VERDICT_PASS};
	struct report report;
	struct judging j = {
		.in = &in, .report = &report, .refs = &ref, .nrefs = 1};
	struct check_sink sink;
	struct err e;

	report_init(&report);
	j.verdict = j.would = VERDICT_PASS;
	judging_sink_ref(&j, 0, "review", &sink);
	sink.excuse = true;
	ck_assert_int_eq(judging_find(&sink, "quorum", NULL, NULL, &e, "a"), 0);
	ck_assert_uint_eq(sink.excused, 1);
	ck_assert_int_eq(report.findings[0].weight, WEIGHT_EXCUSED);
	ck_assert_int_eq(ref.verdict, VERDICT_WARN);
	ck_assert_int_eq(ref.would, VERDICT_REJECT);
	/* what only warns needs no excuse */
	sink.level = LEVEL_WARN;
	ck_assert_int_eq(judging_find(&sink, "quorum", NULL, NULL, &e, "b"), 0);
	ck_assert_uint_eq(sink.excused, 1);
	ck_assert_int_eq(report.findings[1].weight, WEIGHT_WARN);
	report_release(&report);
}
END_TEST

/* ---- what follows ---- */

static const struct {
	const char *message, *said, *want;
} extended[] = {
	{"fix: it\n", "Rollback-plan: revert\n",
	 "fix: it\n\nRollback-plan: revert\n"},
	{"fix: it\n\nChange: 7\n", "Rollback-plan: revert\n",
	 "fix: it\n\nChange: 7\nRollback-plan: revert\n"},
	{"fix: it\n\nChange: 7", "A: 1\nB: 2\n",
	 "fix: it\n\nChange: 7\nA: 1\nB: 2\n"},
	{"", "A: 1\n", "\n\nA: 1\n"},
	{"fix: it\n", "Follows-up: x\nRepository: y\nA: 1\n",
	 "fix: it\n\nA: 1\n"},
};

static void say(struct statement *s, const char *trailers)
{
	char text[256];
	struct err e;

	statement_init(s);
	snprintf(text, sizeof(text), "subject\n\n%s", trailers);
	s->raw = strdup(text);
	ck_assert_int_eq(trailers_parse(&s->trailers, span_str(s->raw),
					TRAILERS_NO_DIVIDER, 16, &e),
			 0);
}

START_TEST(what_follows_joins_the_trailers)
{
	struct oid id = {.algo = OID_SHA1, .id = {1}}, other = id;
	struct span message = span_str(extended[_i].message),
		    as_it_is = message;
	struct buf kept = BUF_INIT(4096);
	struct statement s;
	struct follow_ups all = {.v = &s, .n = 1};
	struct err e;

	say(&s, extended[_i].said);
	s.target = id;
	other.id[0] = 2;
	ck_assert_int_eq(follow_ups_extend(&all, &other, &as_it_is, &kept, &e),
			 0);
	ck_assert_ptr_eq(as_it_is.p, message.p);
	ck_assert_int_eq(follow_ups_extend(NULL, &id, &as_it_is, &kept, &e), 0);
	ck_assert_ptr_eq(as_it_is.p, message.p);
	ck_assert_int_eq(follow_ups_extend(&all, &id, &message, &kept, &e), 0);
	ck_assert_str_eq(kept.data, extended[_i].want);
	ck_assert(span_is(message, extended[_i].want));
	statement_release(&s);
	buf_release(&kept);
}
END_TEST

Suite *suite_emergency(void)
{
	Suite *s = suite_create("emergency");
	TCase *t = tcase_create("emergency");

	tcase_add_loop_test(t, the_first_word_is_the_ticket, 0,
			    sizeof(splits) / sizeof(splits[0]));
	tcase_add_test(t, the_role_that_the_rule_names_excuses);
	tcase_add_test(t, what_is_excused_warns_and_would_refuse);
	tcase_add_loop_test(t, what_follows_joins_the_trailers, 0,
			    sizeof(extended) / sizeof(extended[0]));
	suite_add_tcase(s, t);
	return s;
}
