/* SPDX-License-Identifier: Apache-2.0 */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

static struct bench b;

enum { MAX_GIVEN = 8 };

/* The approvals of a range, and who contributed to it. */
static struct approval approvals[MAX_GIVEN];
static struct approval_facts given[MAX_GIVEN];
static struct contributor people[MAX_GIVEN];
static enum cover covered[MAX_GIVEN];
static struct part_facts part;
static struct range_facts range;

static char main_ref[] = "refs/heads/main", api[] = "payments/api";
static char by_mallory[] = "Mallory <mallory@example.com>";

static const struct principal *person(const char *name)
{
	size_t i;

	for (i = 0; i < b.policy->people.n; i++)
		if (!strcmp(b.policy->people.v[i].name, name))
			return &b.policy->people.v[i];
	ck_abort_msg("who is %s?", name);
	return NULL;
}

static void open_with(const char *options)
{
	bench_open(&b, "review", options, NULL);
	memset(approvals, 0, sizeof(approvals));
	memset(given, 0, sizeof(given));
	memset(people, 0, sizeof(people));
	memset(&range, 0, sizeof(range));
	range.ref = main_ref;
	range.old.algo = range.new_.algo = OID_SHA1;
	range.old.id[0] = 1;
	range.new_.id[0] = 0xab;
	range.commits = 2;
	range.matched = 1;
	range.approvals = given;
	range.contributors = people;
	memset(covered, 0, sizeof(covered));
	part = (struct part_facts){
		.commits = 1, .newest = range.new_, .covered = covered};
	range.parts = &part;
	range.nparts = 1;
}

static void teardown(void)
{
	bench_close(&b);
}

/* A good approval of this change. */
static struct approval_facts *approve(const char *who)
{
	struct approval *a = &approvals[range.napprovals];
	struct approval_facts *f = &given[range.napprovals++];

	a->ref = main_ref;
	a->repository = api;
	a->tagger = by_mallory;
	a->sig.status = SIG_GOOD;
	a->made = NOW;
	a->sig.principal = person(who);
	f->kind = APPROVAL_TAG;
	f->approval = a;
	f->ref = "refs/approvals/0123456789abcdef/x-1";
	f->matches_diff = true;
	return f;
}

static struct approval *last(void)
{
	return &approvals[range.napprovals - 1];
}

static void contributed(const char *who, enum contributor_how how)
{
	struct contributor *c = &people[range.ncontributors++];

	c->principal = who ? person(who) : NULL;
	c->login = span_str(who ? who : "stranger");
	c->how = how;
}

static bool covered_by_patch; /* where not by the difference */

/* All of these approvals are for the whole. */
static void finish(void)
{
	size_t i;

	for (i = 0; i < range.napprovals; i++) {
		struct approval_facts *f = &given[i];

		f->contributors = people;
		f->ncontributors = range.ncontributors;
		if (f->matches_tip)
			covered[i] = COVER_TIP;
		else
			covered[i] = f->matches_diff	? COVER_DIFF
				     : covered_by_patch ? COVER_PATCH
							: COVER_NONE;
		f->covers = covered[i] ? range.matched : 0;
	}
	bench_finish(&b, &range, NULL);
}

/* The last approval was refused for this reason, and the answer says so. */
static void refused(const char *why)
{
	const struct said *s;

	finish();
	ck_assert(!b.counted[range.napprovals - 1].counted);
	has_words(b.counted[range.napprovals - 1].why, why);
	s = said_once(&b, "quorum", "needs 1 approval, has 0 (");
	has_words(s->text, "{0}'s does not count: ");
	has_words(s->text, why);
}

START_TEST(nothing_is_asked_where_no_commit_matches)
{
	open_with("\tquorum = 1\n");
	approve("bob");
	range.matched = 0;
	finish();
	said_nothing(&b);
	ck_assert_uint_eq(b.ncounted, 0);
}
END_TEST

START_TEST(without_approvals_the_command_is_told)
{
	const struct said *s;

	open_with("\tquorum = 2 of security\n");
	finish();
	s = said_once(&b, "quorum", "needs 2 approvals from security, has 0");
	ck_assert_str_eq(s->hint,
			 "push it to a branch; a reviewer runs: git approve "
			 "main ab0000000000");
	ck_assert_str_eq(s->commit, "");
}
END_TEST

START_TEST(odd_ref_names_are_quoted_in_the_command)
{
	open_with("\tquorum = 1\n");
	range.ref = "refs/heads/a;rm$(x)";
	finish();
	has_words(said_once(&b, "quorum", "needs 1")->hint,
		  "git approve 'a;rm$(x)' ab");
	bench_again(&b);
	range.ref = "refs/tags/v1";
	finish();
	has_words(said_once(&b, "quorum", "needs 1")->hint,
		  "git approve refs/tags/v1 ab");
}
END_TEST

START_TEST(a_good_approval_counts)
{
	open_with("\tquorum = 1\n");
	contributed("ann", BY_AUTHOR);
	contributed(NULL, BY_AUTHOR);
	approve("bob");
	finish();
	said_nothing(&b);
	ck_assert_uint_eq(b.ncounted, 1);
	ck_assert(b.counted[0].counted);
}
END_TEST

START_TEST(one_approval_may_satisfy_several_lines)
{
	open_with("\tquorum = 1\n\tquorum = 1 of security\n");
	approve("ann");
	finish();
	said_nothing(&b);
}
END_TEST

START_TEST(every_line_must_hold)
{
	const struct said *s;

	open_with("\tquorum = 1\n\tquorum = 1 of security\n");
	approve("bob");
	finish();
	s = said_once(&b, "quorum", "needs 1 approval from security, has 0");
	has_words(s->text, "{0}'s does not count: lacks the role security");
	ck_assert_ptr_eq(s->who[0], person("bob"));
	ck_assert(b.counted[0].counted);
}
END_TEST

START_TEST(an_approval_of_no_use_to_any_line_does_not_count)
{
	open_with("\tquorum = 1 of security\n");
	approve("bob");
	finish();
	said_once(&b, "quorum", "lacks the role security");
	ck_assert(!b.counted[0].counted);
}
END_TEST

START_TEST(two_keys_of_one_person_are_one_approval)
{
	const struct said *s;

	open_with("\tquorum = 2\n");
	approve("bob");
	approve("bob");
	finish();
	s = said_once(&b, "quorum", "needs 2 approvals, has 1");
	has_words(s->text, "{0}'s does not count: approved already");
	has_words(s->text, "{1}'s counts");
	ck_assert(b.counted[0].counted && !b.counted[1].counted);
	bench_again(&b);
	approve("ann");
	finish();
	said_nothing(&b);
}
END_TEST

static const struct {
	enum contributor_how how;
	const char *options, *why; /* NULL: it counts */
} contributions[] = {
	{BY_AUTHOR, "", "wrote part of the change"},
	{BY_BROUGHT, "", "brought the change to the server"},
	{BY_COMMITTER, "", NULL},
	{BY_PUSHER, "", NULL},
	{BY_COMMITTER, "\texclude = committer\n", "committed part"},
	{BY_PUSHER, "\texclude = author, pusher\n", "pushes the change"},
	{BY_BROUGHT, "\texclude = author\n", NULL},
	{BY_AUTHOR, "\texclude = pusher\n", "wrote part of the change"},
	{BY_BROUGHT, "\texclude = brought-by\n\texclude = pusher\n",
	 "brought the change"},
};

START_TEST(who_contributed_does_not_approve)
{
	char options[128];

	snprintf(options, sizeof(options), "\tquorum = 1\n%s",
		 contributions[_i].options);
	open_with(options);
	contributed(NULL, contributions[_i].how);
	contributed("ann", contributions[_i].how);
	approve("ann");
	if (contributions[_i].why) {
		refused(contributions[_i].why);
	} else {
		finish();
		said_nothing(&b);
	}
}
END_TEST

START_TEST(what_came_from_an_unknown_login_nobody_may_approve)
{
	open_with("\tquorum = 1\n");
	contributed("bob", BY_BROUGHT);
	people[0].principal = NULL;
	people[0].login = span_str("");
	approve("ann");
	refused("the server does not know who pushes");
}
END_TEST

START_TEST(only_humans_approve)
{
	open_with("\tquorum = 1\n");
	approve("rob");
	refused("is a bot");
}
END_TEST

START_TEST(a_person_approves_only_until_their_date)
{
	open_with("\tquorum = 1\n");
	approve("cat");
	refused("could approve until 2026-01-31");
}
END_TEST

START_TEST(an_approval_is_for_one_ref)
{
	static char other[] = "refs/heads/release/2";

	open_with("\tquorum = 1\n");
	approve("bob");
	last()->ref = other;
	refused("is for release/2");
}
END_TEST

START_TEST(an_approval_is_for_one_repository)
{
	static char other[] = "ments/api";

	open_with("\tquorum = 1\n");
	approve("bob");
	last()->repository = other;
	refused("is for another repository");
}
END_TEST

START_TEST(an_approval_is_for_one_change)
{
	open_with("\tquorum = 1\n");
	approve("bob")->matches_diff = false;
	refused("is for another change");
}
END_TEST

/* What is told of bob's, without saying that it does not count. */
static void lapsed(const char *files)
{
	char text[300];

	finish();
	ck_assert(!b.counted[0].counted);
	snprintf(text, sizeof(text), "is for an older %s", files);
	ck_assert_str_eq(b.counted[0].why, text);
	snprintf(text, sizeof(text), "has 0 ({0}'s is for an older %s)", files);
	has_words(said_once(&b, "quorum", "needs 1 approval")->text, text);
	bench_again(&b);
}

START_TEST(one_of_an_earlier_state_names_what_has_changed)
{
	struct approval_facts *a;

	open_with("\tquorum = 1\n");
	a = approve("bob");
	a->matches_diff = false;
	a->older[0] = "go.mod";
	a->nolder = 1;
	lapsed("go.mod");
	a->older[1] = "a/path/that/is/longer/than/is/shown/of/it.c";
	a->nolder = 2;
	lapsed("go.mod and .../that/is/longer/than/is/shown/of/it.c");
	a->older[1] = "b{0}";
	a->older[2] = "c";
	a->nolder = 5;
	lapsed("go.mod, b(0}, c and 2 more");
}
END_TEST

START_TEST(bound_to_the_patch_the_same_patch_is_enough)
{
	open_with("\tquorum = 1\n\tbind = patch\n");
	approve("bob")->matches_diff = false;
	covered_by_patch = true;
	finish();
	said_nothing(&b);
	covered_by_patch = false;
}
END_TEST

START_TEST(bound_to_the_difference_the_same_patch_is_not)
{
	open_with("\tquorum = 1\n");
	approve("bob")->matches_diff = false;
	covered_by_patch = true;
	refused("is for the same patch of other files");
	covered_by_patch = false;
}
END_TEST

START_TEST(the_exact_commit_is_enough)
{
	struct approval_facts *a;

	open_with("\tquorum = 1\n");
	a = approve("bob");
	a->matches_diff = false;
	a->matches_tip = true;
	finish();
	said_nothing(&b);
}
END_TEST

START_TEST(bound_to_the_tip_only_the_exact_commit_counts)
{
	open_with("\tquorum = 1\n\tbind = tip\n");
	approve("bob");
	refused("is for an earlier commit");
	bench_again(&b);
	given[0].matches_tip = true;
	finish();
	said_nothing(&b);
}
END_TEST

START_TEST(an_approval_is_used_once)
{
	struct approval_facts *a;

	open_with("\tquorum = 1\n");
	a = approve("bob");
	a->spent = true;
	a->spent_by = "0193-4f";
	refused("is used up by record 0193-4f");
}
END_TEST

static const struct {
	enum approval_fault fault;
	enum signature_status status;
	const char *why;
} signatures[] = {
	{APPROVAL_UNSIGNED, SIG_NONE, "is not signed"},
	{APPROVAL_MALFORMED, SIG_GOOD, "is malformed: no Approves-ref"},
	{APPROVAL_OK, SIG_NONE, "is not signed"},
	{APPROVAL_UNKNOWN_KEY, SIG_UNKNOWN_KEY, "nobody here has that key"},
	{APPROVAL_OK, SIG_UNKNOWN_KEY, "nobody here has that key"},
	{APPROVAL_UNKNOWN_KEY, SIG_EXPIRED, "the key is not valid now"},
	{APPROVAL_UNKNOWN_KEY, SIG_REVOKED, "the key is revoked"},
	{APPROVAL_UNKNOWN_KEY, SIG_UNSUPPORTED, "of this kind"},
	{APPROVAL_OK, SIG_BAD, "does not verify"},
	{APPROVAL_OK, SIG_MALFORMED, "does not verify"},
};

START_TEST(only_a_good_signature_counts)
{
	open_with("\tquorum = 1\n");
	approve("bob");
	last()->fault = signatures[_i].fault;
	last()->sig.status = signatures[_i].status;
	strcpy(last()->why, "no Approves-ref");
	refused(signatures[_i].why);
}
END_TEST

START_TEST(a_good_signature_of_nobody_counts_for_nobody)
{
	open_with("\tquorum = 1\n");
	approve("bob");
	last()->sig.principal = NULL;
	refused("nobody here has that key");
	ck_assert_ptr_null(b.said[0].who[0]);
	ck_assert_str_eq(b.said[0].names[0], "Mallory");
}
END_TEST

START_TEST(three_reasons_are_named_and_the_rest_counted)
{
	const struct said *s;
	int i;

	open_with("\tquorum = 2\n");
	approve("bob");
	for (i = 0; i < 5; i++) {
		approve("rob");
		last()->sig.principal = NULL;
	}
	finish();
	s = said_once(&b, "quorum", "needs 2 approvals, has 1");
	ck_assert_uint_eq(s->nwho, 3);
	has_words(s->text, "; and 3 more)");
	ck_assert_uint_eq(b.ncounted, 6);
}
END_TEST

START_TEST(the_same_of_the_same_person_is_said_once)
{
	const struct said *s;
	int i;

	open_with("\tquorum = 2\n");
	approve("bob");
	for (i = 0; i < 5; i++)
		approve("rob");
	finish();
	s = said_once(&b, "quorum", "needs 2 approvals, has 1");
	ck_assert_uint_eq(s->nwho, 2);
	has_words(s->text, "; {1}'s counts)");
	ck_assert_uint_eq(b.ncounted, 6);
}
END_TEST

static const struct {
	const char *options, *words;
} mistakes[] = {
	{"", "needs quorum"},
	{"\tquorum = 0\n", "asks nobody"},
	{"\tquorum = 0 of security\n", "asks nobody"},
	{"\tquorum = two\n", "neither N nor N of ROLE"},
	{"\tquorum = 101\n", "neither N nor N of ROLE"},
	{"\tquorum = 1 security\n", "neither N nor N of ROLE"},
	{"\tquorum = 1of security\n", "neither N nor N of ROLE"},
	{"\tquorum = 1 of\n", "neither N nor N of ROLE"},
	{"\tquorum = 1 of two words\n", "not one word"},
	{"\tquorum = 1 of securty\n", "did you mean security?"},
	{"\tquorum = 1\n\tquorum = 2\n", "says again how many approve"},
	{"\tquorum = 3 of security\n", "can never be met: there are 2"},
	{"\tquorum = 4\n", "can never be met: there are 3"},
	{"\tquorum = 1\n\tbind = blob\n", "diff, tip"},
	{"\tquorum = 1\n\texclude = autor\n", "did you mean author?"},
	{"\tquorum = 1\n\texclude =\n", "needs a value"},
};

START_TEST(mistakes_in_the_rule_are_told)
{
	has_words(bench_mistake("review", mistakes[_i].options, NULL),
		  mistakes[_i].words);
}
END_TEST

Suite *suite_review(void)
{
	Suite *s = suite_create("review");
	TCase *t = tcase_create("approvals"), *p = tcase_create("policy");

	suite_add_tcase(s, t);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, nothing_is_asked_where_no_commit_matches);
	tcase_add_test(t, without_approvals_the_command_is_told);
	tcase_add_test(t, odd_ref_names_are_quoted_in_the_command);
	tcase_add_test(t, a_good_approval_counts);
	tcase_add_test(t, one_approval_may_satisfy_several_lines);
	tcase_add_test(t, every_line_must_hold);
	tcase_add_test(t, an_approval_of_no_use_to_any_line_does_not_count);
	tcase_add_test(t, two_keys_of_one_person_are_one_approval);
	tcase_add_loop_test(t, who_contributed_does_not_approve, 0,
			    sizeof(contributions) / sizeof(contributions[0]));
	tcase_add_test(t, what_came_from_an_unknown_login_nobody_may_approve);
	tcase_add_test(t, only_humans_approve);
	tcase_add_test(t, a_person_approves_only_until_their_date);
	tcase_add_test(t, an_approval_is_for_one_ref);
	tcase_add_test(t, an_approval_is_for_one_repository);
	tcase_add_test(t, an_approval_is_for_one_change);
	tcase_add_test(t, one_of_an_earlier_state_names_what_has_changed);
	tcase_add_test(t, bound_to_the_patch_the_same_patch_is_enough);
	tcase_add_test(t, bound_to_the_difference_the_same_patch_is_not);
	tcase_add_test(t, the_exact_commit_is_enough);
	tcase_add_test(t, bound_to_the_tip_only_the_exact_commit_counts);
	tcase_add_test(t, an_approval_is_used_once);
	tcase_add_loop_test(t, only_a_good_signature_counts, 0,
			    sizeof(signatures) / sizeof(signatures[0]));
	tcase_add_test(t, a_good_signature_of_nobody_counts_for_nobody);
	tcase_add_test(t, three_reasons_are_named_and_the_rest_counted);
	tcase_add_test(t, the_same_of_the_same_person_is_said_once);
	tcase_add_loop_test(p, mistakes_in_the_rule_are_told, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	return s;
}
