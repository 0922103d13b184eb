/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_LOAD_H
#define GATEPOST_COURIER_LOAD_H

/** Records on their way together: one, or as many as the sink takes in one
 * request. */

#include "courier/fill.h"
#include "courier/sender.h"

enum { LOAD_MAX_BYTES = 72 << 20 };

struct load_item {
	struct event_head head;
	uint64_t index;
	size_t at, n; /* its bytes in `bytes` */
};

struct load {
	const struct sender *sender;
	struct load_item *v;
	size_t n, cap;
	struct buf bytes;     /* framed as they go out together */
	bool closed;	      /* nothing can be added */
	struct values values; /* of the first record */
	struct values others; /* of the one that is added behind it */
	uint64_t next;	      /* where the cursor goes when all is taken */
};

void load_init(struct load *l, const struct sender *s, uint64_t next);
void load_release(struct load *l);
/** Forget the records, keep the memory. */
void load_clear(struct load *l);

/**
 * Append a record.
 * @return 1; 0 when the load must go first: it does not fit; ERR_MALFORMED
 *   or ERR_LIMIT when it can never be sent; ERR_MEMORY, ERR_SYS
 */
int load_add(struct load *l, struct decisions *d, uint64_t index,
	     struct event_record *record, struct err *e);
/** The same of an event that is no record, alone. */
int load_add_event(struct load *l, const struct event_head *head,
		   struct span event, struct err *e);

/** Whether no further record fits. */
bool load_is_full(const struct load *l);

/**
 * The body of records `from` to below `to` as they go out; of all, nothing is
 * copied, and no record can be added after that.
 * @param room  where it is made if need be
 */
int load_frame(struct load *l, size_t from, size_t to, struct buf *room,
	       struct span *out, struct err *e);

/** The id of a request with these records: the record's own, or one that is
 * the same for the same records. */
int load_id(const struct load *l, size_t from, size_t to,
	    char out[UUID_TEXT_SIZE], struct err *e);

#endif
