/* SPDX-License-Identifier: Apache-2.0 */

/* What tells one process, and one boot, from another. */
#include "sys_help.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/uuid.h"
#include "sys/lock.h"
#include "sys/proc.h"

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

Suite *suite_proc(void)
{
	Suite *s = suite_create("processes");
	TCase *t = tcase_create("processes");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup_dir, remove_dir);
	tcase_add_test(t, start_time_is_ours_whatever_the_name);
	tcase_add_test(t, started_at_is_right_at_any_part_of_a_second);
	tcase_add_test(t, boot_id_is_a_uuid_and_stays);
	suite_add_tcase(s, t);
	return s;
}
