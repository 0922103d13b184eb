/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_STATE_H
#define GATEPOST_LEDGER_STATE_H

/**
 * The mapped file `state`: what processes of one boot of the machine tell
 * each other about the end of the ledger. It is a cache, never the truth:
 * after a reboot, or when it disagrees with the size of the last segment,
 * it is computed again from the segments. Native byte order: it does not
 * outlive the boot, nor travel.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * Written under the append lock, `durable` under the sync lock. Readers
 * take no lock: they read `durable` before `generation` and `segment`.
 */
struct state {
	_Atomic uint64_t magic;
	_Atomic uint64_t boot;	     /* of the boot id and of this very file */
	_Atomic uint64_t generation; /* condemned segments since the boot */
	_Atomic uint64_t condemned;  /* a sync failed; not yet replaced */
	_Atomic uint64_t segment;    /* first index of the current segment */
	_Atomic uint64_t end;	     /* bytes appended to it */
	_Atomic uint64_t count;	     /* records appended to the ledger */
	_Atomic uint64_t durable;    /* records that survived a sync */
};

/** This boot's key. ERR_SYS where /proc is not mounted. */
int state_boot_key(uint64_t *key, struct err *e);

/**
 * Make it the key of `state` in this very directory, too. A copy of the
 * directory has a state that was copied at another moment than the segments:
 * it must not be believed.
 */
int state_bind_key(uint64_t *key, int dir_fd, struct err *e);

/**
 * Map `state` in the ledger's directory, for writing (then created with
 * `mode` when absent) or reading. *out is NULL with 0 for a reader when
 * there is none.
 */
int state_map(struct state **out, int dir_fd, bool write, mode_t mode,
	      struct err *e);
void state_unmap(struct state *s);

/** Whether it speaks of this boot. */
bool state_valid(const struct state *s, uint64_t boot);

/** Forget, and declare valid again; between the two, fill in the rest. */
void state_invalidate(struct state *s);
void state_validate(struct state *s, uint64_t boot);

/** Raise `durable` to `n`, never lower it. */
void state_raise_durable(struct state *s, uint64_t n);

#endif
