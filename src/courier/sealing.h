/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_SEALING_H
#define GATEPOST_COURIER_SEALING_H

/**
 * Sealing, and what waits for it: destinations get sealed records alone, so
 * that each of them is a witness of what the ledger held. The process that
 * seals is not one that talks to the network.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "ledger/anchors.h"
#include "ledger/checkpoint.h"
#include "ledger/ledger.h"
#include "sys/admin_log.h"
#include "sys/deadline.h"

enum {
	SEALING_BUSY_MS = 200,	   /* another sealer is at work */
	SEALING_FAILED_MS = 60000, /* something must be looked into */
	SEALING_MAX_EVENT = 1 << 20
};

/** How many records may be delivered: those that are sealed, or all of a
 * ledger that nobody seals. */
int sealing_limit(struct ledger *l, uint64_t *n, struct err *e);

struct sealing {
	const char *ledger_dir;
	const struct anchor_trust *trust; /* whose word is published */
	struct admin_log *log;
	int stop_fd; /* readable: stop; -1: never */
};

/**
 * Seal what is there. What goes wrong is logged.
 * @return a status of worker.h: WORKER_DONE also when it is for another user
 *         to seal; WORKER_LEFT when another process was still at it at the
 *         deadline
 */
int sealing_run_once(const struct sealing *s, struct deadline deadline);

/** Seal until told to stop, or until it shows that this is for another user.
 */
int sealing_run(const struct sealing *s);

/**
 * A checkpoint as an event of its own, the same bytes for the same
 * checkpoint: type `dev.gatepost.checkpoint.v1`, id a UUID made of its digest
 * (RFC 9562, version 8), data: origin, size, root, and the note with
 * the ledger's own signatures.
 * @return 0, ERR_LIMIT, ERR_MEMORY
 */
int sealing_event(const struct checkpoint_note *c, char id[UUID_TEXT_SIZE],
		  struct buf *out, struct err *e);

#endif
