/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_MEMORY_FILL_H
#define GATEPOST_LEDGER_MEMORY_FILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/index.h"
#include "ledger/ledger.h"

/**
 * Write into the index `root` what the records from `from` on say; adds,
 * never removes.
 *
 * @param strict  damaged records and missing evidence are errors; else they
 *   are passed over
 * @param next    the number behind the last record that was read
 */
int memory_fill(struct ledger *l, const char *root, bool strict, uint64_t from,
		uint64_t *next, struct err *e);

/**
 * What the decisions from number `from` to below `end` have the index
 * remember, as lines `KIND REPOSITORY KEY VALUE`. Who brought a change is
 * left out: that somebody did is told.
 */
int memory_extract(struct ledger *l, uint64_t from, uint64_t end,
		   struct buf *out, struct err *e);

/** Put such lines into the index `root`. */
int memory_restore(struct ledger *l, const char *root, struct span lines,
		   struct err *e);

/** Put a line of another index, by the rules of its kind. */
int memory_put_line(struct ledger *l, const struct index_key *k,
		    struct span value, struct err *e);

#endif
