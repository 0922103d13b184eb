/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_UNVERIFIED_BOOK_H
#define GATEPOST_DESK_UNVERIFIED_BOOK_H

/** The pushes that were let in with a ticket that nobody could verify, as the
 * records of kind `ticket` tell of them, and what came of asking again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/ledger.h"

enum {
	UNVERIFIED_BOOK_MAX = 100000,
	UNVERIFIED_LATE_MS = 24 * 3600 * 1000 /* unanswered for so long */
};

enum unverified_state {
	UNVERIFIED_WAITS = 0,
	UNVERIFIED_REFUSED, /* the answer was no */
	UNVERIFIED_VERIFIED,
	UNVERIFIED_CLOSED /* by hand */
};

struct unverified_ticket {
	const char *id;
	const char *code, *why; /* what was said of it last; "" */
};

/** One push and rule. Strings live as long as the book; "" for none. */
struct unverified_case {
	const char *id; /* of the record that tells of it first */
	const char *decision, *repository, *git_namespace, *rule, *sink;
	int64_t pushed, answered; /* milliseconds since 1970; 0: not yet */
	const char *answer;	  /* the id of the record of the answer */
	struct unverified_ticket *tickets; /* one that holds is enough */
	size_t ntickets;
	const char **refs; /* real names */
	size_t nrefs;
	enum unverified_state state;
};

struct unverified_book {
	struct arena arena;
	struct unverified_case *v; /* the oldest first */
	size_t n, cap;
};

void unverified_book_init(struct unverified_book *b);
void unverified_book_release(struct unverified_book *b);

/** Read all of them. Damaged records are passed over. */
int unverified_book_read(struct unverified_book *b, struct ledger *l,
			 struct err *e);

/** Whether somebody has to look at it: refused, or unanswered for long. */
bool unverified_is_amiss(const struct unverified_case *c, int64_t now);

#endif
