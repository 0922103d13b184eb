/* SPDX-License-Identifier: Apache-2.0 */

/* A judge that dies, hangs or lies decides nothing. */

#include "config.h"

#include "gate_help.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "checks/check.h"
#include "gate/judge.h"
#include "git_help.h"
#include "sys/files.h"

static struct policy *policy;
static struct push push;
static struct engine_memory memory;

static const char policy_text[] = "[gatepost]\n"
				  "\tmode = enforce\n"
				  "\troot = %1$s\n"
				  "\tledger = %1$s/ledger\n"
				  "\tagents = %1$s/agents.conf\n"
				  "\tdeadline = 1s\n"
				  "[principal \"alice\"]\n"
				  "\temail = author@example.com\n"
				  "[gate \"all\"]\n"
				  "\tref = refs/heads/*\n"
				  "\trule = two\n"
				  "[rule \"two\"]\n"
				  "\tcheck = review\n"
				  "\tquorum = 1\n";

static void load_policy(void)
{
	struct policy_mistakes m = {0};
	char text[4096];
	struct err e;

	snprintf(text, sizeof(text), policy_text, help_dir);
	help_write("policy.conf", text);
	help_write("agents.conf", "[keys]\nstrong = Assisted-by\n");
	ck_assert_msg(!policy_load(&policy, "policy.conf", checks_kinds,
				   checks_count, 0, &m, &e),
		      "%s", e.msg);
	policy_mistakes_release(&m);
}

/* main is at the first of two commits, and the second is pushed. */
static void make_push(void)
{
	struct oid old, new_;
	char line[512];
	struct err e;

	help_init(0);
	help_run(NULL, "git init -q -b main w && cd w && echo 1 > a && "
		       "git add a && git commit -q -m one && "
		       "git push -q ../r main && echo 2 > a && "
		       "git commit -qam two && git push -q ../r main:side");
	old = help_id("git -C r rev-parse main");
	new_ = help_id("git -C r rev-parse side");
	help_run(NULL, "git -C r update-ref -d refs/heads/side");
	snprintf(line, sizeof(line), "%s %s refs/heads/main\n", help_hex(&old),
		 help_hex(&new_));
	push_init(&push);
	ck_assert_int_eq(push_parse(&push, span_str(line), OID_SHA1, 10, &e),
			 0);
}

static int nobody(void *ctx, const char *repository,
		  const unsigned char digest[SHA256_SIZE], struct buf *login,
		  struct err *e)
{
	(void)ctx, (void)repository, (void)digest, (void)login, (void)e;
	return 0;
}

static int no_use(void *ctx, const char *repository, const char *tag_hex,
		  engine_use_fn *fn, void *fn_ctx, struct err *e)
{
	(void)ctx, (void)repository, (void)tag_hex, (void)fn, (void)fn_ctx;
	(void)e;
	return 0;
}

static void setup(void)
{
	help_setup();
	load_policy();
	make_push();
	memory = (struct engine_memory){.brought_by = nobody, .uses = no_use};
}

static void teardown(void)
{
	push_release(&push);
	policy_free(policy);
	help_teardown();
}

static int run(struct report *out, struct err *e)
{
	char gitdir[FILE_MAX_PATH];
	struct engine_input in = {
		.policy = policy,
		.repository = "r",
		.git_namespace = "",
		.push = &push,
		.pusher = {.login = "alice", .how = "uid"},
		.now = INT64_C(1700000000000),
		.memory = &memory,
	};
	struct judge_spec spec = {.input = &in};

	ck_assert_int_eq(file_real_path("r", gitdir, e), 0);
	spec.where.gitdir = gitdir;
	return judge_run(&spec, out, e);
}

static void nothing_judged(int want, const char *word)
{
	struct report r;
	struct err e = {0};
	int rc = run(&r, &e);

	ck_assert_msg(rc == want, "%d: %s", rc, e.msg);
	ck_assert_msg(strstr(e.msg, word) != NULL, "%s", e.msg);
	ck_assert_int_eq(r.verdict, VERDICT_NONE);
	ck_assert_uint_eq(r.nfindings, 0);
	report_release(&r);
}

START_TEST(a_judge_that_lives_reports)
{
	struct report r;
	struct err e = {0};

	ck_assert_msg(!run(&r, &e), "%s", e.msg);
	ck_assert_int_eq(r.verdict, VERDICT_REJECT);
	ck_assert_uint_eq(r.commits, 1);
	ck_assert_str_eq(r.findings[0].check, "review");
	report_release(&r);
}
END_TEST

/* What happens in the judge, in the middle of its work. */
#define IN_JUDGE(name)                                                         \
	static int name(void *ctx, const char *repository,                     \
			const unsigned char digest[SHA256_SIZE],               \
			struct buf *login, struct err *e)
#define UNUSED (void)ctx, (void)repository, (void)digest, (void)login, (void)e

IN_JUDGE(die)
{
	UNUSED;
	raise(SIGKILL);
	return 0;
}

START_TEST(a_judge_that_is_killed_decides_nothing)
{
	memory.brought_by = die;
	nothing_judged(ERR_LIMIT, "killed by signal 9");
}
END_TEST

IN_JUDGE(crash)
{
	UNUSED;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

START_TEST(a_judge_that_crashes_decides_nothing)
{
	memory.brought_by = crash;
	nothing_judged(ERR_LIMIT, "killed by signal 11");
}
END_TEST

__attribute__((noreturn)) IN_JUDGE(hang)
{
	UNUSED;
	for (;;) {
		char c;

		/* a pipe into which nobody writes */
		if (read(0, &c, 1) < 0)
			_exit(9);
	}
}

static void block_input(void)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(dup2(fds[0], 0), 0);
}

START_TEST(a_judge_that_hangs_is_late)
{
	block_input();
	memory.brought_by = hang;
	nothing_judged(ERR_TIMEOUT, "too long");
}
END_TEST

__attribute__((noreturn)) IN_JUDGE(spin)
{
	UNUSED;
	for (;;)
		__asm__ volatile("");
}

START_TEST(a_judge_that_spins_is_late)
{
	memory.brought_by = spin;
	nothing_judged(ERR_TIMEOUT, "too long");
}
END_TEST

IN_JUDGE(leave)
{
	UNUSED;
	_exit(0);
}

START_TEST(a_judge_that_says_nothing_decides_nothing)
{
	memory.brought_by = leave;
	nothing_judged(ERR_INTERNAL, "said nothing");
}
END_TEST

IN_JUDGE(give_up)
{
	UNUSED;
	_exit(3);
}

START_TEST(a_judge_that_ends_with_a_status_decides_nothing)
{
	memory.brought_by = give_up;
	nothing_judged(ERR_INTERNAL, "status 3");
}
END_TEST

/* The one socket that it can write to. */
static void write_pipe(const char *text, size_t n)
{
	int fd;
	struct stat st;

	for (fd = 3; fd < 64; fd++)
		if (!fstat(fd, &st) && S_ISSOCK(st.st_mode) &&
		    write(fd, text, n) == (ssize_t)n)
			return;
}

IN_JUDGE(lie)
{
	UNUSED;
	write_pipe("R{\"verdict\":1}", 14);
	_exit(0);
}

START_TEST(a_judge_that_lies_is_not_understood)
{
	memory.brought_by = lie;
	nothing_judged(ERR_MALFORMED, "could not be understood");
}
END_TEST

IN_JUDGE(babble)
{
	UNUSED;
	write_pipe("E-5", 3);
	_exit(0);
}

START_TEST(an_error_of_the_judge_is_its_parents)
{
	memory.brought_by = babble;
	nothing_judged(ERR_LIMIT, "");
}
END_TEST

__attribute__((noreturn)) IN_JUDGE(pour)
{
	static char piece[65536];

	UNUSED;
	memset(piece, 'R', sizeof(piece));
	for (;;)
		write_pipe(piece, sizeof(piece));
}

START_TEST(a_judge_that_never_ends_its_report_is_stopped)
{
	struct report r;
	struct err e = {0};
	int rc;

	memory.brought_by = pour;
	rc = run(&r, &e);
	ck_assert_msg(rc == ERR_LIMIT || rc == ERR_TIMEOUT, "%s", e.msg);
	report_release(&r);
}
END_TEST

IN_JUDGE(stop)
{
	UNUSED;
	return err_set(e, ERR_SYS, "the index cannot be read");
}

START_TEST(what_stops_the_judge_is_told)
{
	memory.brought_by = stop;
	nothing_judged(ERR_SYS, "the index cannot be read");
}
END_TEST

#ifndef WITH_SANITIZERS
/* More than RLIMIT_DATA leaves is no memory, and no memory no verdict. */
IN_JUDGE(eat)
{
	size_t n = (size_t)JUDGE_DATA_BYTES;

	UNUSED;
	while (n > 4096) {
		char *p = malloc(n);

		if (p)
			memset(p, 1, n);
		else
			n /= 2;
	}
	return err_nomem(e);
}

START_TEST(a_judge_that_eats_memory_decides_nothing)
{
	struct report r;
	struct err e = {0};
	int rc;

	policy->deadline = 20;
	memory.brought_by = eat;
	rc = run(&r, &e);
	ck_assert_msg(rc == ERR_MEMORY || rc == ERR_LIMIT, "%d %s", rc, e.msg);
	report_release(&r);
}
END_TEST

IN_JUDGE(call_home)
{
	UNUSED;
	if (socket(AF_INET, SOCK_STREAM, 0) < 0)
		return err_sys(e, "socket");
	_exit(0);
}

START_TEST(a_judge_that_opens_a_socket_decides_nothing)
{
	struct report r;
	struct err e = {0};
	int rc;

	memory.brought_by = call_home;
	rc = run(&r, &e);
	ck_assert_msg(rc == ERR_LIMIT || rc == ERR_SYS, "%d %s", rc, e.msg);
	report_release(&r);
}
END_TEST

IN_JUDGE(read_secret)
{
	int fd = open("policy.conf", O_RDONLY | O_CLOEXEC);

	UNUSED;
	return fd < 0 ? err_sys(e, "open") : 0;
}

START_TEST(a_judge_cannot_read_what_it_was_not_given)
{
	struct report r;
	struct err e = {0};
	int rc;

	memory.brought_by = read_secret;
	rc = run(&r, &e);
	if (!rc && r.sandbox && strstr(r.sandbox, "Landlock")) {
		report_release(&r);
		return; /* this kernel has none, and the report says so */
	}
	ck_assert_msg(rc == ERR_SYS && strstr(e.msg, "open"), "%d %s", rc,
		      e.msg);
	report_release(&r);
}
END_TEST
#endif

START_TEST(no_child_is_left)
{
	block_input();
	memory.brought_by = hang;
	nothing_judged(ERR_TIMEOUT, "too long");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

Suite *suite_judge(void)
{
	Suite *s = suite_create("judge");
	TCase *t = tcase_create("judge");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_judge_that_lives_reports);
	tcase_add_test(t, a_judge_that_is_killed_decides_nothing);
	tcase_add_test(t, a_judge_that_crashes_decides_nothing);
	tcase_add_test(t, a_judge_that_hangs_is_late);
	tcase_add_test(t, a_judge_that_spins_is_late);
	tcase_add_test(t, a_judge_that_says_nothing_decides_nothing);
	tcase_add_test(t, a_judge_that_ends_with_a_status_decides_nothing);
	tcase_add_test(t, a_judge_that_lies_is_not_understood);
	tcase_add_test(t, an_error_of_the_judge_is_its_parents);
	tcase_add_test(t, a_judge_that_never_ends_its_report_is_stopped);
	tcase_add_test(t, what_stops_the_judge_is_told);
#ifndef WITH_SANITIZERS
	tcase_add_test(t, a_judge_that_eats_memory_decides_nothing);
	tcase_add_test(t, a_judge_that_opens_a_socket_decides_nothing);
	tcase_add_test(t, a_judge_cannot_read_what_it_was_not_given);
#endif
	tcase_add_test(t, no_child_is_left);
	suite_add_tcase(s, t);
	return s;
}
