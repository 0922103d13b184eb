/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_RETENTION_REFS_H
#define GATEPOST_DESK_RETENTION_REFS_H

/**
 * Where records that left had the refs: without it a ref that has not moved
 * since would seem to have moved without a record. Kept as evidence, of lines
 * that a ref_book takes like records.
 */

#include "desk/ref_book.h"
#include "ledger/gone.h"

/** Append what the records of a range say last of each ref. */
int retention_refs_extract(struct ledger *l, const struct gone_range *range,
			   struct buf *out, struct err *e);

/** What is kept of segments that are gone, in the order of their records. */
struct retention_refs {
	struct retention_refs_piece {
		uint64_t first;
		char hex[SHA256_HEX_SIZE];
	} * v;
	size_t n, cap, next;
};

int retention_refs_read(struct retention_refs *r, struct ledger *l,
			struct err *e);
void retention_refs_release(struct retention_refs *r);

/** Take into the book what comes before the record of this number. */
int retention_refs_apply(struct retention_refs *r, struct ref_book *book,
			 struct ledger *l, uint64_t before, struct err *e);

#endif
