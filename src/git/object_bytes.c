/* SPDX-License-Identifier: Apache-2.0 */
#include "git/object_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "git/inflate.h"

enum {
	SMALLEST = 1 << 8, /* bytes of the first class */
	STEPS = 4,	   /* classes until the size doubles */
	KEEP_BYTES = 4 << 20
};

/** The class whose blocks have room for `n` bytes, or BYTES_POOL_CLASSES. */
static unsigned class_of(size_t n, size_t *room)
{
	size_t step = SMALLEST / STEPS;
	unsigned i;

	*room = SMALLEST;
	for (i = 0; i < BYTES_POOL_CLASSES && *room < n; i++) {
		*room += step;
		if (i % STEPS == STEPS - 1)
			step *= 2;
	}
	if (i == BYTES_POOL_CLASSES)
		*room = n;
	return i;
}

/* A free block's first bytes name the next one. */
static struct object_bytes *next_free(const struct object_bytes *b)
{
	struct object_bytes *next;

	memcpy(&next, b->data, sizeof(next));
	return next;
}

/**
 * Take a free block of class i, or of one with up to twice its room: a walk
 * goes back in time, where trees are smaller.
 */
static struct object_bytes *take_free(struct bytes_pool *pool, unsigned i)
{
	unsigned end = i + STEPS;
	struct object_bytes *b;

	for (; i <= end && i < BYTES_POOL_CLASSES; i++) {
		b = pool->free[i];
		if (!b)
			continue;
		pool->free[i] = next_free(b);
		pool->bytes -= b->room;
		return b;
	}
	return NULL;
}

struct object_bytes *object_bytes_new(struct bytes_pool *pool,
				      enum object_type type, size_t size)
{
	struct object_bytes *b;
	size_t room;
	unsigned i;

	if (size >= SIZE_MAX - sizeof(*b) - INFLATE_SPARE)
		return NULL;
	i = class_of(size + INFLATE_SPARE, &room);
	b = take_free(pool, i);
	if (!b) {
		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		b->room = room;
	}
	b->holders = 1;
	b->type = type;
	b->size = size;
	b->pool = pool;
	b->data[size] = '\0';
	return b;
}

void object_bytes_hold(struct object_bytes *b)
{
	b->holders++;
}

void object_bytes_drop(struct object_bytes *b)
{
	struct bytes_pool *pool;
	size_t room;
	unsigned i;

	if (!b || --b->holders)
		return;
	pool = b->pool;
	i = class_of(b->room, &room);
	if (i == BYTES_POOL_CLASSES || pool->bytes + room > KEEP_BYTES) {
		free(b);
		return;
	}
	memcpy(b->data, &pool->free[i], sizeof(pool->free[i]));
	pool->free[i] = b;
	pool->bytes += room;
}

void bytes_pool_release(struct bytes_pool *pool)
{
	unsigned i;

	for (i = 0; i < BYTES_POOL_CLASSES; i++)
		while (pool->free[i]) {
			struct object_bytes *b = pool->free[i];

			pool->free[i] = next_free(b);
			free(b);
		}
	pool->bytes = 0;
}
