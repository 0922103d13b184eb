/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_STATEMENTS_H
#define GATEPOST_LEDGER_STATEMENTS_H

/**
 * What was said of changes, in the index that ledger/memory.h describes: the
 * AI tools that a commit declared or showed, or that none helped. A change is
 * the raw-diff digest of a commit against its parent, or of several commits
 * together, which may come again as one.
 */

#include <stdbool.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "ledger/index.h"
#include "ledger/ledger.h"

enum { MEMORY_MAX_STATEMENTS = 16 /* kept of one change: the first */ };

struct memory_statement {
	const char *record; /* id of the decision that accepted it */
	const char *agent;  /* NULL where none helped */
	const char *model;  /* or NULL, like the next two */
	const char *session;
	const char *trailer; /* the line that declares it */
	bool declared;	     /* in a trailer block, not only seen */
	bool none;	     /* no tool helped */
};

/** Called for each, in the order of pushing; valid in the call. True stops. */
typedef bool memory_statement_fn(void *ctx, const struct memory_statement *s);
int memory_statements(const char *ledger_dir, const char *repository,
		      const unsigned char digest[SHA256_SIZE],
		      memory_statement_fn *fn, void *ctx, struct err *e);

/** Whether anything was ever said of a change in this repository. */
bool memory_has_statements(const char *ledger_dir, const char *repository);

/** Note one, unless the same is noted already: the first record stays.
 * @param digest  64 hex digits */
int memory_put_statement(struct ledger *l, const char *repository,
			 const char *digest, const struct memory_statement *s,
			 struct err *e);

/**
 * Take one from a JSON object, in the index or in a record. Its texts live as
 * long as the object.
 * @param record  the member that names the record
 * @return false when it says neither of a tool nor that none helped
 */
bool memory_statement_read(yyjson_val *o, const char *record,
			   struct memory_statement *s);

/** The kind of these lines of the index, and how one is written there:
 * appended to `value`. */
#define MEMORY_SAID "said"
int memory_statement_value(const struct memory_statement *s, struct buf *value,
			   struct err *e);
/** Put such a value under a key of that kind, in any index. */
int memory_put_value(struct ledger *l, const struct index_key *k,
		     struct span value, struct err *e);

#endif
