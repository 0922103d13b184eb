/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signer_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

enum {
	MAX_VALUE = 1024, /* bytes of one option's value */
	EAST = 14 * 3600, /* seconds of the time zones farthest from UTC */
	WEST = 12 * 3600
};

void signer_options_init(struct signer_options *o)
{
	*o = (struct signer_options){.after = INT64_MIN, .before = INT64_MAX};
}

void signer_options_release(struct signer_options *o)
{
	free(o->namespaces);
	signer_options_init(o);
}

/* The value of `name=`, with its quotes. */
static bool take_name(struct cursor *c, const char *name)
{
	size_t n = strlen(name);

	if (cursor_left(c) <= n || c->p[n] != '=' ||
	    !span_is_nocase(span_of(c->p, n), name))
		return false;
	c->p += n + 1;
	return true;
}

/* A value in double quotes, in which `\"` is a quote. */
static bool take_quoted(struct cursor *c, struct buf *value)
{
	if (!cursor_literal(c, "\""))
		return false;
	while (cursor_left(c)) {
		if (cursor_literal(c, "\""))
			return buf_ok(value);
		if (cursor_left(c) > 1 && c->p[0] == '\\' && c->p[1] == '"')
			c->p++;
		buf_addch(value, *c->p++);
	}
	return false;
}

static bool two_digits(const char *p, int *out)
{
	if (!ascii_digit(p[0]) || !ascii_digit(p[1]))
		return false;
	*out = 10 * (p[0] - '0') + p[1] - '0';
	return true;
}

/* YYYYMMDD[HHMM[SS]][Z] */
static bool read_time(struct span s, int64_t *seconds, bool *utc)
{
	/* century, year, month, day, hour, minute, second */
	int part[7] = {0};
	size_t i;

	*utc = s.n && (s.p[s.n - 1] == 'Z' || s.p[s.n - 1] == 'z');
	if (*utc)
		s.n--;
	if (s.n != 8 && s.n != 12 && s.n != 14)
		return false;
	for (i = 0; i < s.n / 2; i++)
		if (!two_digits(s.p + 2 * i, &part[i]))
			return false;
	return time_from_civil(100 * part[0] + part[1], part[2], part[3],
			       part[4], part[5], part[6], seconds);
}

static int take_time(struct cursor *c, const char *name, struct buf *value,
		     int64_t *seconds, bool *utc, struct err *e)
{
	if (!take_quoted(c, value))
		return err_set(e, ERR_CONFIG,
			       "the value of %s must stand in quotes", name);
	if (!read_time(span_of(value->data, value->len), seconds, utc))
		return err_set(e, ERR_CONFIG,
			       "%s must be YYYYMMDD[HHMM[SS]][Z]", name);
	return 0;
}

static int take_after(struct signer_options *o, struct cursor *c,
		      struct buf *value, struct err *e)
{
	int64_t t;
	bool utc;
	int rc;

	if (o->after != INT64_MIN)
		return err_set(e, ERR_CONFIG, "valid-after stands twice");
	rc = take_time(c, "valid-after", value, &t, &utc, e);
	if (!rc)
		o->after = utc ? t : t + WEST;
	return rc;
}

static int take_before(struct signer_options *o, struct cursor *c,
		       struct buf *value, struct err *e)
{
	int64_t t;
	bool utc;
	int rc;

	if (o->before != INT64_MAX)
		return err_set(e, ERR_CONFIG, "valid-before stands twice");
	rc = take_time(c, "valid-before", value, &t, &utc, e);
	if (!rc)
		o->before = utc ? t : t - EAST;
	return rc;
}

static int take_namespaces(struct signer_options *o, struct cursor *c,
			   struct buf *value, struct err *e)
{
	if (o->namespaces)
		return err_set(e, ERR_CONFIG, "namespaces stands twice");
	if (!take_quoted(c, value) || !value->len)
		return err_set(e, ERR_CONFIG,
			       "the value of namespaces must stand in quotes");
	o->namespaces = span_dup(span_of(value->data, value->len));
	return o->namespaces ? 0 : err_nomem(e);
}

static int take_option(struct signer_options *o, struct cursor *c,
		       struct buf *value, struct err *e)
{
	static const char flag[] = "cert-authority";
	size_t n = sizeof(flag) - 1;

	if (cursor_left(c) >= n && span_is_nocase(span_of(c->p, n), flag)) {
		c->p += n;
		o->authority = true;
		return 0;
	}
	if (take_name(c, "namespaces"))
		return take_namespaces(o, c, value, e);
	if (take_name(c, "valid-after"))
		return take_after(o, c, value, e);
	if (take_name(c, "valid-before"))
		return take_before(o, c, value, e);
	return err_set(e, ERR_CONFIG,
		       "neither a key's type nor an option: cert-authority, "
		       "namespaces=\"…\", valid-after=\"…\" or "
		       "valid-before=\"…\" is expected behind the principals");
}

int signer_options_read(struct signer_options *o, struct span text,
			struct err *e)
{
	struct buf value = BUF_INIT(MAX_VALUE);
	struct cursor c = cursor_of(text.p, text.n);
	int rc = 0;

	do {
		buf_clear(&value);
		rc = take_option(o, &c, &value, e);
	} while (!rc && cursor_literal(&c, ","));
	buf_release(&value);
	if (rc)
		return rc;
	if (cursor_left(&c))
		return err_set(e, ERR_CONFIG,
			       "options must have commas between them");
	if (o->before <= o->after)
		return err_set(e, ERR_CONFIG,
			       "valid-before is not behind valid-after (times "
			       "without Z count as the narrowest time zone "
			       "has them; write Z for UTC)");
	return 0;
}
