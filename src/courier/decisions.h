/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_DECISIONS_H
#define GATEPOST_COURIER_DECISIONS_H

/**
 * The decisions that outcomes and emergencies belong to. Most follow theirs
 * within a few records, so the latest that passed are kept; whatever is older
 * is searched in the ledger, which takes as long as some thousand records.
 */

#include <stdint.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/err.h"
#include "courier/event.h"
#include "ledger/ledger.h"

enum {
	DECISIONS_KEPT = 16,
	/* of one and its people together; a larger one is not kept */
	DECISIONS_MAX_BYTES = 32768
};

struct decision_kept {
	char id[UUID_TEXT_SIZE]; /* empty: none */
	uint64_t index;
	size_t json_n; /* of the bytes; the rest are the persons */
	struct buf bytes;
};

struct decisions {
	struct ledger *ledger;
	struct decision_kept v[DECISIONS_KEPT];
	size_t at; /* which is replaced next */
	/* the one that was asked for last */
	char id[UUID_TEXT_SIZE];
	uint64_t index;
	yyjson_doc *doc, *people;
	struct json_pool pool, people_pool;
};

void decisions_init(struct decisions *d, struct ledger *l);
void decisions_release(struct decisions *d);

/** Keep a decision that passes. Without memory it is not kept. */
void decisions_note(struct decisions *d, const struct event_record *r,
		    uint64_t index);

/**
 * Find one: `doc`, `people` and `index` are its until the next is asked for,
 * or NULL when it is not there, or no JSON.
 * @return 0; ERR_MEMORY, ERR_SYS
 */
int decisions_find(struct decisions *d, const char *id, struct err *e);

#endif
