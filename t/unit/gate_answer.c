/* SPDX-License-Identifier: Apache-2.0 */

/* What the developer reads. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gate/answer.h"
#include "gate_help.h"

static struct buf said;

static const char *answer_to(const struct report *r, bool moves)
{
	struct answer a = {r, policy_bare(), moves ? "0193-record" : NULL,
			   moves};
	struct err e;

	buf_release(&said);
	buf_init(&said, 1 << 20);
	ck_assert_int_eq(answer_write(&a, &said, &e), 0);
	return said.data;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void has(const char *text, const char *words)
{
	ck_assert_msg(strstr(text, words) != NULL, "no \"%s\" in:\n%s", words,
		      text);
}

static void has_not(const char *text, const char *words)
{
	ck_assert_msg(strstr(text, words) == NULL, "\"%s\" in:\n%s", words,
		      text);
}

static void starts(const char *text, const char *words)
{
	ck_assert_msg(!strncmp(text, words, strlen(words)), "%s", text);
}

/* The last line must say it all again. */
static void ends(const char *text, const char *words)
{
	size_t n = strlen(text), k = strlen(words);

	ck_assert_msg(n >= k && !strcmp(text + n - k, words), "%s", text);
}

START_TEST(first_and_last_line_carry_the_message)
{
	struct report r;
	const char *text;

	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, HEX_A, "tool not stated", NULL);
	report_find(&r, WEIGHT_REJECT, NULL, "needs 1 approval", "ask bob");
	text = answer_to(&r, true);
	starts(text, "error: main not updated: 2 problems. "
		     "Your commits are safe.\n");
	has(text, "error: aaaaaaaaa: tool not stated\n");
	has(text, "error: needs 1 approval\nhint:   ask bob\n");
	ends(text, "error: main not updated. record 0193-record\n");
	report_release(&r);
}
END_TEST

START_TEST(help_of_the_policy_is_on_the_last_line)
{
	struct policy *p = policy_bare();
	static char help[] = "https://wiki.example.com/\x1b[31mgatepost";
	struct report r;

	p->help = help;
	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, NULL, "x", NULL);
	ends(answer_to(&r, true), "Help: https://wiki.example.com/"
				  "?[31mgatepost  record 0193-record\n");
	report_release(&r);
}
END_TEST

START_TEST(a_check_speaks_of_what_would_be)
{
	struct report r;
	const char *text;

	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, NULL, "needs 1 approval", NULL);
	text = answer_to(&r, false);
	starts(text, "error: main would not be updated: 1 problem.\n");
	ends(text, "error: main would not be updated.\n");
	has_not(text, "record");
	has_not(text, "safe");
	r.verdict = r.refs[0].verdict = VERDICT_PASS;
	r.nfindings = r.nfindings_all = 0;
	ck_assert_str_eq(answer_to(&r, false),
			 "gatepost: main would be accepted\n");
	report_release(&r);
}
END_TEST

START_TEST(only_the_refs_that_are_off_are_named)
{
	struct report r;
	const char *text;

	report_refused(&r);
	report_ref(&r, "refs/tags/v1", VERDICT_PASS);
	report_ref(&r, "refs/heads/x", VERDICT_PASS);
	report_find(&r, WEIGHT_REJECT, NULL, "needs 1 approval", NULL);
	text = answer_to(&r, true);
	starts(text, "error: main not updated (nor the other 2 of this push): "
		     "1 problem.");
	has(text, "error: main: needs 1 approval\n");
	report_release(&r);
}
END_TEST

START_TEST(many_refs_are_counted)
{
	struct report r;
	char name[64];
	int i;

	report_refused(&r);
	for (i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "refs/heads/b%d", i);
		report_ref(&r, name, VERDICT_REJECT);
	}
	starts(answer_to(&r, true), "error: main, b0, b1 and 7 more not "
				    "updated: 0 problems.");
	report_release(&r);
}
END_TEST

START_TEST(warnings_are_told_and_accepted)
{
	struct report r;
	const char *text;

	report_refused(&r);
	r.verdict = r.refs[0].verdict = VERDICT_WARN;
	report_find(&r, WEIGHT_WARN, HEX_B, "tool not stated", "amend it");
	text = answer_to(&r, true);
	starts(text, "warning: bbbbbbbbb: tool not stated\nhint:   amend it\n"
		     "hint: what is in stays in: the hints above are for the "
		     "next push\n");
	ends(text, "gatepost: main accepted with 1 problem that will be "
		   "refused once the policy is enforced, record 0193-record\n");
	r.would = VERDICT_WARN;
	has(answer_to(&r, true), "accepted with 1 problem to look at");
	report_release(&r);
}
END_TEST

START_TEST(advice_takes_three_lines)
{
	struct report r;
	const char *text;
	int i;

	report_refused(&r);
	r.verdict = r.would = r.refs[0].verdict = VERDICT_PASS;
	for (i = 0; i < 7; i++)
		report_find(&r, WEIGHT_ADVICE, i % 2 ? HEX_A : HEX_B,
			    i < 4 ? "tool not stated" : "no plan", "a hint");
	text = answer_to(&r, true);
	has(text, "advice: bbbbbbbbb: tool not stated\n");
	has(text, "advice:   a hint\n");
	has(text, "advice: 4 problems to mend before this can go");
	has_not(text, "hint:");
	ends(text, "gatepost: main accepted, record 0193-record\n");
	ck_assert_uint_eq(lines_of(text), 3 + 1);
	report_release(&r);
}
END_TEST

START_TEST(a_repeated_hint_is_said_once)
{
	struct report r;
	const char *text, *at;

	report_refused(&r);
	report_find(&r, WEIGHT_REJECT, HEX_A, "tool not stated", "do so");
	report_find(&r, WEIGHT_REJECT, HEX_B, "tool not stated", "do so");
	report_find(&r, WEIGHT_REJECT, HEX_B, "tool not stated", "do so");
	text = answer_to(&r, true);
	has(text, "2 problems");
	at = strstr(text, "hint:   do so\n");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_null(strstr(at + 1, "hint:   do so\n"));
	ck_assert_ptr_null(strstr(at, "bbbbbbbbb"));
	report_release(&r);
}
END_TEST

static void find_of_people(struct report *r, const char *text)
{
	const struct report_person people[] = {
		{.principal = "alice", .name = "A"},
		{.name = "Bob \x1b[1m", .email = "b@example.com"},
		{.login = "carol"},
		{.email = "d@example.com"},
		{0},
	};
	struct report_finding f = {
		.check = "review",
		.code = "missing",
		.author = REPORT_NO_PERSON,
		.text = text,
		.weight = WEIGHT_REJECT,
		.nwho = 6,
	};
	struct err e;
	size_t i;

	for (i = 0; i < 5; i++)
		ck_assert_int_eq(
			report_add_person(r, &people[i], &f.who[i], &e), 0);
	f.who[5] = REPORT_NO_PERSON;
	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
}

START_TEST(people_are_named_as_they_are_known)
{
	struct report r;
	const char *text;

	report_refused(&r);
	find_of_people(&r, "{0}, {1}, {2}, {3}, {4}, {5}, {6}, {9}, {x");
	text = answer_to(&r, true);
	has(text, "error: alice, Bob ?[1m, carol, d@example.com, "
		  "somebody unknown, somebody unknown, {6}, {9}, {x\n");
	report_release(&r);
}
END_TEST

START_TEST(subject_and_author_of_a_commit_are_shown)
{
	struct report_person who = {.name = "Ann \xe2\x80\xae"};
	struct report_finding f = {
		.check = "provenance",
		.code = "undeclared",
		.commit = HEX_A,
		.subject = "retry \"payments\" \x1b]0;x\x07",
		.text = "made with Claude",
		.weight = WEIGHT_REJECT,
	};
	struct report r;
	struct err e;

	report_refused(&r);
	ck_assert_int_eq(report_add_person(&r, &who, &f.author, &e), 0);
	ck_assert_int_eq(report_add_finding(&r, &f, &e), 0);
	has(answer_to(&r, true), "error: aaaaaaaaa \"retry \"payments\" "
				 "?]0;x?\" by Ann ?: made with Claude\n");
	report_release(&r);
}
END_TEST

/* ---- whatever comes ---- */

/* Printable UTF-8 and LF alone: what text_add_printable leaves as it is. */
static void only_printable(const char *text)
{
	struct buf again = BUF_INIT(1 << 20), lines = BUF_INIT(1 << 20);
	const char *at;

	buf_adds(&lines, text);
	for (at = text; *at; at++)
		if (*at == '\n')
			lines.data[at - text] = ' ';
	text_add_printable(&again, span_of(lines.data, lines.len), 1 << 20);
	ck_assert_str_eq(again.data, lines.data);
	buf_release(&again);
	buf_release(&lines);
}

static void within_bounds(const struct report *r)
{
	const char *text = answer_to(r, true), *last;

	ck_assert_uint_le(lines_of(text), ANSWER_MAX_LINES);
	ck_assert_uint_le(said.len, ANSWER_MAX_BYTES);
	only_printable(text);
	starts(text, "error: main");
	ck_assert_int_eq(text[said.len - 1], '\n');
	for (last = text + said.len - 1; last > text && last[-1] != '\n';)
		last--;
	starts(last, "error: main");
	has(last, " not updated.");
	has(last, "record 0193-record");
}

/* Bytes of every kind: escapes, C1, bidi, wide, not UTF-8, braces. */
static const char *hostile(unsigned *seed, char *out, size_t n)
{
	static const char *const parts[] = {
		"\x1b[2J",	"\x1b]0;t\x07", "\xc2\x9b",
		"\xe2\x80\xae", "\xe2\x81\xa6", "\xf0\x9f\x98\x80",
		"\xff\xfe",	"\r\n",		"{0}",
		"{1}",		"\xe2\x80\xa8", "plain ",
		"\t\b",		"\xed\xa0\x80"};
	size_t at = 0;

	while (at + 8 < n) {
		const char *p = parts[(size_t)rand_r(seed) %
				      (sizeof(parts) / sizeof(parts[0]))];

		memcpy(out + at, p, strlen(p));
		at += strlen(p);
	}
	out[at] = '\0';
	return out;
}

static void hostile_finding(struct report *r, unsigned *seed, size_t i)
{
	char text[1001], hint[1001], subject[1001], trailer[1001];
	char commit[41];
	const struct report_person who = {.name = hostile(seed, text, 1000)};
	struct report_finding f = {
		.check = "review",
		.code = "missing",
		.author = REPORT_NO_PERSON,
		.weight = WEIGHT_REJECT,
		.nwho = 2,
	};
	struct err e;

	ck_assert_int_eq(report_add_person(r, &who, &f.who[0], &e), 0);
	f.who[1] = f.who[0];
	f.text = hostile(seed, text, sizeof(text));
	f.hint = hostile(seed, hint, sizeof(hint));
	f.subject = hostile(seed, subject, sizeof(subject));
	f.trailer = i % 7 ? hostile(seed, trailer, sizeof(trailer))
			  : "Assisted-by: X";
	snprintf(commit, sizeof(commit), "%040zx", i);
	if (i % 3)
		f.commit = commit;
	if (i % 2)
		f.author = f.who[0];
	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
}

static const size_t sizes[] = {1, 2, 5, 20, 57, 58, 59, 60, 61, 200, 5000};

START_TEST(any_number_of_hostile_findings_stays_within_bounds)
{
	unsigned seed = 7 + (unsigned)_i;
	struct report r;
	size_t i;

	report_refused(&r);
	for (i = 0; i < sizes[_i]; i++)
		hostile_finding(&r, &seed, i);
	within_bounds(&r);
	if (sizes[_i] > 60)
		has(said.data, " more problems: see record 0193-record");
	report_release(&r);
}
END_TEST

START_TEST(hostile_refs_stay_within_bounds)
{
	unsigned seed = 3;
	struct report r;
	char name[3000];
	int i;

	report_refused(&r);
	for (i = 0; i < 1000; i++)
		report_ref(&r, hostile(&seed, name, sizeof(name)),
			   VERDICT_REJECT);
	report_find(&r, WEIGHT_REJECT, NULL, "x", NULL);
	within_bounds(&r);
	report_release(&r);
}
END_TEST

START_TEST(many_commits_leave_room_for_the_ref_and_the_remedy)
{
	struct report r;
	char commit[41];
	size_t i;

	report_refused(&r);
	for (i = 0; i < 500; i++) {
		snprintf(commit, sizeof(commit), "%040zx", i + 1);
		report_lacks(&r, commit, "Assisted-by: Claude:claude-opus-4-6");
	}
	report_find(&r, WEIGHT_REJECT, NULL, "needs 1 approval from security",
		    "a reviewer runs: git approve main retry");
	within_bounds(&r);
	has(said.data, "501 problems");
	has(said.data, "error: needs 1 approval from security\n"
		       "hint:   a reviewer runs: git approve main retry\n");
	has(said.data, "hint:   FILTER_BRANCH");
	has(said.data, "# then 488 more\n");
	report_release(&r);
}
END_TEST

START_TEST(a_failure_says_nothing_of_its_cause)
{
	struct buf out = BUF_INIT(ANSWER_MAX_BYTES);
	struct policy *p = policy_bare();
	static char help[] = "https://wiki.example.com/";

	p->help = help;
	answer_write_failure(p, &out);
	starts(out.data, "error: nothing was updated: the gate could not "
			 "decide. Your commits are safe.\n");
	ends(out.data, "error: nothing was updated. Help: "
		       "https://wiki.example.com/\n");
	buf_clear(&out);
	answer_write_failure(NULL, &out);
	ends(out.data, "error: nothing was updated.\n");
	buf_release(&out);
}
END_TEST

START_TEST(a_verdict_of_none_refuses)
{
	struct report r;

	report_refused(&r);
	r.verdict = r.refs[0].verdict = VERDICT_NONE;
	starts(answer_to(&r, true), "error: main not updated: 0 problems");
	report_release(&r);
}
END_TEST

Suite *suite_answer(void)
{
	Suite *s = suite_create("answer");
	TCase *t = tcase_create("answer");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, first_and_last_line_carry_the_message);
	tcase_add_test(t, help_of_the_policy_is_on_the_last_line);
	tcase_add_test(t, a_check_speaks_of_what_would_be);
	tcase_add_test(t, only_the_refs_that_are_off_are_named);
	tcase_add_test(t, many_refs_are_counted);
	tcase_add_test(t, warnings_are_told_and_accepted);
	tcase_add_test(t, advice_takes_three_lines);
	tcase_add_test(t, a_repeated_hint_is_said_once);
	tcase_add_test(t, people_are_named_as_they_are_known);
	tcase_add_test(t, subject_and_author_of_a_commit_are_shown);
	tcase_add_loop_test(t,
			    any_number_of_hostile_findings_stays_within_bounds,
			    0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(t, hostile_refs_stay_within_bounds);
	tcase_add_test(t, many_commits_leave_room_for_the_ref_and_the_remedy);
	tcase_add_test(t, a_failure_says_nothing_of_its_cause);
	tcase_add_test(t, a_verdict_of_none_refuses);
	suite_add_tcase(s, t);
	return s;
}
