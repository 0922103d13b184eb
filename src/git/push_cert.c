/* SPDX-License-Identifier: Apache-2.0 */
#include "git/push_cert.h"

#include <string.h>

#include "base/text.h"
#include "git/armor.h"

static bool take_header(struct cursor *c, const char *key, struct span *value)
{
	struct cursor at = *c;

	if (!cursor_literal(&at, key) || !cursor_literal(&at, " ") ||
	    !cursor_until(&at, '\n', value))
		return false;
	*c = at;
	return true;
}

static bool has_control(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool all_digits(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* The word behind the last blank, which is cut off. */
static struct span cut_word(struct span *s)
{
	size_t n = s->n;
	struct span word;

	while (n && s->p[n - 1] != ' ')
		n--;
	word = span_of(s->p + n, s->n - n);
	s->n = n ? n - 1 : 0;
	return word;
}

/* `<whoever> <seconds> <zone>`; whoever may have blanks, or be empty. */
static bool pusher_ok(struct span value)
{
	struct span zone = cut_word(&value), when = cut_word(&value);

	return zone.n == 5 && (zone.p[0] == '+' || zone.p[0] == '-') &&
	       all_digits(span_of(zone.p + 1, 4)) && all_digits(when);
}

static const char *parse_headers(struct cursor *c, struct push_cert *out)
{
	struct span value;
	const char *from;

	if (!cursor_literal(c, "certificate version 0.1\n"))
		return "it is of no version that is known";
	if (!take_header(c, "pusher", &out->pusher) || !pusher_ok(out->pusher))
		return "it has no well-formed pusher line";
	(void)take_header(c, "pushee", &out->pushee);
	(void)take_header(c, "nonce", &out->nonce);
	from = c->p;
	while (take_header(c, "push-option", &value))
		if (has_control(value))
			return "a push option has control characters";
	out->options = span_of(from, (size_t)(c->p - from));
	if (!cursor_literal(c, "\n"))
		return "it has a header that is unknown or out of order";
	if (has_control(out->pusher) || has_control(out->pushee) ||
	    has_control(out->nonce))
		return "a header has control characters";
	return NULL;
}

const char *push_cert_parse(struct span raw, struct push_cert *out)
{
	struct cursor c = cursor_of(raw.p, raw.n);
	const char *why, *from, *end;
	struct span line;

	*out = (struct push_cert){.payload = {"", 0}};
	if (raw.n > PUSH_CERT_MAX_BYTES)
		return "it is too long";
	if (raw.n && memchr(raw.p, '\0', raw.n))
		return "it has a NUL byte";
	why = parse_headers(&c, out);
	if (why)
		return why;
	from = end = c.p;
	while (cursor_until(&c, '\n', &line) && !armor_begins(line))
		end = c.p;
	out->updates = span_of(from, (size_t)(end - from));
	out->payload = span_of(raw.p, (size_t)(end - raw.p));
	out->signature = span_of(end, raw.n - out->payload.n);
	if (!out->updates.n)
		return "it has no ref update";
	if (!out->signature.n || !armor_begins(out->signature))
		return "it has no signature";
	return armor_check(out->signature, 0, ARMOR_KNOWN);
}

static bool same_update(struct span line, const struct ref_update *u,
			enum oid_algo algo)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span old, new_;
	struct oid a, b;

	if (!cursor_until(&c, ' ', &old) || !cursor_until(&c, ' ', &new_) ||
	    !oid_from_hex(&a, algo, old) || !oid_from_hex(&b, algo, new_))
		return false;
	return oid_equal(&a, &u->old) && oid_equal(&b, &u->new_) &&
	       span_is(span_of(c.p, cursor_left(&c)), u->name);
}

bool push_cert_is_of(const struct push_cert *cert, const struct push *push,
		     enum oid_algo algo)
{
	struct cursor c = cursor_of(cert->updates.p, cert->updates.n);
	struct span line;
	size_t i = 0;

	while (cursor_until(&c, '\n', &line))
		if (i == push->n || !same_update(line, &push->v[i++], algo))
			return false;
	return i == push->n && !cursor_left(&c);
}

bool push_cert_has_options(const struct push_cert *cert,
			   const char *const *options, size_t n)
{
	struct cursor c = cursor_of(cert->options.p, cert->options.n);
	struct span value;
	size_t i = 0;

	while (take_header(&c, "push-option", &value))
		if (i == n || !span_is(value, options[i++]))
			return false;
	return i == n;
}
