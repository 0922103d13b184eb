/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_CHILD_PIPE_H
#define GATEPOST_SYS_CHILD_PIPE_H

/** A program that one talks with while it runs. */

#include <sys/types.h>

#include "base/err.h"
#include "sys/child.h"

struct child_pipe {
	pid_t pid;
	int to, from; /* its standard input and output; -1 when closed */
};

/**
 * Start a program; its standard error is the caller's. Of `spec` program,
 * argv, envp and cwd count. Writing to one that has ended raises SIGPIPE.
 * @return 0; ERR_NOT_FOUND when there is no such program; ERR_SYS
 */
int child_pipe_open(struct child_pipe *p, const struct child_spec *spec,
		    struct err *e);

/** Close both ends and wait; it is killed at the deadline. As child_wait. */
int child_pipe_close(struct child_pipe *p, struct deadline deadline,
		     struct child_end *end, struct err *e);

#endif
