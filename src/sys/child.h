/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_CHILD_H
#define GATEPOST_SYS_CHILD_H

/** Other programs and forked workers, always under a deadline. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "sys/deadline.h"
#include "sys/files.h"

/** What a program may use at most; 0: what the caller may. */
struct child_limits {
	uint64_t cpu_seconds; /* then SIGKILL */
	uint64_t data_bytes;  /* heap and private mappings */
	bool no_files;	      /* writes to regular files raise SIGXFSZ, no
			       * core is dumped, and no setuid program helps */
};

struct child_spec {
	const char *program;	 /* with a `/`, or a name to find in PATH */
	const char *const *argv; /* NULL-terminated, argv[0] included */
	const char *const *envp; /* NULL-terminated; NULL: PATH alone */
	const char *cwd;	 /* NULL: the caller's */
	struct span input;	 /* what the child reads from descriptor 0 */
	struct span second;	 /* and from 3; empty: it has no such */
	struct child_limits limits;
	struct deadline deadline; /* then its process group is killed */
};

/** How a child ended. Zeroed memory is no success. */
struct child_end {
	enum {
		CHILD_END_UNKNOWN,
		CHILD_END_EXIT,	  /* `code` is the exit status */
		CHILD_END_SIGNAL, /* `code` is the signal */
		CHILD_END_LATE	  /* killed at the deadline */
	} how;
	int code;
};

/**
 * Run a program and wait for it. It gets no descriptor but 0, 1, 2 and
 * perhaps 3, default signal handling, and a process group of its own.
 *
 * @param out     its standard output; one byte beyond the cap kills it
 * @param errors  its standard error, cut at the cap; NULL: thrown away
 * @param end     how it ended
 * @return 0 when it ran and ended by itself, with whatever status;
 *   ERR_NOT_FOUND when there is no such program; ERR_TIMEOUT; ERR_LIMIT for
 *   too much output; ERR_SYS, ERR_MEMORY
 */
int child_run(const struct child_spec *spec, struct buf *out,
	      struct buf *errors, struct child_end *end, struct err *e);

/**
 * Start a program that outlives the caller: a session of its own, cwd `/`,
 * /dev/null as 0, 1 and 2, no other descriptor, PATH alone as environment.
 * It is the child of a caller who soon exits, and init's then; so nobody
 * waits for it.
 *
 * @param path  absolute
 * @return 0 when it was started (not: that it runs well); ERR_USAGE, ERR_SYS
 */
int child_spawn_detached(const char *path, const char *const *argv,
			 struct err *e);

/**
 * Make SIGCHLD's handling the default: a caller that inherited it ignored
 * would never learn how a child ended. Once, early in main.
 */
void child_prepare(void);

/**
 * Wait for a forked child until the deadline, then kill it and wait on.
 * No zombie is left.
 *
 * @param group  also kill its process group (the child has made one)
 * @return 0; ERR_TIMEOUT when it was killed; ERR_SYS
 */
int child_wait(pid_t pid, struct deadline deadline, bool group,
	       struct child_end *end, struct err *e);

/** Close every descriptor from 3 on but `keep` (-1: keep none). */
void child_close_others(int keep);

/** Whether it is a file that this user may execute. */
bool child_can_run(const char *path);

/** Find an executable of this name in ENV_SAFE_PATH. */
int child_find(const char *name, char out[FILE_MAX_PATH], struct err *e);

#endif
