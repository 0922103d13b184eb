/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TRAILERS_H
#define GATEPOST_GIT_TRAILERS_H

/**
 * The trailers of a message by the grammar of git's trailer.c, without any
 * configuration, in no-divider mode. What is read here is what
 * `git log --format=%(trailers:only,unfold)` prints.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

struct trailer {
	struct span key;   /* as written */
	struct span value; /* unfolded and trimmed */
};

struct trailers {
	struct trailer *v;
	size_t n, cap;
	struct buf folded; /* keeps unfolded values; private */
};

/**
 * TRAILERS_DIVIDER reads as git-interpret-trailers(1) does: a line `---` ends
 * the message, as for patches; blank lines at the start are not skipped; the
 * LF that the last line may lack is added.
 */
enum trailers_mode { TRAILERS_NO_DIVIDER = 0, TRAILERS_DIVIDER };

void trailers_init(struct trailers *t);
void trailers_release(struct trailers *t);

/**
 * Read the trailers of `message` into `t` (whatever it held is dropped).
 * Keys and most values point into `message`, which must outlive `t`.
 * @param max  the most trailers that are taken
 * @return 0, ERR_LIMIT, ERR_MEMORY
 */
int trailers_parse(struct trailers *t, struct span message,
		   enum trailers_mode mode, size_t max, struct err *e);

/** The first trailer at or after *i whose key is `key` without case; moves
 * *i behind it. @return NULL when there is none */
const struct trailer *trailers_find(const struct trailers *t, const char *key,
				    size_t *i);

/** Whether both readings (divider, no divider) give the same values for the
 * key, in the same order. */
bool trailers_same_for(const struct trailers *a, const struct trailers *b,
		       struct span key);

#endif
