/* SPDX-License-Identifier: Apache-2.0 */

/* What a finding weighs, and names inside a namespace. */

#include "gate_help.h"

#include "gate/judging.h"
#include "git_help.h"

/* ---- weights ---- */

static const struct {
	enum policy_mode mode;
	enum rule_level level;
	enum weight want;
} weights[] = {
	{MODE_ENFORCE, LEVEL_REJECT, WEIGHT_REJECT},
	{MODE_ENFORCE, LEVEL_WARN, WEIGHT_WARN},
	{MODE_ENFORCE, LEVEL_NONE, WEIGHT_REJECT},
	{MODE_WARN, LEVEL_REJECT, WEIGHT_WARN},
	{MODE_WARN, LEVEL_WARN, WEIGHT_WARN},
	{MODE_PREVIEW, LEVEL_REJECT, WEIGHT_ADVICE},
	{MODE_PREVIEW, LEVEL_WARN, WEIGHT_ADVICE},
	{MODE_OFF, LEVEL_REJECT, WEIGHT_NONE},
	{MODE_UNSET, LEVEL_REJECT, WEIGHT_NONE},
};

START_TEST(mode_and_level_make_the_weight)
{
	ck_assert_int_eq(judging_weight(weights[_i].mode, weights[_i].level),
			 weights[_i].want);
}
END_TEST

/* A judgement of two refs, without a repository. */
struct bench {
	struct judging j;
	struct judged_ref refs[2];
	struct engine_input in;
	struct report report;
};

static void bench_init(struct bench *b, enum policy_mode first,
		       enum policy_mode second)
{
	memset(b, 0, sizeof(*b));
	report_init(&b->report);
	b->in.policy = policy_bare();
	b->j.in = &b->in;
	b->j.report = &b->report;
	b->j.refs = b->refs;
	b->j.nrefs = 2;
	b->j.house = MODE_OFF;
	b->refs[0].mode = first;
	b->refs[1].mode = second;
	b->refs[0].verdict = b->refs[0].would = VERDICT_PASS;
	b->refs[1] = (struct judged_ref){
		.mode = second, .verdict = VERDICT_PASS, .would = VERDICT_PASS};
	b->j.verdict = b->j.would = VERDICT_PASS;
	b->j.whole = b->j.whole_would = VERDICT_PASS;
}

START_TEST(a_finding_weighs_on_its_ref_and_the_push)
{
	struct bench b;
	struct check_sink sink;
	struct err e;

	bench_init(&b, MODE_WARN, MODE_ENFORCE);
	judging_sink_ref(&b.j, 0, "object", &sink);
	ck_assert_int_eq(
		judging_find(&sink, "malformed", NULL, NULL, &e, "a %d", 1), 0);
	ck_assert_int_eq(b.refs[0].verdict, VERDICT_WARN);
	ck_assert_int_eq(b.refs[0].would, VERDICT_REJECT);
	ck_assert_int_eq(b.refs[1].verdict, VERDICT_PASS);
	ck_assert_int_eq(b.j.verdict, VERDICT_WARN);
	judging_sink_ref(&b.j, 1, "object", &sink);
	ck_assert_int_eq(judging_find(&sink, "malformed", NULL, NULL, &e, "b"),
			 0);
	ck_assert_int_eq(b.refs[1].verdict, VERDICT_REJECT);
	ck_assert_int_eq(b.j.verdict, VERDICT_REJECT);
	ck_assert_int_eq(b.j.whole, VERDICT_PASS);
	ck_assert_str_eq(b.report.findings[0].text, "a 1");
	ck_assert_int_eq(b.report.findings[0].weight, WEIGHT_WARN);
	report_release(&b.report);
}
END_TEST

START_TEST(what_is_off_with_the_push_takes_the_strictest_mode)
{
	struct bench b;
	struct check_sink sink;
	struct err e;

	bench_init(&b, MODE_OFF, MODE_ENFORCE);
	judging_sink_push(&b.j, "push", &sink);
	ck_assert_int_eq(sink.mode, MODE_ENFORCE);
	ck_assert_int_eq(judging_find(&sink, "malformed", NULL, NULL, &e, "x"),
			 0);
	ck_assert_int_eq(b.j.whole, VERDICT_REJECT);
	ck_assert_uint_eq(b.report.findings[0].ref, REPORT_NO_REF);
	report_release(&b.report);
	bench_init(&b, MODE_OFF, MODE_OFF);
	judging_sink_push(&b.j, "push", &sink);
	ck_assert_int_eq(sink.mode, MODE_OFF);
	report_release(&b.report);
}
END_TEST

/* The report keeps so many findings; each of them still weighs. */
START_TEST(a_finding_that_finds_no_room_still_refuses)
{
	struct bench b;
	struct check_sink sink;
	struct err e;
	size_t i;

	bench_init(&b, MODE_WARN, MODE_ENFORCE);
	judging_sink_ref(&b.j, 0, "object", &sink);
	for (i = 0; i < REPORT_MAX_FINDINGS + 1; i++)
		ck_assert_int_eq(
			judging_find(&sink, "malformed", NULL, NULL, &e, "x"),
			0);
	judging_sink_ref(&b.j, 1, "object", &sink);
	for (i = 0; i < REPORT_MAX_FINDINGS + 1; i++)
		ck_assert_int_eq(
			judging_find(&sink, "malformed", NULL, NULL, &e, "x"),
			0);
	ck_assert_int_eq(b.j.verdict, VERDICT_REJECT);
	ck_assert_uint_eq(sink.found, REPORT_MAX_FINDINGS + 1);
	ck_assert_uint_eq(b.report.nfindings, REPORT_MAX_FINDINGS);
	ck_assert_uint_eq(b.report.nfindings_all, 2 * REPORT_MAX_FINDINGS + 2);
	report_release(&b.report);
}
END_TEST

START_TEST(a_long_text_is_cut)
{
	struct bench b;
	struct check_sink sink;
	struct err e;

	bench_init(&b, MODE_ENFORCE, MODE_OFF);
	judging_sink_ref(&b.j, 0, "object", &sink);
	ck_assert_int_eq(
		judging_find(&sink, "malformed", NULL, NULL, &e, "%05000d", 1),
		0);
	ck_assert_uint_lt(strlen(b.report.findings[0].text), REPORT_MAX_TEXT);
	report_release(&b.report);
}
END_TEST

/* ---- namespaces ---- */

static void make_refs(void)
{
	help_init(0);
	help_run(NULL,
		 "cd r && id=$(git commit-tree -m x $(git mktree "
		 "< /dev/null)) && "
		 "git update-ref refs/heads/main $id && "
		 "git update-ref refs/namespaces/a/refs/heads/main $id && "
		 "git update-ref refs/namespaces/a/refs/heads/two $id && "
		 "git update-ref "
		 "refs/namespaces/a/refs/namespaces/b/refs/heads/x $id && "
		 "git symbolic-ref refs/namespaces/a/refs/heads/inside "
		 "refs/namespaces/a/refs/heads/main && "
		 "git symbolic-ref refs/namespaces/a/refs/heads/outside "
		 "refs/heads/main && "
		 "git symbolic-ref refs/heads/alias refs/heads/main");
}

static void judging_of(struct bench *b, const char *git_namespace)
{
	bench_init(b, MODE_ENFORCE, MODE_ENFORCE);
	b->in.git_namespace = git_namespace;
	b->j.repo = help_open("r");
	b->j.algo = OID_SHA1;
}

static const struct {
	const char *git_namespace, *name, *real;
} resolved[] = {
	{"", "refs/heads/main", "refs/heads/main"},
	{"", "refs/heads/alias", "refs/heads/main"},
	{"a", "refs/heads/main", "refs/heads/main"},
	{"a", "refs/heads/inside", "refs/heads/main"},
	{"a/b", "refs/heads/x", "refs/heads/x"},
	{"/a//b/", "refs/heads/x", "refs/heads/x"},
};

START_TEST(names_lose_the_namespace)
{
	struct buf real = BUF_INIT(HELP_MAX);
	struct bench b;
	struct oid id;
	struct err e;

	make_refs();
	judging_of(&b, resolved[_i].git_namespace);
	ck_assert_msg(!judging_resolve(&b.j, resolved[_i].name, &real, &id, &e),
		      "%s", e.msg);
	ck_assert_str_eq(real.data, resolved[_i].real);
	ck_assert(!oid_is_null(&id));
	buf_release(&real);
	repository_free(b.j.repo);
}
END_TEST

START_TEST(a_ref_of_another_namespace_is_not_seen)
{
	struct buf real = BUF_INIT(HELP_MAX);
	struct bench b;
	struct oid id;
	struct err e;

	make_refs();
	judging_of(&b, "b");
	ck_assert_int_eq(
		judging_resolve(&b.j, "refs/heads/main", &real, &id, &e), 0);
	ck_assert(oid_is_null(&id));
	ck_assert_str_eq(real.data, "refs/heads/main");
	buf_release(&real);
	repository_free(b.j.repo);
}
END_TEST

START_TEST(a_symbolic_ref_that_leaves_the_namespace_is_refused)
{
	struct buf real = BUF_INIT(HELP_MAX);
	struct bench b;
	struct oid id;

	make_refs();
	judging_of(&b, "a");
	help_fails(
		judging_resolve(&b.j, "refs/heads/outside", &real, &id, fault),
		ERR_MALFORMED, "leaves the namespace");
	buf_release(&real);
	repository_free(b.j.repo);
}
END_TEST

static int gather(void *ctx, const char *name, const struct oid *id)
{
	(void)id;
	buf_adds(ctx, name);
	buf_addch(ctx, ' ');
	return 0;
}

START_TEST(each_ref_of_a_namespace_comes_without_it)
{
	struct buf names = BUF_INIT(HELP_MAX);
	struct bench b;
	struct err e;

	make_refs();
	judging_of(&b, "a");
	ck_assert_int_eq(
		judging_refs_each(&b.j, "refs/heads/", gather, &names, &e), 0);
	ck_assert_str_eq(names.data, "refs/heads/main "
				     "refs/heads/two ");
	buf_release(&names);
	repository_free(b.j.repo);
}
END_TEST

START_TEST(a_namespace_without_end_is_refused)
{
	struct buf real = BUF_INIT(HELP_MAX);
	static char deep[200000];
	struct bench b;
	struct oid id;
	size_t i;

	make_refs();
	for (i = 0; i + 2 < sizeof(deep); i += 2)
		memcpy(deep + i, "a/", 2);
	judging_of(&b, deep);
	help_fails(judging_resolve(&b.j, "refs/heads/main", &real, &id, fault),
		   ERR_LIMIT, "too long");
	buf_release(&real);
	repository_free(b.j.repo);
}
END_TEST

Suite *suite_judging(void)
{
	Suite *s = suite_create("judging");
	TCase *t = tcase_create("weights"), *ns = tcase_create("namespaces");

	tcase_add_loop_test(t, mode_and_level_make_the_weight, 0,
			    sizeof(weights) / sizeof(weights[0]));
	tcase_add_test(t, a_finding_weighs_on_its_ref_and_the_push);
	tcase_add_test(t, what_is_off_with_the_push_takes_the_strictest_mode);
	tcase_add_test(t, a_finding_that_finds_no_room_still_refuses);
	tcase_add_test(t, a_long_text_is_cut);
	suite_add_tcase(s, t);
	tcase_set_timeout(ns, 60);
	tcase_add_checked_fixture(ns, help_setup, help_teardown);
	tcase_add_loop_test(ns, names_lose_the_namespace, 0,
			    sizeof(resolved) / sizeof(resolved[0]));
	tcase_add_test(ns, a_ref_of_another_namespace_is_not_seen);
	tcase_add_test(ns, a_symbolic_ref_that_leaves_the_namespace_is_refused);
	tcase_add_test(ns, each_ref_of_a_namespace_comes_without_it);
	tcase_add_test(ns, a_namespace_without_end_is_refused);
	suite_add_tcase(s, ns);
	return s;
}
