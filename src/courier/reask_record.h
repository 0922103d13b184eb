/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_REASK_RECORD_H
#define GATEPOST_COURIER_REASK_RECORD_H

/** The record of what a ticketing system has said when it was asked again. */

#include <stddef.h>
#include <yyjson.h>

#include "base/err.h"
#include "courier/ticket_ask.h"

enum { REASK_MAX_TICKETS = 8 /* of one record */ };

enum reask_outcome {
	REASK_NONE = 0, /* no answer */
	REASK_REFUSED,
	REASK_VERIFIED
};

struct reask_ticket {
	char id[CHANGE_KEY_SIZE + 1];
	struct ticket_reply reply;
};

struct reask_answer {
	enum reask_outcome outcome;
	struct reask_ticket tickets[REASK_MAX_TICKETS];
	size_t n;
};

/** Append it. @param question  the record that it answers */
int reask_record(const char *ledger_dir, yyjson_val *question,
		 const struct reask_answer *a, struct err *e);

#endif
