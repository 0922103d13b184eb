/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/text.h"
#include "policy/agents_data.h"

static size_t hash_word(struct span word)
{
	uint32_t h = 2166136261U; /* FNV-1a */
	size_t i;

	for (i = 0; i < word.n; i++)
		h = (h ^ (unsigned char)ascii_lower(word.p[i])) * 16777619U;
	return h ^ h >> 15;
}

static struct word_slot *slot_of(struct word_slot *slots, size_t cap,
				 struct span word)
{
	size_t at = hash_word(word) & (cap - 1);

	while (slots[at].word.p && !text_equal_nocase(slots[at].word, word))
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

const struct word_slot *word_table_find(const struct word_table *t,
					struct span word)
{
	const struct word_slot *slot;

	if (!t->cap || !word.n)
		return NULL;
	slot = slot_of(t->slots, t->cap, word);
	return slot->word.p ? slot : NULL;
}

static int make_room(struct word_table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 64, i;
	struct word_slot *slots;

	if (t->n * 4 < t->cap) /* sparse: most look-ups find nothing */
		return 0;
	slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return -1;
	for (i = 0; i < t->cap; i++)
		if (t->slots[i].word.p)
			*slot_of(slots, cap, t->slots[i].word) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	return 0;
}

int word_table_add(struct word_table *t, struct span word, unsigned value,
		   unsigned agent)
{
	struct word_slot *slot;

	if (t->n >= AGENTS_MAX_WORDS || make_room(t))
		return -1;
	slot = slot_of(t->slots, t->cap, word);
	if (slot->word.p && slot->agent != agent)
		return 1;
	if (!slot->word.p)
		*slot = (struct word_slot){.word = word, .agent = agent};
	slot->value |= value;
	t->n++;
	return 0;
}

void word_table_release(struct word_table *t)
{
	free(t->slots);
	*t = (struct word_table){0};
}
