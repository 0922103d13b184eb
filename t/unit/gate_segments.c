/* SPDX-License-Identifier: Apache-2.0 */

/* Which commits of a push an approval covers, on histories in words: the parts
 * of a change, and merges that do no more than the branches that they bring. */
#include "gate_help.h"

#include "gate/patches.h"
#include "gate/segments.h"
#include "git_help.h"

enum { LETTERS = 26, PARENTS = 4, APPROVALS = 4 };

/* A commit is a letter; a tree is files of one letter and one digit each. */
static struct {
	struct oid id[LETTERS], tree[LETTERS];
	struct policy policy;
	struct engine_input in;
	struct ref_update update;
	struct judged_ref ref;
	struct judging j;
	struct walk *walk;
	struct change change;
	unsigned asked; /* for patch ids */
} it;

static struct oid *id_of(char letter)
{
	return &it.id[letter - 'A'];
}

/* "A:f1 BA:f1g1 CAB:f1g1": A is a root, B its child with one file more, C a
 * merge of A and B. */
static void make_history(const char *text, int loop)
{
	FILE *f = fopen("in", "w");
	int i;

	help_init(loop);
	for (; *text; text += *text == ' ') {
		char letter = *text++;

		fprintf(f,
			"reset refs/heads/%c\n\ncommit refs/heads/%c\nmark "
			":%d\n"
			"committer C <c@x> %d +0000\ndata 1\n%c\n",
			letter, letter, letter, 1700000000 + letter * 10,
			letter);
		for (i = 0; *text != ':'; i++)
			fprintf(f, "%s :%d\n", i ? "merge" : "from", *text++);
		fputs("deleteall\n", f);
		for (text++; *text && *text != ' '; text += 2)
			fprintf(f, "M 644 inline %c\ndata 1\n%c\n", text[0],
				text[1]);
	}
	fclose(f);
	help_run(NULL, "git -C r fast-import --quiet <in");
	for (i = 0; i < LETTERS; i++) {
		help_run(NULL,
			 "git -C r rev-parse -q --verify %c >id || :", 'A' + i);
		help_run(NULL, "test -s id || echo %0*d >id",
			 (int)oid_hex_size(help_algo), 0);
		it.id[i] = help_id("cat id");
		if (!oid_is_null(&it.id[i]))
			it.tree[i] = help_id("git -C r rev-parse %c^{tree}",
					     'A' + i);
	}
}

static int see_path(void *ctx, const struct path_change *change)
{
	(void)change;
	*(bool *)ctx = false;
	return 1;
}

/* As gate/facts_trees.h finds it. */
static bool changes_nothing(const struct walk_commit *c)
{
	struct oid parents[PARENTS];
	struct object_fault fault;
	bool nothing = true;
	const struct tree_diff d = {.cache = it.j.trees,
				    .limits = &it.policy.limits,
				    .fn = see_path,
				    .ctx = &nothing,
				    .fault = &fault};
	struct err e;
	unsigned i;

	for (i = 0; i < c->nparents; i++)
		parents[i] = walk_at(it.walk, c->parents[i])->tree;
	ck_assert_int_ge(tree_diff(&d, parents, c->nparents, &c->tree, &e), 0);
	return c->nparents > 1 && nothing;
}

static void add_commits(void)
{
	struct change *c = &it.change;
	struct err e;
	size_t i;

	c->commits = calloc(walk_count(it.walk), sizeof(*c->commits));
	for (i = 0; i < walk_count(it.walk); i++) {
		const struct walk_commit *w = walk_at(it.walk, i);

		if (!w->reachable || w->hidden)
			continue;
		c->commits[c->order.n].asked = true;
		c->commits[c->order.n].clean = changes_nothing(w);
		ck_assert_int_eq(order_add(&c->order, i, &e), 0);
	}
}

/* A push of `tip` to a ref that has `old`, all that `walked` has being judged.
 */
static void push_of(char old, char tip, char walked)
{
	struct object_fault fault = {0};
	struct oid peeled;
	struct err e;

	it.policy.limits = object_limits_default;
	it.in = (struct engine_input){
		.policy = &it.policy, .repository = "one", .git_namespace = ""};
	it.update.new_ = *id_of(tip);
	it.ref = (struct judged_ref){.update = &it.update,
				     .real = strdup("refs/heads/main"),
				     .old = *id_of(old),
				     .tip = *id_of(tip)};
	it.j = (struct judging){.in = &it.in,
				.repo = help_open("r"),
				.algo = help_algo,
				.refs = &it.ref,
				.nrefs = 1};
	ck_assert_int_eq(tree_cache_new(&it.j.trees, it.j.repo, 1 << 20, &e),
			 0);
	ck_assert_int_eq(walk_new(&it.walk, it.j.repo, &e), 0);
	ck_assert_int_eq(walk_start(it.walk, id_of(walked), &peeled, &e), 0);
	ck_assert_int_eq(walk_hide(it.walk, id_of(old), 0, &e), 0);
	ck_assert_int_eq(walk_run(it.walk, 1, 0, &e), 0);
	change_init(&it.change, &it.j, 0, it.walk);
	add_commits();
	ck_assert_int_eq(order_run(&it.change.order, it.j.repo, &it.ref.old,
				   &it.ref.tip, &it.change.lane,
				   &it.change.based, &e),
			 0);
	it.change.from_old =
		it.change.based && it.change.lane.foot != SIZE_MAX &&
		oid_equal(&walk_at(it.walk, it.change.lane.foot)->id,
			  &it.ref.old);
	ck_assert_int_eq(change_digest_between(&it.j, &it.ref.old, &it.ref.tip,
					       it.change.digest,
					       &it.change.has_digest, &fault,
					       &e),
			 0);
}

static void push_to(char old, char tip)
{
	push_of(old, tip, tip);
}

/* Somebody approves: what lies between two commits, or the second alone. */
static void approve(char from, char to)
{
	struct object_fault fault = {0};
	struct approval a;
	size_t paths;
	struct err e;

	approval_init(&a);
	a.target = *id_of(to);
	if (from != '-') {
		/* elsewhere: as when it was rebased since */
		memset(a.target.id, 7, 4);
		ck_assert_int_eq(tree_diff_digest(it.j.trees, &it.policy.limits,
						  &it.tree[from - 'A'],
						  &it.tree[to - 'A'], a.digest,
						  &paths, &fault, &e),
				 0);
		a.has_digest = paths > 0;
	}
	ck_assert_int_eq(seek_add(&it.change.seek, APPROVAL_TAG, "x", &a, &e),
			 0);
}

static void match(void)
{
	struct err e;

	ck_assert_int_eq(segments_find(&it.change, &it.j, 0, &e), 0);
	ck_assert_int_eq(segments_match(&it.change, &e), 0);
}

/* The letters of a run of places, sorted. */
static const char *letters(size_t low, size_t end)
{
	static char out[LETTERS + 1];
	const struct order *o = &it.change.order;
	char *at = out, letter;
	size_t i;

	for (letter = 'A'; letter <= 'Z'; letter++)
		for (i = low; i < order_bound(o, end); i++)
			if (oid_equal(&order_commit(o, o->by_place[i])->id,
				      id_of(letter)))
				*at++ = letter;
	*at = '\0';
	return out;
}

static void assert_covers(size_t approval, const char *want)
{
	const struct extent *x = &it.change.extents[approval];

	ck_assert_str_eq(letters(x->low, x->end), want);
}

static const struct change_commit *commit_of(char letter)
{
	const struct order *o = &it.change.order;

	return &it.change.commits[order_number(
		o, walk_find(it.walk, id_of(letter)))];
}

static void assert_exact(char merge, bool want)
{
	ck_assert_msg(commit_of(merge)->exact == want, "%c is %sexact", merge,
		      want ? "not " : "");
}

static void setup(void)
{
	memset(&it, 0, sizeof(it));
	help_setup();
}

static void teardown(void)
{
	change_release(&it.change);
	walk_free(it.walk);
	tree_cache_free(it.j.trees);
	repository_free(it.j.repo);
	free(it.ref.real);
	help_teardown();
}

/* ---- a line ---- */

#define LINE "A:f1 BA:f1g1 CB:f1g1h1 DC:f2g1h1"

START_TEST(a_digest_covers_the_steps_that_it_is_of)
{
	make_history(LINE, _i);
	push_to('A', 'D');
	approve('A', 'D');
	approve('B', 'C');
	approve('A', 'C');
	approve('B', 'D');
	match();
	assert_covers(0, "BCD");
	assert_covers(1, "C");
	assert_covers(2, "BC");
	assert_covers(3, "CD");
	ck_assert(it.change.extents[1].diff);
	ck_assert(!it.change.extents[1].tip);
	ck_assert(!it.change.bounded);
}
END_TEST

START_TEST(a_commit_covers_all_that_leads_to_it)
{
	make_history(LINE, 0);
	push_to('A', 'D');
	approve('-', 'C');
	approve('-', 'D');
	match();
	assert_covers(0, "BC");
	assert_covers(1, "BCD");
	ck_assert(it.change.extents[0].tip);
	ck_assert_int_eq(it.change.extents[0].level, COVER_TIP);
}
END_TEST

START_TEST(another_difference_covers_nothing)
{
	make_history("A:f1 BA:f1g1 CB:f1g1h1 DC:f2g1h1 XA:f1g2", 0);
	push_to('A', 'D');
	approve('A', 'X');
	match();
	assert_covers(0, "");
	ck_assert(!it.change.extents[0].diff);
}
END_TEST

START_TEST(what_comes_twice_is_covered_once)
{
	make_history("A:f1 BA:f2 CB:f1 DC:f2 ED:f2g1", 0);
	push_to('A', 'E');
	approve('A', 'B');
	match();
	assert_covers(0, "BCD");
}
END_TEST

START_TEST(no_more_is_compared_than_may_be)
{
	make_history(LINE, 0);
	push_to('A', 'D');
	it.change.ndigests = CHANGE_MAX_DIGESTS;
	approve('B', 'D');
	match();
	assert_covers(0, "");
	ck_assert(it.change.bounded);
}
END_TEST

/* ---- merges of one branch ---- */

START_TEST(a_merge_that_adds_nothing_lets_its_branch_be_approved)
{
	make_history("A:f1 BA:f1x1 CA:f1g1 DC:f1g1h1 EBD:f1x1g1h1", _i);
	push_to('B', 'E');
	approve('A', 'D');
	approve('C', 'D');
	match();
	assert_exact('E', true);
	assert_covers(0, "CDE"); /* what the merge does is the same */
	assert_covers(1, "D");
}
END_TEST

static const struct {
	const char *history, *why;
} inexact[] = {
	{"A:f1 BA:f1x1 CA:f1g1 DC:f1g1h1 EBD:f1x1g1", "leaves h away"},
	{"A:f1x1 BA:f1x2 CA:f1x1g1 DC:f1x1g1h1 EBD:f1x1g1h1",
	 "takes the old x"},
	{"A:f1x1 BA:f1x2 CA:f1x3 DC:f1x3h1 EBD:f1x3h1", "overrides x"},
};

START_TEST(a_merge_that_takes_away_is_not_exact)
{
	make_history(inexact[_i].history, 0);
	push_to('B', 'E');
	approve('A', 'D');
	match();
	ck_assert_msg(commit_of('E')->clean, "%s", inexact[_i].why);
	ck_assert_msg(!commit_of('E')->exact, "%s", inexact[_i].why);
	assert_covers(0, "");
}
END_TEST

/* ---- merges of several ---- */

/* B is what the ref has; C and D, E and F are branches. */
#define BRANCHES "A:f1y1 BA:f1y1x1 CA:f1y1g1 DC:f1y1g1h1 EA:f1y1k1 FE:f1y1k1l1 "

START_TEST(an_octopus_that_adds_nothing_lets_each_branch_be_approved)
{
	make_history(BRANCHES "MBDF:f1y1x1g1h1k1l1", _i);
	push_to('B', 'M');
	approve('A', 'D');
	approve('A', 'F');
	approve('-', 'D');
	approve('-', 'E');
	match();
	assert_exact('M', true);
	assert_covers(0, "CD");
	assert_covers(1, "EF");
	assert_covers(2, "CD");
	assert_covers(3, "E");
	ck_assert_int_eq(it.change.extents[2].level, COVER_DIFF);
	ck_assert_str_eq(letters(commit_of('M')->low, SIZE_MAX), "CDEFM");
}
END_TEST

START_TEST(the_ref_may_be_any_parent_of_an_octopus)
{
	make_history(BRANCHES "MDFB:f1y1x1g1h1k1l1", 0);
	push_to('B', 'M');
	approve('A', 'D');
	approve('A', 'F');
	match();
	assert_exact('M', true);
	assert_covers(0, "CD");
	assert_covers(1, "EF");
}
END_TEST

START_TEST(branches_of_an_octopus_may_do_the_same)
{
	make_history("A:f1 BA:f1x1 CA:f2g1 DA:f2h1 MBCD:f2x1g1h1", 0);
	push_to('B', 'M');
	approve('A', 'C');
	approve('A', 'D');
	match();
	assert_exact('M', true);
	assert_covers(0, "C");
	assert_covers(1, "D");
}
END_TEST

START_TEST(a_branch_of_an_octopus_may_stand_on_another)
{
	make_history("A:f1 BA:f1x1 CA:f1g1 DC:f1g1h1 MBCD:f1x1g1h1", 0);
	push_to('B', 'M');
	approve('A', 'C');
	approve('-', 'D');
	approve('C', 'D');
	match();
	assert_exact('M', true);
	assert_covers(0, "C");
	assert_covers(1, "D"); /* C is the other branch's */
	assert_covers(2, "");  /* it began at A */
}
END_TEST

static const struct {
	const char *merge, *why;
	bool clean;
} evil[] = {
	{"MBDF:f1y1x1g1h1k1l1z1", "adds z", false},
	{"MBDF:f1y1x1g1h1k1l2", "changes l", false},
	{"MBDF:f1y1x1g1h1k1", "leaves l away", true},
	{"MBDF:f1y1g1h1k1l1", "leaves x away, which the ref has", true},
	{"MBDF:f1x1g1h1k1l1", "leaves y away, which all have", false},
	{"MBDF:f1y1x1", "takes nothing at all", true},
};

/* Then the whole does what was approved, and that is all it does. */
START_TEST(an_octopus_that_leaves_a_branch_away_is_not_exact)
{
	make_history(BRANCHES "MBDF:f1y1x1g1h1", 0);
	push_to('B', 'M');
	approve('A', 'D');
	approve('A', 'F');
	match();
	ck_assert(commit_of('M')->clean);
	assert_exact('M', false);
	assert_covers(0, "CDEFM");
	assert_covers(1, "");
}
END_TEST

START_TEST(an_octopus_that_does_something_itself_is_not_exact)
{
	char text[256];

	snprintf(text, sizeof(text), "%s%s", BRANCHES, evil[_i].merge);
	make_history(text, 0);
	push_to('B', 'M');
	approve('A', 'D');
	approve('A', 'F');
	match();
	ck_assert_msg(commit_of('M')->clean == evil[_i].clean, "%s",
		      evil[_i].why);
	ck_assert_msg(!commit_of('M')->exact, "%s", evil[_i].why);
	assert_covers(0, "");
	assert_covers(1, "");
}
END_TEST

static const struct {
	const char *history, *why;
} quarrels[] = {
	{"A:f1 BA:f1x1 CA:f2 DA:f3 MBCD:f3x1", "two branches change f"},
	{"A:f1 BA:f1x1 CA:x1f1g1 DA: MBCD:x1g1", "one removes all"},
	{"A:f1 BA:f2 CA:f3 DA:f1h1 MBCD:f3h1", "the ref has changed f, too"},
	{"A:f1 BA:f1x1 CA:f1g1 DC:f1g2 MBCD:f1x1g2", "g is changed on top"},
};

START_TEST(an_octopus_that_decides_is_not_exact)
{
	make_history(quarrels[_i].history, 0);
	push_to('B', 'M');
	match();
	ck_assert_msg(commit_of('M')->clean, "%s", quarrels[_i].why);
	ck_assert_msg(!commit_of('M')->exact, "%s", quarrels[_i].why);
}
END_TEST

START_TEST(an_octopus_of_histories_without_a_base_is_not_exact)
{
	make_history("A:f1 BA:f1x1 CA:f1g1 D:h1 MBCD:f1x1g1h1", 0);
	push_to('B', 'M');
	approve('A', 'C');
	match();
	ck_assert(commit_of('M')->clean);
	assert_exact('M', false);
	assert_covers(0, "");
}
END_TEST

START_TEST(an_octopus_is_not_exact_where_no_more_may_be_compared)
{
	make_history(BRANCHES "MBDF:f1y1x1g1h1k1l1", 0);
	push_to('B', 'M');
	it.change.ndigests = CHANGE_MAX_DIGESTS - 1;
	match();
	assert_exact('M', false);
	ck_assert(it.change.bounded);
}
END_TEST

/* ---- where no commit stands ---- */

static int count_patch(void *ctx, const struct oid *from, const struct oid *to,
		       enum patch_answer *answer, struct oid *out,
		       struct err *e)
{
	(void)ctx;
	(void)from;
	(void)to;
	(void)out;
	(void)e;
	it.asked++;
	*answer = PATCH_NONE;
	return 0;
}

/* C and D are judged, and nothing that the ref is to have. */
START_TEST(places_without_a_commit_are_not_open)
{
	struct err e;

	make_history("A:f1 BA:f1g1 CB:f1g1h1 DC:f2g1h1 EC:f3g1h1", 0);
	push_of('A', 'C', 'D');
	it.in.patch = count_patch;
	it.change.wants_patches = true;
	approve('A', 'C');
	ck_assert_uint_eq(it.change.order.placed, 2);
	ck_assert_uint_eq(it.change.order.n, 3);
	ck_assert_int_eq(segments_find(&it.change, &it.j, 0, &e), 0);
	/* the approval covers all that has a place, and these only */
	it.change.segments[0].end = it.change.order.placed;
	ck_assert_int_eq(patches_find(&it.change, &it.j, 0, &e), 0);
	ck_assert_uint_eq(it.asked, 1); /* of the whole */
	ck_assert_int_eq(segments_match(&it.change, &e), 0);
	assert_covers(0, "BC");
}
END_TEST

Suite *suite_segments(void)
{
	Suite *s = suite_create("segments");
	TCase *t = tcase_create("segments");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_digest_covers_the_steps_that_it_is_of, 0, 2);
	tcase_add_test(t, a_commit_covers_all_that_leads_to_it);
	tcase_add_test(t, another_difference_covers_nothing);
	tcase_add_test(t, what_comes_twice_is_covered_once);
	tcase_add_test(t, no_more_is_compared_than_may_be);
	tcase_add_loop_test(
		t, a_merge_that_adds_nothing_lets_its_branch_be_approved, 0, 2);
	tcase_add_loop_test(t, a_merge_that_takes_away_is_not_exact, 0,
			    sizeof(inexact) / sizeof(inexact[0]));
	tcase_add_loop_test(
		t, an_octopus_that_adds_nothing_lets_each_branch_be_approved, 0,
		2);
	tcase_add_test(t, the_ref_may_be_any_parent_of_an_octopus);
	tcase_add_test(t, branches_of_an_octopus_may_do_the_same);
	tcase_add_test(t, a_branch_of_an_octopus_may_stand_on_another);
	tcase_add_loop_test(t,
			    an_octopus_that_does_something_itself_is_not_exact,
			    0, sizeof(evil) / sizeof(evil[0]));
	tcase_add_test(t, an_octopus_that_leaves_a_branch_away_is_not_exact);
	tcase_add_loop_test(t, an_octopus_that_decides_is_not_exact, 0,
			    sizeof(quarrels) / sizeof(quarrels[0]));
	tcase_add_test(t, an_octopus_of_histories_without_a_base_is_not_exact);
	tcase_add_test(t,
		       an_octopus_is_not_exact_where_no_more_may_be_compared);
	tcase_add_test(t, places_without_a_commit_are_not_open);
	suite_add_tcase(s, t);
	return s;
}
