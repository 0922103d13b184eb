/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_WITNESS_H
#define GATEPOST_COURIER_WITNESS_H

/** The client's side of C2SP tlog-witness, add-checkpoint. */

#include "courier/anchoring.h"

enum {
	WITNESS_MAX_ROUNDS = 3 /* requests until they know one another */
};

/** A connection to `url`/add-checkpoint. As http_new. */
int witness_open(const struct witness *w, struct http_target *target,
		 struct http **out, struct err *e);

/**
 * Ask for a cosignature of the last checkpoint, and store it. What the
 * witness does is in `t`.
 * @return 0, or an error of our own
 */
int witness_ask(struct anchoring *a, struct http *http,
		const struct checkpoint_note *c, struct anchoring_try *t,
		struct err *e);

/**
 * Take the cosignatures out of an answer: those of `key` are appended to the
 * note, others are left out.
 * @return 0; ERR_MALFORMED when they are no signature lines or one of that
 *   key does not hold; ERR_NOT_FOUND when there is none of it
 */
int witness_take(struct span note, struct span body,
		 const struct note_vkey *key, struct buf *cosigned,
		 struct err *e);

/** The size in the answer 409. */
bool witness_take_size(struct span body, uint64_t *size);

#endif
