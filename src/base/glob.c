/* SPDX-License-Identifier: Apache-2.0 */
#include "base/glob.h"

#include <string.h>

#include "base/text.h"

static bool in_named_class(struct span name, char c)
{
	bool graph = c > ' ' && c < 0x7f;
	char low = ascii_lower(c);

	if (span_is(name, "alpha"))
		return ascii_alpha(c);
	if (span_is(name, "digit"))
		return ascii_digit(c);
	if (span_is(name, "alnum"))
		return ascii_alnum(c);
	if (span_is(name, "lower"))
		return c >= 'a' && c <= 'z';
	if (span_is(name, "upper"))
		return c >= 'A' && c <= 'Z';
	if (span_is(name, "space"))
		return ascii_space(c);
	if (span_is(name, "punct"))
		return graph && !ascii_alnum(c);
	if (span_is(name, "xdigit"))
		return ascii_digit(c) || (low >= 'a' && low <= 'f');
	return false;
}

/* `[:name:]` at `c`, whose `[` is next. */
static bool take_named_class(struct cursor *c, struct span *name)
{
	struct cursor was = *c;

	if (cursor_literal(c, "[:") && cursor_until(c, ':', name) &&
	    cursor_literal(c, "]"))
		return true;
	*c = was;
	return false;
}

/* One end of a range; `\` quotes. */
static bool take_class_byte(struct cursor *c, unsigned char *out)
{
	if (cursor_left(c) > 1 && *c->p == '\\')
		c->p++;
	return cursor_u8(c, out);
}

/* A single byte or a range of them. @return false at the pattern's end */
static bool class_item(struct cursor *c, unsigned char byte, bool *hit)
{
	unsigned char low, high;

	if (!take_class_byte(c, &low))
		return false;
	high = low;
	if (cursor_left(c) > 1 && c->p[0] == '-' && c->p[1] != ']') {
		c->p++;
		if (!take_class_byte(c, &high))
			return false;
	}
	if (byte >= low && byte <= high)
		*hit = true;
	return true;
}

/*
 * Take a class at `c`, whose `[` is next. @return false, taking nothing,
 * when it has no end: then the `[` stands for itself.
 */
static bool take_class(struct cursor *c, char byte, bool *match)
{
	struct cursor was = *c;
	bool negate, hit = false, first = true;
	struct span name;

	c->p++;
	negate = cursor_literal(c, "!") || cursor_literal(c, "^");
	for (; cursor_left(c); first = false) {
		if (!first && cursor_literal(c, "]")) {
			*match = hit != negate;
			return true;
		}
		if (take_named_class(c, &name))
			hit |= in_named_class(name, byte);
		else if (!class_item(c, (unsigned char)byte, &hit))
			break;
	}
	*c = was;
	return false;
}

/* Whether the next atom of the pattern, not a `*`, takes `byte`. */
static bool atom_matches(struct cursor *pat, char byte)
{
	bool match;
	char c;

	if (*pat->p == '[' && take_class(pat, byte, &match))
		return match;
	c = *pat->p++;
	if (c == '?')
		return true;
	if (c == '\\') {
		if (!cursor_left(pat))
			return false;
		c = *pat->p++;
	}
	return c == byte;
}

/*
 * One component. Only the last `*` is ever tried again: an earlier one
 * that took more could not help, since what follows it has matched at the
 * first place where it can.
 */
static bool component_matches(struct span pattern, struct span s)
{
	struct cursor pat = cursor_of(pattern.p, pattern.n), retry = {0};
	size_t at = 0, retry_at = 0;

	for (;;) {
		if (cursor_left(&pat) && *pat.p == '*') {
			pat.p++;
			retry = pat;
			retry_at = at;
			continue;
		}
		if (at == s.n && !cursor_left(&pat))
			return true;
		if (at < s.n && cursor_left(&pat) &&
		    atom_matches(&pat, s.p[at])) {
			at++;
			continue;
		}
		if (!retry.p || retry_at >= s.n)
			return false;
		pat = retry;
		at = ++retry_at;
	}
}

/* Components of a path; an empty path has one, which is empty. */
struct parts {
	const char *p; /* NULL after the last */
	const char *end;
};

static struct span parts_take(struct parts *s)
{
	size_t left = (size_t)(s->end - s->p);
	const char *slash = left ? memchr(s->p, '/', left) : NULL;
	struct span out = {s->p, slash ? (size_t)(slash - s->p) : left};

	s->p = slash ? slash + 1 : NULL;
	return out;
}

/* As parts_take; a `\` that quotes the `/` is no part of the component. */
static struct span parts_take_pattern(struct parts *s)
{
	struct span out = parts_take(s);
	size_t n = 0;

	while (n < out.n && out.p[out.n - 1 - n] == '\\')
		n++;
	if (s->p && n % 2 == 1)
		out.n--;
	return out;
}

bool text_glob_n(const char *pattern, struct span path)
{
	struct parts pat = {pattern, pattern + strlen(pattern)};
	struct parts text = {path.n ? path.p : "", NULL};
	struct parts retry_pat = {0}, retry_text = {0};

	text.end = text.p + path.n;
	while (pat.p || text.p) {
		struct span want =
			pat.p ? parts_take_pattern(&pat) : (struct span){0};

		if (want.p && span_is(want, "**")) {
			if (!pat.p)
				return text.p != NULL;
			retry_pat = pat;
			retry_text = text;
			continue;
		}
		if (want.p && text.p &&
		    component_matches(want, parts_take(&text)))
			continue;
		if (!retry_pat.p || !retry_text.p)
			return false;
		parts_take(&retry_text);
		pat = retry_pat;
		text = retry_text;
	}
	return true;
}

bool text_glob(const char *pattern, const char *path)
{
	return text_glob_n(pattern, span_str(path));
}
