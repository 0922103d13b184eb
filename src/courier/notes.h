/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_NOTES_H
#define GATEPOST_COURIER_NOTES_H

/** What a drainer writes down of a delivery: in its cursor, in the ledger, in
 * the admin's log. Each is durable on return. */

#include "courier/drain.h"
#include "courier/event.h"
#include "courier/http.h"

/** The cursor stands behind a record, in memory. */
void notes_pass(struct drain *d, uint64_t index);
/** Write the cursor. */
int notes_save(struct drain *d, struct err *e);

enum {
	NOTES_PAUSE_MS = 200 /* between two cursors of a sink with batches */
};

/**
 * `n` records were taken, of which this is the last; the cursor goes to
 * `next`. Of a sink that takes batches, the cursor is written now and then:
 * who is killed sends what he sent since then again.
 */
int notes_delivered(struct drain *d, const struct event_head *last,
		    uint64_t index, uint64_t n, uint64_t next, struct err *e);

/** The endpoint took something that moves no cursor. */
void notes_alive(struct drain *d);

/** Nothing was delivered; try again later. */
int notes_failure(struct drain *d, const struct http_answer *a, struct err *e);
/** The same where it is not an answer that says why. */
int notes_trouble(struct drain *d, const char *why, struct err *e);

/** A record that is refused for good is passed over, and recorded. */
int notes_park(struct drain *d, const struct event_head *head, uint64_t index,
	       const struct http_answer *a, const char *why, struct err *e);

#endif
