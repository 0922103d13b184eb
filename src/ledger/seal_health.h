/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEAL_HEALTH_H
#define GATEPOST_LEDGER_SEAL_HEALTH_H

/** Whether a ledger is sealed as it should be. What is not sealed is not
 * delivered either, so that somebody has to be told. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

enum { SEAL_LATE_SECONDS = 3600 /* an unsealed record this old is amiss */ };

struct seal_health {
	bool well;
	uint64_t records, sealed;
	char text[ERR_MAX_MSG]; /* for people; may hold a path */
};

/**
 * Nothing that is wrong with the seal is an error.
 * @param now  milliseconds since 1970
 * @return 0; the errors of ledger_size() and of reading records
 */
int seal_health_read(struct ledger *l, int64_t now, struct seal_health *out,
		     struct err *e);

#endif
