/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/uuid.h"
#include "sys/admin_log.h"
#include "sys/child.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/lock.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

static char dir[64];

static const char *in_dir(const char *name)
{
	static char paths[16][128];
	static int turn;

	turn = (turn + 1) % 16;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", dir, name);
	return paths[turn];
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/gatepost-sys.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	const char *argv[] = {"rm", "-rf", dir, NULL};
	struct child_spec spec = {.program = "rm",
				  .argv = argv,
				  .deadline = deadline_in_ms(10000)};
	struct buf out = BUF_INIT(100);
	struct child_end end;

	ck_assert_int_eq(child_run(&spec, &out, NULL, &end, NULL), 0);
}

static void put(const char *path, const char *text, mode_t mode)
{
	struct err e;

	ck_assert_int_eq(file_write(path, text, strlen(text), mode, &e), 0);
}

/* ---- environment ---- */

static int scrub(const char *const *vars, struct env_saved *saved,
		 struct err *e)
{
	memcpy(&environ, &vars, sizeof(environ));
	return env_scrub(saved, e);
}

START_TEST(scrub_keeps_what_git_sets_and_nothing_else)
{
	static const char *const vars[] = {"PATH=/evil",
					   "LD_PRELOAD=/x.so",
					   "GIT_DIR=.",
					   "OPENSSL_CONF=/x",
					   "GIT_CONFIG_COUNT=1",
					   "GIT_TRACE=/x",
					   "https_proxy=x",
					   "HOME=/root",
					   "REMOTE_USER=alice",
					   "GIT_PUSH_OPTION_0=a",
					   "GIT_PUSH_OPTION_COUNT=1",
					   "GIT_PUSH_OPTION_00=b",
					   "GIT_PUSH_OPTION_x=c",
					   "GIT_QUARANTINE_PATH=/q",
					   "GIT_PUSH_CERT=1",
					   "TZ=:/x",
					   "junk",
					   NULL};
	struct env_saved saved;
	struct err e;
	size_t n = 0;

	ck_assert_int_eq(scrub(vars, &saved, &e), 0);
	while (environ[n])
		n++;
	ck_assert_uint_eq(n, 6);
	ck_assert_str_eq(getenv("PATH"), ENV_SAFE_PATH);
	ck_assert_str_eq(getenv("GIT_DIR"), ".");
	ck_assert_str_eq(getenv("GIT_PUSH_OPTION_0"), "a");
	ck_assert_str_eq(getenv("GIT_QUARANTINE_PATH"), "/q");
	ck_assert_ptr_null(getenv("LD_PRELOAD"));
	ck_assert_ptr_null(getenv("REMOTE_USER"));
	ck_assert_str_eq(env_saved_get(&saved, "REMOTE_USER"), "alice");
	ck_assert_ptr_null(env_saved_get(&saved, "REMOTE"));
	ck_assert_ptr_null(env_saved_get(&saved, "junk"));
	env_saved_release(&saved);
}
END_TEST

START_TEST(scrub_refuses_a_name_with_two_values)
{
	static const char *const vars[] = {
		"GIT_DIR=a", "REMOTE_USER=alice", "X=1", "GIT_DIR=b",
		"X=1",	     "REMOTE_USER=bob",	  NULL};
	struct env_saved saved;
	struct err e;

	ck_assert_int_eq(scrub(vars, &saved, &e), ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "set twice"));
	ck_assert_ptr_null(getenv("GIT_DIR"));
	ck_assert_ptr_null(env_saved_get(&saved, "REMOTE_USER"));
	ck_assert_str_eq(env_saved_get(&saved, "X"), "1");
	env_saved_release(&saved);
}
END_TEST

START_TEST(scrub_bounds_push_options)
{
	static char text[ENV_MAX_PUSH_OPTIONS + 1][32];
	const char *vars[ENV_MAX_PUSH_OPTIONS + 2] = {0};
	struct env_saved saved;
	struct err e;
	size_t i;

	for (i = 0; i <= ENV_MAX_PUSH_OPTIONS; i++) {
		snprintf(text[i], sizeof(text[i]), "GIT_PUSH_OPTION_%zu=v", i);
		vars[i] = text[i];
	}
	ck_assert_int_eq(scrub(vars, &saved, &e), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "push options"));
	ck_assert_ptr_nonnull(getenv("GIT_PUSH_OPTION_255"));
	ck_assert_ptr_null(getenv("GIT_PUSH_OPTION_256"));
	env_saved_release(&saved);
}
END_TEST

START_TEST(scrub_survives_no_environment)
{
	struct env_saved saved;
	struct err e;

	environ = NULL;
	ck_assert_int_eq(env_scrub(&saved, &e), 0);
	ck_assert_str_eq(getenv("PATH"), ENV_SAFE_PATH);
	ck_assert_ptr_null(env_saved_get(&saved, "PATH"));
	env_saved_release(&saved);
}
END_TEST

/* ---- files ---- */

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
	ck_assert_int_eq(file_read(dir, &b, &e), ERR_DENIED);
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
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
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

/* ---- children ---- */

static int sh(const char *script, struct span input, int64_t ms,
	      struct buf *out, struct buf *errors, struct child_end *end,
	      struct err *e)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	struct child_spec spec = {.program = "sh",
				  .argv = argv,
				  .cwd = "/",
				  .input = input,
				  .deadline = deadline_in_ms(ms)};

	return child_run(&spec, out, errors, end, e);
}

START_TEST(child_gives_output_errors_and_status)
{
	struct buf out = BUF_INIT(100), errors = BUF_INIT(4);
	struct child_end end;
	struct err e;

	ck_assert_int_eq(sh("cat; echo broken >&2; pwd; exit 3",
			    span_str("in\n"), 10000, &out, &errors, &end, &e),
			 0);
	ck_assert_int_eq(end.how, CHILD_END_EXIT);
	ck_assert_int_eq(end.code, 3);
	ck_assert_str_eq(out.data, "in\n/\n");
	ck_assert_str_eq(errors.data, "brok");
	buf_clear(&out);
	ck_assert_int_eq(
		sh("kill -9 $$", span_str(""), 10000, &out, NULL, &end, &e), 0);
	ck_assert_int_eq(end.how, CHILD_END_SIGNAL);
	ck_assert_int_eq(end.code, SIGKILL);
	buf_release(&out);
	buf_release(&errors);
}
END_TEST

START_TEST(child_gets_no_descriptor_and_no_environment)
{
	struct buf out = BUF_INIT(1000);
	struct child_end end;
	struct err e;
	int fd = open("/dev/null", O_RDONLY);

	setenv("SECRET", "x", 1);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(sh("for f in 3 4 5 6 7 8 9; do "
			    "test -e /proc/$$/fd/$f && echo open $f; done; "
			    "echo [$SECRET]; "
			    "sed -n 's/^SigIgn:.*\\(....\\)$/\\1/p' "
			    "/proc/self/status",
			    span_str(""), 10000, &out, NULL, &end, &e),
			 0);
	ck_assert_str_eq(out.data, "[]\n0000\n");
	buf_release(&out);
	close(fd);
}
END_TEST

START_TEST(child_is_killed_with_its_group_at_the_deadline)
{
	struct buf out = BUF_INIT(100);
	int64_t start = time_mono_us();
	struct child_end end;
	struct err e;

	ck_assert_int_eq(sh("sleep 30 & echo $!; wait", span_str(""), 200, &out,
			    NULL, &end, &e),
			 ERR_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(e.msg, "too long"));
	ck_assert_int_eq(end.how, CHILD_END_LATE);
	ck_assert_int_lt(time_mono_us() - start, 5000000);
	usleep(50000);
	if (kill((pid_t)atoi(out.data), 0) == 0) {
		uint64_t ticks;

		/* a zombie until its adoptive parent looks */
		ck_assert_int_eq(
			proc_start_time((pid_t)atoi(out.data), &ticks, &e), 0);
	}
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	/* one that closes its output and goes on */
	ck_assert_int_eq(sh("exec >&- 2>&-; sleep 30", span_str(""), 200, &out,
			    NULL, &end, &e),
			 ERR_TIMEOUT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	buf_release(&out);
}
END_TEST

START_TEST(child_with_too_much_output_is_killed)
{
	struct buf out = BUF_INIT(1000);
	struct child_end end;
	struct err e;

	ck_assert_int_eq(sh("while :; do echo xxxxxxxxxx; done", span_str(""),
			    10000, &out, NULL, &end, &e),
			 ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.msg, "more than 1000 bytes"));
	ck_assert_uint_eq(out.len, 1000);
	buf_release(&out);
}
END_TEST

START_TEST(child_reads_a_second_input_and_writes_no_file)
{
	const char *argv[] = {"sh", "-c",
			      "cat <&3; ulimit -f; ulimit -d; ulimit -t; "
			      "! (: >&4) 2>/dev/null",
			      NULL};
	struct child_spec spec = {.program = "sh",
				  .argv = argv,
				  .input = span_str("one"),
				  .second = span_str("two "),
				  .limits = {.cpu_seconds = 5,
					     .data_bytes = 64 << 20,
					     .no_files = true},
				  .deadline = deadline_in_ms(10000)};
	struct buf out = BUF_INIT(100);
	struct child_end end;
	struct err e;

	ck_assert_msg(!child_run(&spec, &out, NULL, &end, &e), "%s", e.msg);
	ck_assert_int_eq(end.code, 0);
	ck_assert_str_eq(out.data, "two 0\n65536\n5\n");
	buf_release(&out);
}
END_TEST

START_TEST(child_that_is_not_there_is_not_found)
{
	const char *argv[] = {"x", NULL};
	struct child_spec spec = {.program = "/nonexistent/x",
				  .argv = argv,
				  .deadline = deadline_in_ms(10000)};
	struct buf out = BUF_INIT(100);
	struct child_end end;
	struct err e;

	ck_assert_int_eq(child_run(&spec, &out, NULL, &end, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "cannot run /nonexistent/x"));
	spec.program = "no-such-program-anywhere";
	ck_assert_int_eq(child_run(&spec, &out, NULL, &end, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "no program"));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(detached_child_is_alone)
{
	char script[512];
	const char *argv[] = {"sh", "-c", script, NULL};
	struct buf b = BUF_INIT(1000);
	struct err e;
	int i;

	snprintf(script, sizeof(script),
		 "cd /proc/$$ && { readlink fd/3 fd/4 fd/5 fd/6 fd/7 fd/8; "
		 "echo $OLDPWD; readlink fd/0 fd/2; cut -d' ' -f1,5,6 stat; } "
		 "> %s/t; mv %s/t %s/done",
		 dir, dir, dir);
	ck_assert_int_eq(child_spawn_detached("/bin/sh", argv, &e), 0);
	for (i = 0; i < 500 && !file_exists(in_dir("done")); i++)
		usleep(10000);
	ck_assert_int_eq(file_read(in_dir("done"), &b, &e), 0);
	ck_assert_int_eq(strncmp(b.data, "/\n/dev/null\n/dev/null\n", 22), 0);
	ck_assert_int_eq(waitpid(-1, NULL, 0) > 0, 1);
	ck_assert_int_eq(child_spawn_detached("/nonexistent", argv, &e),
			 ERR_SYS);
	ck_assert_ptr_nonnull(strstr(e.msg, "cannot run /nonexistent"));
	ck_assert_int_eq(child_spawn_detached("sh", argv, &e), ERR_USAGE);
	buf_release(&b);
}
END_TEST

START_TEST(detached_child_costs_less_than_a_millisecond)
{
	const char *argv[] = {"true", NULL};
	int64_t best = INT64_MAX;
	struct err e;
	int i;

	for (i = 0; i < 300 && best >= 1000; i++) {
		int64_t start = time_mono_us();

		ck_assert_int_eq(child_spawn_detached("/bin/true", argv, &e),
				 0);
		start = time_mono_us() - start;
		best = start < best ? start : best;
		waitpid(-1, NULL, 0);
	}
	ck_assert_int_lt(best, 1000);
}
END_TEST

/* ---- processes ---- */

START_TEST(start_time_is_ours_whatever_the_name)
{
	uint64_t mine, child;
	int hold[2], status;
	struct err e;
	pid_t pid;

	ck_assert_int_eq(proc_start_time(getpid(), &mine, &e), 0);
	ck_assert(mine > 0);
	ck_assert_int_eq(pipe(hold), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open("/proc/self/comm", O_WRONLY);
		char c;

		if (write(fd, ") R 1 2 (x) 3", 13) != 13)
			_exit(1);
		if (write(hold[1], "x", 1) != 1 || read(0, &c, 0) < 0)
			_exit(1);
		pause();
	}
	ck_assert_int_eq(read(hold[0], &status, 1), 1);
	ck_assert_int_eq(proc_start_time(pid, &child, &e), 0);
	ck_assert(child >= mine);
	ck_assert(proc_lives(pid) && proc_lives(getpid()));
	kill(pid, SIGKILL);
	close(hold[1]);
	/* its end of the pipe is closed: it is about to end */
	ck_assert_int_eq(read(hold[0], &status, 1), 0);
	ck_assert(!proc_lives(pid));
	waitpid(pid, NULL, 0);
	ck_assert(!proc_lives(pid));
	ck_assert_int_eq(proc_start_time(pid, &child, &e), ERR_NOT_FOUND);
	close(hold[0]);
}
END_TEST

static int64_t clock_ms(void)
{
	struct timespec now;

	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether a nonce is of this push or of one before hangs on that second. */
START_TEST(started_at_is_right_at_any_part_of_a_second)
{
	enum { TICK_MS = 10, CLOCK_MS = 2 };
	int64_t before, after, at;
	struct err e;
	pid_t pid;
	int i;

	for (i = 0; i < 12; i++) {
		before = clock_ms();
		pid = fork();
		if (pid == 0) {
			pause();
			_exit(0);
		}
		after = clock_ms();
		usleep(85000);
		ck_assert_int_eq(proc_started_at(pid, &at, &e), 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ck_assert_int_ge(at, (before - TICK_MS - CLOCK_MS) / 1000);
		ck_assert_int_le(at, (after + CLOCK_MS) / 1000);
	}
}
END_TEST

START_TEST(boot_id_is_a_uuid_and_stays)
{
	char a[PROC_BOOT_ID_SIZE], b[PROC_BOOT_ID_SIZE];
	struct err e;

	ck_assert_int_eq(proc_boot_id(a, &e), 0);
	ck_assert_int_eq(proc_boot_id(b, &e), 0);
	ck_assert(uuid_is(span_str(a)));
	ck_assert_str_eq(a, b);
}
END_TEST

/* ---- the admin's log ---- */

START_TEST(log_lines_cannot_be_forged)
{
	struct buf b = BUF_INIT(10000);
	struct admin_log log;
	struct err e;
	struct stat st;

	umask(0);
	admin_log_open(&log, "pre-receive", in_dir("log"), NULL);
	admin_log_say(&log, ADMIN_LOG_WARN, "ref %s",
		      "a\nb\033[2J\xe2\x80\xae");
	admin_log_say(&log, ADMIN_LOG_INFO, "%s", "second");
	admin_log_close(&log);
	ck_assert_int_eq(file_read(in_dir("log"), &b, &e), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "]: warning: ref a?b?[2J?\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "]: info: second\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "Z pre-receive["));
	ck_assert_int_eq(stat(in_dir("log"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
	buf_release(&b);
}
END_TEST

START_TEST(log_follows_no_link_and_takes_the_fallback)
{
	struct admin_log log;

	ck_assert_int_eq(symlink(in_dir("target"), in_dir("log")), 0);
	ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
	admin_log_open(&log, "x", in_dir("log"), in_dir("fifo"));
	ck_assert_int_eq(log.fd, -1);
	admin_log_say(&log, ADMIN_LOG_ERROR, "lost");
	admin_log_open(&log, "x", in_dir("log"), in_dir("back"));
	admin_log_say(&log, ADMIN_LOG_ERROR, "kept");
	admin_log_close(&log);
	ck_assert(!file_exists(in_dir("target")));
	ck_assert(file_exists(in_dir("back")));
}
END_TEST

/* ---- the sandbox ---- */

enum { SANDBOX_CPU_SECONDS = 1 };

/* What a child does in the sandbox; its exit status. */
typedef int act_fn(void);

static struct sandbox_result achieved;

/* @return wait status of a child that ran `act` in the sandbox */
static int in_sandbox(act_fn *act)
{
	const char *readable[] = {in_dir("ok"), in_dir("file"),
				  in_dir("missing")};
	struct sandbox spec = {.readable = readable,
			       .n_readable = 3,
			       .data_bytes = 32 << 20,
			       .cpu_seconds = SANDBOX_CPU_SECONDS,
			       .open_files = 64,
			       .parent = getpid()};
	int status = -1, result[2];
	pid_t pid;

	mkdir(in_dir("ok"), 0700);
	put(in_dir("ok/f"), "x", 0600);
	put(in_dir("file"), "x", 0600);
	put(in_dir("outside"), "x", 0600);
	ck_assert_int_eq(pipe(result), 0);
	pid = fork();
	if (pid == 0) {
		struct sandbox_result r;
		struct err e;

		if (sandbox_enter(&spec, &r, &e)) {
			fprintf(stderr, "%s\n", e.msg);
			_exit(99);
		}
		if (write(result[1], &r, sizeof(r)) != sizeof(r))
			_exit(98);
		_exit(act());
	}
	close(result[1]);
	if (read(result[0], &achieved, sizeof(achieved)) != sizeof(achieved))
		memset(&achieved, 0, sizeof(achieved));
	close(result[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int act_open(const char *name, int flags)
{
	int fd = open(in_dir(name), flags, 0600);

	return fd < 0 ? errno : 0;
}

static int act_read_allowed(void)
{
	char c;
	int fd = open(in_dir("ok/f"), O_RDONLY | O_CLOEXEC);

	if (read(fd, &c, 1) != 1 || c != 'x')
		return 1;
	if (act_open("file", O_RDONLY) || act_open("ok", O_RDONLY))
		return 2;
	free(malloc(8 << 20));
	return 0;
}

static int act_read_outside(void)
{
	return act_open("outside", O_RDONLY);
}
static int act_list_outside(void)
{
	return act_open("", O_RDONLY | O_DIRECTORY);
}
static int act_open_to_write(void)
{
	return act_open("ok/f", O_WRONLY);
}
static int act_create(void)
{
	return act_open("ok/new", O_RDWR | O_CREAT);
}
static int act_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0;
}
static int act_unlink(void)
{
	return unlink(in_dir("ok/f")) ? errno : 0;
}
static int act_fork(void)
{
	return fork() < 0 ? 1 : 0;
}
static int act_kill(void)
{
	return kill(getppid(), 0) ? errno : 0;
}
static int act_execute(void)
{
	char *argv[] = {NULL};

	execve("/bin/true", argv, argv);
	return errno;
}
static int act_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
static int act_abort(void)
{
	abort();
}

static int act_use_memory(void)
{
	int i;

	for (i = 0; i < 1024; i++) {
		char *p = malloc(1 << 20);

		if (!p)
			return i < 40 ? 7 : 8;
		memset(p, 1, 1 << 20);
	}
	return 0;
}

static int act_spin(void)
{
	volatile unsigned long n = 0;

	for (;;)
		n++;
	return 0;
}

static bool exits(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static bool dies(int status, int sig)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

START_TEST(sandbox_lets_the_listed_paths_be_read)
{
	int status = in_sandbox(act_read_allowed);

	ck_assert_msg(exits(status, 0), "status %x", (unsigned)status);
}
END_TEST

START_TEST(sandbox_hides_all_other_paths)
{
	int inside = in_sandbox(act_read_outside);
	int listed = in_sandbox(act_list_outside);

	if (!achieved.landlock_abi) {
		fprintf(stderr, "no Landlock here: not tested\n");
		return;
	}
	ck_assert(exits(inside, EACCES));
	ck_assert(exits(listed, EACCES));
}
END_TEST

START_TEST(sandbox_opens_nothing_to_write)
{
	int opened = in_sandbox(act_open_to_write);
	int created = in_sandbox(act_create);

	if (!achieved.landlock_abi && !achieved.seccomp)
		return;
	ck_assert(exits(opened, EACCES));
	ck_assert(exits(created, EACCES));
	ck_assert(!file_exists(in_dir("ok/new")));
}
END_TEST

START_TEST(sandbox_kills_whoever_leaves_the_list)
{
	static act_fn *const acts[] = {act_socket, act_execute,	 act_fork,
				       act_unlink, act_map_code, act_kill};
	int status = in_sandbox(acts[_i]);

	if (!achieved.seccomp) {
		fprintf(stderr, "no seccomp filter here: not tested\n");
		return;
	}
	ck_assert_msg(dies(status, SIGSYS), "act %d: status %x", _i,
		      (unsigned)status);
}
END_TEST

START_TEST(sandbox_lets_a_bug_abort)
{
	ck_assert(dies(in_sandbox(act_abort), SIGABRT));
}
END_TEST

START_TEST(sandbox_bounds_memory)
{
	int status = in_sandbox(act_use_memory);

	if (achieved.data_limit)
		ck_assert_msg(exits(status, 7), "status %x", (unsigned)status);
}
END_TEST

START_TEST(sandbox_bounds_cpu_time)
{
	ck_assert(dies(in_sandbox(act_spin), SIGKILL));
}
END_TEST

START_TEST(sandbox_wants_its_limits)
{
	struct sandbox spec = {.data_bytes = 1, .cpu_seconds = 1};
	struct sandbox_result r;
	struct err e;

	ck_assert_int_eq(sandbox_enter(&spec, &r, &e), ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.msg, "limits"));
	ck_assert_int_eq(r.landlock_abi, 0);
	ck_assert(!r.seccomp);
}
END_TEST

static void add_first(TCase *t)
{
	tcase_add_test(t, scrub_keeps_what_git_sets_and_nothing_else);
	tcase_add_test(t, scrub_refuses_a_name_with_two_values);
	tcase_add_test(t, scrub_bounds_push_options);
	tcase_add_test(t, scrub_survives_no_environment);
	tcase_add_test(t, read_stops_at_the_cap);
	tcase_add_test(t, trusted_read_refuses_what_others_can_change);
	tcase_add_test(t, write_replaces_as_a_whole);
	tcase_add_test(t, dirs_are_made_with_their_parents);
	tcase_add_test(t, paths_join_and_have_parents);
	tcase_add_test(t, closed_standard_descriptors_become_null);
	tcase_add_test(t, lock_waits_no_longer_than_asked);
	tcase_add_test(t, lock_is_freed_by_death);
	tcase_add_test(t, start_time_is_ours_whatever_the_name);
	tcase_add_test(t, started_at_is_right_at_any_part_of_a_second);
	tcase_add_test(t, boot_id_is_a_uuid_and_stays);
	tcase_add_test(t, log_lines_cannot_be_forged);
	tcase_add_test(t, log_follows_no_link_and_takes_the_fallback);
}

static void add_children(TCase *t)
{
	tcase_add_test(t, child_gives_output_errors_and_status);
	tcase_add_test(t, child_gets_no_descriptor_and_no_environment);
	tcase_add_test(t, child_is_killed_with_its_group_at_the_deadline);
	tcase_add_test(t, child_with_too_much_output_is_killed);
	tcase_add_test(t, child_reads_a_second_input_and_writes_no_file);
	tcase_add_test(t, child_that_is_not_there_is_not_found);
	tcase_add_test(t, detached_child_is_alone);
	tcase_add_test(t, detached_child_costs_less_than_a_millisecond);
	tcase_add_test(t, sandbox_lets_the_listed_paths_be_read);
	tcase_add_test(t, sandbox_hides_all_other_paths);
	tcase_add_test(t, sandbox_opens_nothing_to_write);
	tcase_add_loop_test(t, sandbox_kills_whoever_leaves_the_list, 0, 6);
	tcase_add_test(t, sandbox_lets_a_bug_abort);
	tcase_add_test(t, sandbox_bounds_memory);
	tcase_add_test(t, sandbox_bounds_cpu_time);
	tcase_add_test(t, sandbox_wants_its_limits);
}

int main(void)
{
	Suite *s = suite_create("sys");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	add_first(t);
	add_children(t);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	/* tests change the environment and the umask of their process */
	srunner_set_fork_status(r, CK_FORK);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
