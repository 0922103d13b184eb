/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_PROGRESS_H
#define GATEPOST_COURIER_PROGRESS_H

/**
 * How far a sink has come in the ledger: its cursor and what went wrong.
 * Written by the one drainer that holds the sink's lock; read by anybody.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"

enum {
	PROGRESS_FORMAT = 1,
	PROGRESS_MAX_FILE = 262144,  /* bytes */
	PROGRESS_MAX_REFUSALS = 128, /* changes whose refusals are counted */
	PROGRESS_MAX_KEY = 65,
	PROGRESS_MAX_COLUMNS = 200, /* of the last error that are kept */
	PROGRESS_MAX_ERROR = 1024   /* the bytes that they may take */
};

/** Refusals of one change within one day, which are told together. */
struct refusal_count {
	char key[PROGRESS_MAX_KEY], named[PROGRESS_MAX_KEY];
	char day[11]; /* 2027-01-31, UTC */
	char first[UUID_TEXT_SIZE], last[UUID_TEXT_SIZE];
	uint64_t count, last_index;
	bool closed; /* being told: what comes now is counted anew */
};

/** Times are milliseconds since 1970, 0 for never. */
struct progress {
	uint64_t next;	   /* number of the first record not dealt with */
	uint64_t attempts; /* of that record, so far in vain */
	int64_t next_attempt;
	int64_t failing_since;
	uint64_t sent, retried, parked;
	uint64_t checkpoint; /* size of the last one delivered */
	int64_t last_success;
	bool proven;		      /* some record was delivered: */
	uint64_t last_index;	      /* the latest of them, */
	char last_id[UUID_TEXT_SIZE]; /* and its id */
	int64_t error_time;
	long error_status; /* HTTP, 0 when there was no answer */
	char error[PROGRESS_MAX_ERROR];
	char parked_id[UUID_TEXT_SIZE]; /* the latest that was parked */
	int64_t parked_time;
	long parked_status;
	struct refusal_count refusals[PROGRESS_MAX_REFUSALS];
	size_t nrefusals;
};

/** @return 0, also when there is none yet (all zeros); ERR_MALFORMED,
 *   ERR_CONFIG (a newer format), ERR_SYS */
int progress_load(struct progress *out, const char *ledger_dir,
		  const char *sink, struct err *e);

/** Durable on return. */
int progress_save(const struct progress *p, const char *ledger_dir,
		  const char *sink, struct err *e);

/** The same of somebody else than a sink: with another suffix than `.json`. */
int progress_load_as(struct progress *out, const char *ledger_dir,
		     const char *name, const char *suffix, struct err *e);
int progress_save_as(const struct progress *p, const char *ledger_dir,
		     const char *name, const char *suffix, struct err *e);

/** Note a failure: one line, of which only printable text is kept. */
void progress_fail(struct progress *p, int64_t now, long status,
		   const char *text);

#endif
