/* SPDX-License-Identifier: Apache-2.0 */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

#include "checks/plan.h"
#include "checks/undo.h"

static struct bench b;

static const char *const files[] = {"docs/rollback.md", "drop the table",
				    "docs/empty.md", "", NULL};

static const struct range_facts one = {
	.ref = "refs/heads/main", .commits = 1, .matched = 1};

static void open_with(const char *options)
{
	bench_open(&b, "rollback", options, NULL);
}

static void teardown(void)
{
	bench_close(&b);
}

/* ---- values ---- */

static const struct {
	const char *value;
	enum plan_kind kind;
} values[] = {
	{"", PLAN_PLACEHOLDER},
	{"none", PLAN_PLACEHOLDER},
	{"N/A", PLAN_PLACEHOLDER},
	{"TBD.", PLAN_PLACEHOLDER},
	{"todo!", PLAN_PLACEHOLDER},
	{"-", PLAN_PLACEHOLDER},
	{"...", PLAN_PLACEHOLDER},
	{"\xe2\x80\x94", PLAN_PLACEHOLDER},
	{"<how to go back>", PLAN_PLACEHOLDER},
	{"[plan]", PLAN_PLACEHOLDER},
	{"PLAN", PLAN_PLACEHOLDER},
	{"not applicable", PLAN_PLACEHOLDER},
	{"revert", PLAN_REVERT},
	{"Revert", PLAN_REVERT},
	{"https://wiki.example.com/x", PLAN_URL},
	{"http://[::1]/x", PLAN_URL},
	{"https://", PLAN_PATH},
	{"ftp://example.com/x", PLAN_PATH},
	{"OPS-12", PLAN_TICKET},
	{"CHG0012345", PLAN_TICKET},
	{"#4711", PLAN_TICKET},
	{"docs/rollback.md", PLAN_PATH},
	{"ROLLBACK.txt", PLAN_PATH},
	{"and/or", PLAN_PATH},
	{"redeploy 1.2.3", PLAN_TEXT},
	{"v1.2.3", PLAN_SHORT},
	{"undo it", PLAN_SHORT},
	{"see docs/rollback.md", PLAN_TEXT},
	{"\xe5\x9b\x9e\xe6\xbb\x9a\xe4\xb8\x8a\xe4\xb8\x80", PLAN_TEXT},
};

START_TEST(values_are_told_apart)
{
	struct plan_tickets *tickets;
	struct err e;

	ck_assert_int_eq(
		plan_tickets_new(&tickets,
				 "[A-Z]+-[0-9]+|[A-Z]+[0-9]{4,}|#[0-9]+", &e),
		0);
	ck_assert_int_eq(plan_classify(span_str(values[_i].value), tickets),
			 values[_i].kind);
	plan_tickets_free(tickets);
}
END_TEST

static const char *const bad_paths[] = {"/etc/passwd", "../x.md", "a/../b.md",
					"./a.md",      "a//b.md", "docs/"};

START_TEST(paths_that_leave_the_tree_are_no_plan)
{
	char message[128];

	open_with("");
	snprintf(message, sizeof(message), "x\n\nRollback-plan: %s\n",
		 bad_paths[_i]);
	bench_commit(&b, message);
	bench_finish(&b, &one, files);
	said_once(&b, "path-missing", "is no path in the repository");
}
END_TEST

/* ---- plans ---- */

START_TEST(nothing_is_asked_where_no_commit_matches)
{
	const struct range_facts none = {.ref = "refs/heads/main",
					 .commits = 1};
	const struct made unmatched = {.unmatched = true};

	open_with("");
	bench_commit_as(&b, "x\n\nRollback-plan: tbd\n", &unmatched);
	bench_finish(&b, &none, files);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 0);
}
END_TEST

START_TEST(without_a_plan_the_command_is_told)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "x\n");
	bench_finish(&b, &one, files);
	s = said_once(&b, "missing", "no rollback plan");
	has_words(s->hint, "git commit --amend --no-edit --trailer "
			   "\"Rollback-plan: PLAN\"");
	ck_assert_str_eq(s->commit, "");
}
END_TEST

static const char *const good[] = {
	"Rollback-plan: revert",
	"rollback-PLAN: docs/rollback.md",
	"Rollback: CHG0012345",
	"Backout-plan: https://wiki.example.com/x",
	"Rollback-plan: restore the dump of the night before",
};

START_TEST(a_plan_is_accepted_and_kept)
{
	char message[128];

	open_with("");
	snprintf(message, sizeof(message), "x\n\n%s\n", good[_i]);
	bench_commit(&b, message);
	bench_finish(&b, &one, files);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 1);
	ck_assert_str_eq(b.told[0].kind, "plan");
	ck_assert_str_eq(b.told[0].text, strchr(good[_i], ':') + 2);
}
END_TEST

START_TEST(any_commit_of_the_push_may_give_the_plan)
{
	const struct made unmatched = {.unmatched = true};

	open_with("");
	bench_commit(&b, "x\n");
	bench_commit_as(&b, "y\n\nRollback-plan: revert\n", &unmatched);
	bench_commit(&b, "z\n\nRollback-plan: tbd\n");
	bench_finish(&b, &one, files);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 1);
}
END_TEST

START_TEST(a_key_with_a_blank_is_no_trailer)
{
	open_with("");
	bench_commit(&b, "x\n\nRollback plan: revert\n");
	bench_finish(&b, &one, files);
	said_once(&b, "missing", "no rollback plan");
}
END_TEST

START_TEST(a_placeholder_is_no_plan)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "x\n\nRollback-plan: TBD\n");
	bench_finish(&b, &one, files);
	s = said_once(&b, "placeholder", "\"TBD\" is no plan");
	has_words(s->hint, "git commit --amend");
	ck_assert_str_eq(s->commit, "0100000000000000000000000000000000000000");
	ck_assert_uint_eq(b.ntold, 0);
	bench_again(&b);
	bench_commit(&b, "x\n\nRollback-plan: undo\n");
	bench_finish(&b, &one, files);
	said_once(&b, "placeholder", "does not say enough");
}
END_TEST

START_TEST(every_plan_of_one_commit_must_hold)
{
	open_with("");
	bench_commit(&b, "x\n\nRollback-plan: revert\nRollback: tbd\n");
	bench_finish(&b, &one, files);
	said_once(&b, "placeholder", "\"tbd\" is no plan");
}
END_TEST

START_TEST(a_plan_that_is_a_path_must_exist)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "x\n\nRollback-plan: docs/o'clock.md\n");
	bench_finish(&b, &one, files);
	s = said_once(&b, "path-missing", "is not in what is pushed");
	has_words(s->hint, "git add 'docs/o'\\''clock.md' && git commit");
	bench_again(&b);
	bench_commit(&b, "x\n\nRollback-plan: docs/empty.md\n");
	bench_finish(&b, &one, files);
	said_once(&b, "path-missing", "is empty");
	bench_again(&b);
	bench_commit(&b, "x\n\nRollback-plan: ./docs\n");
	bench_finish(&b, &one, files);
	said_once(&b, "path-missing", "is no path");
}
END_TEST

START_TEST(a_folder_is_no_plan)
{
	static const char *const deep[] = {"a/b/c", "x", NULL};

	open_with("");
	bench_commit(&b, "x\n\nRollback-plan: a/b\n");
	bench_finish(&b, &one, deep);
	said_once(&b, "path-missing", "is no file");
}
END_TEST

START_TEST(a_plan_behind_a_divider_is_none)
{
	open_with("");
	bench_commit(&b, "x\n\ntext\n---\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, files);
	said_once(&b, "missing", "behind a line `---`");
}
END_TEST

START_TEST(tickets_are_what_policy_says)
{
	open_with("\tticket-pattern = RFC[0-9]+\n");
	bench_commit(&b, "x\n\nRollback-plan: RFC7\n");
	bench_finish(&b, &one, files);
	said_nothing(&b);
	bench_again(&b);
	bench_commit(&b, "x\n\nRollback-plan: RFC7x\n");
	bench_finish(&b, &one, files);
	said_once(&b, "placeholder", "does not say enough");
}
END_TEST

START_TEST(more_plans_than_are_remembered_fail_closed)
{
	struct buf m = BUF_INIT(1 << 20);
	int i;

	open_with("");
	buf_adds(&m, "x\n\n");
	for (i = 0; i < 1500; i++)
		buf_adds(&m, "Rollback-plan: revert\n");
	bench_commit(&b, m.data);
	bench_finish(&b, &one, files);
	said_once(&b, "placeholder", "too many rollback plans");
	buf_release(&m);
}
END_TEST

/* ---- undo scripts ---- */

/* A push that adds `step`, to a tree with the step and `undo`. */
static void add_step(const char *step, const char *undo, const char *text)
{
	const char *const tree[] = {step, "create", undo, text, NULL};

	bench_path(&b, 'A', step);
	bench_commit(&b, "x\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, tree);
}

static const struct {
	const char *step, *undo;
} pairs[] = {
	{"db/V7__add.sql", "db/U7__drop.sql"},
	{"V7__add.sql", "U7__add.sql"},
	{"db/V1_2.3__add.sql", "db/U1.2_3__x.sql"},
	{"db/V1__add.sql", "db/U01.0__x.sql"},
	{"db/V20260101__add.sql", "db/undo/U20260101__x.sql"},
	{"db/versions/V7__add.sql", "db/undo/U7__x.sql"},
	{"db/7_add.up.sql", "db/7_add.down.sql"},
	{"000007_add.x.up.sql", "000007_add.x.down.sql"},
};

START_TEST(a_step_with_its_undo_passes)
{
	open_with("");
	add_step(pairs[_i].step, pairs[_i].undo, "DROP TABLE x;\n");
	said_nothing(&b);
}
END_TEST

START_TEST(a_step_without_undo_is_told)
{
	const struct said *s;

	open_with("");
	add_step(pairs[_i].step, "other/undo.sql", "DROP TABLE x;\n");
	s = said_once(&b, "no-undo", "has no undo script");
	has_words(s->text, pairs[_i].step);
	has_words(s->hint, "&& git commit");
	has_words(s->hint,
		  strstr(pairs[_i].step, ".up.sql") ? ".down.sql" : "U");
}
END_TEST

static const struct {
	const char *step, *undo;
} mismatches[] = {
	{"db/V7__add.sql", "db/U71__drop.sql"},
	{"db/V7__add.sql", "db/U7_1__drop.sql"},
	{"db/V7__add.sql", "db/U7__drop.txt"},
	{"db/V7__add.sql", "db/U7_drop.sql"},
	{"db/V7__add.sql", "other/U7__drop.sql"},
	{"db/V10__add.sql", "db/U1__drop.sql"},
	{"db/7_add.up.sql", "db/8_add.down.sql"},
	{"db/7_add.up.sql", "7_add.down.sql"},
};

START_TEST(the_undo_of_another_step_is_none)
{
	open_with("");
	add_step(mismatches[_i].step, mismatches[_i].undo, "DROP TABLE x;\n");
	said_once(&b, "no-undo", "has no undo script");
}
END_TEST

static const char *const nothing[] = {
	"",
	" \n\t",
	"-- drop it\n",
	"/* DROP TABLE x; */",
	";;\n;",
	"# later\n",
	"\xef\xbb\xbf-- x",
	"/* never closed",
	"  # x\n -- y\n;",
	"/* a *//* b */ -- c",
};
static const char *const something[] = {
	"DROP TABLE x;",  "-- x\nDROP TABLE x;", "/* x */DROP", "-x",
	"/*! DROP x */;", "/* a * b */ DROP",	 "/",		"; # x",
};

START_TEST(an_undo_that_does_nothing_is_none)
{
	const struct said *s;

	open_with("");
	add_step("db/V7__a.sql", "db/U7__a.sql", nothing[_i]);
	s = said_once(&b, "no-undo", "does nothing");
	has_words(s->text, "db/U7__a.sql");
}
END_TEST

START_TEST(an_undo_that_does_something_counts)
{
	open_with("");
	add_step("db/7_a.up.sql", "db/7_a.down.sql", something[_i]);
	said_nothing(&b);
}
END_TEST

static const char *const no_steps[] = {
	"db/R__view.sql", "db/V__x.sql",     "db/V7_x.sql",  "db/v7__x.sql",
	"db/V7__x.txt",	  "db/7_x.down.sql", "db/x.up.sql",  "db/7x.up.sql",
	"V7__dir.sql/x",  "db/U7__x.sql",    "db/B7__x.sql",
};

START_TEST(other_files_are_no_steps)
{
	open_with("");
	add_step(no_steps[_i], "x", "y");
	said_nothing(&b);
}
END_TEST

START_TEST(changed_and_removed_steps_are_not_asked)
{
	static const char *const tree[] = {"db/V7__a.sql", "x", NULL};

	open_with("");
	bench_path(&b, 'M', "db/V7__a.sql");
	bench_path(&b, 'D', "db/V8__a.sql");
	bench_commit(&b, "x\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, tree);
	said_nothing(&b);
}
END_TEST

START_TEST(a_step_that_is_gone_again_is_not_asked)
{
	open_with("");
	bench_path(&b, 'A', "db/V7__a.sql");
	bench_commit(&b, "x\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, files);
	said_nothing(&b);
}
END_TEST

START_TEST(tools_are_what_policy_says)
{
	open_with("\tundo = off\n");
	add_step("db/V7__a.sql", "x", "y");
	said_nothing(&b);
	bench_close(&b);
	open_with("\tundo = golang-migrate\n");
	add_step("db/V7__a.sql", "x", "y");
	said_nothing(&b);
	add_step("db/7_a.up.sql", "x", "y");
	said_once(&b, "no-undo", "db/7_a.up.sql");
	bench_close(&b);
	open_with("\tundo = golang-migrate, flyway\n");
	add_step("db/V7__a.sql", "x", "y");
	said_once(&b, "no-undo", "db/V7__a.sql");
}
END_TEST

START_TEST(many_steps_are_told_in_part)
{
	const char *tree[2 * 30 + 1];
	char paths[30][32];
	int i;

	open_with("");
	for (i = 0; i < 30; i++) {
		snprintf(paths[i], sizeof(paths[i]), "db/V%d__a.sql", i);
		tree[2 * i] = paths[i];
		tree[2 * i + 1] = "x";
		bench_path(&b, 'A', paths[i]);
		bench_path(&b, 'A', paths[i]);
	}
	tree[60] = NULL;
	bench_commit(&b, "x\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, tree);
	ck_assert_uint_eq(b.nsaid, 21);
	said_some(&b, "no-undo", "10 more new steps have no undo script");
}
END_TEST

START_TEST(more_steps_than_are_remembered_fail_closed)
{
	char path[32];
	int i;

	open_with("");
	for (i = 0; i < 1001; i++) {
		snprintf(path, sizeof(path), "db/V%d__a.sql", i);
		bench_path(&b, 'A', path);
	}
	bench_commit(&b, "x\n\nRollback-plan: revert\n");
	bench_finish(&b, &one, files);
	said_once(&b, "no-undo", "too many new database steps");
}
END_TEST

START_TEST(the_words_and_the_rows_agree)
{
	size_t i;

	for (i = 0; i < undo_tools_count; i++)
		ck_assert_str_eq(undo_tools[i].word,
				 undo_words[UNDO_FIRST_TOOL - 1 + i]);
	ck_assert_ptr_null(undo_words[UNDO_FIRST_TOOL - 1 + i]);
	ck_assert_uint_le(undo_tools_count, UNDO_MAX_TOOLS);
}
END_TEST

static const struct {
	const char *options, *words;
} mistakes[] = {
	{"\tticket-pattern = ([0-9]\n", "no extended regular expression"},
	{"\tticket-pattern =\n", "needs a value"},
	{"\tundo = flway\n", "did you mean flyway?"},
	{"\tundo = off, flyway\n", "off stands alone"},
	{"\tundo = off\n\tundo = flyway\n", "off stands alone"},
	{"\tundo =\n", "needs a value"},
};

START_TEST(mistakes_in_the_rule_are_told)
{
	has_words(bench_mistake("rollback", mistakes[_i].options, NULL),
		  mistakes[_i].words);
}
END_TEST

static void add_plans(TCase *t)
{
	tcase_add_loop_test(t, paths_that_leave_the_tree_are_no_plan, 0,
			    sizeof(bad_paths) / sizeof(bad_paths[0]));
	tcase_add_test(t, nothing_is_asked_where_no_commit_matches);
	tcase_add_test(t, without_a_plan_the_command_is_told);
	tcase_add_loop_test(t, a_plan_is_accepted_and_kept, 0,
			    sizeof(good) / sizeof(good[0]));
	tcase_add_test(t, any_commit_of_the_push_may_give_the_plan);
	tcase_add_test(t, a_key_with_a_blank_is_no_trailer);
	tcase_add_test(t, a_placeholder_is_no_plan);
	tcase_add_test(t, every_plan_of_one_commit_must_hold);
	tcase_add_test(t, a_plan_that_is_a_path_must_exist);
	tcase_add_test(t, a_folder_is_no_plan);
	tcase_add_test(t, a_plan_behind_a_divider_is_none);
	tcase_add_test(t, tickets_are_what_policy_says);
	tcase_add_test(t, more_plans_than_are_remembered_fail_closed);
}

static void add_steps(TCase *t)
{
	tcase_add_loop_test(t, a_step_with_its_undo_passes, 0,
			    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(t, a_step_without_undo_is_told, 0,
			    sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(t, the_undo_of_another_step_is_none, 0,
			    sizeof(mismatches) / sizeof(mismatches[0]));
	tcase_add_loop_test(t, an_undo_that_does_nothing_is_none, 0,
			    sizeof(nothing) / sizeof(nothing[0]));
	tcase_add_loop_test(t, an_undo_that_does_something_counts, 0,
			    sizeof(something) / sizeof(something[0]));
	tcase_add_loop_test(t, other_files_are_no_steps, 0,
			    sizeof(no_steps) / sizeof(no_steps[0]));
	tcase_add_test(t, changed_and_removed_steps_are_not_asked);
	tcase_add_test(t, a_step_that_is_gone_again_is_not_asked);
	tcase_add_test(t, tools_are_what_policy_says);
	tcase_add_test(t, many_steps_are_told_in_part);
	tcase_add_test(t, more_steps_than_are_remembered_fail_closed);
}

Suite *suite_rollback(void)
{
	Suite *s = suite_create("rollback");
	TCase *v = tcase_create("values"), *t = tcase_create("plans");
	TCase *u = tcase_create("undo");

	suite_add_tcase(s, v);
	suite_add_tcase(s, t);
	suite_add_tcase(s, u);
	tcase_add_loop_test(v, values_are_told_apart, 0,
			    sizeof(values) / sizeof(values[0]));
	tcase_add_test(v, the_words_and_the_rows_agree);
	tcase_add_loop_test(v, mistakes_in_the_rule_are_told, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_checked_fixture(u, NULL, teardown);
	add_plans(t);
	add_steps(u);
	return s;
}
