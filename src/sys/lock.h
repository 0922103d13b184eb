/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_LOCK_H
#define GATEPOST_SYS_LOCK_H

/**
 * Advisory locks (flock(2)) with a bounded wait. A lock belongs to the open
 * file: a forked child shares it, and it lasts until the last of them has
 * closed it or one of them unlocks. The kernel frees it when all are dead.
 */

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * Open `path` (created with `mode`, never followed through a link) and lock
 * it exclusively.
 *
 * @param wait_ms  how long to wait; 0 tries once
 * @param fd       the descriptor, for lock_release(); -1 on error
 * @return 0, ERR_TIMEOUT when somebody else holds it, ERR_SYS
 */
int lock_open(const char *path, mode_t mode, int64_t wait_ms, int *fd,
	      struct err *e);

/** Lock an open file, exclusively or with other readers. As above. */
int lock_take(int fd, int64_t wait_ms, struct err *e);
int lock_take_shared(int fd, int64_t wait_ms, struct err *e);

/** Unlock, and leave the file open. */
void lock_drop(int fd);

/** Unlock, close, and make `*fd` -1. Does nothing to -1. */
void lock_release(int *fd);

#endif
