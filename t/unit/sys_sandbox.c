/* SPDX-License-Identifier: Apache-2.0 */

/* What a judge can still do. */
#include "sys_help.h"

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
#include <unistd.h>

#include "sys/files.h"
#include "sys/lock.h"
#include "sys/sandbox.h"

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

Suite *suite_sandbox(void)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("sandbox");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup_dir, remove_dir);
	tcase_add_test(t, sandbox_lets_the_listed_paths_be_read);
	tcase_add_test(t, sandbox_hides_all_other_paths);
	tcase_add_test(t, sandbox_opens_nothing_to_write);
	tcase_add_loop_test(t, sandbox_kills_whoever_leaves_the_list, 0, 6);
	tcase_add_test(t, sandbox_lets_a_bug_abort);
	tcase_add_test(t, sandbox_bounds_memory);
	tcase_add_test(t, sandbox_bounds_cpu_time);
	tcase_add_test(t, sandbox_wants_its_limits);
	suite_add_tcase(s, t);
	return s;
}
