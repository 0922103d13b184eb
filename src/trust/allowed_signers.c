/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/allowed_signers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "trust/ssh_pattern.h"
#include "trust/ssh_pkey.h"

enum {
	HASHED = 64,	   /* bytes at the end of a key */
	ARENA_SPARE = 4096 /* what alignment takes of a short text */
};

static void signer_release(struct allowed_signer *s)
{
	signer_options_release(&s->options);
	ssh_pkey_free(s->pkey);
}

void allowed_signers_release(struct allowed_signers *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		signer_release(&a->v[i]);
	free(a->v);
	free(a->heads);
	arena_release(&a->text);
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

static int take_principals(struct allowed_signers *a, struct allowed_signer *s,
			   struct cursor *c, struct err *e)
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
	if (ssh_key_type_find(list) || ssh_key_type_is_certificate(list))
		return err_set(e, ERR_CONFIG,
			       "the name or address of a [principal] has to "
			       "stand before the key");
	wrong = check_principals(list);
	if (wrong)
		return err_set(e, ERR_CONFIG, "%s", wrong);
	s->principals = arena_dup(&a->text, list);
	return s->principals ? 0 : err_nomem(e);
}

/* Whether a key's type is next, rather than options. */
static bool key_is_next(struct cursor c)
{
	struct span word = take_field(&c, false);

	return ssh_key_type_find(word) || ssh_key_type_is_certificate(word) ||
	       span_is(word, "ssh-dss");
}

static int take_key(struct allowed_signers *a, struct allowed_signer *s,
		    struct cursor *c, struct buf *blob, struct err *e)
{
	const char *wrong;
	struct span type, kept;

	buf_clear(blob);
	wrong = ssh_key_take(c, &type, blob);
	if (wrong)
		return err_set(e, ERR_CONFIG, "%s", wrong);
	kept = span_of(arena_dup(&a->text, span_of(blob->data, blob->len)),
		       blob->len);
	if (!kept.p)
		return err_nomem(e);
	if (ssh_key_parse(&s->key, kept, &wrong))
		return err_set(e, ERR_CONFIG, "the key is not accepted: %s",
			       wrong);
	return 0;
}

static int read_signer(struct allowed_signers *a, struct allowed_signer *s,
		       struct cursor c, struct buf *blob, struct buf *normal,
		       struct err *e)
{
	struct span options;
	const char *key;
	int rc;

	signer_options_init(&s->options);
	rc = take_principals(a, s, &c, e);
	if (rc)
		return rc;
	buf_addch(normal, '"');
	buf_adds(normal, s->principals);
	buf_adds(normal, "\" ");
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
	rc = take_key(a, s, &c, blob, e);
	if (!rc) {
		buf_add(normal, key, (size_t)(c.p - key));
		buf_addch(normal, '\n');
	}
	return rc;
}

static int read_line(struct allowed_signers *a, struct span line,
		     unsigned number, struct buf *blob, struct buf *normal,
		     struct err *e)
{
	struct allowed_signer s = {.line = number};
	int rc;

	if (line.n > ALLOWED_MAX_LINE)
		return err_set(e, ERR_CONFIG, "the line is too long");
	if (memchr(line.p, 0, line.n))
		return err_set(e, ERR_CONFIG, "there is a NUL in the line");
	rc = read_signer(a, &s, cursor_of(line.p, line.n), blob, normal, e);
	if (!rc && array_push(&a->v, a->n, &a->cap, ALLOWED_MAX_LINES))
		rc = err_set(e, ERR_LIMIT, "out of memory, or too many keys");
	if (rc) {
		signer_release(&s);
		return rc;
	}
	a->v[a->n++] = s;
	return 0;
}

/* FNV-1a of the end, where keys of all types differ; who may sign is nobody's
 * to choose who would want collisions. */
static size_t hash_of(struct span blob)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i = blob.n > HASHED ? blob.n - HASHED : 0;

	for (; i < blob.n; i++)
		hash = (hash ^ (unsigned char)blob.p[i]) *
		       UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32);
}

static int make_index(struct allowed_signers *a, struct err *e)
{
	size_t room = 8, i;

	while (room < a->n)
		room *= 2;
	free(a->heads);
	a->heads = calloc(room, sizeof(*a->heads));
	if (!a->heads)
		return err_nomem(e);
	a->mask = room - 1;
	for (i = a->n; i-- > 0;) {
		size_t *head = &a->heads[hash_of(a->v[i].key.blob) & a->mask];

		a->v[i].next = *head;
		*head = i + 1;
	}
	return 0;
}

int allowed_signers_read(struct allowed_signers *a, const char *name,
			 struct span text, struct buf *normal, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct buf blob = BUF_INIT(SSH_KEY_MAX_BLOB);
	struct span line;
	unsigned number = 0;
	int rc = 0;

	arena_init(&a->text, 2 * text.n + ARENA_SPARE);
	while (!rc && cursor_line(&c, &line)) {
		number++;
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		rc = read_line(a, line, number, &blob, normal, e);
		if (rc)
			err_wrap(e, "%s:%u", name, number);
	}
	buf_release(&blob);
	return rc ? rc : make_index(a, e);
}

struct allowed_signer *allowed_signers_find(const struct allowed_signers *a,
					    struct span blob, bool authority,
					    const struct allowed_signer *after)
{
	size_t at;

	if (!a->n)
		return NULL;
	at = after ? after->next : a->heads[hash_of(blob) & a->mask];
	while (at) {
		struct allowed_signer *s = &a->v[at - 1];

		if (s->options.authority == authority &&
		    span_equal(s->key.blob, blob))
			return s;
		at = s->next;
	}
	return NULL;
}
