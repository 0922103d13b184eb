/* SPDX-License-Identifier: Apache-2.0 */
/* Differences between trees, against git diff-tree. */
#include "git_help.h"

#include "base/encode.h"
#include "git/tree_diff.h"
#include "git/walk.h"

enum { COMMITS = 80, CACHE = 1 << 16 };

static unsigned seed;

static unsigned any(unsigned n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % n;
}

/** Names that collide as file and directory, with others sorting between. */
static const char *any_path(void)
{
	static const char *const paths[] = {
		"a",	 "a-b",	  "a.b",   "a/x",     "a/y/z", "a/y/w",
		"a0",	 "b/c/d", "b/c/e", "b/c",     "b/f",   "b-",
		"c",	 "c/d",	  "d/e/f", "d/e/g/h", "d/e",   "d.e/x",
		"zz/zz", "A",	  "e/1",   "e/2",     "e/3",   "e/10"};

	return paths[any(sizeof(paths) / sizeof(*paths))];
}

static void write_change(FILE *f)
{
	static const char *const modes[] = {"100644", "100644", "100644",
					    "100755", "120000"};
	char hex[OID_HEX_SIZE];
	unsigned i;

	switch (any(6)) {
	case 0:
		fprintf(f, "D %s\n", any_path());
		break;
	case 1:
		for (i = 0; i < oid_hex_size(help_algo); i++)
			hex[i] = "0123456789abcdef"[any(16)];
		hex[i] = '\0';
		fprintf(f, "M 160000 %s %s\n", hex, any_path());
		break;
	default:
		fprintf(f, "M %s inline %s\ndata 2\n%u\n", modes[any(5)],
			any_path(), any(10));
	}
}

/** Commits with random trees; some are roots, some are merges. */
static void make_commits(int loop)
{
	FILE *f;
	unsigned i, n;

	help_init(loop);
	f = fopen("in", "w");
	for (i = 1; i <= COMMITS; i++) {
		fprintf(f,
			"reset refs/heads/n%u\n\ncommit refs/heads/n%u\n"
			"mark :%u\ncommitter C <c@x> %u +0000\ndata 2\nm\n",
			i, i, i, 1700000000 + i);
		if (i > 1 && any(10))
			for (n = 0; n <= any(4); n++)
				fprintf(f, "%s :%u\n", n ? "merge" : "from",
					1 + any(i - 1));
		for (n = 1 + any(6); n; n--)
			write_change(f);
	}
	fclose(f);
	help_run(NULL, "git -C r fast-import --quiet <in");
}

static int add_raw(void *ctx, const struct path_change *c)
{
	struct oid old = c->old_id, new = c->new_id;

	old.algo = new.algo = (unsigned char)help_algo;
	ck_assert_uint_eq(strlen(c->path.p), c->path.n);
	return buf_addf(ctx, ":%06o %06o %s %s %c\t%s\n", c->old_mode,
			c->new_mode, help_hex(&old), help_hex(&new), c->status,
			c->path.p);
}

static int add_name(void *ctx, const struct path_change *c)
{
	return buf_addf(ctx, "%s\n", c->path.p);
}

static void check_commit(const struct walk *w, struct tree_cache *cache,
			 const struct walk_commit *c)
{
	struct buf got = BUF_INIT(HELP_MAX), want = BUF_INIT(HELP_MAX);
	struct tree_diff d = {.cache = cache,
			      .fn = c->nparents > 1 ? add_name : add_raw,
			      .ctx = &got};
	struct oid parents[8];
	struct err e = {0};
	size_t i;

	ck_assert_uint_le(c->nparents, 8);
	for (i = 0; i < c->nparents; i++)
		parents[i] = walk_at(w, c->parents[i])->tree;
	ck_assert_msg(!tree_diff(&d, parents, c->nparents, &c->tree, &e), "%s",
		      e.msg);
	help_run(&want,
		 "git -C r diff-tree --root -r --no-renames --no-abbrev "
		 "--ignore-submodules=none --no-commit-id %s %s",
		 c->nparents > 1 ? "-c --name-only" : "--raw",
		 help_hex(&c->id));
	ck_assert_str_eq(got.data, want.data);
	buf_release(&got);
	buf_release(&want);
}

static void start_all(struct walk *w)
{
	struct buf out = BUF_INIT(HELP_MAX);
	struct cursor c;
	struct span line;
	struct oid id, peeled;
	struct err e = {0};

	help_run(&out, "git -C r for-each-ref --format='%%(objectname)'");
	c = cursor_of(out.data, out.len);
	while (cursor_line(&c, &line)) {
		ck_assert(oid_from_hex(&id, help_algo, line));
		ck_assert_int_eq(walk_start(w, &id, &peeled, &e), 0);
	}
	ck_assert_int_eq(walk_run(w, 0, 0, &e), 0);
	ck_assert_uint_gt(walk_count(w), COMMITS / 2);
	buf_release(&out);
}

START_TEST(test_commits_differ_from_their_parents_as_git_says)
{
	struct repository *repo;
	struct tree_cache *cache;
	struct walk *w;
	struct err e = {0};
	size_t i;

	seed = (unsigned)_i + 1;
	make_commits(_i % 2);
	if (_i > 1)
		help_run(NULL, "git -C r repack -adq");
	repo = help_open("r");
	ck_assert_int_eq(tree_cache_new(&cache, repo, CACHE, &e), 0);
	ck_assert_int_eq(walk_new(&w, repo, &e), 0);
	start_all(w);
	for (i = 0; i < walk_count(w); i++)
		check_commit(w, cache, walk_at(w, i));
	walk_free(w);
	tree_cache_free(cache);
	repository_free(repo);
}
END_TEST

START_TEST(test_the_digest_is_that_of_the_documented_command)
{
	struct repository *repo;
	struct tree_cache *cache;
	struct oid a, b;
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	struct tree_digests both;
	struct object_fault fault;
	struct err e = {0};
	size_t changes;
	unsigned i;

	seed = (unsigned)_i + 100;
	make_commits(_i % 2);
	repo = help_open("r");
	ck_assert_int_eq(tree_cache_new(&cache, repo, CACHE, &e), 0);
	for (i = 0; i < COMMITS / 2; i++) {
		struct buf want = BUF_INIT(HELP_MAX);
		unsigned x = 1 + any(COMMITS), y = 1 + any(COMMITS);

		a = help_id("git -C r rev-parse n%u^{tree}", x);
		b = help_id("git -C r rev-parse n%u^{tree}", y);
		ck_assert_int_eq(tree_diff_digest(cache, NULL, &a, &b, digest,
						  &changes, &fault, &e),
				 0);
		hex_encode(digest, sizeof(digest), hex);
		help_run(&want,
			 "git --no-replace-objects -C r diff-tree -r -z "
			 "--no-renames --no-abbrev --ignore-submodules=none "
			 "n%u n%u | sha256sum | cut -c1-64",
			 x, y);
		ck_assert(span_is(span_of(want.data, want.len - 1), hex));
		ck_assert_int_eq(changes == 0, oid_equal(&a, &b));
		/* the inverse is what the other way around is */
		ck_assert_int_eq(tree_diff_digests(cache, NULL, &b, &a, &both,
						   &fault, &e),
				 0);
		ck_assert_uint_eq(both.changes, changes);
		if (changes)
			ck_assert_mem_eq(both.back, digest, sizeof(digest));
		buf_release(&want);
	}
	tree_cache_free(cache);
	repository_free(repo);
}
END_TEST

/* A repository, a cache and a differ over it. */
struct fixture {
	struct repository *repo;
	struct tree_cache *cache;
	struct tree_diff d;
	struct object_limits limits;
	struct object_fault fault;
	struct buf out;
};

static void fixture_open(struct fixture *f)
{
	struct err e = {0};

	memset(f, 0, sizeof(*f));
	buf_init(&f->out, HELP_MAX);
	f->repo = help_open("r");
	ck_assert_int_eq(tree_cache_new(&f->cache, f->repo, CACHE, &e), 0);
	f->d = (struct tree_diff){.cache = f->cache,
				  .limits = &f->limits,
				  .fn = add_name,
				  .ctx = &f->out,
				  .fault = &f->fault};
}

static void fixture_close(struct fixture *f)
{
	tree_cache_free(f->cache);
	repository_free(f->repo);
	buf_release(&f->out);
}

static bool enter_not_b(void *ctx, struct span dir)
{
	(void)ctx;
	return !span_is(dir, "b") && !span_is(dir, "c/d");
}

static struct oid tree_of(const char *paths)
{
	help_run(NULL,
		 "rm -rf w && git init -q -b main --object-format=%s w && "
		 "cd w && for p in %s; do mkdir -p $(dirname $p); echo $p >$p;"
		 "done; git add . && git --git-dir=../r --work-tree=. add . &&"
		 "git --git-dir=../r write-tree >../t && rm ../r/index",
		 oid_algo_name(help_algo), paths);
	return help_id("cat t");
}

START_TEST(test_directories_may_be_left_out)
{
	struct fixture f;
	struct oid tree;
	struct err e = {0};

	help_init(_i);
	tree = tree_of("a b/x b/y/z c/d/e c/f");
	fixture_open(&f);
	f.d.enter = enter_not_b;
	ck_assert_int_eq(tree_diff(&f.d, NULL, 0, &tree, &e), 0);
	ck_assert_str_eq(f.out.data, "a\nc/f\n");
	fixture_close(&f);
}
END_TEST

static int list_name(void *ctx, const struct tree_entry *entry)
{
	return buf_addf(ctx, "%06o %.*s\n", entry->mode, (int)entry->name.n,
			entry->name.p);
}

START_TEST(test_paths_are_looked_up_and_listed)
{
	struct fixture f;
	struct oid tree, id;
	unsigned mode;
	struct err err = {0};

	help_init(_i);
	tree = tree_of("a b/x b/y/z");
	fixture_open(&f);
	ck_assert_int_eq(tree_lookup(f.cache, &tree, span_str("b/y/z"), &mode,
				     &id, &err),
			 0);
	ck_assert_uint_eq(mode, MODE_BLOB);
	ck_assert_int_eq(
		tree_lookup(f.cache, &tree, span_str("b/y"), &mode, &id, &err),
		0);
	ck_assert_uint_eq(mode, MODE_TREE);
	help_fails(
		tree_lookup(f.cache, &tree, span_str("b/q"), &mode, &id, fault),
		ERR_NOT_FOUND, "no such path");
	help_fails(
		tree_lookup(f.cache, &tree, span_str("a/b"), &mode, &id, fault),
		ERR_NOT_FOUND, "no such path");
	ck_assert_int_eq(tree_list(f.cache, &tree, span_str("b"), list_name,
				   &f.out, &err),
			 0);
	ck_assert_str_eq(f.out.data, "100644 x\n040000 y\n");
	help_fails(tree_list(f.cache, &tree, span_str("a"), list_name, &f.out,
			     fault),
		   ERR_NOT_FOUND, "no such path");
	fixture_close(&f);
}
END_TEST

START_TEST(test_depth_is_limited)
{
	struct fixture f;
	struct oid tree;
	struct err err = {0};

	help_init(_i);
	help_run(NULL, "{ echo 'commit refs/heads/main'; "
		       "echo 'committer C <c@x> 1 +0000'; echo 'data 0'; "
		       "printf 'M 100644 inline '; "
		       "for i in $(seq 100); do printf 'd/d/d/d/d/d/d/d/d/d/'; "
		       "done; echo f; echo 'data 0'; } | "
		       "git -C r fast-import --quiet");
	tree = help_id("git -C r rev-parse main^{tree}");
	fixture_open(&f);
	ck_assert_msg(!tree_diff(&f.d, NULL, 0, &tree, &err), "%s", err.msg);
	ck_assert_uint_eq(f.out.len, 2002);
	f.limits.depth = 1000;
	help_fails(tree_diff(&f.d, NULL, 0, &tree, fault), ERR_LIMIT, "depth");
	ck_assert_int_eq(f.fault.code, FAULT_TOO_BIG);
	fixture_close(&f);
}
END_TEST

/** Ten entries that are all the same tree, `levels` deep. */
static struct oid make_bomb(const char *leaf, unsigned levels)
{
	help_run(NULL,
		 "cd r && t=$(printf '%s' | git mktree --missing) && "
		 "for l in $(seq %u); do t=$(for n in 0 1 2 3 4 5 6 7 8 9; do "
		 "printf '040000 tree %%s\\tn%%s\\n' $t $n; done | "
		 "git mktree); done && echo $t >../t",
		 leaf, levels);
	return help_id("cat t");
}

START_TEST(test_trees_that_multiply_are_cut_off)
{
	struct fixture f;
	struct oid blob, tree;
	char leaf[128];

	help_init(_i);
	blob = help_id("git -C r hash-object -w -t blob /dev/null");
	snprintf(leaf, sizeof(leaf), "100644 blob %s\\tf\\n", help_hex(&blob));
	fixture_open(&f);
	f.limits.paths = 5000;
	tree = make_bomb(leaf, 10);
	help_fails(tree_diff(&f.d, NULL, 0, &tree, fault), ERR_LIMIT, "5000");
	tree = make_bomb("", 10); /* not one file in it */
	help_fails(tree_diff(&f.d, NULL, 0, &tree, fault), ERR_LIMIT,
		   "directories");
	fixture_close(&f);
}
END_TEST

static void add_entry(struct buf *out, const char *mode, const char *name,
		      const struct oid *id)
{
	buf_adds(out, mode);
	buf_addch(out, ' ');
	buf_add(out, name, strlen(name) + 1);
	buf_add(out, id->id, oid_raw_size(help_algo));
}

static struct oid write_tree(const struct buf *raw)
{
	FILE *f = fopen("raw", "w");

	ck_assert_uint_eq(fwrite(raw->data, 1, raw->len, f), raw->len);
	ck_assert_int_eq(fclose(f), 0);
	return help_id("git -C r hash-object --literally -t tree -w ../raw");
}

struct bad_tree {
	const char *entries[4][2]; /* mode, name */
	const char *word;	   /* of the reason */
};

static const struct bad_tree bad_trees[] = {
	{{{"100644", "a"}, {"100644", "b"}, {"100644", "b"}}, "one name"},
	{{{"100644", "a"}, {"100644", "c"}, {"100644", "b"}}, "order"},
	{{{"100644", "a"}, {"100644", "a-b"}, {"40000", "a"}}, "one name"},
	{{{"100644", "a"}, {"100644", ".."}}, "named . or .."},
	{{{"100644", "a"}, {"100644", "b/c"}}, "slash"},
	{{{"100644", "a"}, {"100664x", "b"}}, "mode"},
	{{{"100644", "a"}, {"40000", ".git"}}, ".git"},
};

START_TEST(test_a_malformed_new_tree_is_refused_with_the_reason)
{
	const struct bad_tree *bad = &bad_trees[_i / 2];
	struct buf raw = BUF_INIT(4096);
	struct oid blob, good, tree;
	struct fixture f;
	size_t i;

	help_init(_i % 2);
	blob = help_id("git -C r hash-object -w -t blob /dev/null");
	add_entry(&raw, "100644", "a", &blob);
	good = write_tree(&raw);
	buf_clear(&raw);
	for (i = 0; bad->entries[i][0]; i++)
		add_entry(&raw, bad->entries[i][0], bad->entries[i][1], &blob);
	tree = write_tree(&raw);
	fixture_open(&f);
	help_fails(tree_diff(&f.d, &good, 1, &tree, fault), ERR_MALFORMED,
		   bad->word);
	ck_assert_int_eq(f.fault.code, FAULT_MALFORMED);
	help_fails(tree_diff(&f.d, NULL, 0, &tree, fault), ERR_MALFORMED,
		   bad->word);
	buf_truncate(&raw, raw.len - 1);
	tree = write_tree(&raw);
	help_fails(tree_diff(&f.d, &good, 1, &tree, fault), ERR_MALFORMED,
		   "truncated");
	buf_release(&raw);
	fixture_close(&f);
}
END_TEST

START_TEST(test_old_modes_are_what_git_takes_them_for)
{
	struct buf raw = BUF_INIT(4096);
	struct oid blob, old, new;
	struct fixture f;
	struct err e = {0};

	help_init(_i);
	blob = help_id("git -C r hash-object -w -t blob /dev/null");
	add_entry(&raw, "100664", "a", &blob);
	add_entry(&raw, "100644", "b", &blob);
	old = write_tree(&raw);
	buf_clear(&raw);
	add_entry(&raw, "100644", "a", &blob);
	add_entry(&raw, "100755", "b", &blob);
	new = write_tree(&raw);
	fixture_open(&f);
	ck_assert_int_eq(tree_diff(&f.d, &old, 1, &new, &e), 0);
	ck_assert_str_eq(f.out.data, "b\n");
	buf_release(&raw);
	fixture_close(&f);
}
END_TEST

START_TEST(test_what_is_no_tree_is_refused)
{
	struct oid blob, tree = {0};
	struct fixture f;

	help_init(_i);
	blob = help_id("git -C r hash-object -w -t blob /dev/null");
	fixture_open(&f);
	help_fails(tree_diff(&f.d, NULL, 0, &blob, fault), ERR_MALFORMED,
		   "blob, not a tree");
	tree.algo = (unsigned char)help_algo;
	tree.id[0] = 9;
	help_fails(tree_diff(&f.d, NULL, 0, &tree, fault), ERR_NOT_FOUND,
		   "missing");
	fixture_close(&f);
}
END_TEST

static void add_tests(TCase *t)
{
	const int bad = 2 * (int)(sizeof(bad_trees) / sizeof(*bad_trees));

	tcase_add_loop_test(
		t, test_commits_differ_from_their_parents_as_git_says, 0, 6);
	tcase_add_loop_test(
		t, test_the_digest_is_that_of_the_documented_command, 0, 2);
	tcase_add_loop_test(t, test_directories_may_be_left_out, 0, 2);
	tcase_add_loop_test(t, test_paths_are_looked_up_and_listed, 0, 2);
	tcase_add_loop_test(t, test_depth_is_limited, 0, 2);
	tcase_add_loop_test(t, test_trees_that_multiply_are_cut_off, 0, 2);
	tcase_add_loop_test(
		t, test_a_malformed_new_tree_is_refused_with_the_reason, 0,
		bad);
	tcase_add_loop_test(t, test_old_modes_are_what_git_takes_them_for, 0,
			    2);
	tcase_add_loop_test(t, test_what_is_no_tree_is_refused, 0, 2);
}

int main(void)
{
	Suite *s = suite_create("git_tree");
	TCase *t = tcase_create("tree_diff");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, help_setup, help_teardown);
	add_tests(t);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
