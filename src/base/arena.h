/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_ARENA_H
#define GATEPOST_BASE_ARENA_H

/**
 * Many small things with one life: allocated one by one, freed together.
 * Nothing in an arena is freed or grown alone.
 */

#include <stddef.h>

#include "base/cursor.h"

struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes given out */
	size_t max;  /* the most that may be given out */
};

void arena_init(struct arena *a, size_t max);
void arena_release(struct arena *a);
/** Free what is in it, and keep some of the memory for what comes next. */
void arena_clear(struct arena *a);

/** `n` zeroed bytes, aligned for any type; NULL beyond `max` or memory. */
void *arena_alloc(struct arena *a, size_t n);
/** Copies, NUL-terminated. */
char *arena_dup(struct arena *a, struct span s);
char *arena_strdup(struct arena *a, const char *s);
/** Copies of `n` strings, with a NULL behind them. */
const char **arena_dup_all(struct arena *a, const struct span *v, size_t n);

#endif
