/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_RUN_H
#define GATEPOST_LEDGER_RUN_H

/**
 * Sorted runs: which of a fixed range of records have a term. A run is
 * written once, as a whole, and never changes:
 *
 *     find/LEVEL/<20-digit number of its first record>
 *
 * A run of level 0 covers 4,096 records, one of each further level 16 times
 * as many; ranges begin at multiples of their size. Blocks of 4,096 bytes
 * end in their CRC-32. The first says what the run is; the others hold
 * entries of 13 bytes in ascending order: a key (ledger/terms.h) and the
 * record's number within the run. Numbers are big-endian.
 *
 * Nothing is synced: what a crash leaves does not check, and counts as
 * absent. All of it can be made again from the records.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"
#include "ledger/terms.h"

enum {
	RUN_LEVELS = 3,
	RUN_FANOUT = 16,
	RUN_RECORDS = 4096, /* of a run of level 0 */
	RUN_ENTRY = TERM_KEY_SIZE + 4,
	RUN_BLOCK = 4096,
	RUN_NAME_SIZE = 64
};

#define RUN_DIR "find"

/** How many records a run of this level covers. */
uint64_t run_size(int level);
void run_name(int level, uint64_t first, char out[RUN_NAME_SIZE]);

struct run_info {
	uint64_t first, entries;
	int64_t min_ms, max_ms; /* of the records; min > max: there are none */
};

/* -------------------------------------------------------------- reading */

struct run {
	int fd;
	struct run_info info;
	uint64_t block; /* of the file, in `data`; 0: none of the entries */
	unsigned char data[RUN_BLOCK];
};

/**
 * @return 0; ERR_NOT_FOUND when there is none, or it is damaged; ERR_SYS
 */
int run_open(struct run *r, int dir_fd, int level, uint64_t first,
	     struct err *e);
void run_release(struct run *r);

/** Entry `i`. @return 0, ERR_MALFORMED when its block is damaged, ERR_SYS */
int run_get(struct run *r, uint64_t i, const unsigned char **entry,
	    struct err *e);

/** The first entry whose key is not below `key`, or, with `above`, is above
 * it; `info.entries` when there is none. */
int run_bound(struct run *r, const unsigned char key[TERM_KEY_SIZE], bool above,
	      uint64_t *i, struct err *e);

/* -------------------------------------------------------------- writing */

struct run_writer {
	struct ledger *l;
	int fd, level;
	struct run_info info;
	uint64_t block;
	size_t used;
	char tmp[RUN_NAME_SIZE];
	unsigned char data[RUN_BLOCK];
};

/** Begin the run of `level` at `first`. ERR_SYS, also where this user may
 * not write. */
int run_writer_init(struct run_writer *w, struct ledger *l, int level,
		    uint64_t first, struct err *e);
/** Entries come in order; equal ones count once. */
int run_writer_add(struct run_writer *w, const unsigned char entry[RUN_ENTRY],
		   struct err *e);
/** Give it its name. Fill in `info.min_ms` and `max_ms` before. */
int run_writer_commit(struct run_writer *w, struct err *e);
/** Removes what was not committed. */
void run_writer_release(struct run_writer *w);

uint32_t run_entry_record(const unsigned char entry[RUN_ENTRY]);
void run_entry_set_record(unsigned char entry[RUN_ENTRY], uint32_t record);

#endif
