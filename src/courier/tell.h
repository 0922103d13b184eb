/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TELL_H
#define GATEPOST_COURIER_TELL_H

/** A record in words, for the people who read a ticket. Printable text
 * alone: what a pusher wrote is cleaned and cut. */

#include "base/buf.h"
#include "courier/about.h"

enum {
	TELL_MAX_COMMENT = 32768, /* bytes */
	TELL_MAX_FINDINGS = 20,	  /* problems that are told one by one */
	TELL_COLUMNS = 200	  /* of one thing that a pusher wrote */
};

/** One line of at most TELL_COLUMNS, for a subject. */
void tell_summary(const struct about *a, struct buf *out);

/** Some lines: what was decided or happened, where, by whom, why; the id of
 * the record comes last. */
void tell_comment(const struct about *a, struct buf *out);

/** The same for `count` refusals of one change within a day, of which this
 * is the last. */
void tell_count(const struct about *a, uint64_t count, const char *day,
		const char *first, struct buf *out);

#endif
