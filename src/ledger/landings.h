/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_LANDINGS_H
#define GATEPOST_LEDGER_LANDINGS_H

/**
 * Which decisions let which change in, on which gated ref: in the index that
 * ledger/memory.h describes. A change is the raw-diff digest of a commit
 * against its parent.
 */

#include <stdbool.h>

#include "base/err.h"
#include "base/sha256.h"
#include "ledger/ledger.h"

struct memory_landing {
	const char *record; /* the decision's id, whose beginning is its time */
	const char *ref;    /* real ref name */
};

enum { MEMORY_MAX_REF = 3072 /* bytes; no landing on a longer name is kept */ };

/** The kind of these lines of the index. */
#define MEMORY_LANDED "landed"

/** Called for each, in the order of pushing; valid in the call. True stops. */
typedef bool memory_landing_fn(void *ctx, const struct memory_landing *a);
int memory_landings(const char *ledger_dir, const char *repository,
		    const unsigned char digest[SHA256_SIZE],
		    memory_landing_fn *fn, void *ctx, struct err *e);
/** @param digest  64 hex digits */
int memory_put_landing(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_landing *a,
		       struct err *e);

#endif
