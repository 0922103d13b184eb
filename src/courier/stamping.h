/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_STAMPING_H
#define GATEPOST_COURIER_STAMPING_H

/** Asking a time-stamping authority (RFC 3161, section 3.4). */

#include "courier/anchoring.h"

/** A connection to it. As http_new. */
int stamping_open(const struct timestamp *s, struct http_target *target,
		  struct http **out, struct err *e);

/**
 * Ask for a time stamp of the last checkpoint's note, check it and store it.
 * What the other side does is in `t`.
 * @return 0, or an error of our own
 */
int stamping_ask(struct anchoring *a, struct http *http,
		 const struct checkpoint_note *c, struct anchoring_try *t,
		 struct err *e);

#endif
