/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TICKET_CACHE_H
#define GATEPOST_COURIER_TICKET_CACHE_H

/**
 * Good answers of a ticketing system, for a short while: in
 * LEDGER/cursors/NAME.tickets.json. Every other answer is asked for anew. A
 * cache that cannot be read or written is none.
 */

#include <stdbool.h>

#include "courier/ticket_ask.h"

/** Whether there is one that is good for this question now. */
bool ticket_cache_find(const char *ledger_dir, const struct sink *sink,
		       const struct ticket_question *q, int64_t now,
		       struct ticket_reply *out);

/** Keep one, if it is good, until its time or that of its window is over. */
void ticket_cache_keep(const char *ledger_dir, const struct sink *sink,
		       const struct ticket_question *q,
		       const struct ticket_reply *reply);

#endif
