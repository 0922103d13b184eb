/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_GONE_H
#define GATEPOST_LEDGER_GONE_H

/**
 * Which segments retention took: the file `segments/gone`, one line each,
 *
 *     FIRST END ROOT
 *
 * the number of its first record, that of the first behind it, and in
 * hexadecimal the root (RFC 6962) over its records alone. Readers pass over
 * these numbers, whether the segment's file is removed yet or not; that they
 * may, a record of kind `retention` says.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "ledger/merkle.h"

struct gone_range {
	uint64_t first, end;
	struct merkle_hash root;
};

/** In ascending order, none overlapping. Zeroed: nothing is gone. */
struct gone_list {
	struct gone_range *v;
	size_t n, cap;
	bool damaged; /* lines were left out, for they make no sense */
};

/** ERR_SYS, ERR_MEMORY; damage is no error, see above. */
int gone_read(struct gone_list *g, int dir_fd, struct err *e);
void gone_release(struct gone_list *g);

/** Add a range, wherever it belongs. ERR_USAGE when it overlaps another. */
int gone_add(struct gone_list *g, const struct gone_range *range,
	     struct err *e);

/** Replace `segments/gone`, durably. `dir` is the ledger's directory. */
int gone_write(const struct gone_list *g, const char *dir, mode_t mode,
	       struct err *e);

/** The range that holds `index`, or NULL. */
const struct gone_range *gone_find(const struct gone_list *g, uint64_t index);
/** `index`, or the first number behind it that is not gone. */
uint64_t gone_skip(const struct gone_list *g, uint64_t index);
/** Where the next range behind `index` begins, UINT64_MAX if there is none. */
uint64_t gone_next(const struct gone_list *g, uint64_t index);
/** How many of the numbers from `from` to below `end` are gone. */
uint64_t gone_count(const struct gone_list *g, uint64_t from, uint64_t end);

#endif
