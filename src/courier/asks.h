/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ASKS_H
#define GATEPOST_COURIER_ASKS_H

/**
 * What a ticketing system is still to be asked about: the records of kind
 * `ticket` that say a ticket was not verified, and have no answer yet. The
 * ledger tells it; LEDGER/cursors/NAME.asks.json keeps how far it was read
 * and what was found, so that it need not be read again, and is made anew
 * from the ledger where it is missing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

enum {
	ASKS_FORMAT = 1,
	ASKS_MAX = 20000, /* that are listed; the ledger has the others */
	ASKS_MAX_FILE = 4 << 20
};

struct ask {
	char id[UUID_TEXT_SIZE]; /* of the record */
	uint64_t index;
	int64_t pushed; /* milliseconds since 1970 */
};

struct asks {
	uint64_t next;	      /* the first record that was not read */
	uint64_t attempts;    /* in vain, one after the other */
	int64_t next_attempt; /* milliseconds since 1970 */
	struct ask *v;	      /* who comes first is asked first */
	size_t n, cap;
	bool changed;	/* since it was saved */
	uint64_t saved; /* `next` of then */
};

/** What was saved. What cannot be used is as if there was nothing. */
int asks_load(struct asks *out, const char *ledger_dir, const char *sink,
	      struct err *e);
void asks_release(struct asks *a);

/** Durable on return. */
int asks_save(struct asks *a, const char *ledger_dir, const char *sink,
	      struct err *e);

/** Read on, to the end of the ledger: what is asked of this sink, and what was
 * answered or settled since. */
int asks_read_on(struct asks *a, struct ledger *l, const char *sink,
		 struct err *e);

/** Both: what waits as of now, for who only looks. */
int asks_look(struct asks *out, struct ledger *l, const char *sink,
	      struct err *e);

/** One is answered. */
void asks_drop(struct asks *a, size_t i);
/** One is to be asked after all others. */
void asks_put_last(struct asks *a, size_t i);

/** When the oldest was pushed; 0: there is none. */
int64_t asks_oldest(const struct asks *a);

#endif
