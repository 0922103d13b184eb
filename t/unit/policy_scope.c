/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "policy/published.h"
#include "policy/scope.h"
#include "policy_help.h"

static const char gates[] = "[gatepost]\n"
			    "mode = warn\n"
			    "[rule \"a\"]\ncheck = demo\n"
			    "[rule \"b\"]\ncheck = demo\n"
			    "[rule \"c\"]\ncheck = demo\n"
			    "[gate \"all\"]\n"
			    "ref = refs/heads/**\n"
			    "preview = refs/tags/**\n"
			    "rule = b\n"
			    "[gate \"main\"]\n"
			    "repo = team/*\n"
			    "ref = refs/heads/main\n"
			    "preview = refs/heads/**\n"
			    "mode = enforce\n"
			    "rule = b\n"
			    "rule = a\n"
			    "[gate \"idle\"]\n"
			    "repo = idle\n"
			    "ref = refs/notes/*\n"
			    "preview = refs/other/*\n"
			    "mode = off\n"
			    "rule = c\n";

static struct scope scope_in(const struct policy *p, enum policy_mode override,
			     const char *repository, const char *ref)
{
	struct scope s;
	struct err e;

	ck_assert_int_eq(scope_of_ref(&s, p, override, repository, ref, &e), 0);
	return s;
}

START_TEST(rules_unite_and_the_strictest_mode_wins)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_UNSET, "team/x", "refs/heads/main");

	ck_assert_uint_eq(s.ngates, 2);
	ck_assert_uint_eq(s.npreviews, 0);
	ck_assert_int_eq(s.mode, MODE_ENFORCE);
	ck_assert_uint_eq(s.nrules, 2);
	ck_assert_uint_eq(s.rules[0].rule, 0);
	ck_assert_int_eq(s.rules[0].mode, MODE_ENFORCE);
	ck_assert_uint_eq(s.rules[1].rule, 1);
	ck_assert_int_eq(s.rules[1].mode, MODE_ENFORCE);
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(a_preview_adds_advice_and_no_gate)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_UNSET, "team/x", "refs/heads/f/g");

	ck_assert_uint_eq(s.ngates, 1);
	ck_assert_uint_eq(s.npreviews, 1);
	ck_assert_int_eq(s.mode, MODE_WARN);
	ck_assert_uint_eq(s.nrules, 2);
	ck_assert_int_eq(s.rules[0].mode, MODE_PREVIEW);
	ck_assert_int_eq(s.rules[1].mode, MODE_WARN);
	scope_release(&s);
	s = scope_in(p, MODE_UNSET, "team/x", "refs/tags/v1");
	ck_assert_int_eq(s.mode, MODE_UNSET);
	ck_assert_uint_eq(s.ngates, 0);
	ck_assert_uint_eq(s.npreviews, 1);
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(a_star_stays_within_one_component)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_UNSET, "team/x/y", "refs/heads/main");

	ck_assert_uint_eq(s.ngates, 1);
	ck_assert_int_eq(s.mode, MODE_WARN);
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(a_ref_outside_of_every_gate_has_no_mode)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_ENFORCE, "team/x", "refs/notes/x");

	ck_assert_int_eq(s.mode, MODE_UNSET);
	ck_assert_uint_eq(s.ngates + s.npreviews + s.nrules, 0);
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(a_gate_that_is_off_asks_nothing)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_UNSET, "idle", "refs/notes/x");

	ck_assert_int_eq(s.mode, MODE_OFF);
	ck_assert_uint_eq(s.ngates, 1);
	ck_assert_uint_eq(s.nrules, 0);
	scope_release(&s);
	s = scope_in(p, MODE_UNSET, "idle", "refs/other/x");
	ck_assert_uint_eq(s.npreviews, 0);
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(the_repositorys_mode_replaces_the_gates)
{
	struct policy *p = policy_of(gates);
	struct scope s = scope_in(p, MODE_OFF, "team/x", "refs/heads/main");

	ck_assert_int_eq(s.mode, MODE_OFF);
	ck_assert_uint_eq(s.ngates, 2);
	ck_assert_uint_eq(s.nrules, 0);
	scope_release(&s);
	s = scope_in(p, MODE_ENFORCE, "idle", "refs/notes/x");
	ck_assert_int_eq(s.mode, MODE_ENFORCE);
	ck_assert_uint_eq(s.nrules, 1);
	scope_release(&s);
	s = scope_in(p, MODE_WARN, "team/x", "refs/heads/main");
	ck_assert_int_eq(s.mode, MODE_WARN);
	scope_release(&s);
	policy_free(p);
}
END_TEST

static void assert_refs(const struct policy *p, enum policy_mode override,
			const char *repository, size_t rule, const char *first,
			const char *second)
{
	const char **globs;
	struct err e;
	size_t n;

	ck_assert_int_eq(scope_rule_refs(p, override, repository, rule,
					 MODE_WARN, &globs, &n, &e),
			 0);
	ck_assert_uint_eq(n, (size_t)(first != NULL) + (second != NULL));
	if (first)
		ck_assert_str_eq(globs[0], first);
	if (second)
		ck_assert_str_eq(globs[1], second);
	free(globs);
}

START_TEST(a_rules_refs_are_those_of_gates_in_force)
{
	struct policy *p = policy_of(gates);

	assert_refs(p, MODE_UNSET, "team/x", 1, "refs/heads/**",
		    "refs/heads/main");
	assert_refs(p, MODE_UNSET, "other", 1, "refs/heads/**", NULL);
	assert_refs(p, MODE_UNSET, "other", 0, NULL, NULL);
	assert_refs(p, MODE_UNSET, "idle", 2, NULL, NULL);
	assert_refs(p, MODE_WARN, "idle", 2, "refs/notes/*", NULL);
	assert_refs(p, MODE_OFF, "team/x", 1, NULL, NULL);
	policy_free(p);
}
END_TEST

START_TEST(what_a_gate_only_warns_about_hides_nothing_from_enforcement)
{
	struct policy *p = policy_of(gates);
	const char **globs;
	struct err e;
	size_t n;

	ck_assert_int_eq(scope_rule_refs(p, MODE_UNSET, "team/x", 1,
					 MODE_ENFORCE, &globs, &n, &e),
			 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(globs[0], "refs/heads/main");
	free(globs);
	policy_free(p);
}
END_TEST

static const struct {
	const char *path, *directory;
	bool has, below;
} places[] = {
	{"src/pay/a.c", "src/pay", true, true},
	{"src/pay/x/y/a.c", "src/pay/x", true, true},
	{"src/pay/doc/a", "src/pay/doc", false, true},
	{"src/payments/a.c", "src/payments", false, false},
	{"src/pay", "src", true, true},
	{"src/pa", "src", false, true},
	{"src/pay/doc", "src/pay", false, true},
	{"any/Makefiles/x", "any/Makefiles", false, true},
	{"db/1/up.sql", "db/1", true, true},
	{"db/1/2/up.sql", "db/1/2", false, false},
	{"db/x.sql", "db", false, true},
	{"any/where/Makefile", "any/where", true, true},
	{"lib/ab.c", "lib", true, true},
	{"lib/cb.c", "lib", false, true},
	{"Makefile", "", true, true},
};

START_TEST(areas_have_paths_and_prune_directories)
{
	struct policy *p = policy_of("[area \"a\"]\n"
				     "path = src/pay/\n"
				     "path = db/*/up.sql\n"
				     "path = lib/[ab]*.c\n"
				     "exclude = src/pay/doc/\n"
				     "[area \"b\"]\n"
				     "path = **/Makefile\n"
				     "[gate \"g\"]\nref = refs/**\nrule = r\n"
				     "[rule \"r\"]\ncheck = demo\n");
	struct span path = span_str(places[_i].path);
	struct span dir = span_str(places[_i].directory);
	bool everywhere = strstr(places[_i].path, "Makefile") != NULL;

	ck_assert(area_has_path(&p->areas[everywhere], path) == places[_i].has);
	ck_assert(area_may_be_below(&p->areas[everywhere], dir) ==
		  places[_i].below);
	policy_free(p);
}
END_TEST

START_TEST(what_is_published_is_of_this_repository_and_quoted)
{
	struct policy *p = policy_of("[gate \"g\"]\nrepo = pay/**\n"
				     "ref = refs/heads/main\n"
				     "ref = refs/heads/v*\nrule = r\n"
				     "[gate \"off\"]\nmode = off\n"
				     "ref = refs/heads/off\nrule = r\n"
				     "[gate \"other\"]\nrepo = other\n"
				     "ref = refs/heads/x\nrule = r\n"
				     "[rule \"r\"]\ncheck = demo\n");
	struct buf b = BUF_INIT(PUBLISHED_MAX_BYTES);
	struct err e = {0};

	ck_assert_int_eq(published_text(p, "pay/a\"b\\", &b, &e), 0);
	ck_assert_str_eq(b.data, "# Written by gatepost policy publish, for "
				 "git-approve(1).\n"
				 "[gatepost]\n"
				 "\trepository = \"pay/a\\\"b\\\\\"\n"
				 "\tref = \"refs/heads/main\"\n"
				 "\tref = \"refs/heads/v*\"\n"
				 "\tref = \"refs/heads/off\"\n"
				 "[approve]\n"
				 "\tunattended = \"refuse\"\n");
	buf_truncate(&b, 0);
	ck_assert_int_eq(published_text(p, "a\nb", &b, &e), 0);
	ck_assert_ptr_null(strstr(b.data, "repository"));
	buf_release(&b);
	policy_free(p);
}
END_TEST

START_TEST(what_would_be_too_long_for_clients_is_an_error)
{
	struct policy *p = policy_of("[gate \"g\"]\n"
				     "ref = refs/heads/main\nrule = r\n"
				     "[rule \"r\"]\ncheck = demo\n");
	struct buf b = BUF_INIT(64);
	struct err e = {0};

	ck_assert_int_eq(published_text(p, "a", &b, &e), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "longer than"));
	buf_release(&b);
	policy_free(p);
}
END_TEST

Suite *suite_scope(void)
{
	Suite *s = suite_create("policy scope");
	TCase *t = tcase_create("all");

	tcase_add_test(t, rules_unite_and_the_strictest_mode_wins);
	tcase_add_test(t, a_preview_adds_advice_and_no_gate);
	tcase_add_test(t, a_star_stays_within_one_component);
	tcase_add_test(t, a_ref_outside_of_every_gate_has_no_mode);
	tcase_add_test(t, a_gate_that_is_off_asks_nothing);
	tcase_add_test(t, the_repositorys_mode_replaces_the_gates);
	tcase_add_test(t, a_rules_refs_are_those_of_gates_in_force);
	tcase_add_test(
		t, what_a_gate_only_warns_about_hides_nothing_from_enforcement);
	tcase_add_test(t, what_is_published_is_of_this_repository_and_quoted);
	tcase_add_test(t, what_would_be_too_long_for_clients_is_an_error);
	tcase_add_loop_test(t, areas_have_paths_and_prune_directories, 0,
			    (int)COUNT(places));
	suite_add_tcase(s, t);
	return s;
}
