/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_WORKER_H
#define GATEPOST_COURIER_WORKER_H

/** The life of the process that drains one sink. */

#include "courier/drain.h"
#include "sys/deadline.h"

/** Exit statuses, as of the whole command. */
enum { WORKER_DONE = 0, WORKER_LEFT = 1, WORKER_FAILED = 2 };

/**
 * Drain what is there, go on trying until the deadline, and end.
 * @return WORKER_DONE when nothing is left; WORKER_LEFT, also when another
 *   process is at it and is not through; WORKER_FAILED with `e`
 */
int worker_run_once(struct drain *d, struct deadline deadline, struct err *e);

/** Drain until told to stop; waits where another process has the lock.
 * @return WORKER_DONE when stopped; WORKER_FAILED with `e` */
int worker_run(struct drain *d, struct err *e);

#endif
