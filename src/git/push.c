/* SPDX-License-Identifier: Apache-2.0 */
#include "git/push.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "git/refs.h"

void push_init(struct push *p)
{
	memset(p, 0, sizeof(*p));
}

void push_release(struct push *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
	push_init(p);
}

static void __attribute__((format(printf, 3, 4)))
anomaly(struct push *p, enum push_fault fault, const char *fmt, ...)
{
	va_list ap;

	if (p->fault != PUSH_OK)
		return; /* the first one is told */
	p->fault = fault;
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
}

/* For `%.*s`: names are long, the text is short. */
static int shown(struct span s)
{
	return s.n < 80 ? (int)s.n : 80;
}

static bool is_hex(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) &&
		    !(ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'f'))
			return false;
	return true;
}

static bool has_option_component(struct span name)
{
	size_t i;

	for (i = 1; i < name.n; i++)
		if (name.p[i] == '-' && name.p[i - 1] == '/')
			return true;
	return false;
}

/*
 * Names that git allows and that people or commands take for something
 * else: an option, another ref, an object id.
 * @return NULL, or what it looks like
 */
static const char *looks_like(struct span name)
{
	struct span rest;

	if (has_option_component(name))
		return "an option";
	if (span_starts(name, "refs/heads/"))
		rest = span_of(name.p + 11, name.n - 11);
	else if (span_starts(name, "refs/tags/"))
		rest = span_of(name.p + 10, name.n - 10);
	else
		return NULL;
	if (span_starts(rest, "refs/"))
		return "another ref's full name";
	if (span_is(rest, "HEAD"))
		return "HEAD";
	if (is_hex(rest) && (rest.n == oid_hex_size(OID_SHA1) ||
			     rest.n == oid_hex_size(OID_SHA256)))
		return "an object id";
	return NULL;
}

static void check_name(struct push *p, struct span name, bool deletion)
{
	const char *like = looks_like(name);

	if (!refs_name_ok(name))
		anomaly(p, PUSH_MALFORMED,
			"\"%.*s\" is not a well-formed ref name", shown(name),
			name.p);
	else if (!text_is_utf8(name))
		anomaly(p, PUSH_MALFORMED, "the ref name \"%.*s\" is not UTF-8",
			shown(name), name.p);
	else if (like && !deletion) /* so that such refs can be removed */
		anomaly(p, PUSH_MALFORMED,
			"the ref name \"%.*s\" looks like %s", shown(name),
			name.p, like);
}

/* `OLD SP NEW SP NAME`. @return false when it is nothing of the kind */
static bool split_line(struct span line, enum oid_algo algo,
		       struct ref_update *out, struct span *name)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span old, new_;

	if (!cursor_until(&c, ' ', &old) || !cursor_until(&c, ' ', &new_) ||
	    !oid_from_hex(&out->old, algo, old) ||
	    !oid_from_hex(&out->new_, algo, new_))
		return false;
	*name = span_of(c.p, cursor_left(&c));
	return name->n && !memchr(name->p, '\0', name->n);
}

static int take_update(struct push *p, struct span line, enum oid_algo algo,
		       struct err *e)
{
	struct ref_update u = {0};
	struct span name;

	if (!split_line(line, algo, &u, &name)) {
		anomaly(p, PUSH_MALFORMED,
			"line %zu is not \"OLD NEW REF\" with %s ids: "
			"\"%.*s\"",
			p->n + 1, oid_algo_name(algo), shown(line), line.p);
		return 0;
	}
	check_name(p, name, oid_is_null(&u.new_));
	if (oid_is_null(&u.old) && oid_is_null(&u.new_))
		anomaly(p, PUSH_MALFORMED,
			"\"%.*s\" is neither created nor deleted: both ids "
			"are null",
			shown(name), name.p);
	if (array_push(&p->v, p->n, &p->cap, PUSH_MAX_REFS) < 0)
		return err_nomem(e);
	u.name = span_dup(name);
	if (!u.name)
		return err_nomem(e);
	p->v[p->n++] = u;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int find_duplicate(struct push *p, struct err *e)
{
	const char **names;
	size_t i;

	if (p->n < 2)
		return 0;
	names = calloc(p->n, sizeof(*names));
	if (!names)
		return err_nomem(e);
	for (i = 0; i < p->n; i++)
		names[i] = p->v[i].name;
	qsort(names, p->n, sizeof(*names), by_name);
	for (i = 1; i < p->n; i++)
		if (strcmp(names[i - 1], names[i]) == 0) {
			anomaly(p, PUSH_DUPLICATE_REF,
				"\"%.80s\" comes more than once", names[i]);
			break;
		}
	free(names);
	return 0;
}

static void check_input(struct push *p, struct span input)
{
	if (input.n == 0)
		anomaly(p, PUSH_MALFORMED,
			"no ref update on standard input; git gives one line "
			"for each (run by hand?)");
	else if (input.n > PUSH_MAX_BYTES)
		anomaly(p, PUSH_MALFORMED,
			"more than %d bytes on standard input", PUSH_MAX_BYTES);
	else if (input.p[input.n - 1] != '\n')
		anomaly(p, PUSH_MALFORMED, "standard input ends within a line");
}

int push_parse(struct push *p, struct span input, enum oid_algo algo,
	       size_t max_refs, struct err *e)
{
	struct cursor c;
	struct span line;
	int rc;

	push_release(p);
	check_input(p, input);
	if (input.n == 0 || input.n > PUSH_MAX_BYTES)
		return 0;
	if (max_refs > PUSH_MAX_REFS)
		max_refs = PUSH_MAX_REFS;
	c = cursor_of(input.p, input.n);
	while (cursor_until(&c, '\n', &line)) {
		if (p->n == max_refs) {
			anomaly(p, PUSH_MALFORMED, "more than %zu ref updates",
				max_refs);
			break;
		}
		rc = take_update(p, line, algo, e);
		if (rc < 0)
			return rc;
	}
	return find_duplicate(p, e);
}
