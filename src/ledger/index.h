/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_INDEX_H
#define GATEPOST_LEDGER_INDEX_H

/**
 * Small append-only files of lines, found by a key:
 *
 *     index/KIND/<16 hex of the repository's SHA-256>/<2 hex of the key>
 *
 * Each line is `<key> <value>`. A write begins with a line feed, so that
 * what a crash left of the one before it spoils no second line; what does
 * not end in a line feed is ignored. Of a long one it is known where its keys
 * are (ledger/index_sorted.h). Nothing is synced: all of it can be
 * made again from the records.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/err.h"
#include "ledger/ledger.h"

enum {
	INDEX_REPOSITORY_SIZE = 17, /* 16 hex digits and a NUL */
	INDEX_MAX_FILE = 256 << 20,
	INDEX_MAX_LINE = 4096, /* one write(2) appends it as a whole */
	INDEX_PATH_SIZE = 4096
};

/** `root` of the live index; rebuilding uses another. */
#define INDEX_LIVE "index"
/** Shared by whoever writes to the live one; exclusive to whoever puts another
 * in its place. */
#define INDEX_LOCK "locks/memory"

struct index_key {
	const char *root; /* below the ledger's directory */
	const char *kind; /* "brought", "uses", "approve", "said", "landed",
			  * "counted" */
	char repository[INDEX_REPOSITORY_SIZE];
	const char *key; /* hex, of at least 2 digits */
};

/** Fill `out` from the name of a repository. */
void index_repository(const char *name, char out[INDEX_REPOSITORY_SIZE]);

/** Called for each value of a key, in the order of writing; true stops. */
typedef bool index_visitor(void *arg, struct span value);

/** @return 0 also when there is no such file; ERR_SYS, ERR_LIMIT, … */
int index_visit(const char *ledger_dir, const struct index_key *k,
		index_visitor *visit, void *arg, struct err *e);

/** Append `<key> <value>`; with `once`, only if the key has none yet; in
 * any case not a second time. */
int index_put(struct ledger *l, const struct index_key *k, struct span value,
	      bool once, struct err *e);

#endif
