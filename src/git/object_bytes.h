/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_OBJECT_BYTES_H
#define GATEPOST_GIT_OBJECT_BYTES_H

/**
 * The unpacked bytes of an object, shared by whoever holds a reference: the
 * caller, the cache of delta bases, the cache of trees. Private to this room.
 */

#include <stddef.h>

#include "git/repository.h"

struct object_bytes {
	unsigned holders;
	enum object_type type;
	size_t size;
	size_t room; /* bytes allocated for data */
	struct bytes_pool *pool;
	char data[]; /* size bytes, a NUL, and room for zlib */
};

enum { BYTES_POOL_CLASSES = 56 };

/**
 * Memory of objects that were dropped, kept for the next ones: a walk over
 * history unpacks trees of much the same size a hundred thousand times. The
 * pool outlives what was taken from it.
 */
struct bytes_pool {
	struct object_bytes *free[BYTES_POOL_CLASSES];
	size_t bytes;
};

void bytes_pool_release(struct bytes_pool *pool);

/** One holder; NULL when memory ran out. */
struct object_bytes *object_bytes_new(struct bytes_pool *pool,
				      enum object_type type, size_t size);
void object_bytes_hold(struct object_bytes *b);
void object_bytes_drop(struct object_bytes *b);

#endif
