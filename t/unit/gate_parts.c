/* SPDX-License-Identifier: Apache-2.0 */

/* How the commits that a rule matches are divided by what approvals cover. */
#include "gate_help.h"

#include "gate/parts.h"
#include "git_help.h"

enum { COMMITS = 6, APPROVALS = 2, AREAS = 2 };

/* A line of commits; a commit's place is its number in `id`. */
static struct oid id[COMMITS];
static struct repository *repo;
static struct walk *walk;
static struct change change;
static struct extent extents[APPROVALS];
static struct approval_facts found[APPROVALS];
static struct parts parts;
static struct range_facts out;

static void make_line(void)
{
	struct oid peeled;
	struct err e;
	bool based;
	int i;

	help_init(0);
	help_run(NULL, "git init -q -b main w");
	for (i = 0; i < COMMITS; i++)
		help_run(NULL, "cd w && git commit -q --allow-empty -m %d", i);
	help_run(NULL, "cd w && git push -q ../r main");
	for (i = 0; i < COMMITS; i++)
		id[i] = help_id("git -C r rev-parse main~%d", COMMITS - 1 - i);
	repo = help_open("r");
	ck_assert_int_eq(walk_new(&walk, repo, &e), 0);
	ck_assert_int_eq(walk_start(walk, &id[COMMITS - 1], &peeled, &e), 0);
	ck_assert_int_eq(walk_run(walk, 0, 0, &e), 0);
	order_init(&change.order, walk);
	for (i = 0; i < COMMITS; i++)
		ck_assert_int_eq(
			order_add(&change.order, walk_find(walk, &id[i]), &e),
			0);
	ck_assert_int_eq(order_run(&change.order, repo, NULL, &id[COMMITS - 1],
				   &change.lane, &based, &e),
			 0);
}

static void setup(void)
{
	help_setup();
	make_line();
	people_init(&change.people);
	change.commits = calloc(COMMITS, sizeof(*change.commits));
	change.areas = calloc(COMMITS * AREAS, sizeof(*change.areas));
	change.extents = extents;
	change.seek.found = found;
	change.seek.n = APPROVALS;
	extents[0].branch = extents[1].branch = SIZE_MAX;
}

static void teardown(void)
{
	parts_release(&parts);
	lane_release(&change.lane);
	order_release(&change.order);
	people_release(&change.people);
	free(change.commits);
	free(change.areas);
	walk_free(walk);
	repository_free(repo);
	help_teardown();
}

static void cover(size_t approval, size_t low, size_t end)
{
	extents[approval].diff = true;
	extents[approval].low = low;
	extents[approval].end = end;
}

static void cover_tip(size_t approval, size_t low, size_t end)
{
	extents[approval].tip = true;
	extents[approval].tip_low = low;
	extents[approval].tip_end = end;
	extents[approval].level = COVER_TIP;
}

/* @param matched  a digit for each commit that the rule matches */
static void divide(const char *matched)
{
	size_t v[COMMITS], n = 0;
	struct err e;

	for (; *matched; matched++)
		v[n++] = (size_t)(*matched - '0');
	parts_release(&parts);
	memset(&out, 0, sizeof(out));
	ck_assert_int_eq(parts_find(&parts, &change, 0, v, n, AREAS, &out, &e),
			 0);
	ck_assert_uint_eq(out.napprovals, APPROVALS);
}

static void assert_part(size_t i, size_t commits, int newest, enum cover first,
			enum cover second)
{
	ck_assert_uint_lt(i, out.nparts);
	ck_assert_uint_eq(out.parts[i].commits, commits);
	ck_assert(oid_equal(&out.parts[i].newest, &id[newest]));
	ck_assert_int_eq(out.parts[i].covered[0], first);
	ck_assert_int_eq(out.parts[i].covered[1], second);
}

START_TEST(nothing_covered_is_one_part)
{
	divide("012345");
	ck_assert_uint_eq(out.nparts, 1);
	assert_part(0, 6, 5, COVER_NONE, COVER_NONE);
	divide("");
	ck_assert_uint_eq(out.nparts, 0);
}
END_TEST

START_TEST(a_part_begins_where_what_covers_changes)
{
	cover(0, 0, 3);
	cover(1, 2, 6);
	divide("012345");
	ck_assert_uint_eq(out.nparts, 3);
	assert_part(0, 2, 1, COVER_DIFF, COVER_NONE);
	assert_part(1, 1, 2, COVER_DIFF, COVER_DIFF);
	assert_part(2, 3, 5, COVER_NONE, COVER_DIFF);
	ck_assert_uint_eq(out.approvals[0].covers, 3);
	ck_assert_uint_eq(out.approvals[1].covers, 4);
}
END_TEST

START_TEST(the_very_commits_count_for_more)
{
	cover(0, 0, 4);
	cover_tip(0, 2, 4);
	divide("012345");
	ck_assert_uint_eq(out.nparts, 3);
	assert_part(0, 2, 1, COVER_DIFF, COVER_NONE);
	assert_part(1, 2, 3, COVER_TIP, COVER_NONE);
	assert_part(2, 2, 5, COVER_NONE, COVER_NONE);
}
END_TEST

START_TEST(a_cut_that_changes_nothing_divides_nothing)
{
	cover(0, 0, 6);
	cover(1, 3, 3);
	divide("012345");
	ck_assert_uint_eq(out.nparts, 1);
	assert_part(0, 6, 5, COVER_DIFF, COVER_NONE);
}
END_TEST

START_TEST(what_the_rule_does_not_match_is_in_no_part)
{
	cover(0, 0, 3);
	divide("05");
	ck_assert_uint_eq(out.nparts, 2);
	assert_part(0, 1, 0, COVER_DIFF, COVER_NONE);
	assert_part(1, 1, 5, COVER_NONE, COVER_NONE);
	ck_assert_uint_eq(out.approvals[0].covers, 1);
}
END_TEST

START_TEST(an_exact_merge_needs_none_when_its_branch_does)
{
	change.commits[3] =
		(struct change_commit){.clean = true, .exact = true, .low = 1};
	divide("012345");
	assert_part(0, 5, 5, COVER_NONE, COVER_NONE);
	divide("0345");
	assert_part(0, 4, 5, COVER_NONE, COVER_NONE);
}
END_TEST

START_TEST(a_merge_that_may_drop_needs_one)
{
	change.commits[3].clean = true;
	divide("0");
	ck_assert_uint_eq(out.nparts, 1);
	/* and is not what people are told to look at */
	assert_part(0, 2, 0, COVER_NONE, COVER_NONE);
	/* nothing stands before it that could be dropped */
	divide("5");
	assert_part(0, 1, 5, COVER_NONE, COVER_NONE);
	/* nor is it of this rule where the rule is in force already */
	change.commits[3].hidden = 1;
	divide("0");
	assert_part(0, 1, 0, COVER_NONE, COVER_NONE);
}
END_TEST

START_TEST(areas_are_those_of_the_part)
{
	change.areas[1 * AREAS + 0] = true;
	change.areas[4 * AREAS + 1] = true;
	cover(0, 0, 3);
	divide("012345");
	ck_assert_uint_eq(out.nparts, 2);
	ck_assert(out.parts[0].areas[0] && !out.parts[0].areas[1]);
	ck_assert(!out.parts[1].areas[0] && out.parts[1].areas[1]);
}
END_TEST

/* Whoever wrote what it covers may not approve; whoever wrote the rest may. */
START_TEST(contributors_are_those_of_what_is_covered)
{
	static struct contributor who[2];
	static struct people_link links[] = {{0, 0}, {5, 1}};

	change.people.v = who;
	change.people.n = 2;
	change.people.links = links;
	change.people.nlinks = 2;
	cover(0, 0, 3);
	divide("012345");
	ck_assert_uint_eq(out.ncontributors, 2);
	ck_assert_uint_eq(out.approvals[0].ncontributors, 1);
	ck_assert_uint_eq(out.approvals[1].ncontributors, 0);
	/* what another ref has is nobody's contribution to this push */
	change.commits[0].hidden = 1;
	divide("12345");
	ck_assert_uint_eq(out.ncontributors, 1);
	ck_assert_uint_eq(out.approvals[0].ncontributors, 0);
	people_init(&change.people);
}
END_TEST

START_TEST(what_no_order_reaches_is_a_part_that_nothing_covers)
{
	change.order.v[4].place = SIZE_MAX;
	cover(0, 0, 6);
	divide("0124");
	ck_assert_uint_eq(out.nparts, 2);
	assert_part(0, 3, 2, COVER_DIFF, COVER_NONE);
	assert_part(1, 1, 4, COVER_NONE, COVER_NONE);
}
END_TEST

Suite *suite_parts(void)
{
	Suite *s = suite_create("parts");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing_covered_is_one_part);
	tcase_add_test(t, a_part_begins_where_what_covers_changes);
	tcase_add_test(t, the_very_commits_count_for_more);
	tcase_add_test(t, a_cut_that_changes_nothing_divides_nothing);
	tcase_add_test(t, what_the_rule_does_not_match_is_in_no_part);
	tcase_add_test(t, an_exact_merge_needs_none_when_its_branch_does);
	tcase_add_test(t, a_merge_that_may_drop_needs_one);
	tcase_add_test(t, areas_are_those_of_the_part);
	tcase_add_test(t, contributors_are_those_of_what_is_covered);
	tcase_add_test(t, what_no_order_reaches_is_a_part_that_nothing_covers);
	suite_add_tcase(s, t);
	return s;
}
