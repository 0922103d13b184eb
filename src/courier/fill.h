/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_FILL_H
#define GATEPOST_COURIER_FILL_H

/** What a template may take from a record. */

#include "courier/about.h"
#include "courier/sender.h"

/** The ids of a record alone: for URLs and headers. */
int fill_ids(struct values *v, const struct sink *sink,
	     const struct event_head *head, uint64_t index, struct err *e);

/**
 * All that the sink's templates use. What `v` points to stays in `a`.
 * @param first  of a request, whose addresses and headers take names, too
 */
int fill_values(struct values *v, const struct sender *s, struct ledger *l,
		const struct about *a, bool first, struct err *e);

#endif
