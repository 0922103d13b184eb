/* SPDX-License-Identifier: Apache-2.0 */

/* Files that others may tamper with, and locks. */
#include "sys_help.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "sys/files.h"
#include "sys/lock.h"

START_TEST(read_stops_at_the_cap)
{
	struct buf b = BUF_INIT(4);
	struct err e;

	put(in_dir("four"), "1234", 0600);
	put(in_dir("five"), "12345", 0600);
	ck_assert_int_eq(file_read(in_dir("four"), &b, &e), 0);
	ck_assert_str_eq(b.data, "1234");
	buf_clear(&b);
	ck_assert_int_eq(file_read(in_dir("five"), &b, &e), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "larger than 4"));
	ck_assert(buf_ok(&b) && b.len == 0);
	ck_assert_int_eq(file_read(in_dir("none"), &b, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "none"));
	ck_assert_int_eq(file_read(test_dir, &b, &e), ERR_DENIED);
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
	ck_assert_int_eq(file_read(in_dir("fifo"), &b, &e), ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(e.msg, "not a regular file"));
	buf_release(&b);
}
END_TEST

static void assert_untrusted(const char *path, unsigned flags, const char *word)
{
	struct buf b = BUF_INIT(100);
	struct err e;

	ck_assert_int_eq(file_read_trusted(path, flags, &b, &e), ERR_DENIED);
	ck_assert_msg(strstr(e.msg, word) != NULL, "%s", e.msg);
	buf_release(&b);
}

START_TEST(trusted_read_refuses_what_others_can_change)
{
	struct buf b = BUF_INIT(100);
	struct err e;

	put(in_dir("f"), "x", 0644);
	ck_assert_int_eq(file_read_trusted(in_dir("f"), 0, &b, &e), 0);
	assert_untrusted(in_dir("f"), FILE_SECRET, "read by others");
	ck_assert_int_eq(chmod(in_dir("f"), 0620), 0);
	assert_untrusted(in_dir("f"), 0, "written by");
	ck_assert_int_eq(chmod(in_dir("f"), 0602), 0);
	assert_untrusted(in_dir("f"), 0, "written by");
	ck_assert_int_eq(chmod(in_dir("f"), 0600), 0);
	ck_assert_int_eq(symlink("f", in_dir("link")), 0);
	ck_assert_int_eq(file_read_trusted(in_dir("link"), 0, &b, &e), 0);
	assert_untrusted(in_dir("link"), FILE_NOFOLLOW, "symbolic link");
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(in_dir("f"), 12345, 0), 0);
		assert_untrusted(in_dir("f"), 0, "belongs to user 12345");
	}
	buf_release(&b);
}
END_TEST

START_TEST(write_replaces_as_a_whole)
{
	struct buf b = BUF_INIT(100);
	struct err e;
	struct stat st;

	put(in_dir("f"), "old", 0600);
	umask(077);
	ck_assert_int_eq(file_write_durable(in_dir("f"), "new", 3, 0644, &e),
			 0);
	ck_assert_int_eq(file_read(in_dir("f"), &b, &e), 0);
	ck_assert_str_eq(b.data, "new");
	ck_assert_int_eq(stat(in_dir("f"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0644);
	ck_assert_int_eq(file_write(in_dir("no/f"), "x", 1, 0644, &e),
			 ERR_NOT_FOUND);
	/* what cannot be replaced leaves nothing behind */
	ck_assert_int_eq(mkdir(in_dir("d"), 0700), 0);
	ck_assert_int_eq(file_write(in_dir("d"), "x", 1, 0644, &e), ERR_SYS);
	ck_assert_int_eq(unlink(in_dir("f")), 0);
	ck_assert_int_eq(rmdir(in_dir("d")), 0);
	ck_assert_int_eq(rmdir(test_dir), 0);
	ck_assert_int_eq(mkdir(test_dir, 0700), 0);
	buf_release(&b);
}
END_TEST

START_TEST(dirs_are_made_with_their_parents)
{
	struct err e;

	ck_assert_int_eq(file_make_dirs(in_dir("a/b//c/"), 0700, &e), 0);
	ck_assert(file_is_dir(in_dir("a/b/c")));
	ck_assert_int_eq(file_make_dirs(in_dir("a/b/c"), 0700, &e), 0);
	put(in_dir("a/f"), "", 0600);
	ck_assert_int_eq(file_make_dirs(in_dir("a/f"), 0700, &e), ERR_SYS);
	ck_assert_int_eq(file_make_dirs(in_dir("a/f/g"), 0700, &e), ERR_SYS);
	ck_assert_int_eq(file_make_dirs("", 0700, &e), ERR_LIMIT);
}
END_TEST

START_TEST(paths_join_and_have_parents)
{
	static const char *const joins[][3] = {{"/a", "b", "/a/b"},
					       {"/a/", "b", "/a/b"},
					       {"/a", "/b", "/b"},
					       {"", "b", "b"}};
	static const char *const parents[][2] = {
		{"/a/b", "/a"}, {"/a", "/"}, {"a", "."}, {"a/b", "a"}};
	char out[FILE_MAX_PATH], big[FILE_MAX_PATH + 1];
	struct err e;
	size_t i;

	for (i = 0; i < 4; i++) {
		file_join(joins[i][0], joins[i][1], out, &e);
		ck_assert_str_eq(out, joins[i][2]);
		file_parent(parents[i][0], out, &e);
		ck_assert_str_eq(out, parents[i][1]);
	}
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ck_assert_int_eq(file_join("/", big, out, &e), ERR_LIMIT);
	ck_assert_int_eq(file_real_path("/proc/../tmp/.", out, &e), 0);
	ck_assert_str_eq(out, "/tmp");
	ck_assert_int_eq(file_real_path(in_dir("no"), out, &e), ERR_NOT_FOUND);
}
END_TEST

START_TEST(closed_standard_descriptors_become_null)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct stat one, two, null;

		close(1);
		close(2);
		file_ensure_stdio(NULL);
		if (stat("/dev/null", &null) || fstat(1, &one) ||
		    fstat(2, &two))
			_exit(1);
		_exit(one.st_rdev == null.st_rdev && two.st_rdev == null.st_rdev
			      ? 0
			      : 2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- locks ---- */

START_TEST(lock_waits_no_longer_than_asked)
{
	int64_t start;
	int a, b, c;
	struct err e;

	ck_assert_int_eq(lock_open(in_dir("l"), 0600, 0, &a, &e), 0);
	ck_assert_int_eq(lock_open(in_dir("l"), 0600, 0, &b, &e), ERR_TIMEOUT);
	ck_assert_int_eq(b, -1);
	start = time_mono_us();
	ck_assert_int_eq(lock_open(in_dir("l"), 0600, 50, &b, &e), ERR_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(e.msg, "locked by another"));
	ck_assert_int_ge(time_mono_us() - start, 50000);
	lock_drop(a);
	ck_assert_int_eq(lock_take_shared(a, 0, &e), 0);
	c = open(in_dir("l"), O_RDONLY);
	ck_assert_int_eq(lock_take_shared(c, 0, &e), 0);
	ck_assert_int_eq(lock_take(c, 0, &e), ERR_TIMEOUT);
	lock_release(&a);
	lock_release(&a);
	ck_assert_int_eq(lock_take(c, 0, &e), 0);
	close(c);
}
END_TEST

START_TEST(lock_is_freed_by_death)
{
	int ready[2], fd;
	struct err e;
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		lock_open(in_dir("l"), 0600, 0, &fd, NULL);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(lock_open(in_dir("l"), 0600, 0, &fd, &e), ERR_TIMEOUT);
	kill(pid, SIGKILL);
	ck_assert_int_eq(lock_open(in_dir("l"), 0600, 5000, &fd, &e), 0);
	waitpid(pid, NULL, 0);
	lock_release(&fd);
	close(ready[0]);
	close(ready[1]);
}
END_TEST

Suite *suite_files(void)
{
	Suite *s = suite_create("files");
	TCase *t = tcase_create("files");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup_dir, remove_dir);
	tcase_add_test(t, read_stops_at_the_cap);
	tcase_add_test(t, trusted_read_refuses_what_others_can_change);
	tcase_add_test(t, write_replaces_as_a_whole);
	tcase_add_test(t, dirs_are_made_with_their_parents);
	tcase_add_test(t, paths_join_and_have_parents);
	tcase_add_test(t, closed_standard_descriptors_become_null);
	tcase_add_test(t, lock_waits_no_longer_than_asked);
	tcase_add_test(t, lock_is_freed_by_death);
	suite_add_tcase(s, t);
	return s;
}
