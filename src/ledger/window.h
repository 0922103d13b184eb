/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_WINDOW_H
#define GATEPOST_LEDGER_WINDOW_H

/**
 * Buffered reads at offsets of a file that may grow, or be cut, meanwhile.
 * No mapping: a file that shrinks under a mapping kills its reader.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

struct window {
	int fd;	     /* borrowed */
	uint64_t at; /* offset of data[0] */
	char *data;
	size_t len, cap;
};

void window_init(struct window *w, int fd);
void window_release(struct window *w);

/** Forget what was read; the file may have changed. */
void window_forget(struct window *w);

/**
 * The bytes from `offset` on: at least `want`, fewer only at the end of the
 * file. `out` is valid until the next call.
 * @return 0, ERR_SYS, ERR_MEMORY
 */
int window_get(struct window *w, uint64_t offset, size_t want, struct span *out,
	       struct err *e);

#endif
