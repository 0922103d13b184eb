/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TASK_H
#define GATEPOST_COURIER_TASK_H

/** What the service's processes do: one a sink, one a witness, one a time
 * stamper, and the last one seals. */

#include <stdbool.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "sys/admin_log.h"
#include "sys/deadline.h"

enum { TASK_MAX_NAME = 256 };

struct task_room {
	const struct policy *policy;
	struct admin_log *log;
	bool once;
	bool now; /* the first attempt waits for no time */
	struct deadline deadline; /* with `once` */
};

size_t task_count(const struct policy *p);
bool task_is_sealer(const struct policy *p, size_t i);
/** Whether there is nothing to do for it: a witness that comes by itself. */
bool task_is_idle(const struct policy *p, size_t i);

/** `destination grc`, for the log. */
void task_name(const struct policy *p, size_t i, char out[TASK_MAX_NAME]);

/** A descriptor that SIGTERM and SIGINT make readable; `all`: SIGHUP and
 * SIGCHLD, too. -1 on error. */
int task_signal_fd(bool all);

/**
 * A task's whole life, in its own process, which ends with its parent.
 * Failures are logged.
 * @return a status of worker.h
 */
int task_run(const struct task_room *room, size_t i, pid_t parent);

#endif
