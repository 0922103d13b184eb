/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_CHANGE_H
#define GATEPOST_COURIER_CHANGE_H

/** Which change a record is about, and what that means for its ticket. */

#include <stdbool.h>

#include "base/err.h"
#include "courier/about.h"

enum {
	CHANGE_MAX_KEY = 64, /* bytes of a ticket's word */
	CHANGE_KEY_SIZE = CHANGE_MAX_KEY + 1,
	CHANGE_DIGEST_DIGITS = 32
};

enum change_event {
	CHANGE_NOTHING = 0, /* tickets do not hear of it */
	CHANGE_REFUSED,
	CHANGE_EMERGENCY,
	CHANGE_LANDED,
	/* an emergency that was closed, or is overdue; a ticket that was
	 * refused when it was asked again */
	CHANGE_NEWS
};

struct change {
	/** What it is found by: the ticket that its commits name, or
	 * `gp-` and digits of a digest over repository, ref and change. */
	char key[CHANGE_KEY_SIZE];
	/** The ticket that somebody named, the commits before the
	 * emergency; empty: none. A checked word. */
	char named[CHANGE_KEY_SIZE];
	enum change_event event;
};

/**
 * Say it of a record that was read deep.
 * @return 0; `event` is CHANGE_NOTHING where there is no change in it;
 *   ERR_SYS, ERR_MEMORY
 */
int change_of(const struct about *a, struct ledger *l, struct change *out,
	      struct err *e);

/** What may stand for a ticket: letters, digits, `._-`; a `#` before it is
 * cut. @return false when it is none */
bool change_take_word(const char *text, char out[CHANGE_KEY_SIZE]);

/** Whether a ticket's name fits a sink's ticket-pattern.
 * @param out  the number in it: group 1 of the pattern, or all */
bool change_fits(const char *pattern, const char *named,
		 char out[CHANGE_KEY_SIZE]);

/** The number of the ticket of this sink's system that a record's decision
 * names, which was looked for. @return false when there is none */
bool change_named(const struct about *a, const struct sink *sink,
		  char out[CHANGE_KEY_SIZE]);

#endif
