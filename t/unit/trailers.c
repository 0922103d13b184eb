/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "git/trailers.h"

#define SCISSORS "# ------------------------ >8 ------------------------\n"

enum { MAX_TEXT = 1 << 16, HOSTILE = 1 << 20 };

struct vector {
	const char *why; /* what it proves */
	const char *message;
	const char *want; /* `key=value|` for each trailer */
};

/* Each answer is what git 2.39 prints for a commit with that message. */
static const struct vector vectors[] = {
	{"an empty message has none", "", ""},
	{"the first paragraph never counts", "Key: value\n", ""},
	{"comments do not end the first paragraph", "t\n# c\nK: v\n", ""},
	{"a block of one line", "t\n\nKey: value\n", "Key=value|"},
	{"the last LF may be missing", "t\n\nKey: value", "Key=value|"},
	{"blank lines at the start are no title", "\n \n\t\nt\n\nK: v\n",
	 "K=v|"},
	{"blank lines at the start leave a title", "\n\nK: v\n", ""},
	{"blank lines at the end", "t\n\nK: v\n\n \n\n", "K=v|"},
	{"only the last paragraph", "t\n\nA: 1\n\nB: 2\n", "B=2|"},
	{"prose behind the block hides it", "t\n\nA: 1\n\nprose\n", ""},
	{"prose within the block hides it", "t\n\nA: 1\nprose\n", ""},
	{"a quarter is enough beside a sign-off",
	 "t\n\nSigned-off-by: A <a@x>\np\nq\nr\n", "Signed-off-by=A <a@x>|"},
	{"less than a quarter is not",
	 "t\n\nSigned-off-by: A <a@x>\np\nq\nr\ns\n", ""},
	{"a sign-off without blank is no git line", "t\n\nSigned-off-by:A\np\n",
	 ""},
	{"a sign-off in lower case is no git line",
	 "t\n\nsigned-off-by: A\np\n", ""},
	{"a cherry-pick line recognises the block",
	 "t\n\nA: 1\n(cherry picked from commit abc)\nprose\n", "A=1|"},
	{"a cherry-pick line alone is no trailer",
	 "t\n\n(cherry picked from commit abc)\n", ""},
	{"blanks before the colon", "t\n\nKey \t: value\n", "Key=value|"},
	{"no blank behind the colon", "t\n\nKey:value\n", "Key=value|"},
	{"the value is what follows the first colon", "t\n\nK: a:b\n",
	 "K=a:b|"},
	{"empty values are kept", "t\n\nKey:\nOther: \n", "Key=|Other=|"},
	{"digits and hyphens make keys", "t\n\n1-2: v\n-: w\n", "1-2=v|-=w|"},
	{"a URL is a key", "t\n\nhttps://x/y\n", "https=//x/y|"},
	{"no blank within a key", "t\n\nRollback Plan: x\n", ""},
	{"no underscore in a key", "t\n\na_b: x\n", ""},
	{"no dot in a key", "t\n\na.b: x\n", ""},
	{"no UTF-8 in a key", "t\n\nK\xc3\xa4: x\n", ""},
	{"no empty key", "t\n\n: x\n", ""},
	{"no other separator", "t\n\nKey= x\n", ""},
	{"an indented key is none", "t\n\n Key: x\n", ""},
	{"a squash indents what it collects", "t\n\n    A: 1\n    B: 2\n", ""},
	{"continuations join with one blank", "t\n\nK: a\n  b\n\tc\n",
	 "K=a b c|"},
	{"a blank before the LF stays", "t\n\nK: a \n b\n", "K=a  b|"},
	{"an empty first line unfolds", "t\n\nK:\n v\n", "K=v|"},
	{"indented prose above a key is prose", "t\n\n prose\nK: v\n", ""},
	{"indented prose above a key, beside a sign-off",
	 "t\n\n prose\nSigned-off-by: A\n", "Signed-off-by=A|"},
	{"indented lines continue no comment", "t\n\nK: a\n# c\n b\n", ""},
	{"comments are skipped", "t\n\n# x: y\nK: v\n# c\nL: w\n", "K=v|L=w|"},
	{"comments at the end are dropped", "t\n\nK: v\n\n# c\n#\n", "K=v|"},
	{"blank lines with blanks at the end continue", "t\n\nK: v\n\n \n",
	 "K=v|"},
	{"CR at the end vanishes", "t\r\n\r\nK: v\r\n", "K=v|"},
	{"CR stays inside", "t\n\nK: a\r\n b\n", "K=a\r b|"},
	{"VT and FF are no white space", "t\n\nK: \va\f\n", "K=\va\f|"},
	{"VT makes no blank line", "t\n\v\nK: v\n", ""},
	{"duplicates stay in order", "t\n\nK: 1\nk: 2\nK: 1\n", "K=1|k=2|K=1|"},
	{"scissors cut", "t\n\nK: v\n" SCISSORS "\nL: w\n", "K=v|"},
	{"scissors cut at the start", SCISSORS "t\n\nL: w\n", ""},
	{"scissors with more on the line do not cut",
	 "t\n\nK: v\n"
	 "# ------------------------ >8 -----------------------"
	 "- x\n\nL: w\n",
	 "L=w|"},
	{"an old list of conflicts is dropped",
	 "t\n\nK: v\n\nConflicts:\n\ta.c\n\tb.c\n", "K=v|"},
	{"conflicts with CR are no list", "t\n\nK: v\n\nConflicts:\r\n\ta.c\n",
	 "Conflicts=a.c|"},
	{"prose behind conflicts keeps them",
	 "t\n\nK: v\n\nConflicts:\n\ta.c\nprose\n", ""},
	{"a divider is no end here", "t\n\nK: v\n---\nL: w\n", ""},
	{"a divider in prose is prose", "t\n\n---\n\nL: w\n", "L=w|"},
};

/* What git-interpret-trailers(1) reads. */
static const struct vector divided[] = {
	{"a divider ends the message", "t\n\nK: v\n---\nL: w\n", "K=v|"},
	{"with more on its line, too", "t\n\nK: v\n--- a\n\nL: w\n", "K=v|"},
	{"with CR, too", "t\n\nK: v\n---\r\n\nL: w\n", "K=v|"},
	{"on the last line without LF", "t\n\nK: v\n---", "K=v|"},
	{"four hyphens are none", "t\n\nK: v\n----\n\nL: w\n", "L=w|"},
	{"no blank behind it: none", "t\n\nK: v\n---a\n\nL: w\n", "L=w|"},
	{"an empty title is one", "\nK: v\n", "K=v|"},
	{"scissors behind the divider", "t\n\nK: v\n---\n" SCISSORS, "K=v|"},
	{"conflicts at the very end", "t\n\nK: v\n\nConflicts:", "K=v|"},
	{"no divider, no difference", "t\n\nK: v\n", "K=v|"},
};

static void check_vector(const struct vector *v, enum trailers_mode mode)
{
	struct buf got = BUF_INIT(MAX_TEXT);
	size_t i, n = strlen(v->message);
	char *exact = malloc(n + !n); /* no NUL behind it */
	struct trailers t;
	struct err e;

	memcpy(exact, v->message, n);
	trailers_init(&t);
	ck_assert_int_eq(trailers_parse(&t, span_of(exact, n), mode, 100, &e),
			 0);
	for (i = 0; i < t.n; i++)
		buf_addf(&got, "%.*s=%.*s|", (int)t.v[i].key.n, t.v[i].key.p,
			 (int)t.v[i].value.n, t.v[i].value.p);
	ck_assert_msg(strcmp(got.data, v->want) == 0, "%s: got %s, not %s",
		      v->why, got.data, v->want);
	buf_release(&got);
	trailers_release(&t);
	free(exact);
}

START_TEST(reads_as_git_log)
{
	check_vector(&vectors[_i], TRAILERS_NO_DIVIDER);
}
END_TEST

START_TEST(reads_as_git_interpret_trailers)
{
	check_vector(&divided[_i], TRAILERS_DIVIDER);
}
END_TEST

static int parse(struct trailers *t, const char *message, size_t n, size_t max)
{
	struct err e;
	int rc = trailers_parse(t, span_of(message, n), TRAILERS_NO_DIVIDER,
				max, &e);

	if (rc < 0)
		ck_assert_ptr_nonnull(strstr(e.msg, "trailers"));
	return rc;
}

START_TEST(a_nul_ends_the_message)
{
	static const char message[] = "t\n\nK: v\0w\nL: x\n";
	struct trailers t;

	trailers_init(&t);
	ck_assert_int_eq(parse(&t, message, sizeof(message) - 1, 9), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert(span_is(t.v[0].value, "v"));
	trailers_release(&t);
}
END_TEST

START_TEST(too_many_trailers_are_an_error)
{
	static const char message[] = "t\n\nA: 1\nB: 2\nC: 3\n";
	struct trailers t;

	trailers_init(&t);
	ck_assert_int_eq(parse(&t, message, sizeof(message) - 1, 3), 0);
	ck_assert_int_eq(parse(&t, message, sizeof(message) - 1, 2), ERR_LIMIT);
	trailers_release(&t);
}
END_TEST

START_TEST(plain_values_point_into_the_message)
{
	static const char message[] = "t\n\nKey: value\n";
	struct trailers t;

	trailers_init(&t);
	ck_assert_int_eq(parse(&t, message, sizeof(message) - 1, 3), 0);
	ck_assert_ptr_eq(t.v[0].value.p, message + 8);
	ck_assert_uint_eq(t.folded.cap, 0);
	trailers_release(&t);
}
END_TEST

START_TEST(folded_values_survive_later_ones)
{
	struct buf m = BUF_INIT(HOSTILE);
	struct trailers t;
	size_t i;

	trailers_init(&t);
	buf_adds(&m, "t\n\n");
	for (i = 0; i < 1000; i++)
		buf_addf(&m, "K: %zu\n  %zu\n", i, i);
	ck_assert_int_eq(parse(&t, m.data, m.len, 1000), 0);
	ck_assert_uint_eq(t.n, 1000);
	ck_assert(span_is(t.v[0].value, "0 0"));
	ck_assert(span_is(t.v[999].value, "999 999"));
	ck_assert_int_eq(parse(&t, "t\n\nA: b\n c\n", 11, 9), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert(span_is(t.v[0].value, "b c"));
	trailers_release(&t);
	buf_release(&m);
}
END_TEST

START_TEST(finds_keys_without_case_in_order)
{
	static const char message[] = "t\n\nKey: 1\nother: 2\nKEY: 3\n";
	const struct trailer *at;
	struct trailers t;
	size_t i = 0;

	trailers_init(&t);
	ck_assert_int_eq(parse(&t, message, sizeof(message) - 1, 9), 0);
	at = trailers_find(&t, "key", &i);
	ck_assert_ptr_nonnull(at);
	ck_assert(span_is(at->value, "1"));
	at = trailers_find(&t, "key", &i);
	ck_assert_ptr_nonnull(at);
	ck_assert(span_is(at->value, "3"));
	ck_assert_ptr_null(trailers_find(&t, "key", &i));
	trailers_release(&t);
}
END_TEST

START_TEST(readings_that_differ_are_told_by_key)
{
	static const char message[] = "t\n\nK: 1\nL: 2\n---\n\nK: 1\nL: 3\n";
	struct span m = span_of(message, sizeof(message) - 1);
	struct trailers a, b;
	struct err e;

	trailers_init(&a);
	trailers_init(&b);
	trailers_parse(&a, m, TRAILERS_NO_DIVIDER, 9, &e);
	trailers_parse(&b, m, TRAILERS_DIVIDER, 9, &e);
	ck_assert(trailers_same_for(&a, &b, span_str("k")));
	ck_assert(!trailers_same_for(&a, &b, span_str("l")));
	ck_assert(trailers_same_for(&a, &b, span_str("absent")));
	trailers_parse(&b, span_str("t\n\nK: 1\nK: 1\n"), TRAILERS_NO_DIVIDER,
		       9, &e);
	ck_assert(!trailers_same_for(&a, &b, span_str("K")));
	trailers_release(&a);
	trailers_release(&b);
}
END_TEST

/* Repeated to a megabyte behind a title. Quadratic work would take minutes. */
static const char *const hostile[] = {
	":\n",
	"a:\n",
	"\n",
	" \n",
	"a",
	" ",
	"#\n",
	"K: v\n w\n",
	"K:\n\n \n",
	"---\n",
	"Conflicts:\n",
	"\tx\n",
	"a: b\n\n",
	"Signed-off-by: x\nprose\n",
	"# ------------------------ >8 \n",
	"\r",
	"K:\r\n \n",
	"-",
};

START_TEST(hostile_messages_cost_linear_time)
{
	const char *part = hostile[_i];
	struct buf m = BUF_INIT(2 * HOSTILE);
	struct trailers t;
	clock_t start;
	struct err e;

	trailers_init(&t);
	buf_adds(&m, "title\n\nK: ");
	while (m.len < HOSTILE)
		buf_adds(&m, part);
	ck_assert(buf_ok(&m));
	start = clock();
	trailers_parse(&t, span_of(m.data, m.len), TRAILERS_NO_DIVIDER,
		       SIZE_MAX, &e);
	trailers_parse(&t, span_of(m.data, m.len), TRAILERS_DIVIDER, SIZE_MAX,
		       &e);
	ck_assert(clock() - start < CLOCKS_PER_SEC);
	trailers_release(&t);
	buf_release(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("trailers");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, reads_as_git_log, 0,
			    sizeof(vectors) / sizeof(*vectors));
	tcase_add_loop_test(t, reads_as_git_interpret_trailers, 0,
			    sizeof(divided) / sizeof(*divided));
	tcase_add_loop_test(t, hostile_messages_cost_linear_time, 0,
			    sizeof(hostile) / sizeof(*hostile));
	tcase_add_test(t, a_nul_ends_the_message);
	tcase_add_test(t, too_many_trailers_are_an_error);
	tcase_add_test(t, plain_values_point_into_the_message);
	tcase_add_test(t, folded_values_survive_later_ones);
	tcase_add_test(t, finds_keys_without_case_in_order);
	tcase_add_test(t, readings_that_differ_are_told_by_key);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
