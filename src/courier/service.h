/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_SERVICE_H
#define GATEPOST_COURIER_SERVICE_H

/**
 * One worker process a sink. Processes, not one event loop: a sink that
 * hangs, leaks or dies in a library takes nobody with it, each worker is
 * plain blocking code, and none ever holds another sink's secret.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum {
	SERVICE_RELOAD_SECONDS = 10, /* between looks at the policy */
	SERVICE_RESTART_SECONDS = 5, /* before a worker that died is replaced */
	SERVICE_SLOW_SECONDS = 300,  /* the same after many deaths */
	SERVICE_STOP_SECONDS = 15    /* then workers are killed */
};

struct service_options {
	const char *policy; /* absolute */
	bool once;
	bool now; /* try at once what waits for its next attempt */
	int64_t deadline_seconds; /* with `once`: go on trying so long */
};

/**
 * Run until all workers ended (`once`) or SIGTERM or SIGINT comes. SIGHUP
 * reads the policy and opens the log again at once; a policy that cannot be
 * read leaves the one before in force. With another policy, or after SIGHUP,
 * what waits for its next attempt is tried at once.
 *
 * @return an exit status of worker.h; for WORKER_FAILED `e` has the reason
 */
int service_run(const struct service_options *options, struct err *e);

#endif
