/* SPDX-License-Identifier: Apache-2.0 */

/* Neither end of the judge's questions trusts the other with a size. */

#include "gate_help.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks/review.h"
#include "gate/ask.h"
#include "gate/ask_patch.h"
#include "gate/ask_ticket.h"
#include "trust/signature_wire.h"

static struct principal alice = {.name = (char[]){"alice"}};
static const struct principals owners = {.v = &alice, .n = 1};

enum { HEAD = 9, QUESTION = HEAD + 4 + 3 };

static void pair(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

/* Answers everything with the same bytes, as long as it is asked. */
static pid_t parent_who_says(const unsigned char *wire, size_t n, int fds[2])
{
	unsigned char question[QUESTION];
	pid_t pid;

	pair(fds);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		while (recv(fds[1], question, QUESTION, MSG_WAITALL) ==
		       QUESTION)
			if (question[0] != ASK_OPENPGP || question[4] != 4 ||
			    question[8] != 3 ||
			    write(fds[1], wire, n) != (ssize_t)n)
				_exit(1);
		_exit(0);
	}
	close(fds[1]);
	return pid;
}

static void end_parent(pid_t pid, int fd)
{
	int status;

	close(fd);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static int ask_number(struct asker *a, uint32_t i, struct signature *out,
		      struct err *e)
{
	return asker_openpgp(a, span_of(&i, sizeof(i)), span_str("sig"), out,
			     e);
}

START_TEST(what_was_asked_is_not_asked_again_and_there_is_a_cap)
{
	struct signature sig = {.status = SIG_GOOD,
				.format = "openpgp",
				.principal = &alice},
			 got;
	unsigned char wire[SIGNATURE_WIRE_SIZE];
	struct asker a;
	struct err e = {0};
	int fds[2];
	uint32_t i;
	pid_t pid;

	signature_encode(&sig, &owners, wire);
	pid = parent_who_says(wire, sizeof(wire), fds);
	asker_init(&a, fds[0], &owners);
	for (i = 0; i < 2 * ASK_MAX_OPENPGP; i++) {
		ck_assert_int_eq(ask_number(&a, i / 2, &got, &e), 0);
		ck_assert_int_eq(got.status, SIG_GOOD);
		ck_assert_ptr_eq(got.principal, &alice);
	}
	ck_assert_uint_eq(a.n, ASK_MAX_OPENPGP);
	ck_assert_int_eq(ask_number(&a, i, &got, &e), 0);
	ck_assert_int_eq(got.status, SIG_UNSUPPORTED);
	ck_assert_str_eq(got.why, "more than 1000 OpenPGP signatures in one "
				  "push; push in parts");
	ck_assert_int_eq(ask_number(&a, 0, &got, &e), 0);
	ck_assert_int_eq(got.status, SIG_GOOD);
	asker_release(&a);
	end_parent(pid, fds[0]);
}
END_TEST

START_TEST(an_answer_that_is_none_is_an_error)
{
	unsigned char wire[SIGNATURE_WIRE_SIZE] = {SIG_GOOD};
	struct signature got;
	struct asker a;
	struct err e = {0};
	int fds[2];
	pid_t pid = parent_who_says(wire, sizeof(wire), fds);

	asker_init(&a, fds[0], &owners);
	ck_assert_int_eq(ask_number(&a, 0, &got, &e), ERR_INTERNAL);
	ck_assert_ptr_nonnull(strstr(e.msg, "no signature"));
	ck_assert_int_ne(got.status, SIG_GOOD);
	asker_release(&a);
	end_parent(pid, fds[0]);
	pair(fds);
	close(fds[1]);
	signal(SIGPIPE, SIG_IGN);
	asker_init(&a, fds[0], &owners);
	ck_assert_int_ne(ask_number(&a, 0, &got, &e), 0);
	ck_assert_int_ne(got.status, SIG_GOOD);
	asker_release(&a);
	close(fds[0]);
}
END_TEST

START_TEST(what_is_too_long_is_not_asked)
{
	static char big[ASK_MAX_SIGNATURE + 1];
	struct signature got;
	struct asker a;
	struct err e = {0};

	asker_init(&a, -1, &owners);
	ck_assert_int_eq(asker_openpgp(&a, span_str(""),
				       span_of(big, sizeof(big)), &got, &e),
			 0);
	ck_assert_int_eq(got.status, SIG_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(got.why, "longer than"));
	asker_release(&a);
}
END_TEST

/* What the parent makes of a question of these bytes. */
static int answer(char *keyring, size_t before, const char *text, size_t n,
		  int64_t ms, struct err *e)
{
	struct policy p = {.signers_gpgv = (char[]){"/nonexistent/gpgv"},
			   .signers_openpgp = keyring};
	struct answerer a = {
		.policy = &p, .n = before, .until = deadline_in_ms(ms)};
	int fds[2], rc;

	pair(fds);
	ck_assert_int_eq(write(fds[0], text, n), (ssize_t)n);
	if (ms > 1000)
		close(fds[0]);
	a.fd = fds[1];
	rc = answerer_openpgp(&a, e);
	if (ms <= 1000)
		close(fds[0]);
	close(fds[1]);
	return rc;
}

START_TEST(parent_answers_only_what_is_a_question)
{
	static const char good[] = "\0\0\0\1\0\0\0\1ps";
	char keyring[] = "/nonexistent/keyring";
	struct err e = {0};

	ck_assert_int_eq(answer(NULL, 0, good, 10, 5000, &e), ERR_INTERNAL);
	ck_assert_ptr_nonnull(strstr(e.msg, "asks too much"));
	ck_assert_int_eq(answer(keyring, ASK_MAX_OPENPGP, good, 10, 5000, &e),
			 ERR_INTERNAL);
	ck_assert_int_eq(answer(keyring, 0, "\1\0\0\1\0\0\0\1", 8, 5000, &e),
			 ERR_INTERNAL);
	ck_assert_int_eq(answer(keyring, 0, "\0\0\0\1\0\1\0\1", 8, 5000, &e),
			 ERR_INTERNAL);
	ck_assert_int_eq(answer(keyring, 0, good, 9, 5000, &e), 1);
	ck_assert_int_eq(answer(keyring, 0, good, 4, 5000, &e), 1);
	ck_assert_int_eq(answer(keyring, 0, good, 9, 50, &e), ERR_TIMEOUT);
	ck_assert_int_eq(answer(keyring, 0, good, 10, 5000, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "/nonexistent/gpgv"));
}
END_TEST

/* What the parent makes of two ids of these algorithms. */
static int answer_patch(int bind, size_t before, int from, int to,
			struct err *e)
{
	struct review_options options = {.bind = bind};
	struct rule one = {.kind = &check_review.kind, .options = &options};
	struct policy p = {.rules = &one, .nrules = 1};
	const struct patch_id_spec spec = {.git = "/nonexistent/git",
					   .gitdir = "/nonexistent"};
	struct answerer a = {
		.policy = &p, .patches = before, .until = deadline_in_ms(5000)};
	unsigned char ids[2 * (1 + OID_MAX_RAW)] = {0};
	int fds[2], rc;

	ids[0] = (unsigned char)from;
	ids[1 + OID_MAX_RAW] = (unsigned char)to;
	pair(fds);
	ck_assert_int_eq(write(fds[0], ids, sizeof(ids)), sizeof(ids));
	a.fd = fds[1];
	rc = answerer_patch(&a, &spec, e);
	close(fds[0]);
	close(fds[1]);
	return rc;
}

START_TEST(parent_runs_git_only_where_a_rule_asks)
{
	struct err e = {0};

	ck_assert_int_eq(answer_patch(BIND_DIFF, 0, 1, 1, &e), ERR_INTERNAL);
	ck_assert_ptr_nonnull(strstr(e.msg, "asks too much"));
	ck_assert_int_eq(answer_patch(BIND_PATCH, ASK_MAX_PATCHES, 1, 1, &e),
			 ERR_INTERNAL);
	ck_assert_ptr_nonnull(strstr(e.msg, "asks too much"));
	ck_assert_int_eq(answer_patch(BIND_PATCH, 0, 1, 2, &e), ERR_INTERNAL);
	ck_assert_ptr_nonnull(strstr(e.msg, "no trees"));
	ck_assert_int_eq(answer_patch(BIND_PATCH, 0, 7, 7, &e), ERR_INTERNAL);
	ck_assert_int_eq(answer_patch(BIND_PATCH, 0, 1, 1, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "/nonexistent/git"));
}
END_TEST

/* What the judge hears of ticket 1, where the courier is not there. */
static enum ticket_answer answer_ticket(const char *repository)
{
	struct ticket_options options = {.lookup = (char[]){"itsm"},
					 .timeout = 2};
	struct rule one = {.kind = &check_ticket.kind, .options = &options};
	struct policy p = {
		.rules = &one, .nrules = 1, .path = (char[]){"/nonexistent"}};
	struct answerer a = {.policy = &p, .until = deadline_in_ms(5000)};
	struct ticket_answerer t = {.courier = "/nonexistent/courier",
				    .repository = repository};
	unsigned char said[ASK_TICKET_ANSWER] = {0};
	struct err e = {0};
	int fds[2];

	pair(fds);
	ck_assert_int_eq(write(fds[0],
			       "\0\0\0\0\1"
			       "1",
			       6),
			 6);
	a.fd = fds[1];
	ck_assert_int_eq(answerer_ticket(&a, &t, &e), 0);
	ck_assert_int_eq(recv(fds[0], said, sizeof(said), MSG_WAITALL),
			 sizeof(said));
	close(fds[0]);
	close(fds[1]);
	return (enum ticket_answer)said[0];
}

/* Whoever makes repositories chooses their names: such a one must neither be
 * lines of the question, nor silence, which a policy may accept. */
START_TEST(a_repository_is_one_line_of_the_question)
{
	char longest[1026];

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(answer_ticket("payments/api"), TICKET_UNREACHABLE);
	ck_assert_int_eq(answer_ticket("x\nstate Closed"), TICKET_REPOSITORY);
	ck_assert_int_eq(answer_ticket("x\r"), TICKET_REPOSITORY);
	ck_assert_int_eq(answer_ticket(longest), TICKET_REPOSITORY);
	ck_assert_int_eq(answer_ticket(longest + 1), TICKET_UNREACHABLE);
}
END_TEST

Suite *suite_ask(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_add_test(t, what_was_asked_is_not_asked_again_and_there_is_a_cap);
	tcase_add_test(t, an_answer_that_is_none_is_an_error);
	tcase_add_test(t, what_is_too_long_is_not_asked);
	tcase_add_test(t, parent_answers_only_what_is_a_question);
	tcase_add_test(t, parent_runs_git_only_where_a_rule_asks);
	tcase_add_test(t, a_repository_is_one_line_of_the_question);
	suite_add_tcase(s, t);
	return s;
}
