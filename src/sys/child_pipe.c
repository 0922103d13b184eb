/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/child_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/child_exec.h"
#include "sys/env.h"

static const char *const path_alone[] = {"PATH=" ENV_SAFE_PATH, NULL};

/* The child's ends of both pipes, and the one that tells of exec(2). */
struct ends {
	int in[2], out[2], report[2];
};

static int open_ends(struct ends *p, struct err *e)
{
	*p = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
	if (pipe2(p->in, O_CLOEXEC) || pipe2(p->out, O_CLOEXEC) ||
	    pipe2(p->report, O_CLOEXEC))
		return err_sys(e, "pipe2");
	return 0;
}

static void close_ends(struct ends *p)
{
	int *all[] = {&p->in[0],  &p->in[1],	 &p->out[0],
		      &p->out[1], &p->report[0], &p->report[1]};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		file_close(all[i]);
}

/* Wait until it runs, or has told why it cannot. */
static int check_started(int fd, const char *program, struct err *e)
{
	int code = 0;
	ssize_t got;

	do
		got = read(fd, &code, sizeof(code));
	while (got < 0 && errno == EINTR);
	if (got != sizeof(code))
		return 0;
	errno = code;
	err_sys(e, "cannot run %s", program);
	if (code != ENOENT && code != ENOTDIR)
		return ERR_SYS;
	return err_set(e, ERR_NOT_FOUND, "there is no program %s", program);
}

int child_pipe_open(struct child_pipe *p, const struct child_spec *spec,
		    struct err *e)
{
	char path[FILE_MAX_PATH];
	struct child_exec x = {.path = spec->program,
			       .argv = spec->argv,
			       .envp = spec->envp ? spec->envp : path_alone,
			       .cwd = spec->cwd,
			       .second = -1,
			       .group = true};
	struct child_end end;
	struct ends ends;
	int rc = open_ends(&ends, e);

	*p = (struct child_pipe){.pid = -1, .to = -1, .from = -1};
	if (!rc && !strchr(spec->program, '/')) {
		rc = child_find(spec->program, path, e);
		x.path = path;
	}
	if (!rc) {
		x.stdio[0] = ends.in[0];
		x.stdio[1] = ends.out[1];
		x.stdio[2] = STDERR_FILENO;
		x.report = ends.report[1];
		rc = child_launch(&x, &p->pid, e);
	}
	if (!rc) {
		file_close(&ends.report[1]);
		rc = check_started(ends.report[0], spec->program, e);
		if (rc)
			child_wait(p->pid, deadline_in_ms(0), true, &end, NULL);
	}
	if (!rc) {
		p->to = ends.in[1];
		p->from = ends.out[0];
		ends.in[1] = ends.out[0] = -1;
	}
	close_ends(&ends);
	return rc;
}

int child_pipe_close(struct child_pipe *p, struct deadline deadline,
		     struct child_end *end, struct err *e)
{
	file_close(&p->to);
	file_close(&p->from);
	return child_wait(p->pid, deadline, true, end, e);
}
