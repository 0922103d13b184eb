/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_WATCH_H
#define GATEPOST_COURIER_WATCH_H

/**
 * Waiting for new records. inotify(7) makes it quick, a timer makes it
 * certain: events are lost on a full queue, missing on some file systems,
 * and inotify instances are few.
 */

#include <stdint.h>

#include "ledger/ledger.h"

enum {
	WATCH_TIMER_MS = 5000,	     /* the guarantee */
	WATCH_BLIND_TIMER_MS = 1000, /* the same without inotify */
	WATCH_SETTLE_MS = 640	     /* how far a write may precede its sync */
};

struct watch {
	int inotify_fd; /* -1: the timer alone */
	int stop_fd;	/* borrowed; -1: none */
};

/** Watch a ledger's directory and the folders in it, but not its cursors. */
void watch_open(struct watch *w, const char *ledger_dir, int stop_fd);
void watch_close(struct watch *w);

/** Sleep for `ms` milliseconds or until `stop_fd` is readable. */
void watch_sleep(const struct watch *w, int64_t ms);

/** What is waited for: ledger_size, or sealing_limit. */
typedef int watch_count_fn(struct ledger *l, uint64_t *n, struct err *e);

/**
 * Wait until the ledger has more than `seen` records by that count, the timer
 * has run out, or `stop_fd` is readable.
 */
void watch_wait(const struct watch *w, struct ledger *ledger, uint64_t seen,
		watch_count_fn *count);

#endif
