/* SPDX-License-Identifier: Apache-2.0 */
/* Opening repositories, and reading objects, against the git command. */
#include "git_help.h"


static int open_it(const char *gitdir, const char *quarantine, struct err *e)
{
	struct repository_spec spec = {.gitdir = gitdir,
				       .flags = REPOSITORY_QUARANTINE,
				       .quarantine = quarantine};
	struct repository *repo;
	int ret = repository_open(&repo, &spec, e);

	repository_free(repo);
	return ret;
}

START_TEST(test_a_directory_that_is_no_repository_is_refused)
{
	help_run(NULL, "mkdir plain");
	help_fails(open_it("plain", NULL, fault), ERR_CONFIG,
		   "not a git directory");
	help_run(NULL, "mkdir plain/objects");
	help_fails(open_it("plain", NULL, fault), ERR_CONFIG,
		   "not a git directory");
	help_fails(open_it("absent", NULL, fault), ERR_NOT_FOUND, "absent");
}
END_TEST

START_TEST(test_an_unknown_format_is_refused_by_name)
{
	help_init(0);
	help_run(NULL, "git -C r config extensions.fancyThing yes");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG, "fancything");
	help_run(NULL, "git -C r config --unset extensions.fancyThing &&"
		       "git -C r config core.repositoryFormatVersion 2");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG, "format version");
	help_write("r/config", "[extensions]\nobjectformat = sha256\n");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG,
		   "repositoryformatversion 1");
	help_write("r/config", "[core]\nrepositoryformatversion = 1\n"
			       "[extensions]\nobjectformat = md5\n");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG, "objectformat");
	help_write("r/config", "[core\nx = y\n");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG, "config:1");
	help_write("r/config", "[core]\nx = \"y\n");
	help_fails(open_it("r", NULL, fault), ERR_CONFIG, "quote");
}
END_TEST

START_TEST(test_the_config_is_read_as_git_reads_it)
{
	help_algo = OID_SHA256;
	help_run(NULL, "git init -q --bare --object-format=sha256 r");
	help_write("r/config",
		   "; comment\n# another\n[Core]\r\n"
		   "\tbare\n\trepositoryFormatVersion = \"1\" ; one\n"
		   "[remote \"x]\\\"\"] url = a\\\n b # c\n"
		   "[EXTENSIONS] objectFormat=sha2\\\n56\n"
		   "\tpreciousObjects = true\n[a.b]\n");
	repository_free(help_open("r"));
	help_run(NULL, "git -C r config --list >list &&"
		       "grep -qx extensions.objectformat=sha256 list");
}
END_TEST

START_TEST(test_a_foreign_owner_is_refused)
{
	if (geteuid() != 0)
		return;
	help_init(0);
	ck_assert_int_eq(chown("r", 12345, 12345), 0);
	help_fails(open_it("r", NULL, fault), ERR_DENIED, "12345");
}
END_TEST

static void check_object(struct repository *repo, const char *line)
{
	struct buf want = BUF_INIT(HELP_MAX);
	char hex[OID_HEX_SIZE], type[16];
	unsigned long size;
	enum object_type t;
	struct object o;
	struct oid id;
	uint64_t n;
	struct err e = {0};

	ck_assert_int_eq(sscanf(line, "%64s %15s %lu", hex, type, &size), 3);
	ck_assert(oid_from_hex(&id, help_algo, span_str(hex)));
	ck_assert_msg(!object_stat(repo, &id, &t, &n, &e), "%s", e.msg);
	ck_assert_str_eq(object_type_name(t), type);
	ck_assert_uint_eq(n, size);
	ck_assert_msg(!object_read(repo, &id, size, &o, &e), "%s", e.msg);
	ck_assert_str_eq(object_type_name(o.type), type);
	ck_assert_uint_eq(o.size, size);
	help_run(&want, "git -C r cat-file %s %s", type, hex);
	ck_assert_uint_eq(want.len, o.size);
	ck_assert_int_eq(memcmp(want.data, o.data, o.size), 0);
	object_release(&o);
	if (size) {
		ck_assert_int_eq(object_read(repo, &id, size - 1, &o, &e),
				 ERR_LIMIT);
		ck_assert_uint_eq(o.size, size);
		ck_assert_int_eq(o.type, t);
		object_release(&o);
	}
	buf_release(&want);
}

static void check_all_objects(void)
{
	struct buf list = BUF_INIT(HELP_MAX);
	struct repository *repo = help_open("r");
	struct cursor at;
	struct span line;
	unsigned n = 0;

	help_run(&list, "git -C r cat-file --batch-check --batch-all-objects");
	at = cursor_of(list.data, list.len);
	while (cursor_line(&at, &line)) {
		char *copy = span_dup(line);

		check_object(repo, copy);
		free(copy);
		n++;
	}
	ck_assert_uint_gt(n, 20);
	repository_free(repo);
	buf_release(&list);
}

/** Some commits whose objects make deltas, an empty blob, a tag. */
static void make_history(int loop)
{
	help_init(loop);
	help_run(NULL,
		 "git init -q -b main --object-format=%s w && cd w &&"
		 ": >empty && seq 5000 >f && git add . &&"
		 "for i in 1 2 3 4 5 6 7 8; do "
		 "echo $i >>f; seq $i 3000 >g; mkdir -p d/$i;"
		 "echo $i >d/$i/x; git add .; git commit -qm $i;"
		 "done && git tag -m tagged t && git push -q ../r main t",
		 oid_algo_name(help_algo));
}

START_TEST(test_loose_objects_equal_gits)
{
	make_history(_i);
	help_run(NULL, "mv r/objects/pack p && mkdir r/objects/pack &&"
		       "for f in p/*.pack; do [ ! -e $f ] ||"
		       "git -C r unpack-objects -q <$f; done");
	check_all_objects();
}
END_TEST

START_TEST(test_packed_objects_equal_gits)
{
	static const char *const options[] = {
		"-c repack.useDeltaBaseOffset=true",
		"-c repack.useDeltaBaseOffset=false", /* deltas by id */
		"-c pack.packSizeLimit=100k",
		"-c pack.indexVersion=1",
	};

	make_history(_i % 2);
	help_run(NULL, "git -C r %s repack -adfq --depth=50 --window=50",
		 options[_i / 2]);
	help_run(NULL, "test -e r/objects/pack/*.idx ||"
		       "ls r/objects/pack | grep -q idx");
	if (_i / 2 == 3) {
		help_run(NULL,
			 "cd r/objects/pack && rm *.idx && "
			 "git index-pack --object-format=%s "
			 "--index-version=1 *.pack",
			 oid_algo_name(help_algo));
#ifndef HAVE_GIT2_EXPERIMENTAL
		if (_i % 2)
			return;
#endif
	}
	check_all_objects();
}
END_TEST

static void read_everything(struct repository *repo, const struct buf *ids)
{
	struct cursor at = cursor_of(ids->data, ids->len);
	enum object_type type;
	struct object o;
	struct span line;
	struct oid id;
	uint64_t size;

	while (cursor_line(&at, &line)) {
		ck_assert(oid_from_hex(&id, help_algo, line));
		if (!object_read(repo, &id, 1 << 20, &o, NULL))
			object_release(&o);
		object_stat(repo, &id, &type, &size, NULL);
	}
}

/* Under the sanitizers this shows that no byte of a pack is trusted. */
START_TEST(test_damaged_packs_are_survived)
{
	enum { ROUNDS = 150 };
	struct buf ids = BUF_INIT(HELP_MAX), file = BUF_INIT(HELP_MAX), bad;
	struct repository *repo;
	unsigned seed = (unsigned)_i + 1, i, k;
	FILE *f;

	make_history(_i % 2);
	help_run(NULL, "git -C r repack -adfq --depth=50 && "
		       "chmod u+w r/objects/pack/* && cd r/objects/pack && "
		       "mv *.pack p.pack && mv *.idx p.idx");
	help_run(&ids, "git -C r cat-file --batch-all-objects "
		       "--batch-check='%%(objectname)'");
	help_run(&file, "cat r/objects/pack/p.%s", _i / 2 ? "idx" : "pack");
	for (i = 0; i < ROUNDS; i++) {
		buf_init(&bad, HELP_MAX);
		ck_assert_int_eq(buf_add(&bad, file.data, file.len), 0);
		for (k = 0; k < 4; k++) {
			seed = seed * 1103515245U + 12345U;
			bad.data[(seed >> 4) % bad.len] ^= (char)(seed >> 9);
		}
		f = fopen(_i / 2 ? "r/objects/pack/p.idx"
				 : "r/objects/pack/p.pack",
			  "w");
		ck_assert_uint_eq(fwrite(bad.data, 1, bad.len, f), bad.len);
		ck_assert_int_eq(fclose(f), 0);
		repo = help_open("r");
		read_everything(repo, &ids);
		repository_free(repo);
		buf_release(&bad);
	}
	buf_release(&ids);
	buf_release(&file);
}
END_TEST

START_TEST(test_a_small_pack_cannot_take_much_memory)
{
	struct repository *repo;
	struct object o;
	struct oid big;

	help_init(_i);
	big = help_id("head -c 300000000 /dev/zero | "
		      "git -C r -c core.bigFileThreshold=1 hash-object -w "
		      "--stdin");
	help_run(NULL,
		 "git -C r repack -adq && echo %s | git -C r "
		 "pack-objects -q objects/pack/pack && "
		 "git -C r prune-packed",
		 help_hex(&big));
	repo = help_open("r");
	help_fails(object_read(repo, &big, 1 << 20, &o, fault), ERR_LIMIT,
		   "300000000 bytes");
	ck_assert_uint_eq(o.size, 300000000);
	ck_assert_int_eq(o.type, OBJECT_BLOB);
	repository_free(repo);
}
END_TEST

START_TEST(test_a_missing_object_is_missing)
{
	struct repository *repo;
	struct object o;
	struct oid id = {0};
	uint64_t size;
	enum object_type t;

	make_history(_i);
	repo = help_open("r");
	id.algo = (unsigned char)help_algo;
	id.id[3] = 1;
	help_fails(object_read(repo, &id, 10, &o, fault), ERR_NOT_FOUND,
		   help_hex(&id));
	help_fails(object_stat(repo, &id, &t, &size, fault), ERR_NOT_FOUND,
		   "missing");
	id.algo = OID_NONE;
	help_fails(object_read(repo, &id, 10, &o, fault), ERR_NOT_FOUND,
		   "another hash");
	repository_free(repo);
}
END_TEST

START_TEST(test_the_empty_tree_is_always_there)
{
	struct repository *repo;
	struct object o;
	struct oid id;
	struct err e = {0};

	help_init(_i);
	id = help_id("git -C r hash-object -t tree /dev/null");
	repo = help_open("r");
	ck_assert_int_eq(object_read(repo, &id, 10, &o, &e), 0);
	ck_assert_int_eq(o.type, OBJECT_TREE);
	ck_assert_uint_eq(o.size, 0);
	object_release(&o);
	repository_free(repo);
}
END_TEST

/** Cut the loose object's file to its first `n` bytes. */
static void damage(const struct oid *id, const char *how)
{
	help_run(NULL,
		 "f=r/objects/$(echo %s | cut -c1-2)/$(echo %s | cut -c3-) &&"
		 "chmod u+w $f && cp $f keep && %s",
		 help_hex(id), help_hex(id), how);
}

START_TEST(test_a_broken_loose_object_is_an_error_not_a_loop)
{
	static const char *const how[] = {
		"head -c 40 keep >$f",
		"head -c 1 keep >$f",
		": >$f",
		"echo more >>$f",
		"echo garbage >$f",
		"head -c -1 keep >$f",
	};
	struct repository *repo;
	struct object o;
	struct oid id;

	help_init(0);
	id = help_id("seq 1000 | git -C r hash-object -w --stdin");
	damage(&id, how[_i]);
	repo = help_open("r");
	help_fails(object_read(repo, &id, 1 << 20, &o, fault), ERR_MALFORMED,
		   "broken");
	repository_free(repo);
}
END_TEST

START_TEST(test_objects_that_are_packed_meanwhile_are_found)
{
	struct repository *repo;
	struct object o;
	struct oid one, two;
	struct err e = {0};

	help_init(_i);
	one = help_id("seq 10 | git -C r hash-object -w --stdin");
	two = help_id("seq 20 | git -C r hash-object -w --stdin");
	repo = help_open("r");
	ck_assert_int_eq(object_read(repo, &one, 1000, &o, &e), 0);
	object_release(&o);
	help_run(NULL, "cd r && find objects -type f | sed 's,.*/\\(..\\)/,"
		       "\\1,' | git pack-objects -q objects/pack/pack &&"
		       "git prune-packed");
	ck_assert_msg(!object_read(repo, &two, 1000, &o, &e), "%s", e.msg);
	object_release(&o);
	repository_free(repo);
}
END_TEST

/* What receive-pack does: new objects wait in a directory of their own. */
START_TEST(test_the_quarantine_tells_new_objects)
{
	struct repository_spec spec = {.gitdir = "a:\"b\"",
				       .flags = REPOSITORY_QUARANTINE,
				       .quarantine =
					       "a:\"b\"/objects/tmp_objdir-x"};
	struct repository *repo;
	struct oid old, new, both;
	struct object o;
	struct err e = {0};

	help_init(_i);
	old = help_id("echo old | git -C r hash-object -w --stdin");
	both = help_id("echo both | git -C r hash-object -w --stdin");
	help_run(NULL, "git init -q --bare --object-format=%s q",
		 oid_algo_name(help_algo));
	new = help_id("echo new | git -C q hash-object -w --stdin");
	help_run(NULL, "echo both | git -C q hash-object -w --stdin");
	help_run(NULL, "mv q/objects r/objects/tmp_objdir-x &&"
		       "mv r 'a:\"b\"'");
	ck_assert_msg(!repository_open(&repo, &spec, &e), "%s", e.msg);
	ck_assert(object_is_new(repo, &new));
	ck_assert(!object_is_new(repo, &old));
	ck_assert(!object_is_new(repo, &both));
	ck_assert_int_eq(object_read(repo, &new, 10, &o, &e), 0);
	object_release(&o);
	ck_assert_int_eq(object_read(repo, &old, 10, &o, &e), 0);
	object_release(&o);
	repository_free(repo);
	spec.quarantine = NULL;
	ck_assert_int_eq(repository_open(&repo, &spec, &e), 0);
	ck_assert(!object_is_new(repo, &new));
	repository_free(repo);
}
END_TEST

START_TEST(test_a_quarantine_elsewhere_is_refused)
{
	help_init(0);
	help_run(NULL, "mkdir elsewhere r/objectsx");
	help_fails(open_it("r", "elsewhere", fault), ERR_DENIED, "not inside");
	help_fails(open_it("r", "r/objects/../objectsx", fault), ERR_DENIED,
		   "not inside");
	help_fails(open_it("r", "r/objects", fault), ERR_DENIED, "not inside");
	help_fails(open_it("r", "r/objects/gone", fault), ERR_NOT_FOUND,
		   "quarantine");
}
END_TEST

START_TEST(test_alternates_are_followed_however_they_are_written)
{
	struct repository_spec spec = {.gitdir = "r"};
	struct repository *repo;
	struct object o;
	struct oid id[3];
	struct err e = {0};
	char **paths;
	size_t i;

	help_init(_i);
	help_run(NULL,
		 "for n in a 'b:c' 'd\"e'; do git init -q --bare "
		 "--object-format=%s \"$n\"; done",
		 oid_algo_name(help_algo));
	id[0] = help_id("echo 0 | git -C a hash-object -w --stdin");
	id[1] = help_id("echo 1 | git -C b:c hash-object -w --stdin");
	id[2] = help_id("echo 2 | git -C 'd\"e' hash-object -w --stdin");
	help_write("r/objects/info/alternates",
		   "# comment\n../../a/objects\n/nowhere\n"
		   "\"../../d\\\"e/objects\"\n");
	help_write("a/objects/info/alternates",
		   "../../b:c/objects\n../../r/objects\n");
	repo = help_open("r");
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(object_read(repo, &id[i], 10, &o, &e), 0);
		ck_assert_int_eq(o.data[0], (char)('0' + i));
		object_release(&o);
	}
	repository_free(repo);
	ck_assert_int_eq(repository_paths(&spec, &paths, &e), 0);
	for (i = 0; paths[i]; i++)
		ck_assert_int_eq(paths[i][0], '/');
	ck_assert_uint_eq(i, 6);
	repository_paths_free(paths);
}
END_TEST

START_TEST(test_replacements_grafts_and_shallow_have_no_influence)
{
	struct repository *repo;
	struct object o;
	struct oid id, other;
	struct err e = {0};
	struct buf want = BUF_INIT(HELP_MAX);

	make_history(_i);
	id = help_id("git -C r rev-parse main");
	other = help_id("git -C r rev-parse main~3");
	help_run(&want, "git -C r cat-file commit %s", help_hex(&id));
	help_run(NULL, "git -C r replace %s %s 2>&1", help_hex(&id),
		 help_hex(&other));
	help_run(NULL,
		 "mkdir -p r/info && echo %s >r/info/grafts &&"
		 "echo %s >r/shallow",
		 help_hex(&id), help_hex(&id));
	repo = help_open("r");
	ck_assert_int_eq(object_read(repo, &id, 1 << 20, &o, &e), 0);
	ck_assert_uint_eq(o.size, want.len);
	ck_assert_int_eq(memcmp(o.data, want.data, o.size), 0);
	object_release(&o);
	repository_free(repo);
	buf_release(&want);
}
END_TEST

START_TEST(test_what_people_type_is_resolved)
{
	struct repository *repo;
	struct oid id, want;
	struct err e = {0};

	make_history(0);
	repo = help_open("r");
	want = help_id("git -C r rev-parse main~2");
	ck_assert_msg(!repository_resolve(repo, "main~2", &id, &e), "%s",
		      e.msg);
	ck_assert(oid_equal(&id, &want));
	help_fails(repository_resolve(repo, "nothing", &id, fault),
		   ERR_NOT_FOUND, "nothing");
	repository_free(repo);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("git_repo");
	TCase *t = tcase_create("repository");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, help_setup, help_teardown);
	tcase_add_test(t, test_a_directory_that_is_no_repository_is_refused);
	tcase_add_test(t, test_an_unknown_format_is_refused_by_name);
	tcase_add_test(t, test_the_config_is_read_as_git_reads_it);
	tcase_add_test(t, test_a_foreign_owner_is_refused);
	tcase_add_loop_test(t, test_loose_objects_equal_gits, 0, 2);
	tcase_add_loop_test(t, test_packed_objects_equal_gits, 0, 8);
	tcase_add_loop_test(t, test_damaged_packs_are_survived, 0, 4);
	tcase_add_loop_test(t, test_a_small_pack_cannot_take_much_memory, 0, 2);
	tcase_add_loop_test(t, test_a_missing_object_is_missing, 0, 2);
	tcase_add_loop_test(t, test_the_empty_tree_is_always_there, 0, 2);
	tcase_add_loop_test(
		t, test_a_broken_loose_object_is_an_error_not_a_loop, 0, 6);
	tcase_add_loop_test(t, test_objects_that_are_packed_meanwhile_are_found,
			    0, 2);
	tcase_add_loop_test(t, test_the_quarantine_tells_new_objects, 0, 2);
	tcase_add_test(t, test_a_quarantine_elsewhere_is_refused);
	tcase_add_loop_test(
		t, test_alternates_are_followed_however_they_are_written, 0, 2);
	tcase_add_loop_test(
		t, test_replacements_grafts_and_shallow_have_no_influence, 0,
		2);
	tcase_add_test(t, test_what_people_type_is_resolved);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
