/* SPDX-License-Identifier: Apache-2.0 */

/* Who has to approve: roles, owners, everybody; with what proof, until when,
 * for which part of a change. */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

static struct bench b;

enum { MAX_GIVEN = 8, MAX_PARTS = 4, AREA_DB = 0, AREA_PAY, AREA_DOC, AREAS };

static const char house[] =
	"[principal \"dan\"]\n\temail = dan@example.com\n\trole = security\n"
	"[principal \"eve\"]\n\trole = security\n"
	"\trole = db-team until 2026-06-15\n"
	"[principal \"fay\"]\n\trole = security until 2026-05-31\n"
	"[area \"db\"]\n\tpath = db/**\n\towner = role:db-team\n"
	"\towner = ann\n"
	"[area \"pay\"]\n\tpath = pay/**\n\towner = bob\n\towner = dan\n"
	"[area \"doc\"]\n\tpath = doc/**\n";

static struct approval approvals[MAX_GIVEN];
static struct approval_facts given[MAX_GIVEN];
static struct contributor people[MAX_GIVEN];
static enum cover covered[MAX_PARTS][MAX_GIVEN];
static bool areas[MAX_PARTS][AREAS];
static struct part_facts parts[MAX_PARTS];
static struct range_facts range;

static char main_ref[] = "refs/heads/main", api[] = "payments/api";
static char tagger[] = "Ann <ann@example.com>";

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
	size_t i;

	bench_open(&b, "review", options, house);
	memset(approvals, 0, sizeof(approvals));
	memset(given, 0, sizeof(given));
	memset(people, 0, sizeof(people));
	memset(covered, 0, sizeof(covered));
	memset(areas, 0, sizeof(areas));
	for (i = 0; i < MAX_PARTS; i++)
		parts[i] = (struct part_facts){
			.commits = i + 1,
			.newest = {.algo = OID_SHA1,
				   .id = {0xc0 + (unsigned char)i}},
			.covered = covered[i],
			.areas = areas[i]};
	range = (struct range_facts){.ref = main_ref,
				     .old = {.algo = OID_SHA1, .id = {1}},
				     .new_ = {.algo = OID_SHA1, .id = {0xab}},
				     .commits = 10,
				     .matched = 10,
				     .approvals = given,
				     .contributors = people,
				     .parts = parts,
				     .nparts = 1};
}

static void teardown(void)
{
	bench_close(&b);
}

/* A good approval of the parts from `first`, of which `n`. */
static struct approval *approve_parts(const char *who, size_t first, size_t n)
{
	size_t at = range.napprovals++, i;
	struct approval *a = &approvals[at];

	a->ref = main_ref;
	a->repository = api;
	a->tagger = tagger;
	a->sig.status = SIG_GOOD;
	a->made = NOW;
	a->sig.principal = person(who);
	a->made = NOW - 1000;
	given[at] = (struct approval_facts){
		.kind = APPROVAL_TAG,
		.approval = a,
		.ref = "refs/approvals/0123456789abcdef/x-1",
		.matches_diff = true,
		.contributors = people};
	for (i = first; i < first + n; i++) {
		covered[i][at] = COVER_DIFF;
		given[at].covers += parts[i].commits;
	}
	return a;
}

static struct approval *approve(const char *who)
{
	return approve_parts(who, 0, range.nparts);
}

static struct approval_facts *last_facts(void)
{
	return &given[range.napprovals - 1];
}

static void contributed(const char *who, enum contributor_how how)
{
	struct contributor *c = &people[range.ncontributors++];

	c->principal = person(who);
	c->login = span_str(who);
	c->how = how;
}

static void finish(void)
{
	size_t i;

	for (i = 0; i < range.napprovals; i++)
		given[i].ncontributors = range.ncontributors;
	bench_finish(&b, &range, NULL);
}

static void passes(void)
{
	finish();
	said_nothing(&b);
}

/* One thing lacks, and that is said of it. */
static const struct said *lacks(const char *words)
{
	finish();
	return said_once(&b, "quorum", words);
}

static bool counted(size_t at)
{
	ck_assert_uint_lt(at, b.ncounted);
	return b.counted[at].counted;
}

/* ---- who ---- */

START_TEST(a_role_ends_with_its_last_day)
{
	const struct said *s;

	open_with("\tquorum = 1 of security\n");
	approve("fay");
	s = lacks("needs 1 approval from security, has 0");
	has_words(s->text, "had the role security until 2026-05-31");
	ck_assert(!counted(0));
}
END_TEST

START_TEST(everybody_with_the_role_must_approve)
{
	const struct said *s;

	open_with("\tquorum = all of security\n");
	approve("ann");
	s = lacks("needs approvals from all of security, has 1 of 3; missing: "
		  "{0}, {1}");
	ck_assert_ptr_eq(s->who[0], person("dan"));
	ck_assert_ptr_eq(s->who[1], person("eve"));
	bench_again(&b);
	approve("dan");
	approve("eve");
	passes();
	ck_assert(counted(0) && counted(1) && counted(2));
}
END_TEST

START_TEST(who_contributed_is_not_among_all)
{
	open_with("\tquorum = all of security\n");
	contributed("ann", BY_AUTHOR);
	contributed("dan", BY_BROUGHT);
	approve("eve");
	passes();
	bench_again(&b);
	people[1].how = BY_COMMITTER;
	lacks("has 1 of 2; missing: {0}");
	ck_assert_ptr_eq(b.said[0].who[0], person("dan"));
}
END_TEST

START_TEST(with_nobody_left_unanimity_is_refused)
{
	open_with("\tquorum = all of security\n");
	contributed("ann", BY_AUTHOR);
	contributed("dan", BY_AUTHOR);
	contributed("eve", BY_AUTHOR);
	approve("bob");
	lacks("needs approvals from all of security, and nobody is left who "
	      "could give one");
}
END_TEST

START_TEST(all_and_a_number_set_a_floor)
{
	open_with("\tquorum = all of security\n\tquorum = 2 of security\n");
	contributed("ann", BY_AUTHOR);
	contributed("dan", BY_AUTHOR);
	approve("eve");
	lacks("needs 2 approvals from security, has 1");
}
END_TEST

START_TEST(owners_of_each_changed_area_must_approve)
{
	open_with("\tquorum = 1 of owner\n");
	areas[0][AREA_DB] = areas[0][AREA_PAY] = true;
	approve("bob");
	has_words(lacks("needs 1 approval from an owner of db, has 0")->text,
		  "{0}'s does not count: is no owner of db");
	ck_assert(counted(0));
	bench_again(&b);
	approve("eve");
	passes();
}
END_TEST

START_TEST(an_area_that_is_not_changed_asks_nobody)
{
	open_with("\tquorum = 1 of owner\n");
	passes();
	areas[0][AREA_DOC] = true; /* which nobody owns */
	passes();
	approve("bob");
	passes();
	ck_assert(!counted(0));
	has_words(b.counted[0].why, "nobody is asked");
	bench_again(&b);
	areas[0][AREA_PAY] = true;
	passes();
	ck_assert(counted(0));
}
END_TEST

START_TEST(an_owner_by_role_owns_as_long_as_the_role_lasts)
{
	open_with("\tquorum = 1 of owner\n");
	areas[0][AREA_DB] = true;
	approve("eve");
	passes();
	bench_again(&b);
	b.ctx.now += INT64_C(86400000);
	has_words(lacks("needs 1 approval from an owner of db")->text,
		  "is no owner of db");
}
END_TEST

START_TEST(one_owner_of_two_areas_is_enough_for_both)
{
	open_with("\tquorum = 1 of owner\n");
	areas[0][AREA_DB] = areas[0][AREA_PAY] = true;
	contributed("bob", BY_AUTHOR);
	approve("dan");
	has_words(lacks("an owner of db")->text, "is no owner of db");
	bench_again(&b);
	approve("ann");
	passes();
}
END_TEST

START_TEST(all_owners_are_those_who_did_not_contribute)
{
	open_with("\tquorum = all of owner\n");
	areas[0][AREA_PAY] = true;
	approve("dan");
	lacks("needs approvals from all owners of pay, has 1 of 2; missing: "
	      "{0}");
	bench_again(&b);
	contributed("bob", BY_AUTHOR);
	passes();
}
END_TEST

START_TEST(lines_combine_and_one_approval_serves_several)
{
	open_with("\tquorum = 2\n\tquorum = 1 of security\n"
		  "\tquorum = 1 of owner\n");
	areas[0][AREA_PAY] = true;
	approve("bob");
	finish();
	ck_assert_uint_eq(b.nsaid, 2);
	said_some(&b, "quorum", "needs 2 approvals, has 1");
	said_some(&b, "quorum", "needs 1 approval from security, has 0");
	bench_again(&b);
	approve("ann");
	passes();
}
END_TEST

/* ---- with what proof ---- */

START_TEST(a_line_may_ask_for_a_touch)
{
	const struct said *s;

	open_with("\tquorum = 2\n"
		  "\tquorum = 1 of security, presence = required\n");
	approve("bob");
	approve("ann");
	s = lacks("needs 1 approval from security with a touch, has 0");
	has_words(s->text, "{1}'s does not count: was made without a touch "
			   "(presence = required)");
	has_words(s->hint, "with a security key (ssh-keygen -t ed25519-sk) "
			   "runs: git approve main ab0000000000");
	ck_assert(counted(0) && counted(1));
	bench_again(&b);
	approvals[1].sig.presence = true;
	passes();
}
END_TEST

START_TEST(a_rule_may_ask_for_a_touch_in_every_line)
{
	open_with("\tquorum = 1\n\tpresence = required\n");
	approve("bob");
	has_words(lacks("needs 1 approval with a touch, has 0")->text,
		  "was made without a touch (presence = required)");
	ck_assert(!counted(0));
	bench_again(&b);
	approvals[0].sig.presence = true;
	passes();
}
END_TEST

START_TEST(a_pin_is_more_than_a_touch)
{
	const struct said *s;

	open_with("\tquorum = 1, require = user-verification\n");
	approve("bob")->sig.presence = true;
	s = lacks("needs 1 approval with a PIN or fingerprint, has 0");
	has_words(s->text, "was made without a PIN or fingerprint");
	has_words(s->hint, "ssh-keygen -t ed25519-sk -O verify-required");
	bench_again(&b);
	approvals[0].sig.verification = true;
	passes();
	bench_again(&b);
	approvals[0].sig.presence = false; /* by no means a good one */
	has_words(lacks("has 0")->text, "was made without a touch "
					"(require = user-verification)");
}
END_TEST

START_TEST(a_second_key_of_one_person_may_prove_more)
{
	open_with("\tquorum = 2\n\tquorum = 1, presence = required\n");
	approve("bob");
	approve("bob")->sig.presence = true;
	lacks("needs 2 approvals, has 1");
	ck_assert(counted(0) && counted(1));
	bench_again(&b);
	approve("bob")->sig.presence = true;
	lacks("needs 2 approvals, has 1");
	ck_assert(!counted(2));
	has_words(b.counted[2].why, "approved already");
	bench_again(&b);
	approve("dan");
	passes();
}
END_TEST

/* ---- until when ---- */

static const struct {
	const char *options;
	int64_t made, end; /* from now */
	const char *why;   /* NULL: it counts */
} times[] = {
	{"", -30 * INT64_C(86400000), 0, NULL},
	{"", -30 * INT64_C(86400000) - 1000, 0, "is older than 30 days"},
	{"\tmax-age = 90d\n", -31 * INT64_C(86400000), 0,
	 "is older than 30 days"},
	{"", 90 * INT64_C(86400000), 0, "is dated in the future"},
	{"\tmax-age = 14d\n", -14 * INT64_C(86400000), 0, NULL},
	{"\tmax-age = 14d\n", -14 * INT64_C(86400000) - 1000, 0,
	 "is older than 14 days"},
	{"\tmax-age = 1d\n", -2 * INT64_C(86400000), 0, "is older than 1 day"},
	{"\tmax-age = 36h\n", -2 * INT64_C(86400000), 0,
	 "is older than 36 hours"},
	{"\tmax-age = 90s\n", -91000, 0, "is older than 90 seconds"},
	{"\tmax-age = 14d\n", 3600000, 0, NULL},
	{"\tmax-age = 14d\n", 3601000, 0, "is dated in the future"},
	{"\tmax-age = 14d\n", -NOW, 0, "has no date"},
	{"\tmax-age = 14d\n", -NOW + 1000, 0, "is older than 14 days"},
	{"", -NOW, 0, "has no date"},
	{"", -1000, 1, NULL},
	{"", -1000, -1, "expired on 2026-06-15"},
	{"", -1000, -NOW, "expired on 1970-01-01"},
	{"\tmax-age = 14d\n", -15 * INT64_C(86400000), -1, "expired on"},
};

START_TEST(an_approval_counts_until_it_ends)
{
	struct approval *a;
	char options[100];

	snprintf(options, sizeof(options), "\tquorum = 1\n%s",
		 times[_i].options);
	open_with(options);
	a = approve("bob");
	a->made = NOW + times[_i].made;
	a->has_end = times[_i].end != 0;
	a->end = NOW + times[_i].end;
	if (!times[_i].why) {
		passes();
		ck_assert(counted(0));
		return;
	}
	has_words(lacks("needs 1 approval, has 0")->text, times[_i].why);
	ck_assert(!counted(0));
	has_words(b.counted[0].why, times[_i].why);
}
END_TEST

START_TEST(a_withdrawn_approval_does_not_count)
{
	open_with("\tquorum = 1\n");
	approve("bob");
	last_facts()->withdrawn_by = "refs/approvals/0123456789abcdef/x-2";
	has_words(lacks("has 0")->text, "{0}'s does not count: was withdrawn");
}
END_TEST

START_TEST(a_signed_merge_needs_neither_ref_nor_repository)
{
	struct approval *a;

	open_with("\tquorum = 1\n\tbind = tip\n");
	a = approve("bob");
	a->ref = a->repository = a->tagger = NULL;
	last_facts()->kind = APPROVAL_MERGE;
	covered[0][0] = COVER_TIP;
	passes();
	bench_again(&b);
	contributed("bob", BY_AUTHOR);
	has_words(lacks("has 0")->text,
		  "{0}'s merge does not count: wrote part of the change");
}
END_TEST

/* ---- for which part ---- */

START_TEST(every_part_needs_its_own)
{
	const struct said *s;

	open_with("\tquorum = 1\n");
	range.nparts = 3;
	approve_parts("bob", 0, 1);
	approve_parts("ann", 2, 1);
	s = lacks("with 1 commit before it: needs 1 approval, has 0");
	ck_assert_str_eq(s->commit, "c100000000000000000000000000000000000000");
	has_words(s->hint, "git approve main c10000000000");
	ck_assert_uint_eq(s->nwho, 0); /* theirs are for other parts */
	bench_again(&b);
	approve_parts("bob", 1, 1);
	passes();
	ck_assert(counted(0) && counted(1) && counted(2));
}
END_TEST

START_TEST(a_line_is_met_in_each_part_by_itself)
{
	const struct said *s;

	open_with("\tquorum = 1 of security\n");
	range.nparts = 2;
	approve_parts("bob", 0, 1);
	approve_parts("dan", 1, 1);
	s = lacks("needs 1 approval from security, has 0 ({0}'s does not "
		  "count: lacks the role security)");
	ck_assert_str_eq(s->commit, "c000000000000000000000000000000000000000");
	ck_assert(!counted(0) && counted(1));
}
END_TEST

START_TEST(owners_are_asked_for_the_parts_that_change_their_area)
{
	const struct said *s;

	open_with("\tquorum = 1 of owner\n");
	range.nparts = 2;
	areas[0][AREA_PAY] = areas[1][AREA_DB] = true;
	approve_parts("bob", 0, 2);
	s = lacks("needs 1 approval from an owner of db, has 0");
	ck_assert_str_eq(s->commit, "c100000000000000000000000000000000000000");
	bench_again(&b);
	approve_parts("ann", 1, 1);
	passes();
}
END_TEST

START_TEST(one_person_may_approve_parts_one_by_one)
{
	open_with("\tquorum = 1\n");
	range.nparts = 2;
	approve_parts("bob", 0, 1);
	approve_parts("bob", 1, 1);
	passes();
	ck_assert(counted(0) && counted(1));
	bench_again(&b);
	approve_parts("bob", 0, 1);
	passes();
	has_words(b.counted[2].why, "approved already");
}
END_TEST

START_TEST(of_two_that_overlap_the_wider_counts)
{
	open_with("\tquorum = 1\n");
	range.nparts = 4;
	approve_parts("bob", 0, 2);
	approve_parts("ann", 1, 3);
	has_words(lacks("needs 1 approval, has 0")->text,
		  "covers a part of what another approval covers");
	ck_assert(!counted(0) && counted(1));
	ck_assert_str_eq(b.said[0].commit,
			 "c000000000000000000000000000000000000000");
	bench_again(&b);
	covered[3][0] = covered[2][0] = COVER_DIFF; /* all of it */
	passes();
	ck_assert(counted(0) && counted(1));
}
END_TEST

START_TEST(bound_to_the_tip_a_part_needs_its_very_commit)
{
	open_with("\tquorum = 1\n\tbind = tip\n");
	range.nparts = 2;
	approve_parts("bob", 0, 1);
	approve_parts("ann", 1, 1);
	covered[1][1] = COVER_TIP;
	has_words(lacks("needs 1 approval, has 0")->text,
		  "is for an earlier commit of this change");
	ck_assert(!counted(0) && counted(1));
}
END_TEST

START_TEST(nothing_told_of_what_matched_is_an_error)
{
	struct err e = {0};

	open_with("\tquorum = 1\n");
	range.nparts = 0;
	ck_assert_int_eq(b.check->finish(&b.ctx, b.state, &range, &e),
			 ERR_INTERNAL);
}
END_TEST

/* ---- claims ---- */

START_TEST(a_reviewed_by_trailer_is_told_as_a_claim_and_never_counts)
{
	const struct said *s;

	open_with("\tquorum = 1\n");
	bench_commit(&b, "one\n\nReviewed-by: Dan D. <dan@example.com>\n"
			 "reviewed-BY: Mallory <mallory@example.com>\n"
			 "Reviewed-by: the team\n");
	s = lacks("needs 1 approval, has 0 (a Reviewed-by trailer does not "
		  "count)");
	ck_assert_uint_eq(s->nwho, 0);
	ck_assert_uint_eq(b.ntold, 3);
	ck_assert_str_eq(b.told[0].kind, "claim");
	ck_assert_str_eq(b.told[0].text, "Reviewed-by");
	ck_assert_ptr_eq(b.told[0].who, person("dan"));
	ck_assert_str_eq(b.told[0].email, "dan@example.com");
	ck_assert(b.told[1].person && !b.told[1].who);
	ck_assert_str_eq(b.told[1].name, "Mallory");
	ck_assert_str_eq(b.told[2].name, "the team");
	ck_assert_str_eq(b.told[2].email, "");
}
END_TEST

START_TEST(claims_of_commits_that_do_not_match_are_not_told)
{
	const struct made unmatched = {.unmatched = true};

	open_with("\tquorum = 1\n");
	bench_commit_as(&b, "one\n\nReviewed-by: Dan <dan@example.com>\n",
			&unmatched);
	lacks("needs 1 approval, has 0");
	ck_assert_ptr_null(strstr(b.said[0].text, "Reviewed-by"));
	ck_assert_uint_eq(b.ntold, 0);
}
END_TEST

START_TEST(claims_are_told_up_to_a_number)
{
	struct buf text = BUF_INIT(1 << 16);
	int i;

	buf_adds(&text, "one\n\n");
	for (i = 0; i < 150; i++)
		buf_addf(&text, "Reviewed-by: X%d <x%d@example.com>\n", i, i);
	open_with("\tquorum = 1\n");
	bench_commit(&b, text.data);
	ck_assert_uint_eq(b.ntold, 100);
	buf_release(&text);
}
END_TEST

/* ---- what may be asked ---- */

static const char *const good[] = {
	"\tquorum = 1\n\tquorum = all of security\n",
	"\tquorum = 1 of owner\n\tquorum = all of owner\n",
	"\tquorum = all  of  security\n",
	"\tquorum = 1 , presence = required\n",
	"\tquorum = 1, presence=required, require=user-verification\n",
	"\tquorum = 1\n\tquorum = 1, presence = required\n",
	"\tquorum = 5 of security\n",
	"\tquorum = 1\n\tmax-age = 1m\n\trequire = user-verification\n",
};

START_TEST(quorums_that_can_be_met_are_taken)
{
	open_with(good[_i]);
}
END_TEST

static const struct {
	const char *options, *words;
} mistakes[] = {
	{"\tquorum = all\n", "nor all of ROLE"},
	{"\tquorum = all of\n", "nor all of ROLE"},
	{"\tquorum = every of security\n", "nor all of ROLE"},
	{"\tquorum = all security\n", "nor all of ROLE"},
	{"\tquorum = -1 of security\n", "neither N nor N of ROLE"},
	{"\tquorum = 0 of owner\n", "asks nobody"},
	{"\tquorum = 0, presence = required\n", "asks nobody"},
	{"\tquorum = all of securty\n", "did you mean security?"},
	{"\tquorum = all of two words\n", "not one word"},
	{"\tquorum = all of owner\n\tquorum = all of owner\n",
	 "says again how many of owner approve"},
	{"\tquorum = 1 of owner\n\tquorum = 2 of owner\n",
	 "says again how many of owner approve"},
	{"\tquorum = 6 of security\n", "quorum = 6 of security (line 24) can "
				       "never be met: there are 5 such people"},
	{"\tquorum = 3 of owner\n", "quorum = 3 of owner (line 24) can never "
				    "be met in area pay: there are 2"},
	{"\tquorum = 1, presence = optional\n", "neither presence = required"},
	{"\tquorum = 1, touch = required\n", "neither presence = required"},
	{"\tquorum = 1, presence\n", "neither presence = required"},
	{"\tquorum = 1,\n", "neither presence = required"},
	{"\tquorum = 1,, presence = required\n", "neither presence = required"},
	{"\tquorum = , presence = required\n", "neither N nor N of ROLE"},
	{"\tquorum = 1\n\tpresence = maybe\n", "is not required"},
	{"\tquorum = 1\n\trequire = touch\n", "is not user-verification"},
	{"\tquorum = 1\n\tmax-age = 0d\n", "a duration from 1m to 3650d"},
	{"\tquorum = 1\n\tmax-age = 14\n", "a duration from 1m to 3650d"},
};

START_TEST(mistakes_in_a_quorum_are_told)
{
	static const char more[] = "[principal \"gil\"]\n\trole = db-team\n";
	char rest[sizeof(house) + sizeof(more)];

	snprintf(rest, sizeof(rest), "%s%s", house, more);
	has_words(bench_mistake("review", mistakes[_i].options, rest),
		  mistakes[_i].words);
}
END_TEST

START_TEST(a_quorum_of_owners_wants_areas_with_owners)
{
	has_words(bench_mistake("review", "\tquorum = 1 of owner\n",
				"[area \"x\"]\n\tpath = x/**\n"),
		  "no [area] has an owner");
	has_words(bench_mistake("review", "\tquorum = all of robots\n",
				"[principal \"x\"]\n\tkind = agent\n"
				"\trole = robots\n"),
		  "quorum = all of robots (line 24) can never be met: there "
		  "are 0");
}
END_TEST

static void add_people(Suite *s)
{
	TCase *t = tcase_create("who");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_role_ends_with_its_last_day);
	tcase_add_test(t, everybody_with_the_role_must_approve);
	tcase_add_test(t, who_contributed_is_not_among_all);
	tcase_add_test(t, with_nobody_left_unanimity_is_refused);
	tcase_add_test(t, all_and_a_number_set_a_floor);
	tcase_add_test(t, owners_of_each_changed_area_must_approve);
	tcase_add_test(t, an_area_that_is_not_changed_asks_nobody);
	tcase_add_test(t, an_owner_by_role_owns_as_long_as_the_role_lasts);
	tcase_add_test(t, one_owner_of_two_areas_is_enough_for_both);
	tcase_add_test(t, all_owners_are_those_who_did_not_contribute);
	tcase_add_test(t, lines_combine_and_one_approval_serves_several);
	tcase_add_test(t, a_line_may_ask_for_a_touch);
	tcase_add_test(t, a_rule_may_ask_for_a_touch_in_every_line);
	tcase_add_test(t, a_pin_is_more_than_a_touch);
	tcase_add_test(t, a_second_key_of_one_person_may_prove_more);
	suite_add_tcase(s, t);
}

static void add_approvals(Suite *s)
{
	TCase *t = tcase_create("what");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, an_approval_counts_until_it_ends, 0,
			    sizeof(times) / sizeof(times[0]));
	tcase_add_test(t, a_withdrawn_approval_does_not_count);
	tcase_add_test(t, a_signed_merge_needs_neither_ref_nor_repository);
	tcase_add_test(t, every_part_needs_its_own);
	tcase_add_test(t, a_line_is_met_in_each_part_by_itself);
	tcase_add_test(t,
		       owners_are_asked_for_the_parts_that_change_their_area);
	tcase_add_test(t, one_person_may_approve_parts_one_by_one);
	tcase_add_test(t, of_two_that_overlap_the_wider_counts);
	tcase_add_test(t, bound_to_the_tip_a_part_needs_its_very_commit);
	tcase_add_test(t, nothing_told_of_what_matched_is_an_error);
	tcase_add_test(
		t, a_reviewed_by_trailer_is_told_as_a_claim_and_never_counts);
	tcase_add_test(t, claims_of_commits_that_do_not_match_are_not_told);
	tcase_add_test(t, claims_are_told_up_to_a_number);
	suite_add_tcase(s, t);
}

Suite *suite_quorum(void)
{
	Suite *s = suite_create("quorum");
	TCase *good_ones = tcase_create("options"), *t = tcase_create("policy");

	add_people(s);
	add_approvals(s);
	tcase_add_checked_fixture(good_ones, NULL, teardown);
	tcase_add_loop_test(good_ones, quorums_that_can_be_met_are_taken, 0,
			    sizeof(good) / sizeof(good[0]));
	suite_add_tcase(s, good_ones);
	tcase_add_loop_test(t, mistakes_in_a_quorum_are_told, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(t, a_quorum_of_owners_wants_areas_with_owners);
	suite_add_tcase(s, t);
	return s;
}
