/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/persons_splice.h"

#include <string.h>

#include "base/text.h"
#include "ledger/persons.h"

enum { MAX_PERSONS = 32, MAX_DIGITS = 4, WORD = 7 };

struct splice {
	struct span people[MAX_PERSONS]; /* as they go into the record */
	size_t n;
	const char *copied; /* what is before it is in `out` */
	struct buf *out;
};

/** What the word at the cursor is. */
enum place { PLACE_STRANGE = 0, PLACE_VALUE, PLACE_KEY };

/* `{"salt":"…",REST` */
static bool cut_salt(struct span element, struct span *rest)
{
	struct cursor c = cursor_of(element.p, element.n);
	struct span salt;

	if (!cursor_literal(&c, "{\"salt\":\"") ||
	    !cursor_until(&c, '"', &salt) || memchr(salt.p, '\\', salt.n) ||
	    !cursor_literal(&c, ","))
		return false;
	*rest = span_of(c.p, cursor_left(&c));
	return !memmem(rest->p, rest->n, "\"salt\"", 6);
}

static bool list_people(struct splice *s, struct span line)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span element;

	if (span_is(line, "[]"))
		return true;
	if (!cursor_literal(&c, "["))
		return false;
	while (persons_element(&c, &element)) {
		if (s->n == MAX_PERSONS)
			return false;
		if (span_is(element, "null"))
			s->people[s->n] = span_str("\"erased\":true}");
		else if (!cut_salt(element, &s->people[s->n]))
			return false;
		s->n++;
	}
	return !cursor_left(&c);
}

static bool take_number(struct cursor *c, size_t *out)
{
	const char *start = c->p;

	*out = 0;
	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (c->p - start == MAX_DIGITS)
			return false;
		*out = *out * 10 + (size_t)(*c->p - '0');
	}
	return c->p > start && c->p < c->end;
}

static bool add_person(struct splice *s, struct cursor *c)
{
	size_t number;

	if (!take_number(c, &number) || number >= s->n)
		return false;
	buf_addch(s->out, '{');
	buf_add(s->out, s->people[number].p, s->people[number].n);
	s->copied = c->p;
	return true;
}

static void copy_until(struct splice *s, const char *p)
{
	buf_add(s->out, s->copied, (size_t)(p - s->copied));
	s->copied = p;
}

/* Behind `"person":`; what is no number stays. */
static bool join_person(struct splice *s, struct cursor *c)
{
	if (*c->p == '{' || *c->p == '[' || *c->p == '"')
		return true;
	copy_until(s, c->p);
	return add_person(s, c) && (*c->p == ',' || *c->p == '}');
}

/* Behind `"people":` */
static bool join_people(struct splice *s, struct cursor *c)
{
	if (*c->p == '{' || *c->p == '"')
		return true;
	if (!cursor_literal(c, "["))
		return false;
	if (*c->p == ']')
		return true;
	for (;;) {
		copy_until(s, c->p);
		if (!add_person(s, c))
			return false;
		if (*c->p == ']')
			return true;
		if (!cursor_literal(c, ","))
			return false;
	}
}

/*
 * In well-formed text a quote that is not escaped begins or ends a string, and
 * what follows an end is no letter; so `,"person":` is a name wherever it is.
 */
static enum place place_of(const char *start, const char *word, const char *end)
{
	char before = word - start > 1 ? word[-2] : ' ';
	char behind = end - word > WORD ? word[WORD] : ' ';

	if (behind == ',' || behind == ']' || behind == '}')
		return PLACE_VALUE;
	return behind == ':' && (before == '{' || before == ',')
		       ? PLACE_KEY
		       : PLACE_STRANGE;
}

/* The word whose first letter is at the cursor. */
static bool join_word(struct splice *s, struct span json, struct cursor *c)
{
	bool one = cursor_left(c) > WORD && !memcmp(c->p, "person\"", WORD);
	bool all = cursor_left(c) > WORD && !memcmp(c->p, "people\"", WORD);
	enum place place;

	if (c->p == json.p || c->p[-1] != '"' || (!one && !all)) {
		c->p++;
		return true;
	}
	place = place_of(json.p, c->p, c->end);
	c->p += WORD;
	if (place != PLACE_KEY)
		return place == PLACE_VALUE;
	c->p++;
	if (c->p == c->end)
		return false;
	return one ? join_person(s, c) : join_people(s, c);
}

bool persons_splice(struct span json, struct span line, struct buf *out)
{
	struct splice s = {.copied = json.p, .out = out};
	struct cursor c = cursor_of(json.p, json.n);
	size_t before = out->len;
	bool good = list_people(&s, line);

	while (good && cursor_left(&c)) {
		const char *p = memchr(c.p, 'p', cursor_left(&c));

		c.p = p ? p : c.end;
		if (p)
			good = join_word(&s, json, &c);
	}
	if (good) {
		copy_until(&s, c.end);
		return true;
	}
	buf_truncate(out, before);
	return false;
}
