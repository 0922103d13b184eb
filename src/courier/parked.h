/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_PARKED_H
#define GATEPOST_COURIER_PARKED_H

/**
 * The records that a sink has parked and that nobody has sent since:
 * LEDGER/cursors/NAME.parked, one JSON object a line; and those of them that
 * are to be tried again: NAME.retry, one id a line, or `*` for all. The
 * drainer alone writes the first; whoever asks for another try, the second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "courier/park.h"

enum {
	PARKED_MAX = 10000,	 /* of one sink that are listed */
	PARKED_MAX_REASON = 256, /* bytes that are kept */
	PARKED_MAX_FILE = 16 << 20
};

struct parked {
	char id[UUID_TEXT_SIZE]; /* empty: a damaged record */
	uint64_t index;
	long status;
	char reason[PARKED_MAX_REASON];
	bool wanted; /* it is to be tried again */
	bool tried;  /* it was, since the list was read */
};

struct parked_list {
	struct parked *v;
	size_t n, cap;
};

/** Append one; those beyond PARKED_MAX are not listed. */
int parked_add(const struct park *park, struct err *e);

/** Read both files; none of them is an empty list. */
int parked_read(struct parked_list *out, const char *ledger_dir,
		const char *sink, struct err *e);
void parked_release(struct parked_list *l);

/**
 * Agree with the cursor, where its writer was killed in between: what it has
 * not passed is not parked, and will be sent.
 * @param next   of the cursor
 * @param count  gets how many are parked, unless there are more than are listed
 */
int parked_settle(const char *ledger_dir, const char *sink, uint64_t next,
		  uint64_t *count, struct err *e);

/** Whether somebody has asked for another try; cheap. */
bool parked_is_wanted(const char *ledger_dir, const char *sink);

/** Replace both files by what the list says now, and by what somebody has
 * asked for since it was read of those that were not tried. */
int parked_write(struct parked_list *l, const char *ledger_dir,
		 const char *sink, struct err *e);

/**
 * Ask for another try.
 * @param id  NULL: of all
 * @param n   gets how many there are
 * @return 0; ERR_NOT_FOUND when no such record is parked
 */
int parked_want(const char *ledger_dir, const char *sink, const char *id,
		size_t *n, struct err *e);

#endif
