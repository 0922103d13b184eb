/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_RETENTION_H
#define GATEPOST_DESK_RETENTION_H

/**
 * Retention as the policy has it: which records may leave, and the record
 * that says which did.
 */

#include "desk/decision.h"
#include "desk/holds.h"
#include "ledger/retain.h"

/** What decides; filled in by the caller. */
struct retention_judge {
	const struct policy *policy;
	const struct holds *holds;
	int64_t now;
	char why[256];
};

/** A retain_judge; `arg` is a struct retention_judge. */
int retention_judge(void *arg, const struct ledger_item *item,
		    yyjson_val *record, const char **why, struct err *e);

/** The shortest time, in seconds, that any kind of record is kept; 0: all
 * are kept for ever. */
int64_t retention_shortest(const struct policy *policy);

/**
 * Record what leaves, after all that left before, and keep what the index
 * has to remember of it. Where the last record of the kind says just that,
 * there is no new one.
 * @param index  the number of the record
 */
int retention_record(struct ledger *l, const struct record_frame *frame,
		     const struct retain_plan *plan, uint64_t *index,
		     struct err *e);

#endif
