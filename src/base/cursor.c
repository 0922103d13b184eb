/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool cursor_take(struct cursor *c, size_t n, struct span *out)
{
	if (n > cursor_left(c))
		return false;
	*out = span_of(c->p, n);
	c->p += n;
	return true;
}

static bool take_be(struct cursor *c, size_t n, uint64_t *out)
{
	struct span s;
	size_t i;

	if (!cursor_take(c, n, &s))
		return false;
	*out = 0;
	for (i = 0; i < n; i++)
		*out = *out << 8 | (unsigned char)s.p[i];
	return true;
}

bool cursor_u8(struct cursor *c, uint8_t *out)
{
	uint64_t v;

	if (!take_be(c, 1, &v))
		return false;
	*out = (uint8_t)v;
	return true;
}

bool cursor_u16(struct cursor *c, uint16_t *out)
{
	uint64_t v;

	if (!take_be(c, 2, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

bool cursor_u32(struct cursor *c, uint32_t *out)
{
	uint64_t v;

	if (!take_be(c, 4, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

bool cursor_u64(struct cursor *c, uint64_t *out)
{
	return take_be(c, 8, out);
}

bool cursor_string(struct cursor *c, struct span *out)
{
	struct cursor was = *c;
	uint32_t n;

	if (cursor_u32(c, &n) && cursor_take(c, n, out))
		return true;
	*c = was;
	return false;
}

bool cursor_literal(struct cursor *c, const char *lit)
{
	size_t n = strlen(lit);

	if (n > cursor_left(c) || memcmp(c->p, lit, n) != 0)
		return false;
	c->p += n;
	return true;
}

bool cursor_until(struct cursor *c, char stop, struct span *out)
{
	const char *at;

	if (c->p == c->end)
		return false;
	at = memchr(c->p, stop, cursor_left(c));
	if (!at)
		return false;
	*out = span_of(c->p, (size_t)(at - c->p));
	c->p = at + 1;
	return true;
}

bool cursor_line(struct cursor *c, struct span *out)
{
	if (c->p == c->end)
		return false;
	if (cursor_until(c, '\n', out))
		return true;
	return cursor_take(c, cursor_left(c), out);
}

bool span_is(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.n == n && (n == 0 || memcmp(s.p, text, n) == 0);
}

bool span_is_nocase(struct span s, const char *text)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!text[i] || ascii_lower(s.p[i]) != ascii_lower(text[i]))
			return false;
	return text[i] == '\0';
}

bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && (n == 0 || memcmp(s.p, text, n) == 0);
}

bool span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

struct span span_trim(struct span s)
{
	while (s.n && ascii_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && ascii_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

char *span_dup(struct span s)
{
	char *out = malloc(s.n + 1);

	if (!out)
		return NULL;
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return out;
}

struct span span_str(const char *s)
{
	return span_of(s, strlen(s));
}
