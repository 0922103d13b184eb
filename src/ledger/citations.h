/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_CITATIONS_H
#define GATEPOST_LEDGER_CITATIONS_H

/**
 * Pieces of evidence that are named in records: any 64 hexadecimal digits
 * under which there is one, in the record or in a list that it keeps as
 * evidence.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"
#include "ledger/ledger.h"

struct citation {
	unsigned char digest[SHA256_SIZE];
	bool kept; /* a record that stays names it, too */
};

/** Zeroed: none. */
struct citations {
	struct citation *v;
	size_t n, cap;
	bool sorted;
};

void citations_release(struct citations *c);

/** Add the pieces that a record names. */
int citations_add(struct citations *c, struct ledger *l, struct span json,
		  struct err *e);

/** Mark those of them that a record, which stays, names. */
int citations_keep(struct citations *c, struct ledger *l, struct span json,
		   struct err *e);

/** Remove the others from the ledger. @param n  how many that were */
int citations_remove(const struct citations *c, struct ledger *l, uint64_t *n,
		     struct err *e);

#endif
