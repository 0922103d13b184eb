/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEND_H
#define GATEPOST_LEDGER_SEND_H

#include <stdint.h>

#include <yyjson.h>

#include "base/err.h"
#include "ledger/ledger.h"

/** Who serves a copy hears of what it sends. */
struct send_ear {
	/** Before a record is shown, of which there are `left` with it; an
	 * error ends it all. */
	int (*show)(void *arg, yyjson_val *record, uint64_t left,
		    struct err *e);
	/** Something is amiss here: one line. */
	void (*amiss)(void *arg, const char *text);
	void *arg;
};

/**
 * Answer somebody who makes a copy (ledger/wire.h), until they have no more
 * questions. Sealed records are sent, and nothing else. A record that is
 * damaged, or not the one that was sealed, is sent as it was sealed, without
 * its people, and told.
 *
 * @return 0; ERR_NOT_FOUND when nothing is sealed; ERR_MALFORMED when what
 *   is asked is no question, or a record is lost; ERR_SYS, …
 */
int send_serve(struct ledger *l, int in, int out, const struct send_ear *ear,
	       struct err *e);

#endif
