/* SPDX-License-Identifier: Apache-2.0 */
/* Gates that are off for a bot that mirrors, and for nobody else. */
#include <stdlib.h>
#include <string.h>

#include "policy/mirror.h"
#include "policy/scope.h"
#include "policy_help.h"

#define PEOPLE                                                                 \
	"[principal \"bob\"]\n\tkind = bot\n"                                  \
	"[principal \"ann\"]\n"
#define RULES "[rule \"r\"]\n\tcheck = demo\n[rule \"s\"]\n\tcheck = demo\n"
#define GATES                                                                  \
	"[gate \"all\"]\n\tref = refs/heads/**\n\trule = r\n"                  \
	"\tmode = enforce\n"                                                   \
	"[gate \"kept\"]\n\tref = refs/heads/up/kept\n\trule = s\n"            \
	"\tmode = warn\n\tpreview = refs/heads/**\n"
#define MIRROR "[gate \"copy\"]\n\tref = refs/heads/up/*\n\tmode = off\n"

static const char text[] = PEOPLE RULES GATES MIRROR
	"\tpusher = bob\n\tinstead-of = all\n\trepo = fork\n";

static struct policy *p;
static struct scope s;

static void scope_for(const char *repository, const char *ref, size_t who)
{
	struct err e = {0};

	if (scope_of_push(&s, p, MODE_ENFORCE, repository, ref,
			  who < p->people.n ? &p->people.v[who] : NULL, &e))
		ck_abort_msg("%s", e.msg);
}

enum { BOB, ANN, NOBODY };

START_TEST(a_mirror_is_off_where_it_stands_instead)
{
	p = policy_of(text);
	scope_for("fork", "refs/heads/up/x", BOB);
	ck_assert_int_eq(s.mode, MODE_OFF);
	ck_assert_uint_eq(s.ngates + s.npreviews + s.nrules, 0);
	ck_assert_str_eq(s.mirror->name, "copy");
	scope_release(&s);
	policy_free(p);
}
END_TEST

START_TEST(a_gate_that_it_does_not_name_stands)
{
	p = policy_of(text);
	scope_for("fork", "refs/heads/up/kept", BOB);
	ck_assert_uint_eq(s.ngates, 1);
	ck_assert_str_eq(p->gates[s.gates[0]].name, "kept");
	ck_assert_uint_eq(s.nrules, 1);
	scope_release(&s);
	policy_free(p);
}
END_TEST

static const struct {
	const char *repository, *ref;
	size_t who;
} others[] = {
	{"fork", "refs/heads/up/x", ANN},  {"fork", "refs/heads/up/x", NOBODY},
	{"fork", "refs/heads/main", BOB},  {"fork", "refs/heads/up/x/y", BOB},
	{"other", "refs/heads/up/x", BOB},
};

START_TEST(for_all_else_it_is_as_if_there_were_none)
{
	p = policy_of(text);
	scope_for(others[_i].repository, others[_i].ref, others[_i].who);
	ck_assert_int_eq(s.mode, MODE_ENFORCE);
	ck_assert_uint_eq(s.ngates, 1);
	ck_assert_str_eq(p->gates[s.gates[0]].name, "all");
	ck_assert_ptr_null(s.mirror);
	scope_release(&s);
	policy_free(p);
}
END_TEST

/* The refs on which a rule holds in a repository. */
static bool holds(const char *repository, size_t rule, const char *ref)
{
	const char **globs;
	struct err e = {0};
	size_t n;
	bool yes;

	if (scope_rule_refs(p, MODE_UNSET, repository, rule, MODE_WARN, &globs,
			    &n, &e))
		ck_abort_msg("%s", e.msg);
	yes = scope_refs_have(globs, n, ref);
	free(globs);
	return yes;
}

START_TEST(what_it_brought_hides_nothing)
{
	p = policy_of(text);
	ck_assert(holds("fork", 0, "refs/heads/main"));
	ck_assert(!holds("fork", 0, "refs/heads/up/x"));
	ck_assert(holds("other", 0, "refs/heads/up/x"));
	/* of the gate that still stands it does */
	ck_assert(holds("fork", 1, "refs/heads/up/kept"));
	policy_free(p);
}
END_TEST

static const struct {
	const char *gate;
	const char *words;
} wrong[] = {
	{"[gate \"copy\"]\n\tref = refs/heads/up/*\n\tpusher = bob\n",
	 "needs mode = off"},
	{"[gate \"copy\"]\n\tref = refs/heads/up/*\n\tpusher = bob\n"
	 "\tmode = warn\n",
	 "needs mode = off"},
	{"[gate \"copy\"]\n\tpusher = bob\n\tmode = off\n", "needs ref"},
	{MIRROR "\tpusher = bib\n", "no [principal \"bib\"]; did you mean bob"},
	{MIRROR "\tpusher = ann\n", "ann is no bot"},
	{MIRROR "\tpusher = bob\n\trule = r\n", "asks nothing"},
	{MIRROR "\tpusher = bob\n\tpreview = refs/heads/**\n",
	 "advises nobody"},
	{MIRROR "\tinstead-of = all\n", "needs pusher beside it"},
	{MIRROR "\tpusher = bob\n\tinstead-of = al\n",
	 "no [gate \"al\"]; did you mean all"},
	{MIRROR "\tpusher = bob\n\tinstead-of = copy\n", "a mirror, too"},
	{"[gate \"copy\"]\n\tref = refs/heads/up/*\n\tmode = off\n",
	 "needs rule"},
};

START_TEST(a_mirror_that_is_said_wrongly_is_a_mistake)
{
	struct policy_mistakes m;
	struct buf b = BUF_INIT(4096);

	buf_adds(&b, PEOPLE RULES GATES);
	buf_adds(&b, wrong[_i].gate);
	mistakes_of(b.data, &m);
	ck_assert_uint_eq(m.n, 1);
	ck_assert_msg(strstr(m.v[0], wrong[_i].words), "%s", m.v[0]);
	policy_mistakes_release(&m);
	buf_release(&b);
}
END_TEST

Suite *suite_mirror(void)
{
	Suite *suite = suite_create("mirror");
	TCase *t = tcase_create("mirror");

	tcase_add_test(t, a_mirror_is_off_where_it_stands_instead);
	tcase_add_test(t, a_gate_that_it_does_not_name_stands);
	tcase_add_loop_test(t, for_all_else_it_is_as_if_there_were_none, 0,
			    COUNT(others));
	tcase_add_test(t, what_it_brought_hides_nothing);
	tcase_add_loop_test(t, a_mirror_that_is_said_wrongly_is_a_mistake, 0,
			    COUNT(wrong));
	suite_add_tcase(suite, t);
	return suite;
}
