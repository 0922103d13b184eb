/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_PROC_H
#define GATEPOST_SYS_PROC_H

/**
 * What identifies one process for ever: a pid alone comes back, a pid with
 * its start time and the boot in which it ran does not.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

enum { PROC_BOOT_ID_SIZE = 37 }; /* a UUID's text and a NUL */

/**
 * When a process started, in clock ticks since boot (proc(5), field 22 of
 * /proc/PID/stat).
 * @return 0; ERR_NOT_FOUND when there is no such process; ERR_SYS when
 *   /proc is not there; ERR_MALFORMED
 */
int proc_start_time(pid_t pid, uint64_t *ticks, struct err *e);

/**
 * The same in whole seconds since 1970, by the clock of now: exact but for a
 * clock tick, unless the clock was set in between.
 */
int proc_started_at(pid_t pid, int64_t *seconds, struct err *e);

/** Whether a process is there and not about to end: one that ends closes its
 * files first, and is found for a while after that. What cannot be read lives.
 */
bool proc_lives(pid_t pid);

int proc_parent(pid_t pid, pid_t *parent, struct err *e);

/** Its arguments, each with a NUL behind it. @return as file_read */
int proc_arguments(pid_t pid, struct buf *out, struct err *e);

/** The kernel's random name for this boot, a lower-case UUID. */
int proc_boot_id(char out[PROC_BOOT_ID_SIZE], struct err *e);

#endif
