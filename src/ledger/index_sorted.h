/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_INDEX_SORTED_H
#define GATEPOST_LEDGER_INDEX_SORTED_H

/**
 * Where the lines of a long index file are, sorted by key, in a file beside
 * it whose name ends in INDEX_SORTED. It says up to which byte it knows the
 * lines; what was appended since is read as it stands, so nobody waits for
 * anybody: it is written as a whole, now and then, by whoever appends.
 *
 * Blocks of 4,096 bytes end in their CRC-32. The first says what it is of; the
 * others hold entries of 12 bytes in ascending order: the first 16 digits of a
 * key as bytes, and where its line begins. Numbers are big-endian. Nothing is
 * synced: what does not check, or does not fit the file beside it, counts as
 * absent, and then that is read from its beginning.
 */

#include "base/buf.h"
#include "base/err.h"
#include "ledger/ledger.h"

#define INDEX_SORTED ".sorted"

enum { INDEX_SCAN_BYTES = 64 << 10 /* read as they stand */ };

/**
 * The lines that may be of a key: those that are, and all that were appended
 * since.
 * @param fd    the file of lines
 * @param path  its path
 * @param size  how much of it to read
 * @return 1, 0 when all of it must be read; ERR_MEMORY
 */
int index_sorted_lines(int fd, const char *path, size_t size, const char *key,
		       struct buf *out, struct err *e);

/** Sort again when that is due. What fails is of no harm: more is read.
 * @param name  below the ledger's directory */
void index_sorted_update(struct ledger *l, int fd, const char *name);

#endif
