/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_STATUS_TICKETS_H
#define GATEPOST_CLI_STATUS_TICKETS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/ledger.h"

/** Pushes whose ticket nobody could verify. */
struct tickets_owed {
	size_t waiting, overdue, refused;
};

int tickets_count(struct ledger *l, int64_t now, struct tickets_owed *out,
		  struct err *e);
/** In words. */
void tickets_text(const struct tickets_owed *owed, struct buf *out);

#endif
