/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_SANDBOX_H
#define GATEPOST_SYS_SANDBOX_H

/**
 * What the judge does to itself before it reads the first byte that a
 * pusher chose. It can then read the listed paths and write to the
 * descriptors it has; it cannot open anything else, create, connect, fork
 * or execute, nor use more memory and CPU than given.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct sandbox {
	const char *const *readable; /* files, and directories with all in
				      * them; missing ones are skipped */
	size_t n_readable;
	uint64_t data_bytes;  /* RLIMIT_DATA: heap and private mappings */
	uint64_t cpu_seconds; /* RLIMIT_CPU; SIGKILL when used up */
	uint64_t open_files;  /* RLIMIT_NOFILE */
	pid_t parent;	      /* die with this process; 0: outlive it */
	bool require;	      /* no Landlock or no seccomp is an error */
};

/** What the kernel let us do; zeros mean nothing was achieved. */
struct sandbox_result {
	int landlock_abi; /* 0: this kernel has no Landlock */
	bool seccomp;	  /* the system call filter holds */
	bool data_limit;  /* RLIMIT_DATA holds */
	bool sanitizers;  /* built with sanitizers, which forbid the two */
};

/**
 * Enter the sandbox, for good. Single-threaded callers only; on error the
 * process may be half restricted and should exit. Descriptors that are open
 * stay so: close what is not needed before (child_close_others). A write to
 * a regular file raises SIGXFSZ; pipes are free.
 *
 * @return 0; ERR_USAGE when a limit is 0; ERR_DENIED when `require` is set
 *   and the kernel lacks something; ERR_SYS when a step failed
 */
int sandbox_enter(const struct sandbox *spec, struct sandbox_result *result,
		  struct err *e);

#endif
