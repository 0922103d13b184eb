/* SPDX-License-Identifier: Apache-2.0 */
/* Reading refs, against the git command. */
#include "git_help.h"

#include "base/time.h"
#include "git/refs.h"

static struct buf real;

static struct repository *open_with_commits(int loop, struct oid id[3])
{
	const char *empty;
	struct oid tree;
	int i;

	help_init(loop);
	buf_init(&real, REFS_MAX_NAME);
	tree = help_id("git -C r mktree </dev/null");
	empty = help_hex(&tree);
	for (i = 0; i < 3; i++)
		id[i] = help_id("git -C r commit-tree -m %d %s", i, empty);
	return help_open("r");
}

static void resolves(struct repository *repo, const char *name, const char *to,
		     const struct oid *want)
{
	struct oid id;
	struct err e = {0};

	ck_assert_msg(!refs_resolve(repo, name, &real, &id, &e), "%s: %s", name,
		      e.msg);
	ck_assert_str_eq(real.data, to);
	if (want)
		ck_assert_msg(oid_equal(&id, want), "%s", name);
	else
		ck_assert_msg(oid_is_null(&id), "%s", name);
}

START_TEST(test_loose_packed_and_symbolic_refs_resolve)
{
	struct oid id[3];
	struct repository *repo = open_with_commits(_i, id);

	help_run(NULL,
		 "cd r && git update-ref refs/heads/main %s &&"
		 "git update-ref refs/heads/a %s && git tag -am t v1 %s &&"
		 "git pack-refs --all && git update-ref refs/heads/a %s &&"
		 "git symbolic-ref refs/heads/sym refs/heads/a &&"
		 "git symbolic-ref refs/heads/far refs/heads/sym &&"
		 "git symbolic-ref refs/heads/dangling refs/heads/none &&"
		 "ln -s refs/heads/main refs/heads/link &&"
		 "mkdir refs/heads/dir",
		 help_hex(&id[0]), help_hex(&id[1]), help_hex(&id[0]),
		 help_hex(&id[2]));
	resolves(repo, "refs/heads/main", "refs/heads/main", &id[0]);
	resolves(repo, "refs/heads/a", "refs/heads/a", &id[2]);
	resolves(repo, "refs/heads/sym", "refs/heads/a", &id[2]);
	resolves(repo, "refs/heads/far", "refs/heads/a", &id[2]);
	resolves(repo, "refs/heads/link", "refs/heads/main", &id[0]);
	resolves(repo, "HEAD", "refs/heads/main", &id[0]);
	resolves(repo, "refs/heads/dangling", "refs/heads/none", NULL);
	resolves(repo, "refs/heads/dir", "refs/heads/dir", NULL);
	resolves(repo, "refs/heads/main/below", "refs/heads/main/below", NULL);
	resolves(repo, "refs/heads/mai", "refs/heads/mai", NULL);
	resolves(repo, "refs/heads/main0", "refs/heads/main0", NULL);
	/* packed after the last look */
	help_run(NULL,
		 "cd r && git update-ref refs/heads/main %s &&"
		 "git pack-refs --all",
		 help_hex(&id[1]));
	resolves(repo, "refs/heads/main", "refs/heads/main", &id[1]);
	repository_free(repo);
	buf_release(&real);
}
END_TEST

START_TEST(test_broken_refs_are_errors)
{
	struct oid id[3], out;
	struct repository *repo = open_with_commits(0, id);

	help_write("r/refs/heads/empty", "");
	help_write("r/refs/heads/short", "0123\n");
	help_write("r/refs/heads/null",
		   "0000000000000000000000000000000000000000\n");
	help_write("r/refs/heads/one", "ref: refs/heads/two\n");
	help_write("r/refs/heads/two", "ref: refs/heads/one\n");
	help_write("r/refs/heads/out", "ref: ../../etc/passwd\n");
	help_write("r/refs/heads/head", "ref: HEAD\n");
	help_run(NULL, "head -c 9000 /dev/zero | tr '\\0' a >r/refs/heads/big;"
		       "ln -s /etc/passwd r/refs/heads/passwd;"
		       "mkfifo r/refs/heads/fifo");
#define BROKEN(name, word)                                                     \
	help_fails(refs_resolve(repo, name, &real, &out, fault),               \
		   ERR_MALFORMED, word)
	BROKEN("refs/heads/empty", "no valid id");
	BROKEN("refs/heads/short", "no valid id");
	BROKEN("refs/heads/null", "no valid id");
	BROKEN("refs/heads/one", "loop");
	BROKEN("refs/heads/out", "full name");
	BROKEN("refs/heads/head", "full name");
	BROKEN("refs/heads/big", "too long");
	BROKEN("refs/heads/passwd", "out of refs/");
	BROKEN("refs/heads/fifo", "not a regular file");
	BROKEN("main", "full name");
	BROKEN("refs/heads/../../config", "full name");
	repository_free(repo);
	buf_release(&real);
}
END_TEST

static int add_line(void *ctx, const char *name, const struct oid *id)
{
	ck_assert_int_eq(buf_addf(ctx, "%s %s\n", help_hex(id), name), 0);
	return 0;
}

static void lists_as_git(struct repository *repo, const char *prefix)
{
	struct buf got = BUF_INIT(HELP_MAX), want = BUF_INIT(HELP_MAX);
	struct err e = {0};

	/* for-each-ref follows symbolic refs, which are left out here. */
	help_run(&want,
		 "git -C r for-each-ref --format="
		 "'%%(if)%%(symref)%%(then)%%(else)%%(objectname) %%(refname)"
		 "%%(end)' %s | grep . || :",
		 prefix);
	ck_assert_msg(!refs_each(repo, prefix, add_line, &got, &e), "%s",
		      e.msg);
	ck_assert_str_eq(got.data, want.data);
	buf_release(&got);
	buf_release(&want);
}

START_TEST(test_listing_a_prefix_equals_gits)
{
	static const char *const prefixes[] = {
		"refs/",	  "refs/heads/",  "refs/heads/a/",
		"refs/heads/a-b", "refs/tags/",	  "refs/heads/a0",
		"refs/heads/m",	  "refs/nothing/"};
	struct oid id[3];
	struct repository *repo = open_with_commits(_i % 2, id);
	size_t i;

	help_run(NULL,
		 "cd r && for n in m a-b a.b a/b a/c a/d/e a0 z; do "
		 "echo create refs/heads/$n %s; done |"
		 "git update-ref --stdin && git tag -am x x %s &&"
		 "git tag y %s && git pack-refs --all &&"
		 "git update-ref refs/heads/a/b %s &&"
		 "git update-ref -d refs/heads/a/d/e &&"
		 "git update-ref refs/heads/a/new %s &&"
		 "git update-ref refs/heads/b %s &&"
		 "git symbolic-ref refs/heads/s refs/heads/m &&"
		 "touch refs/heads/x.lock refs/heads/.hidden",
		 help_hex(&id[0]), help_hex(&id[0]), help_hex(&id[1]),
		 help_hex(&id[2]), help_hex(&id[1]), help_hex(&id[2]));
	if (_i >= 2) /* as another program may have left it */
		help_run(NULL, "cd r && { echo '# pack-refs with: peeled'; "
			       "grep -v '^[#^]' packed-refs | sort -r; } >p &&"
			       "mv p packed-refs");
	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		lists_as_git(repo, prefixes[i]);
	resolves(repo, "refs/heads/a.b", "refs/heads/a.b", &id[0]);
	repository_free(repo);
	buf_release(&real);
}
END_TEST

static int stop_at_once(void *ctx, const char *name, const struct oid *id)
{
	(void)name;
	(void)id;
	++*(int *)ctx;
	return 7;
}

START_TEST(test_a_listing_stops_when_told)
{
	struct oid id[3];
	struct repository *repo = open_with_commits(0, id);
	int calls = 0;

	help_run(NULL, "cd r && git branch a %s && git branch b a",
		 help_hex(&id[0]));
	ck_assert_int_eq(
		refs_each(repo, "refs/heads/", stop_at_once, &calls, NULL), 7);
	ck_assert_int_eq(calls, 1);
	help_fails(refs_each(repo, "heads/", stop_at_once, &calls, fault),
		   ERR_USAGE, "refs/");
	repository_free(repo);
	buf_release(&real);
}
END_TEST

START_TEST(test_a_broken_packed_file_is_an_error)
{
	struct oid id[3], out;
	struct repository *repo = open_with_commits(0, id);
	int calls = 0;

	help_write("r/packed-refs",
		   "# pack-refs with: peeled fully-peeled sorted \n"
		   "0123 refs/heads/a\n");
	help_fails(refs_resolve(repo, "refs/heads/a", &real, &out, fault),
		   ERR_MALFORMED, "no valid id");
	help_fails(refs_each(repo, "refs/heads/", stop_at_once, &calls, fault),
		   ERR_MALFORMED, "no valid id");
	help_write("r/packed-refs",
		   "# pack-refs with: peeled fully-peeled sorted \nhello\n");
	help_fails(refs_each(repo, "refs/", stop_at_once, &calls, fault),
		   ERR_MALFORMED, "no ref");
	ck_assert_int_eq(calls, 0);
	repository_free(repo);
	buf_release(&real);
}
END_TEST

START_TEST(test_reftable_is_named_as_the_reason)
{
	struct oid id;
	struct repository *repo;

	help_init(0);
	buf_init(&real, REFS_MAX_NAME);
	help_write("r/config", "[core]\nrepositoryformatversion = 1\n"
			       "[extensions]\nrefstorage = reftable\n");
	repo = help_open("r");
	help_fails(refs_resolve(repo, "refs/heads/a", &real, &id, fault),
		   ERR_CONFIG, "reftable");
	repository_free(repo);
	buf_release(&real);
}
END_TEST

START_TEST(test_the_number_of_refs_costs_nothing)
{
	enum { REFS = 100000, ROUNDS = 200 };
	struct oid id[3], out;
	struct repository *repo = open_with_commits(0, id);
	struct buf got = BUF_INIT(HELP_MAX);
	int64_t start, lookup, prefix;
	struct err e = {0};
	int i;

	help_run(NULL,
		 "cd r && { echo '# pack-refs with: peeled fully-peeled "
		 "sorted '; seq -f '%s refs/heads/n/%%06.0f' %d; "
		 "echo '%s refs/tags/one'; } >packed-refs",
		 help_hex(&id[0]), REFS, help_hex(&id[1]));
	resolves(repo, "refs/heads/n/073210", "refs/heads/n/073210", &id[0]);
	start = time_mono_us();
	for (i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(refs_resolve(repo, "refs/heads/n/012345",
					      &real, &out, &e),
				 0);
	lookup = (time_mono_us() - start) / ROUNDS;
	start = time_mono_us();
	for (i = 0; i < ROUNDS; i++)
		ck_assert_int_eq(
			refs_each(repo, "refs/tags/", add_line, &got, &e), 0);
	prefix = (time_mono_us() - start) / ROUNDS;
	printf("of %d refs: one looked up in %d us, a prefix in %d us\n", REFS,
	       (int)lookup, (int)prefix);
	/* Reading the whole file takes a hundred times that. */
	ck_assert_int_lt(lookup, 2000);
	ck_assert_int_lt(prefix, 2000);
	repository_free(repo);
	buf_release(&got);
	buf_release(&real);
}
END_TEST

START_TEST(test_the_prefix_of_a_glob)
{
	static const char *const cases[][2] = {
		{"refs/heads/main", "refs/heads/main"},
		{"refs/heads/*", "refs/heads/"},
		{"refs/heads/rel*", "refs/heads/"},
		{"refs/heads/a/b?c", "refs/heads/a/"},
		{"refs/[ab]/x", "refs/"},
		{"refs/a\\*/x", "refs/"},
		{"**", ""},
	};
	size_t i;

	buf_init(&real, REFS_MAX_NAME);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		refs_glob_prefix(cases[i][0], &real);
		ck_assert_str_eq(real.data, cases[i][1]);
	}
	buf_release(&real);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("git_refs");
	TCase *t = tcase_create("refs");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, help_setup, help_teardown);
	tcase_add_loop_test(t, test_loose_packed_and_symbolic_refs_resolve, 0,
			    2);
	tcase_add_test(t, test_broken_refs_are_errors);
	tcase_add_loop_test(t, test_listing_a_prefix_equals_gits, 0, 4);
	tcase_add_test(t, test_a_listing_stops_when_told);
	tcase_add_test(t, test_a_broken_packed_file_is_an_error);
	tcase_add_test(t, test_reftable_is_named_as_the_reason);
	tcase_add_test(t, test_the_number_of_refs_costs_nothing);
	tcase_add_test(t, test_the_prefix_of_a_glob);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
