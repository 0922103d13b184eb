/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/der.h"

#include <stddef.h>

enum { INDEFINITE = 0x80, MAX_LENGTH_BYTES = 3 };

/* A length in its shortest form, which must fit into what is left. */
static bool take_length(struct cursor *c, size_t *length)
{
	uint8_t first, next;
	size_t n;

	if (!cursor_u8(c, &first) || first == INDEFINITE)
		return false;
	*length = first;
	if (first > INDEFINITE) {
		n = first - INDEFINITE;
		if (n > MAX_LENGTH_BYTES)
			return false;
		for (*length = 0; n; n--) {
			if (!cursor_u8(c, &next) || (!*length && !next))
				return false;
			*length = *length << 8 | next;
		}
		if (*length < INDEFINITE)
			return false;
	}
	return *length <= cursor_left(c);
}

bool der_is_next(const struct cursor *c, enum der_tag tag)
{
	return cursor_left(c) && (unsigned char)*c->p == (unsigned)tag;
}

bool der_take(struct cursor *c, enum der_tag tag, struct span *value)
{
	struct cursor at = *c;
	size_t length;

	if (!der_is_next(&at, tag))
		return false;
	at.p++;
	if (!take_length(&at, &length) || !cursor_take(&at, length, value))
		return false;
	*c = at;
	return true;
}

bool der_take_whole(struct cursor *c, enum der_tag tag, struct span *whole)
{
	const char *start = c->p;
	struct span value;

	if (!der_take(c, tag, &value))
		return false;
	*whole = span_of(start, (size_t)(c->p - start));
	return true;
}

bool der_enter(struct cursor *c, enum der_tag tag, struct der_level *level)
{
	size_t length;

	if (!der_is_next(c, tag))
		return false;
	c->p++;
	if (cursor_left(c) && (unsigned char)*c->p == INDEFINITE) {
		c->p++;
		level->end = NULL;
		return true;
	}
	if (!take_length(c, &length))
		return false;
	level->end = c->p + length;
	return true;
}

bool der_leave(struct cursor *c, const struct der_level *level)
{
	struct span end;

	if (level->end)
		return c->p == level->end;
	return cursor_take(c, 2, &end) && !end.p[0] && !end.p[1];
}
