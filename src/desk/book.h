/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_BOOK_H
#define GATEPOST_DESK_BOOK_H

/**
 * Books are what records of one kind tell, read together: here is what they
 * have in common, reading record after record into an arena.
 */

#include <yyjson.h>

#include "base/arena.h"
#include "ledger/ledger.h"
#include "ledger/search.h"

enum { BOOK_BYTES = 1 << 28 /* the most that the texts of a book may take */ };

/** One record while it is read. */
struct book_entry {
	struct arena *arena; /* where the book's texts live */
	struct ledger *l;
	yyjson_val *root;   /* the record */
	yyjson_val *people; /* its persons line */
	void *arg;
	struct err *e;
};

/** @return 0, or a code with entry->e set, which ends it */
typedef int book_entry_fn(struct book_entry *entry);

/**
 * Call fn for each record that a query finds, the oldest first. Damaged
 * records are passed over.
 * @param end  the number behind the last record that is read
 */
int book_read(struct ledger *l, const struct ledger_query *q, uint64_t end,
	      struct arena *arena, book_entry_fn *fn, void *arg, struct err *e);

/** A copy of a text member; "" for what is not there.
 * @param ok  false when there was no memory; else unchanged */
const char *book_text(const struct book_entry *entry, yyjson_val *obj,
		      const char *name, bool *ok);

/** Whom `{"person":N}`, a member of the record, stands for; NULL: nobody, or
 * erased. */
yyjson_val *book_person(const struct book_entry *entry, const char *member);

#endif
