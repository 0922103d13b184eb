/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_DELIVER_H
#define GATEPOST_COURIER_DELIVER_H

#include "courier/drain.h"
#include "courier/load.h"

/**
 * Deliver what is loaded, one request for all, and what of it is refused one
 * by one; note in the cursor what came of it.
 * @return 1 to go on, 0 to end the round, or an error of our own
 */
int deliver_load(struct drain *d, struct sender *s, struct load *l,
		 struct err *e);

/** What came of one record. */
enum delivered { DELIVERED_NOT = 0, DELIVERED_YES, DELIVERED_REFUSED };

/**
 * Deliver a load of one; nothing is noted.
 * @param suspect  it was refused before while others were taken
 * @param a        the answer, for notes
 */
int deliver_one(struct drain *d, struct sender *s, struct load *l, bool suspect,
		struct http_answer *a, enum delivered *out, struct err *e);

#endif
