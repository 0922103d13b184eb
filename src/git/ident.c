/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "git/fault.h"

/* 9999-12-31T23:59:59Z, the last second that RFC 3339 can write. */
static const uint64_t MAX_SECONDS = 253402300799ULL;

static bool bad(struct object_fault *fault, const char *what, struct span value)
{
	return fault_set(fault, FAULT_MALFORMED, "%s in identity \"%.*s\"",
			 what, FAULT_QUOTE(value));
}

static bool has(struct span s, char c)
{
	return s.n && memchr(s.p, c, s.n);
}

/* `Name <mail>` with exactly one pair of brackets; the rest goes to `tail`. */
static bool take_who(struct span value, struct ident *out, struct cursor *tail,
		     struct object_fault *fault)
{
	struct cursor c = cursor_of(value.p, value.n);
	struct span name, mail;

	if (has(value, '\0') || has(value, '\n') || has(value, '\r'))
		return bad(fault, "a control character", value);
	if (!cursor_until(&c, '<', &name) || !cursor_until(&c, '>', &mail))
		return bad(fault, "no mail address", value);
	if (has(name, '>') || has(mail, '<'))
		return bad(fault, "misplaced angle brackets", value);
	*tail = c;
	if (has(span_of(c.p, cursor_left(&c)), '<') ||
	    has(span_of(c.p, cursor_left(&c)), '>'))
		return bad(fault, "more than one mail address", value);
	if (name.n == 0 || name.p[name.n - 1] != ' ')
		return bad(fault, "no blank before the mail address", value);
	out->name = span_trim(name);
	out->mail = mail;
	return true;
}

static bool zone_ok(struct span zone)
{
	size_t i;

	if (zone.n != 5 || (zone.p[0] != '+' && zone.p[0] != '-'))
		return false;
	for (i = 1; i < zone.n; i++)
		if (!ascii_digit(zone.p[i]))
			return false;
	return true;
}

static int zone_minutes(struct span zone)
{
	int hours = (zone.p[1] - '0') * 10 + (zone.p[2] - '0');
	int minutes = (zone.p[3] - '0') * 10 + (zone.p[4] - '0');
	int east = hours * 60 + minutes;

	return zone.p[0] == '-' ? -east : east;
}

bool ident_parse(struct span value, struct ident *out,
		 struct object_fault *fault)
{
	struct span seconds, zone;
	struct cursor tail;
	uint64_t when;

	memset(out, 0, sizeof(*out));
	fault->code = FAULT_NONE;
	if (!take_who(value, out, &tail, fault))
		return false;
	if (!cursor_literal(&tail, " ") ||
	    !cursor_until(&tail, ' ', &seconds) || seconds.n == 0 ||
	    (seconds.n > 1 && seconds.p[0] == '0') ||
	    !text_to_u64(seconds, MAX_SECONDS, &when))
		return bad(fault, "a time that is no plain number of seconds",
			   value);
	zone = span_of(tail.p, cursor_left(&tail));
	if (!zone_ok(zone))
		return bad(fault, "a time zone not of the form +hhmm", value);
	out->raw = value;
	out->when = (int64_t)when;
	out->zone = zone_minutes(zone);
	return true;
}
