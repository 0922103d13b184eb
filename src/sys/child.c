/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/child_exec.h"
#include "sys/env.h"

static const char *const path_alone[] = {"PATH=" ENV_SAFE_PATH, NULL};

/* The parent's side of a run. */
struct run {
	pid_t pid;
	int input;  /* what the child reads */
	int second; /* and on another descriptor */
	int out[2]; /* pipes: read end, write end */
	int errors[2];
	int report[2]; /* carries errno when the child cannot exec */
};

void child_prepare(void)
{
	signal(SIGCHLD, SIG_DFL);
}

bool child_can_run(const char *path)
{
	return access(path, X_OK) == 0 && !file_is_dir(path);
}

int child_find(const char *name, char out[FILE_MAX_PATH], struct err *e)
{
	const char *dir = ENV_SAFE_PATH;

	for (;;) {
		size_t n = strcspn(dir, ":");
		int len = snprintf(out, FILE_MAX_PATH, "%.*s/%s", (int)n, dir,
				   name);

		if (len > 0 && len < FILE_MAX_PATH && access(out, X_OK) == 0)
			return 0;
		if (!dir[n])
			break;
		dir += n + 1;
	}
	out[0] = '\0';
	return err_set(e, ERR_NOT_FOUND, "no program %.200s in %s", name,
		       ENV_SAFE_PATH);
}

/* A file in memory needs no writer that could block or be interrupted. */
static int open_input(struct span input, int *fd, struct err *e)
{
	if (!input.n) {
		*fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return *fd < 0 ? err_sys(e, "cannot open /dev/null") : 0;
	}
	*fd = memfd_create("input", MFD_CLOEXEC);
	if (*fd < 0)
		return err_sys(e, "memfd_create");
	if (file_write_all(*fd, input.p, input.n, e))
		return ERR_SYS;
	if (lseek(*fd, 0, SEEK_SET))
		return err_sys(e, "lseek");
	return 0;
}

static int open_pipe(int ends[2], struct err *e)
{
	if (pipe2(ends, O_CLOEXEC)) {
		ends[0] = ends[1] = -1;
		return err_sys(e, "pipe2");
	}
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK))
		return err_sys(e, "fcntl");
	return 0;
}

static void close_all(struct run *r)
{
	file_close(&r->input);
	file_close(&r->second);
	file_close(&r->out[0]);
	file_close(&r->out[1]);
	file_close(&r->errors[0]);
	file_close(&r->errors[1]);
	file_close(&r->report[0]);
	file_close(&r->report[1]);
}

static int start(const struct child_spec *spec, struct run *r, struct err *e)
{
	char path[FILE_MAX_PATH];
	struct child_exec x = {.path = spec->program,
			       .argv = spec->argv,
			       .envp = spec->envp ? spec->envp : path_alone,
			       .cwd = spec->cwd,
			       .limits = &spec->limits,
			       .group = true};
	int rc = 0;

	if (!strchr(spec->program, '/')) {
		rc = child_find(spec->program, path, e);
		x.path = path;
	}
	if (rc || (rc = open_input(spec->input, &r->input, e)) ||
	    (spec->second.n &&
	     (rc = open_input(spec->second, &r->second, e))) ||
	    (rc = open_pipe(r->out, e)) || (rc = open_pipe(r->errors, e)) ||
	    (rc = open_pipe(r->report, e)))
		return rc;
	x.stdio[0] = r->input;
	x.stdio[1] = r->out[1];
	x.stdio[2] = r->errors[1];
	x.second = r->second;
	x.report = r->report[1];
	rc = child_launch(&x, &r->pid, e);
	if (rc)
		return rc;
	file_close(&r->input);
	file_close(&r->second);
	file_close(&r->out[1]);
	file_close(&r->errors[1]);
	file_close(&r->report[1]);
	return 0;
}

enum pumped { PUMP_MORE = 1, PUMP_END, PUMP_FULL };

/* Move what is there from `fd` to `b` (NULL: nowhere). */
static enum pumped pump(int fd, struct buf *b)
{
	char chunk[16384];
	ssize_t got = read(fd, chunk, sizeof(chunk));
	size_t n = got > 0 ? (size_t)got : 0;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return PUMP_MORE;
	if (got <= 0)
		return PUMP_END;
	if (!b)
		return PUMP_MORE;
	if (n > b->max - b->len) {
		buf_add(b, chunk, b->max - b->len);
		return PUMP_FULL;
	}
	buf_add(b, chunk, n);
	return PUMP_MORE;
}

/* Read both pipes to their ends. @return 0, ERR_TIMEOUT, ERR_LIMIT, … */
static int collect(struct run *r, struct deadline deadline, struct buf *out,
		   struct buf *errors, struct err *e)
{
	struct pollfd fds[2] = {{.fd = r->out[0], .events = POLLIN},
				{.fd = r->errors[0], .events = POLLIN}};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int n = poll(fds, 2, deadline_left_ms(deadline));

		if (n < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (n == 0 || deadline_passed(deadline))
			return err_set(e, ERR_TIMEOUT, "took too long");
		if (n < 0)
			continue;
		if (fds[0].revents) {
			enum pumped p = pump(fds[0].fd, out);

			if (p == PUMP_FULL)
				return err_set(e, ERR_LIMIT,
					       "more than %zu bytes of output",
					       out->max);
			if (p == PUMP_END)
				fds[0].fd = -1;
		}
		if (fds[1].revents && pump(fds[1].fd, errors) == PUMP_END)
			fds[1].fd = -1;
	}
	return buf_ok(out) ? 0 : err_nomem(e);
}

/* What the child wrote before exec(2), if it could not. */
static int exec_failure(const struct run *r, const char *program, struct err *e)
{
	int code = 0;

	if (read(r->report[0], &code, sizeof(code)) != sizeof(code))
		return 0;
	errno = code;
	err_sys(e, "cannot run %s", program);
	if (code != ENOENT && code != ENOTDIR)
		return ERR_SYS;
	if (e)
		e->code = ERR_NOT_FOUND;
	return ERR_NOT_FOUND;
}

int child_run(const struct child_spec *spec, struct buf *out,
	      struct buf *errors, struct child_end *end, struct err *e)
{
	struct run r = {.input = -1,
			.second = -1,
			.out = {-1, -1},
			.errors = {-1, -1},
			.report = {-1, -1}};
	struct err ignored;
	int rc, wait_rc;

	*end = (struct child_end){0};
	rc = start(spec, &r, e);
	if (rc)
		goto out;
	rc = collect(&r, spec->deadline, out, errors, e);
	if (rc)
		kill(-r.pid, SIGKILL);
	wait_rc =
		child_wait(r.pid, spec->deadline, true, end, rc ? &ignored : e);
	if (rc == ERR_TIMEOUT)
		*end = (struct child_end){CHILD_END_LATE, SIGKILL};
	if (!rc)
		rc = wait_rc;
	if (!rc)
		rc = exec_failure(&r, spec->program, e);
	if (rc && rc != ERR_NOT_FOUND)
		err_wrap(e, "%s", spec->program);
out:
	close_all(&r);
	return rc;
}

/* Sleep until the child has ended or the deadline passed. */
static void await(pid_t pid, struct deadline deadline)
{
	struct timespec nap = {0, 500 * 1000};
	int fd = child_pidfd(pid);
	siginfo_t info;

	if (fd >= 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		while (poll(&p, 1, deadline_left_ms(deadline)) < 0 &&
		       errno == EINTR)
			;
		file_close(&fd);
		return;
	}
	do {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			return;
		nanosleep(&nap, NULL);
	} while (!deadline_passed(deadline));
}

static pid_t reap(pid_t pid, int *status, int options)
{
	pid_t got;

	do
		got = waitpid(pid, status, options);
	while (got < 0 && errno == EINTR);
	return got;
}

int child_wait(pid_t pid, struct deadline deadline, bool group,
	       struct child_end *end, struct err *e)
{
	bool late = false;
	int status = 0;
	pid_t got;

	*end = (struct child_end){0};
	got = reap(pid, &status, WNOHANG);
	if (got == 0) {
		await(pid, deadline);
		got = reap(pid, &status, WNOHANG);
	}
	if (got == 0) {
		late = true;
		kill(group ? -pid : pid, SIGKILL);
		/* a child that has not yet made its group */
		kill(pid, SIGKILL);
		got = reap(pid, &status, 0);
	}
	if (got < 0)
		return err_sys(e, "waitpid");
	end->how = late		       ? CHILD_END_LATE
		   : WIFEXITED(status) ? CHILD_END_EXIT
				       : CHILD_END_SIGNAL;
	end->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return late ? err_set(e, ERR_TIMEOUT, "took too long") : 0;
}

int child_spawn_detached(const char *path, const char *const *argv,
			 struct err *e)
{
	struct child_exec x = {.path = path,
			       .argv = argv,
			       .envp = path_alone,
			       .cwd = "/",
			       .stdio = {-1, -1, -1},
			       .second = -1,
			       .session = true,
			       .report = -1};
	pid_t pid;

	if (path[0] != '/')
		return err_set(e, ERR_USAGE, "%s is no absolute path", path);
	if (access(path, X_OK))
		return err_sys(e, "cannot run %s", path);
	return child_launch(&x, &pid, e);
}
