/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_RUNS_H
#define GATEPOST_LEDGER_RUNS_H

#include "base/err.h"
#include "ledger/ledger.h"

/**
 * Write the runs (ledger/run.h) that are due: of whole ranges of durable
 * records that have none. Takes no lock; who is second writes the same.
 * Where a record is damaged no run is written, so that its readers go on
 * being told.
 * @return 0; ERR_SYS where this user may not write; ERR_MEMORY
 */
int runs_update(struct ledger *l, struct err *e);

/** Remove all runs, and what crashed writers left. */
int runs_remove(struct ledger *l, struct err *e);

#endif
