/* SPDX-License-Identifier: Apache-2.0 */
/* Walks and merge bases on random histories, against sets worked out one by
 * one, and against the git command. */
#include "git_help.h"

#include "git/walk.h"

enum { NODES = 60, PARENTS = 3, QUERIES = 60, MAX_BASES = 64 };

enum dates { SANE, MIXED, RANDOM };

struct dag {
	unsigned nparents[NODES], parents[NODES][PARENTS];
	uint64_t above[NODES]; /* ancestors, itself included */
	struct oid id[NODES];
};

static unsigned seed;

static unsigned any(unsigned n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % n;
}

static unsigned date_of(unsigned i, enum dates dates)
{
	bool off = dates == RANDOM || (dates == MIXED && any(10) == 0);

	return 1700000000U + (off ? any(1000) * 10 : i * 10);
}

/** Parents are among the eight before; some commits have none. */
static void choose_parents(struct dag *d, unsigned i)
{
	unsigned n = i ? 1 + (any(4) == 0) + (any(12) == 0) : 0;

	if (any(15) == 0)
		n = 0;
	d->above[i] = UINT64_C(1) << i;
	d->nparents[i] = 0;
	while (n--) {
		unsigned p = i - 1 - any(i < 8 ? i : 8);

		if (d->above[i] & UINT64_C(1) << p)
			continue;
		d->parents[i][d->nparents[i]++] = p;
		d->above[i] |= d->above[p];
	}
}

static void make_dag(struct dag *d, int loop, enum dates dates)
{
	FILE *f = fopen("in", "w");
	char line[256];
	unsigned i, k;

	help_run(NULL, "rm -rf r");
	help_init(loop);
	for (i = 0; i < NODES; i++) {
		choose_parents(d, i);
		fprintf(f,
			"reset refs/heads/n%u\n\ncommit refs/heads/n%u\n"
			"mark :%u\n"
			"committer C <c@x> %u +0000\ndata <<E\n%u\nE\n",
			i, i, i + 1, date_of(i, dates), i);
		for (k = 0; k < d->nparents[i]; k++)
			fprintf(f, "%s :%u\n", k ? "merge" : "from",
				d->parents[i][k] + 1);
	}
	fclose(f);
	help_run(NULL, "git -C r fast-import --quiet --export-marks=../m <in");
	f = fopen("m", "r");
	while (fgets(line, sizeof(line), f)) {
		char hex[OID_HEX_SIZE];

		ck_assert_int_eq(sscanf(line, ":%u %64s", &i, hex), 2);
		ck_assert(
			oid_from_hex(&d->id[i - 1], help_algo, span_str(hex)));
	}
	fclose(f);
}

static unsigned number_of(const struct dag *d, const struct oid *id)
{
	unsigned i = 0;

	while (!oid_equal(&d->id[i], id))
		ck_assert_uint_lt(++i, NODES);
	return i;
}

struct query {
	uint64_t wanted, hidden[2]; /* exact */
	unsigned sets;
};

static void add_tips(const struct dag *d, struct walk *w, struct query *q)
{
	unsigned n = 1 + any(2), s, tip;
	struct oid peeled;
	struct err e = {0};

	memset(q, 0, sizeof(*q));
	q->sets = any(3);
	while (n--) {
		tip = any(NODES);
		q->wanted |= d->above[tip];
		ck_assert_int_eq(walk_start(w, &d->id[tip], &peeled, &e), 0);
		ck_assert(oid_equal(&peeled, &d->id[tip]));
	}
	for (s = 0; s < q->sets; s++)
		for (n = any(4); n; n--) {
			tip = any(NODES);
			q->hidden[s] |= d->above[tip];
			ck_assert_int_eq(walk_hide(w, &d->id[tip], s, &e), 0);
		}
}

static void check_links(const struct dag *d, const struct walk *w, size_t at)
{
	const struct walk_commit *c = walk_at(w, at);
	unsigned i = number_of(d, &c->id), k;

	ck_assert_uint_eq(walk_find(w, &c->id), at);
	ck_assert_uint_eq(c->nparents, d->nparents[i]);
	for (k = 0; k < c->nparents; k++)
		if (c->parents[k] != SIZE_MAX)
			ck_assert(oid_equal(&walk_at(w, c->parents[k])->id,
					    &d->id[d->parents[i][k]]));
}

/** What `w` found must hold all of what is exact, and with sane clocks
 * nothing else. */
static void check_walk(const struct dag *d, const struct walk *w,
		       const struct query *q, enum dates dates)
{
	uint64_t all = (UINT64_C(1) << q->sets) - 1, exact = 0, found = 0;
	size_t at;
	unsigned i, s;

	for (i = 0; i < NODES; i++) {
		uint64_t hidden = 0;

		for (s = 0; s < q->sets; s++)
			hidden |= (q->hidden[s] >> i & 1) << s;
		if ((q->wanted >> i & 1) && (!q->sets || hidden != all))
			exact |= UINT64_C(1) << i;
	}
	for (at = 0; at < walk_count(w); at++) {
		const struct walk_commit *c = walk_at(w, at);

		check_links(d, w, at);
		i = number_of(d, &c->id);
		if (!c->reachable || (q->sets && c->hidden == all))
			continue;
		found |= UINT64_C(1) << i;
		for (s = 0; s < q->sets; s++) {
			unsigned bit = c->hidden >> s & 1;
			unsigned want = q->hidden[s] >> i & 1;

			ck_assert_uint_le(bit, want);
			if (dates == SANE)
				ck_assert_uint_eq(bit, want);
		}
	}
	ck_assert_uint_eq(exact & ~found, 0);
	if (dates == SANE)
		ck_assert_uint_eq(found, exact);
}

START_TEST(test_walks_find_what_is_reachable_and_not_hidden)
{
	enum dates dates = (enum dates)(_i / 2 % 3);
	struct repository *repo;
	struct walk *w;
	struct query q;
	struct dag d;
	struct err e = {0};
	int i;

	seed = (unsigned)_i + 1;
	make_dag(&d, _i % 2, dates);
	repo = help_open("r");
	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	for (i = 0; i < QUERIES; i++) {
		add_tips(&d, w, &q);
		ck_assert_msg(!walk_run(w, q.sets, 0, &e), "%s", e.msg);
		check_walk(&d, w, &q, dates);
		walk_reset(w);
	}
	walk_free(w);
	repository_free(repo);
}
END_TEST

static uint64_t exact_bases(const struct dag *d, unsigned a, unsigned b)
{
	uint64_t common = d->above[a] & d->above[b], bases = common;
	unsigned i;

	for (i = 0; i < NODES; i++)
		if (common >> i & 1)
			bases &= ~(d->above[i] & ~(UINT64_C(1) << i));
	return bases;
}

static void check_bases_with_git(const struct dag *d, unsigned a, unsigned b,
				 uint64_t bases)
{
	struct buf out = BUF_INIT(HELP_MAX);
	struct cursor c;
	struct span line;
	struct oid id;

	help_run(&out,
		 "git -C r merge-base --all %s %s || :", help_hex(&d->id[a]),
		 help_hex(&d->id[b]));
	c = cursor_of(out.data, out.len);
	while (cursor_line(&c, &line)) {
		ck_assert(oid_from_hex(&id, help_algo, line));
		bases ^= UINT64_C(1) << number_of(d, &id);
	}
	ck_assert_uint_eq(bases, 0);
	buf_release(&out);
}

START_TEST(test_merge_bases_equal_gits)
{
	struct oid found[MAX_BASES];
	struct repository *repo;
	struct dag d;
	struct err e = {0};
	size_t n;
	int i;

	seed = (unsigned)_i + 1000;
	make_dag(&d, _i % 2, (enum dates)(_i / 2 % 3));
	repo = help_open("r");
	for (i = 0; i < 4 * QUERIES; i++) {
		unsigned a = any(NODES), b = any(NODES);
		uint64_t want = exact_bases(&d, a, b), got = 0;
		bool yes;

		ck_assert_int_eq(walk_merge_bases(repo, &d.id[a], &d.id[b],
						  found, MAX_BASES, &n, &e),
				 0);
		ck_assert_uint_le(n, MAX_BASES);
		while (n--)
			got |= UINT64_C(1) << number_of(&d, &found[n]);
		ck_assert_uint_eq(got, want);
		if (i % 16 == 0)
			check_bases_with_git(&d, a, b, want);
		ck_assert_int_eq(
			walk_is_ancestor(repo, &d.id[a], &d.id[b], &yes, &e),
			0);
		ck_assert_int_eq(yes, d.above[b] >> a & 1);
	}
	repository_free(repo);
}
END_TEST

/** A line of three commits and a tag of a tag of its tip. */
static struct repository *make_line(int loop, struct oid id[3])
{
	struct oid tree;
	int i;

	help_init(loop);
	tree = help_id("git -C r mktree </dev/null");
	id[0] = help_id("git -C r commit-tree -m 0 %s", help_hex(&tree));
	for (i = 1; i < 3; i++)
		id[i] = help_id("git -C r commit-tree -m %d -p %s %s", i,
				help_hex(&id[i - 1]), help_hex(&tree));
	help_run(NULL,
		 "git -C r tag -am one one %s && "
		 "git -C r -c advice.nestedTag=false tag -am two two one",
		 help_hex(&id[2]));
	return help_open("r");
}

static void remove_object(const struct oid *id)
{
	help_run(NULL, "rm -f r/objects/$(echo %s | sed 's,..,&/,')",
		 help_hex(id));
}

START_TEST(test_a_commit_that_is_missing_is_named)
{
	struct oid id[3], peeled;
	struct repository *repo = make_line(_i, id);
	struct walk *w;
	struct err e = {0};
	bool yes;
	size_t n;

	remove_object(&id[0]);
	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	ck_assert_int_eq(walk_start(w, &id[2], &peeled, &e), 0);
	ck_assert_int_eq(walk_run(w, 0, 0, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, help_hex(&id[0])));
	ck_assert(oid_equal(walk_culprit(w), &id[0]));
	walk_reset(w);
	help_fails(walk_start(w, &id[0], &peeled, fault), ERR_NOT_FOUND,
		   help_hex(&id[0]));
	help_fails(walk_is_ancestor(repo, &id[0], &id[2], &yes, fault),
		   ERR_NOT_FOUND, help_hex(&id[0]));
	help_fails(walk_merge_bases(repo, &id[0], &id[2], NULL, 0, &n, fault),
		   ERR_NOT_FOUND, help_hex(&id[0]));
	walk_free(w);
	repository_free(repo);
}
END_TEST

START_TEST(test_a_parent_that_is_no_commit_is_an_error)
{
	struct oid id[3], bad, peeled, tree;
	struct repository *repo = make_line(_i, id);
	struct walk *w;
	struct err e = {0};

	tree = help_id("git -C r mktree </dev/null");
	help_write("c", "");
	help_run(NULL,
		 "{ echo tree %s; echo parent %s;"
		 "echo 'author A <a@x> 1 +0000';"
		 "echo 'committer A <a@x> 1 +0000'; echo; } >c",
		 help_hex(&tree), help_hex(&tree));
	bad = help_id("git -C r hash-object --literally -t commit -w ../c");
	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	ck_assert_int_eq(walk_start(w, &bad, &peeled, &e), 0);
	help_fails(walk_run(w, 0, 0, fault), ERR_MALFORMED,
		   "tree, not a commit");
	walk_free(w);
	repository_free(repo);
}
END_TEST

START_TEST(test_tags_are_peeled_and_other_objects_have_no_history)
{
	struct oid id[3], tag, blob, peeled, absent = {0};
	struct repository *repo = make_line(_i, id);
	struct walk *w;
	struct err e = {0};

	tag = help_id("git -C r rev-parse refs/tags/two");
	blob = help_id("echo x | git -C r hash-object -w --stdin");
	absent.algo = (unsigned char)help_algo;
	absent.id[0] = 1;
	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	ck_assert_int_eq(walk_start(w, &blob, &peeled, &e), 0);
	ck_assert(oid_is_null(&peeled));
	ck_assert_int_eq(walk_start(w, &tag, &peeled, &e), 0);
	ck_assert(oid_equal(&peeled, &id[2]));
	ck_assert_int_eq(walk_hide(w, &absent, 0, &e), 0);
	ck_assert_int_eq(walk_hide(w, &blob, 0, &e), 0);
	ck_assert_int_eq(walk_hide(w, &id[1], 0, &e), 0);
	ck_assert_int_eq(walk_run(w, 1, 0, &e), 0);
	ck_assert(!walk_at(w, walk_find(w, &id[2]))->hidden);
	ck_assert(walk_at(w, walk_find(w, &id[1]))->hidden);
	walk_free(w);
	repository_free(repo);
}
END_TEST

START_TEST(test_commits_carry_their_bytes_and_links)
{
	struct oid id[3], peeled;
	struct repository *repo = make_line(_i, id);
	const struct walk_commit *c;
	struct walk *w;
	struct object o;
	struct err e = {0};
	int i;

	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	ck_assert_int_eq(walk_start(w, &id[2], &peeled, &e), 0);
	ck_assert_int_eq(walk_run(w, 0, 0, &e), 0);
	ck_assert_uint_eq(walk_count(w), 3);
	for (i = 0; i < 3; i++) {
		c = walk_at(w, (size_t)i);
		ck_assert(oid_equal(&c->id, &id[2 - i]));
		ck_assert_int_eq(c->when, 1700000000);
		ck_assert_int_eq(object_read(repo, &c->id, 4096, &o, &e), 0);
		ck_assert_uint_eq(c->raw.n, o.size);
		ck_assert_int_eq(memcmp(c->raw.p, o.data, o.size), 0);
		object_release(&o);
	}
	walk_reset(w);
	ck_assert_int_eq(walk_start(w, &id[2], &peeled, &e), 0);
	help_fails(walk_run(w, 0, 2, fault), ERR_LIMIT, "more than 2 commits");
	walk_free(w);
	repository_free(repo);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("git_history");
	TCase *t = tcase_create("history");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, help_setup, help_teardown);
	tcase_add_loop_test(t, test_walks_find_what_is_reachable_and_not_hidden,
			    0, 24);
	tcase_add_loop_test(t, test_merge_bases_equal_gits, 0, 12);
	tcase_add_loop_test(t, test_a_commit_that_is_missing_is_named, 0, 2);
	tcase_add_loop_test(t, test_a_parent_that_is_no_commit_is_an_error, 0,
			    2);
	tcase_add_loop_test(
		t, test_tags_are_peeled_and_other_objects_have_no_history, 0,
		2);
	tcase_add_loop_test(t, test_commits_carry_their_bytes_and_links, 0, 2);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
