/* SPDX-License-Identifier: Apache-2.0 */

/* In which order the commits of a push are taken, and the lane down to what
 * the ref has: on histories in words, and on random ones. */
#include "gate_help.h"

#include "gate/order.h"
#include "git_help.h"

enum { COMMITS = 26, PARENTS = 3 };

/* Commits are letters; each stands before its parents. */
static struct {
	struct oid id[COMMITS];
	unsigned nparents[COMMITS], parents[COMMITS][PARENTS], above[COMMITS];
	struct repository *repo;
	struct walk *walk;
	struct order order;
	struct lane lane;
	bool based;
} it;

static int index_of(char letter)
{
	return letter - 'A';
}

static char letter_at(size_t at)
{
	int i;

	for (i = 0; i < COMMITS; i++)
		if (oid_equal(&it.id[i], &walk_at(it.walk, at)->id))
			return (char)('A' + i);
	return '?';
}

/* "A BA CAB": A is a root, B its child, C a merge of A and B. */
static void make_history(const char *text, int loop)
{
	FILE *f = fopen("in", "w");
	char line[256], hex[OID_HEX_SIZE];
	unsigned i, k;

	help_init(loop);
	for (; *text; text += *text == ' ') {
		i = (unsigned)index_of(*text);
		fprintf(f,
			"reset refs/heads/%c\n\ncommit refs/heads/%c\n"
			"mark :%u\ncommitter C <c@x> %u +0000\n"
			"data 1\n%c\n",
			*text, *text, i + 1, 1700000000U + i * 10, *text);
		it.above[i] = 1U << i;
		for (text++, k = 0; *text && *text != ' '; text++, k++) {
			unsigned p = (unsigned)index_of(*text);

			it.parents[i][it.nparents[i]++] = p;
			it.above[i] |= it.above[p];
			fprintf(f, "%s :%u\n", k ? "merge" : "from", p + 1);
		}
	}
	fclose(f);
	help_run(NULL, "git -C r fast-import --quiet --export-marks=../m <in");
	f = fopen("m", "r");
	while (fgets(line, sizeof(line), f)) {
		ck_assert_int_eq(sscanf(line, ":%u %64s", &i, hex), 2);
		ck_assert(
			oid_from_hex(&it.id[i - 1], help_algo, span_str(hex)));
	}
	fclose(f);
}

/* A push of `tip` to a ref that has `old` ('-': nothing), where the commits
 * behind `hidden` are on refs already. */
static void push_to(char old, char tip, const char *hidden)
{
	const struct oid *was = old == '-' ? NULL : &it.id[index_of(old)];
	struct oid peeled;
	struct err e;
	size_t i;

	it.repo = help_open("r");
	ck_assert_int_eq(walk_new(&it.walk, it.repo, &e), 0);
	ck_assert_int_eq(
		walk_start(it.walk, &it.id[index_of(tip)], &peeled, &e), 0);
	for (; *hidden; hidden++)
		ck_assert_int_eq(
			walk_hide(it.walk, &it.id[index_of(*hidden)], 0, &e),
			0);
	ck_assert_int_eq(walk_run(it.walk, 1, 0, &e), 0);
	order_init(&it.order, it.walk);
	for (i = 0; i < walk_count(it.walk); i++)
		if (walk_at(it.walk, i)->reachable &&
		    !walk_at(it.walk, i)->hidden)
			ck_assert_int_eq(order_add(&it.order, i, &e), 0);
	ck_assert_int_eq(order_run(&it.order, it.repo, was,
				   &it.id[index_of(tip)], &it.lane, &it.based,
				   &e),
			 0);
}

static void setup(void)
{
	memset(&it, 0, sizeof(it));
	help_setup();
}

static void drop_push(void)
{
	lane_release(&it.lane);
	order_release(&it.order);
	walk_free(it.walk);
	repository_free(it.repo);
	it.walk = NULL;
	it.repo = NULL;
}

static void teardown(void)
{
	drop_push();
	help_teardown();
}

static const char *letters(const size_t *numbers, size_t n)
{
	static char text[2][COMMITS + 1];
	static unsigned turn;
	size_t i;

	turn = !turn;
	for (i = 0; i < n; i++)
		text[turn][i] = letter_at(it.order.v[numbers[i]].at);
	text[turn][n] = '\0';
	return text[turn];
}

static const char *foot(void)
{
	static char text[2];

	text[0] = it.lane.foot == SIZE_MAX ? '-' : letter_at(it.lane.foot);
	return text;
}

/* `ends`: the places behind the lane's steps */
static const struct {
	const char *history;
	char old, tip;
	const char *hidden, *order, *lane, *ends, *foot;
	bool based, firsts;
} cases[] = {
	/* a line */
	{"A BA CB DC", 'A', 'D', "A", "BCD", "BCD", "123", "A", true, true},
	/* what a merge brings stands before it */
	{"A BA CA DC EBD FE", 'A', 'F', "A", "BCDEF", "BEF", "145", "A", true,
	 true},
	/* also when it is older than what it is merged into */
	{"A BA CA DC EDB FE", 'A', 'F', "A", "CDBEF", "CDEF", "1245", "A", true,
	 true},
	/* a pull: what the ref has is the second parent */
	{"A BA CA DCB", 'B', 'D', "B", "CD", "D", "2", "B", true, false},
	/* the same with new commits on both sides, one with a root of its own
	 */
	{"A BA C DCB", 'A', 'D', "A", "BCD", "BD", "13", "A", true, false},
	/* two roots */
	{"A B CB DAC", 'A', 'D', "A", "BCD", "D", "3", "A", true, true},
	{"A B CB DCA", 'A', 'D', "A", "BCD", "D", "3", "A", true, false},
	/* three parents */
	{"A BA CA DA EBCD", 'A', 'E', "A", "BCDE", "BE", "14", "A", true, true},
	/* another ref had the first of them */
	{"A BA CB DC", 'A', 'D', "AB", "CD", "CD", "12", "B", true, true},
	/* the ref is taken back and led elsewhere */
	{"A BA CA DC", 'B', 'D', "B", "CD", "CD", "12", "A", false, true},
	/* a new ref */
	{"A BA", '-', 'B', "", "AB", "AB", "12", "-", false, true},
	{"A BA CB", '-', 'C', "A", "BC", "BC", "12", "A", false, true},
	/* nothing is new */
	{"A BA", 'A', 'B', "B", "", "", "", "", false, false},
};

START_TEST(order_and_lane_of)
{
	size_t i;

	make_history(cases[_i].history, _i % 2);
	push_to(cases[_i].old, cases[_i].tip, cases[_i].hidden);
	ck_assert_str_eq(letters(it.order.by_place, it.order.n),
			 cases[_i].order);
	ck_assert_str_eq(letters(it.lane.v, it.lane.n), cases[_i].lane);
	ck_assert_int_eq(it.based, cases[_i].based);
	ck_assert_int_eq(it.lane.firsts, cases[_i].firsts);
	for (i = 0; i < it.lane.n; i++)
		ck_assert_int_eq(
			'0' + (int)lane_end(&it.order, &it.lane, i + 1),
			cases[_i].ends[i]);
	if (!it.lane.n)
		return;
	ck_assert_uint_eq(lane_end(&it.order, &it.lane, 0), 0);
	ck_assert_str_eq(foot(), cases[_i].foot);
	ck_assert_uint_eq(order_number(&it.order, SIZE_MAX), SIZE_MAX);
}
END_TEST

START_TEST(a_side_is_what_the_merge_brings)
{
	struct lane side = {0};
	struct err e;
	size_t tip;

	/* D is the tip of a branch that took B in, which the ref has anew */
	make_history("A BA CA DCB ED FBE GF", 0);
	push_to('A', 'G', "A");
	ck_assert_str_eq(letters(it.order.by_place, it.order.n), "BCDEFG");
	ck_assert_str_eq(letters(it.lane.v, it.lane.n), "BFG");
	tip = order_number(&it.order, walk_find(it.walk, &it.id[4]));
	ck_assert_int_eq(order_side(&it.order, tip, 1, &side, &e), 0);
	ck_assert_str_eq(letters(side.v, side.n), "CDE");
	ck_assert_uint_eq(lane_end(&it.order, &side, 0), 1);
	ck_assert_uint_eq(lane_end(&it.order, &side, 3), 4);
	ck_assert_int_eq(letter_at(side.foot), 'A');
	lane_release(&side);
}
END_TEST

static unsigned any(unsigned n)
{
	static unsigned seed = 7;

	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % n;
}

/* Parents are among the six before, and none is another's ancestor. */
static void random_history(char *out)
{
	unsigned above[COMMITS], i;

	for (i = 0; i < COMMITS; i++) {
		unsigned n = i ? 1 + (any(3) == 0) + (any(9) == 0) : 0;

		above[i] = 1U << i;
		if (i)
			*out++ = ' ';
		*out++ = (char)('A' + i);
		while (n--) {
			unsigned p = i - 1 - any(i < 6 ? i : 6);

			if (above[i] & 1U << p)
				continue;
			*out++ = (char)('A' + p);
			above[i] |= above[p];
		}
	}
	*out = '\0';
}

/* What stands before the end of each step is that commit and what lies behind
 * it, as far as it is judged: so steps are runs of neighbours. */
static void check_steps(unsigned judged)
{
	unsigned before = 0;
	size_t i, place = 0;

	for (i = 1; i <= it.lane.n; i++) {
		int top = letters(&it.lane.v[i - 1], 1)[0];

		for (; place < lane_end(&it.order, &it.lane, i); place++)
			before |= 1U << index_of(letters(
					  &it.order.by_place[place], 1)[0]);
		ck_assert_uint_eq(before,
				  it.above[index_of((char)top)] & judged);
	}
	ck_assert_uint_eq(place, it.order.n);
}

START_TEST(steps_are_runs_of_neighbours)
{
	char text[COMMITS * (PARENTS + 2) + 1];
	char hidden[2] = "";
	unsigned old, k;

	random_history(text);
	make_history(text, _i % 2);
	for (k = 0; k < 8; k++) {
		old = any(COMMITS - 1);
		hidden[0] = (char)('A' + old);
		push_to(hidden[0], 'Z', hidden);
		check_steps(it.above[COMMITS - 1] & ~it.above[old]);
		ck_assert_int_eq(it.based, it.above[COMMITS - 1] >> old & 1
						   ? true
						   : false);
		drop_push();
	}
}
END_TEST

Suite *suite_order(void)
{
	Suite *s = suite_create("order");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, order_and_lane_of, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, a_side_is_what_the_merge_brings);
	tcase_add_loop_test(t, steps_are_runs_of_neighbours, 0, 8);
	suite_add_tcase(s, t);
	return s;
}
