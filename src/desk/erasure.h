/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_ERASURE_H
#define GATEPOST_DESK_ERASURE_H

#include "desk/decision.h"
#include "ledger/erase.h"

/** Record that a person is erased, whom nothing in the record names.
 * @param by  `principal`, `email` or `login`: how they were named
 * @param reason  or NULL */
int erasure_record(struct ledger *l, const struct record_frame *frame,
		   const char *by, const char *reason,
		   const struct erase_report *found, struct err *e);

#endif
