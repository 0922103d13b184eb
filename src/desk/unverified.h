/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_UNVERIFIED_H
#define GATEPOST_DESK_UNVERIFIED_H

/**
 * Records of kind `ticket`: that a push was let in although nobody could say
 * what its ticket is worth, and that somebody has settled it by hand. The
 * courier asks again, and writes the answers (courier/reask.h).
 */

#include "desk/decision.h"
#include "desk/unverified_book.h"

/** Record what is to be asked again, one record for each group of
 * gate/unverified.h. @param decision  the id of the decision */
int unverified_record(struct ledger *l, const struct record_frame *frame,
		      const struct report *report, const char *decision,
		      struct err *e);

/** Record that it is settled by hand. */
int unverified_record_closed(struct ledger *l, const struct record_frame *frame,
			     const struct unverified_case *c,
			     const char *reason, struct err *e);

#endif
