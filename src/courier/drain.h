/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_DRAIN_H
#define GATEPOST_COURIER_DRAIN_H

/**
 * Draining one sink: every record from its cursor on is posted in order,
 * at least once, with the same bytes and id on every attempt. One process
 * a sink, so that none waits for another's endpoint.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "courier/asks.h"
#include "courier/decisions.h"
#include "courier/oauth.h"
#include "courier/progress.h"
#include "ledger/ledger.h"
#include "policy/policy.h"
#include "sys/admin_log.h"

struct drain {
	const struct sink *sink;
	const char *ledger_dir;
	struct admin_log *log;
	int stop_fd; /* readable: stop; -1: never */
	bool now;    /* the first attempt waits for no progress.next_attempt */
	/* private */
	struct ledger *ledger;
	struct decisions decisions; /* of that */
	struct progress progress;
	uint64_t limit;		  /* records that are sealed, as last seen */
	bool moved;		  /* the cursor, since it was last saved */
	int64_t saved_us;	  /* when, by time_mono_us */
	struct oauth_token token; /* kept from round to round */
	bool unsure;	  /* what comes next may have been sent before */
	struct asks asks; /* tickets to be asked about again */
};

/** Why a round ended. */
enum drain_end {
	DRAIN_BROKEN = 0, /* the ledger or the cursor cannot be used */
	DRAIN_EMPTY,	  /* every durable record was delivered or parked */
	DRAIN_LATER,	  /* the endpoint failed; progress.next_attempt */
	DRAIN_STOPPED
};

/** Whether the process was asked to stop; `arg` is a struct drain. */
bool drain_must_stop(void *arg);

/** Open the ledger and read the cursor; the caller holds the sink's lock. */
int drain_open(struct drain *d, struct err *e);
void drain_close(struct drain *d);

/**
 * Read one record once more.
 * @param reader  gets what holds it; the caller's to free, whatever happens
 * @return 1; ERR_NOT_FOUND when it has left; as ledger_reader_next()
 */
int drain_read(const struct drain *d, uint64_t index,
	       struct ledger_reader **reader, struct ledger_item *item,
	       struct err *e);

/**
 * Deliver what is due.
 * @param e  for DRAIN_BROKEN: why
 */
enum drain_end drain_round(struct drain *d, struct err *e);

#endif
