/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_CHILD_EXEC_H
#define GATEPOST_SYS_CHILD_EXEC_H

/** The child's side of sys/child.h; nobody else includes it. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

struct child_limits;

struct child_exec {
	const char *path;
	const char *const *argv;
	const char *const *envp;
	const char *cwd;		   /* NULL: stay */
	int stdio[3];			   /* become 0, 1, 2; -1: /dev/null */
	int second;			   /* becomes 3; -1: none */
	const struct child_limits *limits; /* NULL: none */
	bool group;			   /* in a process group of its own */
	bool session;			   /* in a session of its own */
	int report; /* gets errno if all fails (close-on-exec), or -1 */
};

/**
 * Start the program. On return the child has either executed it, and so
 * closed the caller's descriptors, or ended with status 127.
 */
int child_launch(const struct child_exec *x, pid_t *pid, struct err *e);

/** A descriptor that is readable when the process has ended; -1: none. */
int child_pidfd(pid_t pid);

#endif
