/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_EMERGENCY_BOOK_H
#define GATEPOST_DESK_EMERGENCY_BOOK_H

/** The emergencies that the records tell of, and what was taken back without
 * a review. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/ledger.h"

enum { EMERGENCY_BOOK_MAX = 100000 };

struct emergency_ref {
	const char *name, *real, *old, *new_;
	size_t commits; /* that were judged */
};

/** One push that was let in. Strings live as long as the book. */
struct emergency_case {
	const char *decision; /* the id by which it is known */
	const char *repository;
	const char *git_namespace; /* "" outside of any */
	bool revert;		     /* no emergency: */
	const char *ticket, *reason; /* "" */
	const char **reverts; /* commits that only took a change back, hex */
	size_t nreverts;
	const char *owner; /* a principal; NULL: erased */
	const char *login; /* theirs at the push; "" when erased */
	int64_t made, deadline;
	struct emergency_ref *refs;
	size_t nrefs;
	const char **rules; /* names of what was excused */
	size_t nrules;
	bool closed;
	bool overdue_told; /* that it was not closed in time is recorded */
};

struct emergency_book {
	struct arena arena;
	struct emergency_case *v; /* the oldest first; reverts last */
	size_t n, cap;
};

void emergency_book_init(struct emergency_book *b);
void emergency_book_release(struct emergency_book *b);

/** Read all of them. Damaged records are passed over. */
int emergency_book_read(struct emergency_book *b, struct ledger *l,
			struct err *e);

#endif
