/* SPDX-License-Identifier: Apache-2.0 */
#include "base/name_map.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

struct name_map_slot {
	const char *name; /* NULL: free */
	size_t value;
};

static size_t hash(const char *name)
{
	uint64_t h = 14695981039346656037ULL;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

/* The slot of the name, or the free one where it would go. */
static struct name_map_slot *find(struct name_map_slot *slots, size_t cap,
				  const char *name)
{
	size_t at = hash(name) & (cap - 1);

	while (slots[at].name && strcmp(slots[at].name, name) != 0)
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

static int grow(struct name_map *m)
{
	size_t cap = m->cap ? 2 * m->cap : FIRST_SLOTS, i;
	struct name_map_slot *slots = calloc(cap, sizeof(*slots));

	if (!slots)
		return -1;
	for (i = 0; i < m->cap; i++)
		if (m->slots[i].name)
			*find(slots, cap, m->slots[i].name) = m->slots[i];
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return 0;
}

size_t name_map_get(const struct name_map *m, const char *name)
{
	const struct name_map_slot *s;

	if (!m->cap)
		return SIZE_MAX;
	s = find(m->slots, m->cap, name);
	return s->name ? s->value : SIZE_MAX;
}

int name_map_put(struct name_map *m, const char *name, size_t value)
{
	struct name_map_slot *s;

	if (2 * (m->n + 1) > m->cap && grow(m))
		return -1;
	s = find(m->slots, m->cap, name);
	if (!s->name) {
		s->name = name;
		m->n++;
	}
	s->value = value;
	return 0;
}

void name_map_release(struct name_map *m)
{
	free(m->slots);
	*m = (struct name_map){NULL, 0, 0};
}
