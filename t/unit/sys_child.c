/* SPDX-License-Identifier: Apache-2.0 */

/* Children with deadlines. */
#include "sys_help.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/files.h"
#include "sys/proc.h"

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
		 test_dir, test_dir, test_dir);
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

Suite *suite_child(void)
{
	Suite *s = suite_create("children");
	TCase *t = tcase_create("children");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup_dir, remove_dir);
	tcase_add_test(t, child_gives_output_errors_and_status);
	tcase_add_test(t, child_gets_no_descriptor_and_no_environment);
	tcase_add_test(t, child_is_killed_with_its_group_at_the_deadline);
	tcase_add_test(t, child_with_too_much_output_is_killed);
	tcase_add_test(t, child_reads_a_second_input_and_writes_no_file);
	tcase_add_test(t, child_that_is_not_there_is_not_found);
	tcase_add_test(t, detached_child_is_alone);
	tcase_add_test(t, detached_child_costs_less_than_a_millisecond);
	suite_add_tcase(s, t);
	return s;
}
