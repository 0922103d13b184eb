/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_MISTAKES_H
#define GATEPOST_POLICY_MISTAKES_H

/**
 * The mistakes of a policy: all of them are told, not the first alone.
 */

#include <stddef.h>

#include "base/err.h"

enum { MISTAKES_MAX = 1000, MISTAKES_MAX_COLUMNS = 400 };

/** Where a value came from; for messages. */
struct option_place {
	const char *file;
	unsigned line; /* from 1; 0: the file as a whole */
};

/** Every mistake of a policy, as `file:line: text`. Zero-initialise. */
struct policy_mistakes {
	char **v; /* printable, NUL-terminated */
	size_t n, cap;
	size_t dropped;	       /* beyond MISTAKES_MAX */
	struct mistake_at *at; /* private: where each stands */
	size_t at_cap;
};

void policy_mistakes_release(struct policy_mistakes *m);

/**
 * Add one. What is not printable in it becomes `?`.
 * @return 0, or ERR_MEMORY
 */
int policy_mistakes_add(struct policy_mistakes *m,
			const struct option_place *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Order by place; of one place, as they came. The place of a file is the
 * position of its name (by pointer) in `files`.
 */
void policy_mistakes_sort(struct policy_mistakes *m, const char *const *files,
			  size_t nfiles);

/** ERR_CONFIG with the first mistake and the number of the others; 0 when
 * there is none. */
int policy_mistakes_error(const struct policy_mistakes *m, struct err *e);

#endif
