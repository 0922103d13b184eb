/* SPDX-License-Identifier: Apache-2.0 */

/* The checks, each code and each exemption; here: history and the table. */
#include "checks_help.h"

#include <string.h>

static struct bench b;

static void teardown(void)
{
	bench_close(&b);
}

static void update(const char *ref, bool had, bool has, bool rewind)
{
	struct ref_facts facts = {.ref = ref, .rewind = rewind};
	struct err e;

	facts.old.algo = facts.new_.algo = OID_SHA1;
	facts.old.id[0] = had;
	facts.new_.id[0] = has ? 2 : 0;
	ck_assert_int_eq(b.check->ref(&b.ctx, &facts, &e), 0);
}

START_TEST(a_gated_ref_is_not_deleted)
{
	bench_open(&b, "history", "", NULL);
	update("refs/heads/main", true, false, false);
	has_words(said_once(&b, "deletion", "main may not be deleted")->hint,
		  "ask the admin");
}
END_TEST

START_TEST(a_deletion_may_be_allowed)
{
	bench_open(&b, "history", "\tdeletion = allow\n", NULL);
	update("refs/heads/main", true, false, false);
	said_nothing(&b);
	update("refs/heads/main", true, true, true);
	said_once(&b, "rewind", "would lose commits");
}
END_TEST

START_TEST(a_gated_ref_is_not_rewound)
{
	bench_open(&b, "history", "", NULL);
	update("refs/heads/main", true, true, true);
	has_words(said_once(&b, "rewind", "main would lose commits")->hint,
		  "git pull --rebase origin main && git push origin HEAD:main");
}
END_TEST

START_TEST(a_tag_is_not_moved)
{
	bench_open(&b, "history", "", NULL);
	update("refs/tags/v1", true, true, true);
	has_words(
		said_once(&b, "rewind", "refs/tags/v1 may not be moved")->hint,
		"under another name");
}
END_TEST

START_TEST(odd_ref_names_are_quoted_in_the_command)
{
	bench_open(&b, "history", "", NULL);
	update("refs/heads/a;b", true, true, true);
	has_words(said_once(&b, "rewind", "a;b")->hint,
		  "git pull --rebase origin 'a;b' && git push origin "
		  "HEAD:'a;b'");
}
END_TEST

START_TEST(a_rewind_may_be_allowed)
{
	bench_open(&b, "history", "\trewind = allow\n", NULL);
	update("refs/heads/main", true, true, true);
	said_nothing(&b);
	update("refs/heads/main", true, false, true);
	said_once(&b, "deletion", "may not be deleted");
}
END_TEST

START_TEST(what_is_new_or_moves_forward_passes)
{
	bench_open(&b, "history", "", NULL);
	update("refs/heads/main", false, true, false);
	update("refs/heads/main", false, true, true);
	update("refs/heads/main", true, true, false);
	said_nothing(&b);
}
END_TEST

START_TEST(a_wrong_word_is_told)
{
	has_words(bench_mistake("history", "\trewind = alow\n", NULL),
		  "did you mean allow?");
}
END_TEST

START_TEST(every_row_of_the_table_is_whole)
{
	size_t i;

	for (i = 0; i < checks_count; i++) {
		const struct check *c = checks_all[i];

		ck_assert_ptr_eq(check_of_kind(checks_kinds[i]), c);
		ck_assert(c->commit || c->finish || c->ref);
		ck_assert(!c->path || c->needs & NEED_PATHS);
		ck_assert_uint_gt(c->kind.noptions, 0);
	}
	ck_assert_ptr_null(check_of_kind(NULL));
}
END_TEST

static Suite *suite_history(void)
{
	Suite *s = suite_create("history");
	TCase *t = tcase_create("refs"), *p = tcase_create("table");

	suite_add_tcase(s, t);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_gated_ref_is_not_deleted);
	tcase_add_test(t, a_deletion_may_be_allowed);
	tcase_add_test(t, a_gated_ref_is_not_rewound);
	tcase_add_test(t, a_tag_is_not_moved);
	tcase_add_test(t, odd_ref_names_are_quoted_in_the_command);
	tcase_add_test(t, a_rewind_may_be_allowed);
	tcase_add_test(t, what_is_new_or_moves_forward_passes);
	tcase_add_test(p, a_wrong_word_is_told);
	tcase_add_test(p, every_row_of_the_table_is_whole);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite_history());
	int failed;

	srunner_add_suite(r, suite_provenance());
	srunner_add_suite(r, suite_review());
	srunner_add_suite(r, suite_quorum());
	srunner_add_suite(r, suite_rollback());
	srunner_add_suite(r, suite_signature());
	srunner_add_suite(r, suite_ticket());
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
