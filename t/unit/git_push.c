/* SPDX-License-Identifier: Apache-2.0 */

/* What hooks read from standard input. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "git/push.h"
#include "git/refs.h"
#include "git_push_cert.h"

#define NULL40 "0000000000000000000000000000000000000000"
#define A40 "0123456789abcdef0123456789abcdef01234567"
#define B40 "89abcdef0123456789abcdef0123456789abcdef"
#define A64 A40 "0123456789abcdef01234567"
#define IDS A40 " " B40 " "
#define MANY 100000

enum { MAX_TEXT = 64 << 20 };

static void parse(struct push *p, const char *input, size_t n)
{
	char *exact = malloc(n + !n);
	struct err e;

	memcpy(exact, input, n);
	ck_assert_int_eq(push_parse(p, span_of(exact, n), OID_SHA1, 10000, &e),
			 0);
	free(exact);
}

START_TEST(reads_updates_in_their_order)
{
	struct push p;

	push_init(&p);
	parse(&p,
	      IDS "refs/heads/main\n" NULL40 " " B40 " refs/tags/v1\n" A40
		  " " NULL40 " refs/heads/a/b\n",
	      3 * 82 + 16 + 13 + 15);
	ck_assert_int_eq(p.fault, PUSH_OK);
	ck_assert_uint_eq(p.n, 3);
	ck_assert_str_eq(p.v[0].name, "refs/heads/main");
	ck_assert(oid_is_null(&p.v[1].old));
	ck_assert(oid_is_null(&p.v[2].new_));
	ck_assert_str_eq(p.v[2].name, "refs/heads/a/b");
	push_release(&p);
}
END_TEST

struct vector {
	const char *input;
	enum push_fault fault;
	const char *word;
	size_t n; /* updates that are kept for the record */
};

static const struct vector faults[] = {
	{"", PUSH_MALFORMED, "by hand", 0},
	{"\n", PUSH_MALFORMED, "line 1", 0},
	{IDS "refs/heads/a", PUSH_MALFORMED, "within a line", 0},
	{IDS "refs/heads/a\n" IDS, PUSH_MALFORMED, "within a line", 1},
	{IDS "refs/heads/a\n\n", PUSH_MALFORMED, "line 2", 1},
	{IDS "\n", PUSH_MALFORMED, "line 1", 0},
	{A40 " " B40 "\n", PUSH_MALFORMED, "line 1", 0},
	{A40 "  " B40 " refs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{A40 "\t" B40 "\trefs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{" " IDS "refs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{A40 "0 " B40 " refs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{"123 " B40 " refs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{A40 " 123 refs/heads/a\n", PUSH_MALFORMED, "line 1", 0},
	{A64 " " A64 " refs/heads/a\n", PUSH_MALFORMED, "sha1", 0},
	{"0123456789ABCDEF0123456789abcdef01234567 " B40 " refs/heads/a\n",
	 PUSH_MALFORMED, "line 1", 0},
	{NULL40 " " NULL40 " refs/heads/a\n", PUSH_MALFORMED, "both ids", 1},
	{IDS "refs/heads/a\n" IDS "refs/heads/b\n" IDS "refs/heads/a\n",
	 PUSH_DUPLICATE_REF, "more than once", 3},
	/* a newline in a name forges a second line, or breaks one */
	{IDS "refs/heads/a\nforged\n", PUSH_MALFORMED, "line 2", 1},
	{IDS "main\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "HEAD\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "heads/main\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "/refs/heads/a\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "refs/heads/a\r\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "refs/heads/a b\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "refs/heads/a\033[m\n", PUSH_MALFORMED, "well-formed", 1},
	{IDS "refs/heads/\xff\n", PUSH_MALFORMED, "UTF-8", 1},
	{IDS "refs/heads/\xed\xa0\x80\n", PUSH_MALFORMED, "UTF-8", 1},
	{IDS "refs/heads/-x\n", PUSH_MALFORMED, "an option", 1},
	{IDS "refs/-x/a\n", PUSH_MALFORMED, "an option", 1},
	{IDS "refs/heads/refs/heads/main\n", PUSH_MALFORMED, "full name", 1},
	{IDS "refs/tags/refs/heads/main\n", PUSH_MALFORMED, "full name", 1},
	{IDS "refs/heads/HEAD\n", PUSH_MALFORMED, "looks like HEAD", 1},
	{IDS "refs/tags/HEAD\n", PUSH_MALFORMED, "looks like HEAD", 1},
	{IDS "refs/heads/" A40 "\n", PUSH_MALFORMED, "object id", 1},
	{IDS "refs/tags/" A64 "\n", PUSH_MALFORMED, "object id", 1},
	{IDS "refs/heads/0123456789ABCDEF0123456789ABCDEF01234567\n",
	 PUSH_MALFORMED, "object id", 1},
};

START_TEST(an_anomaly_is_told)
{
	const struct vector *v = &faults[_i];
	struct push p;

	push_init(&p);
	parse(&p, v->input, strlen(v->input));
	ck_assert_int_eq(p.fault, v->fault);
	ck_assert_msg(strstr(p.text, v->word) != NULL, "%d: %s", _i, p.text);
	ck_assert_uint_eq(p.n, v->n);
	push_release(&p);
}
END_TEST

static const char *const allowed[] = {
	IDS "refs/replace/" A40 "\n",
	IDS "refs/keep/" A64 "\n",
	IDS "refs/heads/" A40 "x\n",
	IDS "refs/heads/x/" A40 "\n",
	IDS "refs/heads/head\n",
	IDS "refs/remotes/origin/HEAD\n",
	IDS "refs/heads/a-b\n",
	IDS "refs/heads/\xc3\xa4/@\n",
	IDS "refs/x\n",
	/* what looks like something else can be removed */
	A40 " " NULL40 " refs/heads/-x\n",
	A40 " " NULL40 " refs/heads/HEAD\n",
};

START_TEST(unusual_names_are_no_anomaly)
{
	struct push p;

	push_init(&p);
	parse(&p, allowed[_i], strlen(allowed[_i]));
	ck_assert_msg(p.fault == PUSH_OK, "%d: %s", _i, p.text);
	ck_assert_uint_eq(p.n, 1);
	push_release(&p);
}
END_TEST

START_TEST(a_nul_is_an_anomaly)
{
	static const char in_name[] = IDS "refs/heads/a\0b\n";
	struct push p;

	push_init(&p);
	parse(&p, in_name, sizeof(in_name) - 1);
	ck_assert_int_eq(p.fault, PUSH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.text, "line 1"));
	ck_assert_uint_eq(p.n, 0);
	push_release(&p);
}
END_TEST

START_TEST(sha256_repositories_have_long_ids)
{
	struct push p;
	struct err e;

	push_init(&p);
	ck_assert_int_eq(push_parse(&p, span_str(A64 " " A64 " refs/heads/a\n"),
				    OID_SHA256, 1, &e),
			 0);
	ck_assert_int_eq(p.fault, PUSH_OK);
	ck_assert_int_eq(push_parse(&p, span_str(A40 " " B40 " refs/heads/a\n"),
				    OID_SHA256, 1, &e),
			 0);
	ck_assert_int_eq(p.fault, PUSH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.text, "sha256"));
	push_release(&p);
}
END_TEST

START_TEST(a_long_name_is_one_name_and_refused)
{
	struct buf in = BUF_INIT(MAX_TEXT);
	struct push p;
	size_t i;

	push_init(&p);
	buf_adds(&in, IDS "refs/heads/");
	for (i = 0; i < 60000; i++)
		buf_addch(&in, 'a');
	buf_addch(&in, '\n');
	parse(&p, in.data, in.len);
	ck_assert_int_eq(p.fault, PUSH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.text, "well-formed"));
	ck_assert_uint_eq(p.n, 1);
	ck_assert_uint_eq(strlen(p.v[0].name), 60011);
	push_release(&p);
	buf_release(&in);
}
END_TEST

START_TEST(many_refs_are_read_fast_and_counted)
{
	struct buf in = BUF_INIT(MAX_TEXT);
	clock_t start;
	struct push p;
	struct err e;
	size_t i;

	push_init(&p);
	for (i = 0; i < MANY; i++)
		buf_addf(&in, IDS "refs/heads/topic/%zu\n", MANY - i);
	ck_assert(buf_ok(&in));
	start = clock();
	push_parse(&p, span_of(in.data, in.len), OID_SHA1, MANY, &e);
	ck_assert(clock() - start < 5 * CLOCKS_PER_SEC);
	ck_assert_int_eq(p.fault, PUSH_OK);
	ck_assert_uint_eq(p.n, MANY);
	push_parse(&p, span_of(in.data, in.len), OID_SHA1, MANY - 1, &e);
	ck_assert_int_eq(p.fault, PUSH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.text, "more than 99999 ref updates"));
	buf_adds(&in, IDS "refs/heads/topic/7\n");
	push_parse(&p, span_of(in.data, in.len), OID_SHA1, SIZE_MAX, &e);
	ck_assert_ptr_nonnull(strstr(p.text, "more than 100000"));
	push_release(&p);
	buf_release(&in);
}
END_TEST

START_TEST(too_many_bytes_are_not_read)
{
	size_t n = (size_t)PUSH_MAX_BYTES + 1;
	char *in = malloc(n);
	struct push p;
	struct err e;

	push_init(&p);
	memset(in, '\n', n);
	ck_assert_int_eq(push_parse(&p, span_of(in, n), OID_SHA1, 9, &e), 0);
	ck_assert_int_eq(p.fault, PUSH_MALFORMED);
	ck_assert_ptr_nonnull(strstr(p.text, "bytes on standard input"));
	push_release(&p);
	free(in);
}
END_TEST

static const char *const good_names[] = {
	"refs/heads/main", "refs/x",	      "refs/heads/a.b", "refs/heads/@",
	"refs/heads/@a",   "refs/heads/-x",   "refs/heads/{a}", "refs/a.lockb",
	"refs/heads/\xff", "refs/heads/HEAD", "refs/heads/!",
};

START_TEST(ref_names_that_git_takes)
{
	ck_assert_msg(refs_name_ok(span_str(good_names[_i])), "%s",
		      good_names[_i]);
}
END_TEST

static const char *const bad_names[] = {
	"",
	"refs",
	"refs/",
	"HEAD",
	"main",
	"refs//a",
	"refs/heads/",
	"refs/heads//a",
	"/refs/heads/a",
	"refs/.a",
	"refs/heads/.a/b",
	"refs/heads/a..b",
	"refs/heads/a.",
	"refs/heads/a.lock",
	"refs/heads/a.lock/b",
	"refs/heads/.lock",
	"refs/heads/a b",
	"refs/heads/a\tb",
	"refs/heads/a\nb",
	"refs/heads/a\177",
	"refs/heads/a~b",
	"refs/heads/a^b",
	"refs/heads/a:b",
	"refs/heads/a?b",
	"refs/heads/a*b",
	"refs/heads/a[b",
	"refs/heads/a\\b",
	"refs/heads/a@{b",
	"Refs/heads/a",
};

START_TEST(ref_names_that_git_refuses)
{
	ck_assert_msg(!refs_name_ok(span_str(bad_names[_i])), "%s",
		      bad_names[_i]);
}
END_TEST

START_TEST(a_nul_ends_no_ref_name)
{
	ck_assert(!refs_name_ok(span_of("refs/heads/a\0b", 14)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("push");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, reads_updates_in_their_order);
	tcase_add_loop_test(t, an_anomaly_is_told, 0,
			    sizeof(faults) / sizeof(*faults));
	tcase_add_loop_test(t, unusual_names_are_no_anomaly, 0,
			    sizeof(allowed) / sizeof(*allowed));
	tcase_add_test(t, a_nul_is_an_anomaly);
	tcase_add_test(t, sha256_repositories_have_long_ids);
	tcase_add_test(t, a_long_name_is_one_name_and_refused);
	tcase_add_test(t, many_refs_are_read_fast_and_counted);
	tcase_add_test(t, too_many_bytes_are_not_read);
	tcase_add_loop_test(t, ref_names_that_git_takes, 0,
			    sizeof(good_names) / sizeof(*good_names));
	tcase_add_loop_test(t, ref_names_that_git_refuses, 0,
			    sizeof(bad_names) / sizeof(*bad_names));
	tcase_add_test(t, a_nul_ends_no_ref_name);
	srunner_add_suite(r, suite_push_cert());
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
