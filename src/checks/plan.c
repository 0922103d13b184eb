/* SPDX-License-Identifier: Apache-2.0 */
#include "checks/plan.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_PATTERN = 256, MAX_EXTENSION = 8 };

struct plan_tickets {
	regex_t re;
};

int plan_tickets_new(struct plan_tickets **out, const char *pattern,
		     struct err *e)
{
	char whole[MAX_PATTERN + 8], why[128];
	struct plan_tickets *t;
	int rc;

	*out = NULL;
	if (strlen(pattern) > MAX_PATTERN)
		return err_set(e, ERR_CONFIG, "this pattern is too long");
	t = calloc(1, sizeof(*t));
	if (!t)
		return err_nomem(e);
	snprintf(whole, sizeof(whole), "^(%s)$", pattern);
	rc = regcomp(&t->re, whole, REG_EXTENDED | REG_NOSUB);
	if (rc) {
		regerror(rc, &t->re, why, sizeof(why));
		free(t);
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is no extended regular expression: %s",
			       pattern, why);
	}
	*out = t;
	return 0;
}

void plan_tickets_free(struct plan_tickets *t)
{
	if (!t)
		return;
	regfree(&t->re);
	free(t);
}

bool plan_is_ticket(struct span value, const struct plan_tickets *t)
{
	char text[PLAN_MAX_TICKET + 1];

	if (!t || value.n > PLAN_MAX_TICKET || memchr(value.p, '\0', value.n))
		return false;
	memcpy(text, value.p, value.n);
	text[value.n] = '\0';
	return regexec(&t->re, text, 0, NULL, 0) == 0;
}

/* What people write where a plan should stand. */
static bool is_placeholder_word(struct span value)
{
	static const char *const words[] = {
		"none",
		"n/a",
		"na",
		"n.a",
		"no",
		"nil",
		"null",
		"nope",
		"tbd",
		"tba",
		"tbc",
		"todo",
		"to do",
		"to be done",
		"to be defined",
		"to be decided",
		"to be added",
		"to be determined",
		"fixme",
		"xxx",
		"later",
		"pending",
		"unknown",
		"empty",
		"nothing",
		"not applicable",
		"not available",
		"not needed",
		"not required",
		"no plan",
		"no rollback",
		"plan",
		"rollback plan",
		"rollback",
		"placeholder",
		"tbd later",
		"see above",
		"same",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_is_nocase(value, words[i]))
			return true;
	return false;
}

/* Only dashes, dots and the like say nothing, nor does `<describe it>`. */
static bool is_placeholder(struct span value)
{
	bool says = false;
	size_t i;

	while (value.n && strchr(".!?: ", value.p[value.n - 1]) &&
	       value.p[value.n - 1])
		value.n--;
	if (!value.n || is_placeholder_word(value))
		return true;
	if ((value.p[0] == '<' && value.p[value.n - 1] == '>') ||
	    (value.p[0] == '[' && value.p[value.n - 1] == ']'))
		return true;
	for (i = 0; i < value.n; i++)
		says |= ascii_alnum(value.p[i]) || (value.p[i] & (char)0x80);
	return !says || span_is(value, "\xe2\x80\x93") || /* en dash */
	       span_is(value, "\xe2\x80\x94") ||	  /* em dash */
	       span_is(value, "\xe2\x80\xa6");		  /* ellipsis */
}

static bool has_space(struct span value)
{
	size_t i;

	for (i = 0; i < value.n; i++)
		if (ascii_space(value.p[i]))
			return true;
	return false;
}

static bool is_url(struct span value)
{
	struct cursor c = cursor_of(value.p, value.n);
	struct span scheme;

	if (has_space(value) || !cursor_until(&c, ':', &scheme) ||
	    !(span_is_nocase(scheme, "https") ||
	      span_is_nocase(scheme, "http")) ||
	    !cursor_literal(&c, "//"))
		return false;
	return cursor_left(&c) && (ascii_alnum(*c.p) || *c.p == '[');
}

/* `notes.md`, not `1.2.3` nor `e.g.` */
static bool has_extension(struct span value)
{
	size_t i, n = 0;

	for (i = value.n; i && ascii_alnum(value.p[i - 1]); i--)
		n++;
	return i > 1 && value.p[i - 1] == '.' && n && n <= MAX_EXTENSION &&
	       ascii_alpha(value.p[i]);
}

static bool is_path(struct span value)
{
	return !has_space(value) &&
	       (memchr(value.p, '/', value.n) || has_extension(value));
}

enum plan_kind plan_classify(struct span value,
			     const struct plan_tickets *tickets)
{
	value = span_trim(value);
	if (is_placeholder(value))
		return PLAN_PLACEHOLDER;
	if (span_is_nocase(value, "revert"))
		return PLAN_REVERT;
	if (is_url(value))
		return PLAN_URL;
	if (plan_is_ticket(value, tickets))
		return PLAN_TICKET;
	if (is_path(value))
		return PLAN_PATH;
	return value.n < PLAN_MIN_TEXT ? PLAN_SHORT : PLAN_TEXT;
}
