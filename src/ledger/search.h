/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_SEARCH_H
#define GATEPOST_LEDGER_SEARCH_H

/**
 * Records by what they speak of. Runs (ledger/runs.h) tell which records may
 * be meant; each of these is read and compared. What no run covers is read
 * as a whole: the last some thousand records, or all of them where there is
 * no index.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

/** All that are given must hold; NULL and 0 ask nothing. Borrowed. */
struct ledger_query {
	const char *id; /* or how it begins */
	const char *kind;
	const char *verdict;
	const char *repository;
	const char *ref;    /* in full: refs/heads/main */
	const char *commit; /* or how it begins, at least 6 digits */
	const char *person; /* a principal, a login, an e-mail address */
	const char *rule;
	const char *agent;
	int64_t since, until; /* milliseconds since 1970, both included */
	bool thorough; /* read all: runs are no evidence of what there is */
};

enum { QUERY_MIN_COMMIT = 6 };

/** ERR_USAGE when the query can match nothing: no commit, no id, … */
int ledger_query_check(const struct ledger_query *q, struct err *e);

struct ledger_search;

/**
 * Search the records with numbers from `from` to below `end`, in order.
 * Writes nothing: runs_update() before it makes it fast. `q` is borrowed for
 * as long as the search lives.
 */
int ledger_search_new(struct ledger_search **out, struct ledger *l,
		      const struct ledger_query *q, uint64_t from, uint64_t end,
		      struct err *e);
void ledger_search_free(struct ledger_search *s);

/** As ledger_reader_next(), and 0 is the end for good. */
int ledger_search_next(struct ledger_search *s, struct ledger_item *out,
		       struct err *e);

/**
 * How many records ledger_search_next() would show. Without a question they
 * are not read, and damaged ones count.
 */
int ledger_search_count(struct ledger *l, const struct ledger_query *q,
			uint64_t from, uint64_t end, uint64_t *n,
			struct err *e);

#endif
