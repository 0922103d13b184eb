/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/allowed_signers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "trust/ssh_pattern.h"
#include "trust/ssh_pkey.h"

static void signer_release(struct allowed_signer *s)
{
	free(s->principals);
	free(s->blob);
	signer_options_release(&s->options);
	ssh_pkey_free(s->pkey);
}

void allowed_signers_release(struct allowed_signers *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		signer_release(&a->v[i]);
	free(a->v);
	*a = (struct allowed_signers){0};
}

static void skip_blanks(struct cursor *c)
{
	while (cursor_left(c) && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* Up to the first blank; with `quotes`, blanks inside quotes do not count. */
static struct span take_field(struct cursor *c, bool quotes)
{
	const char *start = c->p;
	bool inside = false;

	for (; cursor_left(c); c->p++) {
		if (!inside && (*c->p == ' ' || *c->p == '\t'))
			break;
		if (quotes && *c->p == '\\' && cursor_left(c) > 1 &&
		    c->p[1] == '"')
			c->p++;
		else if (quotes && *c->p == '"')
			inside = !inside;
	}
	return span_of(start, (size_t)(c->p - start));
}

static bool control_in(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* @return NULL, or what is wrong with a list of patterns */
static const char *check_principals(struct span list)
{
	struct cursor c = cursor_of(list.p, list.n);
	struct span pattern;
	bool negated, positive = false;
	size_t n = 0;

	if (!list.n || list.p[list.n - 1] == ',')
		return "a principal is empty";
	if (control_in(list) || !text_is_utf8(list))
		return "the principals have control characters or are not "
		       "UTF-8";
	for (; ssh_pattern_next(&c, &pattern, &negated); n++) {
		if (!pattern.n)
			return "a principal is empty";
		if (pattern.n > ALLOWED_MAX_PATTERN)
			return "a principal is too long";
		if (!negated)
			positive = true;
	}
	if (n > ALLOWED_MAX_PATTERNS)
		return "it has too many principals";
	return positive ? NULL : "it has negated principals only";
}

static int take_principals(struct allowed_signer *s, struct cursor *c,
			   struct err *e)
{
	struct span list;
	const char *wrong;

	if (cursor_literal(c, "\"")) {
		if (!cursor_until(c, '"', &list))
			return err_set(e, ERR_CONFIG,
				       "the principals' quote is not closed");
	} else {
		list = take_field(c, false);
		if (memchr(list.p, '"', list.n))
			return err_set(e, ERR_CONFIG,
				       "a quote stands within the principals");
	}
	wrong = check_principals(list);
	if (wrong)
		return err_set(e, ERR_CONFIG, "%s", wrong);
	s->principals = span_dup(list);
	return s->principals ? 0 : err_nomem(e);
}

/* Whether a key's type is next, rather than options. */
static bool key_is_next(struct cursor c)
{
	struct span word = take_field(&c, false);

	return ssh_key_type_find(word) || ssh_key_type_is_certificate(word) ||
	       span_is(word, "ssh-dss");
}

static int take_key(struct allowed_signer *s, struct cursor *c, struct err *e)
{
	struct buf blob = BUF_INIT(SSH_KEY_MAX_BLOB);
	const char *wrong;
	struct span type;
	size_t n;

	wrong = ssh_key_take(c, &type, &blob);
	if (wrong) {
		buf_release(&blob);
		return err_set(e, ERR_CONFIG, "%s", wrong);
	}
	s->blob = buf_detach(&blob, &n);
	if (!s->blob)
		return err_nomem(e);
	if (ssh_key_parse(&s->key, span_of(s->blob, n), &wrong))
		return err_set(e, ERR_CONFIG, "the key is not accepted: %s",
			       wrong);
	return 0;
}

static int read_signer(struct allowed_signer *s, struct cursor c,
		       struct buf *normal, struct err *e)
{
	struct span options;
	const char *key;
	int rc;

	signer_options_init(&s->options);
	rc = take_principals(s, &c, e);
	if (rc)
		return rc;
	buf_addf(normal, "\"%s\" ", s->principals);
	skip_blanks(&c);
	if (!key_is_next(c)) {
		options = take_field(&c, true);
		rc = signer_options_read(&s->options, options, e);
		if (rc)
			return rc;
		buf_add(normal, options.p, options.n);
		buf_addch(normal, ' ');
		skip_blanks(&c);
	}
	key = c.p;
	rc = take_key(s, &c, e);
	if (!rc) {
		buf_add(normal, key, (size_t)(c.p - key));
		buf_addch(normal, '\n');
	}
	return rc;
}

static int read_line(struct allowed_signers *a, struct span line,
		     unsigned number, struct buf *normal, struct err *e)
{
	struct allowed_signer s = {.line = number};
	int rc;

	if (line.n > ALLOWED_MAX_LINE)
		return err_set(e, ERR_CONFIG, "the line is too long");
	if (memchr(line.p, 0, line.n))
		return err_set(e, ERR_CONFIG, "there is a NUL in the line");
	rc = read_signer(&s, cursor_of(line.p, line.n), normal, e);
	if (!rc && array_push(&a->v, a->n, &a->cap, ALLOWED_MAX_LINES))
		rc = err_set(e, ERR_LIMIT, "out of memory, or too many keys");
	if (rc) {
		signer_release(&s);
		return rc;
	}
	a->v[a->n++] = s;
	return 0;
}

int allowed_signers_read(struct allowed_signers *a, const char *name,
			 struct span text, struct buf *normal, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;
	unsigned number = 0;

	while (cursor_line(&c, &line)) {
		number++;
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (read_line(a, line, number, normal, e))
			return err_wrap(e, "%s:%u", name, number);
	}
	return 0;
}

struct allowed_signer *allowed_signers_find(const struct allowed_signers *a,
					    struct span blob, size_t *i)
{
	while (*i < a->n) {
		struct allowed_signer *s = &a->v[(*i)++];

		if (!s->options.authority && span_equal(s->key.blob, blob))
			return s;
	}
	return NULL;
}
