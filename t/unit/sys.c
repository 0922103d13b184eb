/* SPDX-License-Identifier: Apache-2.0 */

/* The environment that a hook finds, and the admin's log. */
#include "sys_help.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/admin_log.h"
#include "sys/child.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/sandbox.h"

char test_dir[64];

const char *in_dir(const char *name)
{
	static char paths[16][128];
	static int turn;

	turn = (turn + 1) % 16;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", test_dir, name);
	return paths[turn];
}

void setup_dir(void)
{
	snprintf(test_dir, sizeof(test_dir), "/tmp/gatepost-sys.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(test_dir));
}

void remove_dir(void)
{
	const char *argv[] = {"rm", "-rf", test_dir, NULL};
	struct child_spec spec = {.program = "rm",
				  .argv = argv,
				  .deadline = deadline_in_ms(10000)};
	struct buf out = BUF_INIT(100);
	struct child_end end;

	ck_assert_int_eq(child_run(&spec, &out, NULL, &end, NULL), 0);
}

void put(const char *path, const char *text, mode_t mode)
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

static Suite *suite_first(void)
{
	Suite *s = suite_create("environment and log");
	TCase *t = tcase_create("environment and log");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup_dir, remove_dir);
	tcase_add_test(t, scrub_keeps_what_git_sets_and_nothing_else);
	tcase_add_test(t, scrub_refuses_a_name_with_two_values);
	tcase_add_test(t, scrub_bounds_push_options);
	tcase_add_test(t, scrub_survives_no_environment);
	tcase_add_test(t, log_lines_cannot_be_forged);
	tcase_add_test(t, log_follows_no_link_and_takes_the_fallback);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite_first());
	int failed;

	srunner_add_suite(r, suite_files());
	srunner_add_suite(r, suite_child());
	srunner_add_suite(r, suite_proc());
	srunner_add_suite(r, suite_sandbox());
	/* tests change the environment and the umask of their process */
	srunner_set_fork_status(r, CK_FORK);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
