/* SPDX-License-Identifier: Apache-2.0 */
/* What a bot's section excuses its commits from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/may.h"
#include "policy_help.h"

#define BOT "[principal \"rob\"]\n\tkind = bot\n"
#define HERE "\tmay-ref = refs/heads/*\n\tmay-path = lock/\n"

static struct policy *p;

static const struct principal *bot_of(const char *text)
{
	p = policy_of(text);
	return &p->people.v[0];
}

START_TEST(a_bot_without_may_is_excused_from_provenance_everywhere)
{
	const struct principal *rob = bot_of(BOT);
	struct buf b = BUF_INIT(200);

	ck_assert(may_has_check(rob, "provenance"));
	ck_assert(!may_has_check(rob, "review"));
	ck_assert(may_has_repository(rob, "any"));
	ck_assert(may_has_ref(rob, "refs/heads/any"));
	ck_assert(may_has_path(rob, span_str("any")));
	may_describe(rob, &b);
	ck_assert_str_eq(b.data, "bot rob: may = provenance (by default)");
	buf_release(&b);
	policy_free(p);
}
END_TEST

START_TEST(who_is_no_bot_is_excused_from_nothing)
{
	ck_assert(
		!may_has_check(bot_of("[principal \"rob\"]\n"), "provenance"));
	policy_free(p);
	ck_assert(!may_has_check(bot_of("[principal \"rob\"]\nkind = agent\n"),
				 "provenance"));
	policy_free(p);
}
END_TEST

START_TEST(may_replaces_what_bots_have_by_default)
{
	const struct principal *rob = bot_of(BOT "\tmay = demo\n" HERE);

	ck_assert(may_has_check(rob, "demo"));
	ck_assert(!may_has_check(rob, "provenance"));
	policy_free(p);
	rob = bot_of(BOT "\tmay = none\n");
	ck_assert(!may_has_check(rob, "demo"));
	ck_assert(!may_has_check(rob, "provenance"));
	policy_free(p);
}
END_TEST

START_TEST(it_holds_where_its_patterns_match)
{
	const struct principal *rob =
		bot_of(BOT "\tmay = demo\n" HERE "\tmay-path = a.json\n"
			   "\tmay-repo = shop/*\n");
	struct buf b = BUF_INIT(200);

	ck_assert(may_has_ref(rob, "refs/heads/main"));
	ck_assert(!may_has_ref(rob, "refs/heads/a/b"));
	ck_assert(!may_has_ref(rob, "refs/tags/main"));
	ck_assert(may_has_repository(rob, "shop/api"));
	ck_assert(!may_has_repository(rob, "api"));
	ck_assert(may_has_path(rob, span_str("a.json")));
	ck_assert(may_has_path(rob, span_str("lock/x/y")));
	ck_assert(!may_has_path(rob, span_str("x/a.json")));
	/* a link in the place of the directory could lead anywhere */
	ck_assert(!may_has_path(rob, span_str("lock")));
	may_describe(rob, &b);
	ck_assert_str_eq(b.data, "bot rob: may = demo");
	buf_release(&b);
	policy_free(p);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *words;
} wrong[] = {
	{"[principal \"rob\"]\n\tmay = demo\n" HERE, 2, "is for kind = bot"},
	{"[principal \"rob\"]\n\tkind = agent\n\tmay = demo\n" HERE, 3,
	 "is for kind = bot"},
	{BOT "\tmay = demo\n\tmay-path = **\n", 3, "needs may-ref"},
	{BOT "\tmay = demo\n\tmay-ref = **\n", 3, "needs may-path"},
	{BOT "\tmay-ref = **\n", 1, "needs may"},
	{BOT "\tmay-repo = x\n", 1, "needs may"},
	{BOT "\tmay = dema\n" HERE, 3, "no check \"dema\"; did you mean demo?"},
	{BOT "\tmay = nome\n" HERE, 3, "did you mean none?"},
	{BOT "\tmay = none, demo\n" HERE, 3, "none stands alone"},
	{BOT "\tmay = ,\n" HERE, 3, "names no check"},
	{BOT "\tmay = demo\n" HERE "\tmay-ref = main\n", 6, "refs/heads/main?"},
	{BOT "\tmay = demo\n" HERE "\tmay-path = /x\n", 6, "without a `/`"},
	{BOT "\tmay = demo\n" HERE "\tmay-path = x**\n", 6, "stand alone"},
	{BOT "\tmay = demo\n" HERE "\tmay-repo = x**\n", 6, "stand alone"},
};

START_TEST(what_is_said_wrongly_is_a_mistake)
{
	struct policy_mistakes m;

	mistakes_of(wrong[_i].text, &m);
	assert_mistake(&m, 0, wrong[_i].line, wrong[_i].words);
	policy_mistakes_release(&m);
}
END_TEST

Suite *suite_may(void)
{
	Suite *s = suite_create("may");
	TCase *t = tcase_create("may");

	tcase_add_test(t,
		       a_bot_without_may_is_excused_from_provenance_everywhere);
	tcase_add_test(t, who_is_no_bot_is_excused_from_nothing);
	tcase_add_test(t, may_replaces_what_bots_have_by_default);
	tcase_add_test(t, it_holds_where_its_patterns_match);
	tcase_add_loop_test(t, what_is_said_wrongly_is_a_mistake, 0,
			    COUNT(wrong));
	suite_add_tcase(s, t);
	return s;
}
