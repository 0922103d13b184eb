/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16384 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

static void free_blocks(struct arena_block *b)
{
	struct arena_block *next;

	for (; b; b = next) {
		next = b->next;
		free(b);
	}
}

void arena_release(struct arena *a)
{
	free_blocks(a->blocks);
	arena_init(a, a->max);
}

void arena_clear(struct arena *a)
{
	struct arena_block *keep = a->blocks;

	if (!keep || keep->size > BLOCK_BYTES) {
		arena_release(a);
		return;
	}
	free_blocks(keep->next);
	keep->next = NULL;
	keep->used = 0;
	a->used = 0;
}

static struct arena_block *block_new(struct arena *a, size_t n)
{
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (!b)
		return NULL;
	b->used = 0;
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *b = a->blocks;
	void *out;

	if (n > SIZE_MAX - align)
		return NULL;
	n = (n + align - 1) / align * align;
	if (n > a->max - a->used)
		return NULL;
	if (!b || n > b->size - b->used)
		b = block_new(a, n);
	if (!b)
		return NULL;
	out = b->bytes + b->used;
	b->used += n;
	a->used += n;
	memset(out, 0, n);
	return out;
}

char *arena_dup(struct arena *a, struct span s)
{
	char *out = arena_alloc(a, s.n + 1);

	if (out && s.n)
		memcpy(out, s.p, s.n);
	return out;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, span_str(s));
}

const char **arena_dup_all(struct arena *a, const struct span *v, size_t n)
{
	const char **list = arena_alloc(a, (n + 1) * sizeof(*list));
	size_t i;

	for (i = 0; list && i < n; i++) {
		list[i] = arena_dup(a, v[i]);
		if (!list[i])
			return NULL;
	}
	return list;
}
