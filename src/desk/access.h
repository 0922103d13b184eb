/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_ACCESS_H
#define GATEPOST_DESK_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "desk/decision.h"
#include "ledger/ledger.h"
#include "ledger/search.h"

/** What was asked of the ledger. */
struct access_note {
	const char *command; /* "ledger list", … */
	const char *format;  /* of what is printed; NULL where there is one */
	const struct ledger_query *query; /* NULL: everything */
	const char *evidence;		  /* its SHA-256, or NULL */
	uint64_t count;			  /* of the records that are shown */
	bool persons;			  /* whether people's names are, too */
};

/**
 * Record that somebody reads records. To be called before anything is shown.
 * The person who is asked for is a person of the record, as who asks is.
 */
int access_record(struct ledger *l, const struct record_frame *frame,
		  const struct access_note *note, struct err *e);

#endif
