/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/judge.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "gate/ask.h"
#include "gate/ask_patch.h"
#include "gate/ask_ticket.h"
#include "sys/child.h"
#include "sys/deadline.h"
#include "sys/files.h"
#include "sys/sandbox.h"
#include "trust/crypto_memory.h"

/*
 * What comes from the judge: any number of questions (gate/ask.h), then one
 * byte and the report, or the code and the message of an error.
 */
enum { TAG_REPORT = 'R', TAG_ERROR = 'E' };

/* ---- the child ---- */

static int restrict_self(const struct judge_spec *spec, char **paths,
			 pid_t parent, struct sandbox_result *got,
			 struct err *e)
{
	const struct policy *p = spec->input->policy;
	struct sandbox box = {
		.data_bytes = JUDGE_DATA_BYTES,
		.cpu_seconds = (uint64_t)p->deadline + 1,
		.open_files = JUDGE_OPEN_FILES,
		.parent = parent,
		.require = p->sandbox == SANDBOX_REQUIRE,
	};
	const char **all;
	size_t n = 0, i;
	int rc;

	while (paths[n])
		n++;
	all = calloc(n + spec->nreadable + 1, sizeof(*all));
	if (!all)
		return err_nomem(e);
	for (i = 0; i < n; i++)
		all[i] = paths[i];
	for (i = 0; i < spec->nreadable; i++)
		all[n + i] = spec->readable[i];
	box.readable = all;
	box.n_readable = n + spec->nreadable;
	rc = sandbox_enter(&box, got, e);
	free(all);
	return rc;
}

static const char *missing_part(const struct sandbox_result *got)
{
	if (got->sanitizers)
		return NULL;
	if (!got->landlock_abi && !got->seccomp)
		return "the kernel has neither Landlock nor seccomp";
	if (!got->landlock_abi)
		return "the kernel has no Landlock";
	return got->seccomp ? NULL : "the kernel has no seccomp filter";
}

static int judge(const struct judge_spec *spec, char **paths, pid_t parent,
		 int fd, struct buf *out, struct err *e)
{
	struct engine_input input = *spec->input;
	struct repository *repo = NULL;
	struct sandbox_result got;
	struct report report;
	struct asker asker;
	const struct check_lookup lookup = {&asker, asker_ticket};
	int rc;

	asker_init(&asker, fd, &input.policy->people);
	if (input.policy->signers_openpgp) {
		input.openpgp = asker_openpgp;
		input.openpgp_ctx = &asker;
	}
	if (ask_patch_wanted(input.policy)) {
		input.patch = asker_patch;
		input.patch_ctx = &asker;
	}
	asker.rules = input.policy->rules;
	if (spec->courier && ticket_is_asked(input.policy))
		input.lookup = &lookup;
	report_init(&report);
	crypto_memory_keep();
	rc = restrict_self(spec, paths, parent, &got, e);
	if (!rc)
		rc = repository_open(&repo, &spec->where, e);
	if (!rc)
		rc = engine_judge(&input, repo, &report, e);
	report.sandbox = rc ? NULL : missing_part(&got);
	if (!rc)
		rc = report_write(&report, out, e);
	/* The process ends now: what it holds the kernel takes back. */
	return rc;
}

static void child_main(const struct judge_spec *spec, char **paths,
		       pid_t parent, int fd) __attribute__((noreturn));

static void child_main(const struct judge_spec *spec, char **paths,
		       pid_t parent, int fd)
{
	struct buf out = BUF_INIT(3 * (size_t)REPORT_MAX_BYTES);
	struct err e = {0};
	int rc;

	buf_addch(&out, TAG_REPORT);
	rc = judge(spec, paths, parent, fd, &out, &e);
	if (rc) {
		buf_clear(&out);
		buf_addf(&out, "%c%d %s", TAG_ERROR, rc, e.msg);
	}
	rc = file_write_all(fd, out.data, out.len, &e);
	_exit(rc ? 1 : 0);
}

/* ---- the parent ---- */

/* The rest, after the byte that says what it is. */
static int read_rest(int fd, struct deadline until, struct buf *out,
		     struct err *e)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int left = deadline_left_ms(until);
		ssize_t n;

		if (!left)
			return err_set(e, ERR_TIMEOUT, "judging took too long");
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (!p.revents)
			continue;
		if (buf_reserve(out, 65536))
			return err_set(e, ERR_LIMIT,
				       "the judge's report is too large");
		n = read(fd, out->data + out->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (!n || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n < 0)
			return err_sys(e, "reading the judge's report");
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
}

/*
 * Answer until the judge has done.
 * @param tag  what `out` is; 0 when it said nothing more
 */
static int converse(const struct judge_spec *spec, int fd,
		    struct deadline until, char *tag, struct buf *out,
		    struct err *e)
{
	struct answerer answerer = {.fd = fd,
				    .policy = spec->input->policy,
				    .at = spec->input->now,
				    .until = until};
	int rc;

	const struct patch_id_spec patch = {
		.git = spec->input->policy->git,
		.gitdir = spec->where.gitdir,
		.quarantine = spec->where.flags & REPOSITORY_QUARANTINE
				      ? spec->where.quarantine
				      : NULL};

	struct ticket_answerer tickets = {.courier = spec->courier,
					  .repository =
						  spec->input->repository};

	do {
		*tag = 0;
		rc = ask_read(fd, until, tag, 1, e);
		if (!rc && *tag == ASK_OPENPGP)
			rc = answerer_openpgp(&answerer, e);
		else if (!rc && *tag == ASK_PATCH)
			rc = answerer_patch(&answerer, &patch, e);
		else if (!rc && *tag == ASK_TICKET)
			rc = answerer_ticket(&answerer, &tickets, e);
	} while (!rc && (*tag == ASK_OPENPGP || *tag == ASK_PATCH ||
			 *tag == ASK_TICKET));
	if (!rc)
		rc = read_rest(fd, until, out, e);
	else if (rc > 0)
		*tag = 0;
	return rc < 0 ? rc : 0;
}

static int read_error(const struct buf *b, struct err *e)
{
	char *end;
	long code = strtol(b->data, &end, 10);

	if (code >= 0 || code < ERR_INTERNAL)
		code = ERR_INTERNAL;
	return err_set(e, (int)code, "%s", *end == ' ' ? end + 1 : end);
}

static int how_it_ended(const struct child_end *end, struct err *e)
{
	if (end->how == CHILD_END_EXIT && end->code == 0)
		return 0;
	if (end->how == CHILD_END_LATE)
		return err_set(e, ERR_TIMEOUT, "judging took too long");
	if (end->how == CHILD_END_SIGNAL)
		return err_set(e, ERR_LIMIT,
			       "the judge was killed by signal %d (memory, "
			       "CPU time, or a forbidden system call)",
			       end->code);
	return err_set(e, ERR_INTERNAL, "the judge ended with status %d",
		       end->code);
}

static int collect(const struct judge_spec *spec, pid_t pid, int fd,
		   struct report *out, struct err *e)
{
	const struct policy *p = spec->input->policy;
	struct deadline until = deadline_in_ms(p->deadline * 1000);
	struct buf all = BUF_INIT(3 * (size_t)REPORT_MAX_BYTES);
	struct child_end end = {0};
	struct err ignored = {0};
	char tag;
	int rc = converse(spec, fd, until, &tag, &all, e);

	if (rc) {
		/* too late or too much: no grace */
		child_wait(pid, deadline_in_ms(0), false, &end, &ignored);
		goto out;
	}
	rc = child_wait(pid, until, false, &end, e);
	if (!rc)
		rc = how_it_ended(&end, e);
	if (rc)
		goto out;
	if (tag == TAG_ERROR && all.len)
		rc = read_error(&all, e);
	else if (tag == TAG_REPORT && all.len)
		rc = report_read(out, span_of(all.data, all.len), p->nrules, e);
	else
		rc = err_set(e, ERR_INTERNAL, "the judge said nothing");
out:
	buf_release(&all);
	return rc;
}

int judge_run(const struct judge_spec *spec, struct report *out, struct err *e)
{
	char **paths = NULL;
	pid_t parent = getpid(), pid;
	int fds[2], rc;

	report_init(out);
	rc = repository_paths(&spec->where, &paths, e);
	if (rc)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		repository_paths_free(paths);
		return err_sys(e, "socketpair");
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child_close_others(fds[1]);
		child_main(spec, paths, parent, fds[1]);
	}
	close(fds[1]);
	repository_paths_free(paths);
	if (pid < 0)
		rc = err_sys(e, "fork");
	else
		rc = collect(spec, pid, fds[0], out, e);
	close(fds[0]);
	return rc;
}
