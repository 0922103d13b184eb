/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_STATUS_EMERGENCIES_H
#define GATEPOST_CLI_STATUS_EMERGENCIES_H

/** What `gatepost status` tells of emergencies: numbers, and no names. */

#include "base/buf.h"
#include "ledger/ledger.h"

struct emergencies_owed {
	size_t open;	/* something has to follow still */
	size_t overdue; /* of these, where it is late */
};

/** @param now  milliseconds since 1970 */
int emergencies_count(struct ledger *l, int64_t now,
		      struct emergencies_owed *out, struct err *e);

/** In words, with what to type. */
void emergencies_text(const struct emergencies_owed *owed, struct buf *out);

#endif
