/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_LANDINGS_H
#define GATEPOST_LEDGER_LANDINGS_H

/**
 * Which decisions let which change in, on which gated ref, and which
 * approvals counted there: in the index that ledger/memory.h describes. A
 * change is the raw-diff digest of a commit against its first parent, or of
 * all that a push brought to the ref.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "ledger/ledger.h"

struct memory_landing {
	const char *record; /* the decision's id, whose beginning is its time */
	const char *ref;    /* real ref name */
	const char *commit; /* hex: the commit, or the last of the push */
	const char *old;    /* hex: what the ref had; NULL: nothing */
	bool back;  /* it takes an earlier change back, or has such a commit */
	bool whole; /* all that the push brought, not one commit */
};

enum { MEMORY_MAX_REF = 3072 /* bytes; no landing on a longer name is kept */ };

/** The kinds of these lines of the index. */
#define MEMORY_LANDED "landed"
#define MEMORY_COUNTED "counted"

/** Called for each, in the order of pushing; valid in the call. True stops. */
typedef bool memory_landing_fn(void *ctx, const struct memory_landing *a);
int memory_landings(const char *ledger_dir, const char *repository,
		    const unsigned char digest[SHA256_SIZE],
		    memory_landing_fn *fn, void *ctx, struct err *e);
/** @param digest  64 hex digits */
int memory_put_landing(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_landing *a,
		       struct err *e);
/** Such a line's value, appended; nothing for a ref that is too long. */
int memory_landing_value(const struct memory_landing *a, struct buf *value,
			 struct err *e);

/** An approval of exactly a change, which counted when that was let in. Whose
 * it is, is his name in the policy; of who was erased nothing is kept. */
struct memory_counted {
	const char *record;
	const char *ref; /* real ref name */
	const char *principal;
	const char *payload; /* SHA-256 of what was signed, hex */
	const char *tag;     /* hex */
	const char *tip;     /* hex: the commit that it names */
	const char *key;     /* its fingerprint, or NULL */
	int64_t made, end;   /* milliseconds; 0: has none */
	bool presence, verification;
};
typedef bool memory_counted_fn(void *ctx, const struct memory_counted *a);
int memory_counted(const char *ledger_dir, const char *repository,
		   const unsigned char digest[SHA256_SIZE],
		   memory_counted_fn *fn, void *ctx, struct err *e);
int memory_put_counted(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_counted *a,
		       struct err *e);
int memory_counted_value(const struct memory_counted *a, struct buf *value,
			 struct err *e);

#endif
