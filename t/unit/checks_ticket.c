/* SPDX-License-Identifier: Apache-2.0 */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

static struct bench b;

static const struct range_facts one = {
	.ref = "refs/heads/main", .commits = 1, .matched = 1};

#define SINK                                                                   \
	"[sink \"itsm\"]\n\turl = https://itsm.example.com\n"                  \
	"\tticket-url = /t/${ticket}\n\tticket-pattern = CHG[0-9]+\n"
#define LOOKUP "\tlookup = itsm\n"

/* ---- who answers look-ups ---- */

static struct {
	enum ticket_answer answer[TICKET_MAX_ASKED + 1];
	char ids[TICKET_MAX_ASKED + 1][TICKET_MAX_ID + 2];
	size_t n;
} asked;

static int answer(void *ctx, const struct rule *rule, const char *id,
		  struct ticket_said *out, struct err *e)
{
	(void)ctx;
	(void)e;
	ck_assert_ptr_eq(rule, b.ctx.rule);
	ck_assert_uint_lt(asked.n, TICKET_MAX_ASKED + 1);
	snprintf(asked.ids[asked.n], sizeof(asked.ids[0]), "%s", id);
	out->answer = asked.answer[asked.n++];
	out->asked = NOW;
	snprintf(out->why, sizeof(out->why), "because %s",
		 ticket_answer_code(out->answer));
	return 0;
}

static const struct check_lookup lookup = {NULL, answer};

static void open_with(const char *options)
{
	bench_open(&b, "ticket", options, SINK);
	memset(&asked, 0, sizeof(asked));
	b.ctx.lookup = &lookup;
}

static void teardown(void)
{
	bench_close(&b);
}

/* ---- what is named ---- */

START_TEST(a_push_names_one_in_any_commit)
{
	const struct made unmatched = {.unmatched = true};

	open_with("");
	bench_commit(&b, "one\n");
	bench_commit_as(&b, "two\n\nChange: CHG0012345\n", &unmatched);
	bench_finish(&b, &one, NULL);
	said_nothing(&b);
	ck_assert_uint_eq(b.nnamed, 1);
	ck_assert_str_eq(b.named[0].id, "CHG0012345");
	ck_assert_int_eq(b.named[0].answer, TICKET_UNASKED);
}
END_TEST

START_TEST(none_is_missing)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "one\n\nChange-Id: I0123456789\n");
	bench_finish(&b, &one, NULL);
	s = said_once(&b, "missing", "no ticket");
	has_words(s->hint, "-o gatepost.ticket=TICKET");
	ck_assert_ptr_null(strstr(s->hint, "is like"));
}
END_TEST

START_TEST(a_form_of_ones_own_is_told)
{
	open_with("\tpattern = CR[0-9]+\n");
	bench_commit(&b, "one\n");
	bench_finish(&b, &one, NULL);
	has_words(said_once(&b, "missing", "no ticket")->hint,
		  "TICKET is like CR[0-9]+");
}
END_TEST

START_TEST(nothing_is_asked_where_no_commit_matches)
{
	static const struct range_facts none = {.ref = "refs/heads/main",
						.commits = 1};

	open_with("");
	bench_commit(&b, "one\n");
	bench_finish(&b, &none, NULL);
	said_nothing(&b);
}
END_TEST

static const char *const no_tickets[] = {
	"tbd",
	"CHG0012345 and more",
	"../CHG0012345",
	"CHG0012345/../../x",
	"CHG\xc3\xa9"
	"0012345",
	"CHG001234500000000000000000000000000000000000000000000000000000000000"
	"0",
};

START_TEST(what_is_no_number_is_malformed)
{
	char message[200];

	open_with("");
	snprintf(message, sizeof(message), "one\n\nTicket: %s\n",
		 no_tickets[_i]);
	bench_commit(&b, message);
	bench_finish(&b, &one, NULL);
	said_once(&b, "malformed", "is no ticket's number");
	ck_assert_uint_eq(b.nnamed, 0);
}
END_TEST

START_TEST(a_pattern_cannot_let_in_what_is_no_word)
{
	open_with("\tpattern = .*\n");
	bench_commit(&b, "one\n\nTicket: ../../admin?x=1\n");
	bench_finish(&b, &one, NULL);
	said_once(&b, "malformed", "../../admin?x=1");
}
END_TEST

START_TEST(a_divider_hides_no_ticket)
{
	open_with("");
	bench_commit(&b, "one\n---\nx\n\nTicket: CHG0012345\n");
	bench_finish(&b, &one, NULL);
	said_once(&b, "malformed", "behind a line `---`");
}
END_TEST

START_TEST(the_option_of_the_push_goes_before_its_commits)
{
	static const char *const options[] = {"other=1",
					      "gatepost.ticket=CHG0000002"};

	open_with(LOOKUP);
	b.ctx.push_options = options;
	b.ctx.npush_options = 2;
	asked.answer[0] = TICKET_HOLDS;
	bench_commit(&b, "one\n\nChange: CHG0000001\n");
	bench_finish(&b, &one, NULL);
	said_nothing(&b);
	ck_assert_uint_eq(asked.n, 1);
	ck_assert_str_eq(asked.ids[0], "CHG0000002");
	ck_assert_uint_eq(b.nnamed, 1);
	ck_assert(b.named[0].by_option);
}
END_TEST

START_TEST(each_commit_names_its_own)
{
	const struct made unmatched = {.unmatched = true};
	const struct made merge = {.merge = true, .changes_nothing = true};
	static const char *const options[] = {"gatepost.ticket=CHG0000002"};

	open_with("\tscope = commit\n");
	b.ctx.push_options = options;
	b.ctx.npush_options = 1;
	bench_commit(&b, "one\n\nChange: #7\n");
	bench_commit_as(&b, "unmatched\n", &unmatched);
	bench_commit_as(&b, "Merge branch 'x'\n", &merge);
	said_nothing(&b);
	bench_commit(&b, "two\n");
	bench_finish(&b, &one, NULL);
	ck_assert_str_ne(said_once(&b, "missing", "names no ticket")->commit,
			 "");
}
END_TEST

/* ---- look-ups ---- */

static const struct {
	enum ticket_answer answer;
	const char *code;
} refusals[] = {
	{TICKET_UNKNOWN, "unknown"},	   {TICKET_STATE, "state"},
	{TICKET_WINDOW, "window"},	   {TICKET_NO_BACKOUT, "no-backout"},
	{TICKET_REPOSITORY, "repository"}, {TICKET_UNREACHABLE, "unreachable"},
	{TICKET_TOO_MANY, "too-many"},
};

START_TEST(what_does_not_hold_is_told)
{
	open_with(LOOKUP);
	asked.answer[0] = refusals[_i].answer;
	bench_commit(&b, "one\n\nChange: CHG0000001\n");
	bench_finish(&b, &one, NULL);
	said_once(&b, refusals[_i].code, "ticket CHG0000001: because");
	ck_assert_int_eq(b.named[0].answer, refusals[_i].answer);
}
END_TEST

START_TEST(one_that_holds_is_enough_and_told_first)
{
	open_with(LOOKUP);
	asked.answer[0] = TICKET_STATE;
	asked.answer[1] = TICKET_HOLDS;
	bench_commit(&b, "one\n\nChange: CHG0000001\nChange: CHG0000002\n"
			 "Change: CHG0000003\n");
	bench_finish(&b, &one, NULL);
	said_nothing(&b);
	ck_assert_uint_eq(asked.n, 2);
	ck_assert_uint_eq(b.nnamed, 3);
	ck_assert_str_eq(b.named[0].id, "CHG0000002");
	ck_assert_int_eq(b.named[1].answer, TICKET_STATE);
	ck_assert_int_eq(b.named[2].answer, TICKET_UNASKED);
}
END_TEST

START_TEST(silence_may_be_accepted)
{
	open_with(LOOKUP "\tunreachable = accept\n");
	asked.answer[0] = TICKET_UNREACHABLE;
	bench_commit(&b, "one\n\nChange: CHG0000001\n");
	bench_finish(&b, &one, NULL);
	said_nothing(&b);
	ck_assert_int_eq(b.named[0].answer, TICKET_UNREACHABLE);
}
END_TEST

START_TEST(silence_is_no_way_past_a_refusal)
{
	open_with(LOOKUP "\tunreachable = accept\n");
	asked.answer[0] = TICKET_UNREACHABLE;
	asked.answer[1] = TICKET_STATE;
	bench_commit(&b, "one\n\nChange: CHG0000001\nChange: CHG0000002\n");
	bench_finish(&b, &one, NULL);
	said_some(&b, "state", "CHG0000002");
	said_some(&b, "unreachable", "CHG0000001");
}
END_TEST

START_TEST(too_many_are_no_silence)
{
	open_with(LOOKUP "\tunreachable = accept\n");
	asked.answer[0] = TICKET_TOO_MANY;
	bench_commit(&b, "one\n\nChange: CHG0000001\n");
	bench_finish(&b, &one, NULL);
	said_once(&b, "too-many", "CHG0000001");
}
END_TEST

START_TEST(so_many_are_asked_and_no_more)
{
	char message[2000] = "one\n\n";
	size_t i;

	open_with(LOOKUP);
	for (i = 0; i < 12; i++) {
		size_t n = strlen(message);

		snprintf(message + n, sizeof(message) - n, "Change: CHG%07zu\n",
			 i);
		if (i < TICKET_MAX_ASKED)
			asked.answer[i] = TICKET_UNKNOWN;
	}
	bench_commit(&b, message);
	bench_finish(&b, &one, NULL);
	ck_assert_uint_eq(asked.n, TICKET_MAX_ASKED);
	ck_assert_uint_eq(b.nsaid, TICKET_MAX_ASKED);
}
END_TEST

START_TEST(a_preview_asks_nobody)
{
	open_with(LOOKUP);
	b.ctx.preview = true;
	bench_commit(&b, "one\n\nChange: CHG0000001\n");
	bench_finish(&b, &one, NULL);
	said_nothing(&b);
	ck_assert_uint_eq(asked.n, 0);
}
END_TEST

/* ---- options ---- */

static const struct {
	const char *options, *words;
} mistakes[] = {
	{"\tpattern = (\n", "is no extended regular expression"},
	{"\tlookup = other\n", "there is no sink \"other\""},
	{"\tlookup = bare\n", "has no ticket-url"},
	{"\tstate = open\n", "state needs lookup"},
	{"\trequire = window\n", "require needs lookup"},
	{"\tunreachable = accept\n", "accept needs lookup"},
	{"\tpattern = CHG[0-9]+|#1\n", "ends in |"},
	{LOOKUP "\trequire = windows\n", "did you mean window?"},
	{LOOKUP "\trequire = none\n\trequire = window\n",
	 "require = none stands beside no other"},
	{LOOKUP "\trequire = window\n",
	 "has no ticket-window-start to tell that: give it one"},
	{LOOKUP "\trequire = backout\n", "has no ticket-backout"},
	{LOOKUP "\trequire = approval\n", "has no ticket-approved"},
	{LOOKUP "\trequire = repository\n", "has no ticket-repository"},
	{LOOKUP "\tstate = open\n", "state: sink \"itsm\" has no ticket-state"},
	{"\tscope = all\n", "push"},
	{LOOKUP "\ttimeout = 2m\n", "20"},
};

START_TEST(a_mistake_is_told)
{
	has_words(bench_mistake("ticket", mistakes[_i].options,
				SINK "[sink \"bare\"]\n\turl = "
				     "https://x.example.com\n"),
		  mistakes[_i].words);
}
END_TEST

Suite *suite_ticket(void)
{
	Suite *s = suite_create("ticket");
	TCase *t = tcase_create("named"), *l = tcase_create("looked up");
	TCase *p = tcase_create("options");

	suite_add_tcase(s, t);
	suite_add_tcase(s, l);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_checked_fixture(l, NULL, teardown);
	tcase_add_test(t, a_push_names_one_in_any_commit);
	tcase_add_test(t, none_is_missing);
	tcase_add_test(t, a_form_of_ones_own_is_told);
	tcase_add_test(t, nothing_is_asked_where_no_commit_matches);
	tcase_add_loop_test(t, what_is_no_number_is_malformed, 0,
			    sizeof(no_tickets) / sizeof(no_tickets[0]));
	tcase_add_test(t, a_pattern_cannot_let_in_what_is_no_word);
	tcase_add_test(t, a_divider_hides_no_ticket);
	tcase_add_test(t, the_option_of_the_push_goes_before_its_commits);
	tcase_add_test(t, each_commit_names_its_own);
	tcase_add_loop_test(l, what_does_not_hold_is_told, 0,
			    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(l, one_that_holds_is_enough_and_told_first);
	tcase_add_test(l, silence_may_be_accepted);
	tcase_add_test(l, silence_is_no_way_past_a_refusal);
	tcase_add_test(l, too_many_are_no_silence);
	tcase_add_test(l, so_many_are_asked_and_no_more);
	tcase_add_test(l, a_preview_asks_nobody);
	tcase_add_loop_test(p, a_mistake_is_told, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	return s;
}
