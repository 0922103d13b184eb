/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/template.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/array.h"
#include "base/text.h"
#include "sys/files.h"

static const struct {
	const char *word;
	unsigned traits;
} names[TEMPLATE_N_NAMES] = {
#define X(id, word, traits) [TEMPLATE_##id] = {word, traits},
	TEMPLATE_NAMES(X)
#undef X
};

static const char *const forms[] = {"json",   "jsonstr", "jsonpre", "url",
				    "base64", "html",	 "map"};

enum { N_FORMS = sizeof(forms) / sizeof(*forms) };

const char *template_word(enum template_name name)
{
	return names[name].word;
}

unsigned template_traits(enum template_name name)
{
	return names[name].traits;
}

/** What is being read. */
struct reader {
	struct template *t;
	const char *begin; /* of the whole text */
	enum template_place place;
	struct err *e;
};

/** Say what is wrong at `at`. */
static int off(const struct reader *r, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int off(const struct reader *r, const char *at, const char *fmt, ...)
{
	unsigned line = 1, column = 1;
	va_list ap;

	for (const char *p = r->begin; p < at; p++) {
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	va_start(ap, fmt);
	err_setv(r->e, ERR_CONFIG, fmt, ap);
	va_end(ap);
	return err_wrap(r->e, "%u:%u", line, column);
}

static bool may_stand(enum template_place place, unsigned traits)
{
	switch (place) {
	case TEMPLATE_IN_BODY:
		return !(traits & (TRAIT_FOLLOWS | TRAIT_SECRET));
	case TEMPLATE_IN_FOLLOWING:
		return !(traits & TRAIT_SECRET);
	case TEMPLATE_IN_HEADER:
		return traits & (TRAIT_SAFE | TRAIT_SECRET | TRAIT_SITE);
	case TEMPLATE_IN_ADDRESS:
		return traits & (TRAIT_SAFE | TRAIT_SITE);
	case TEMPLATE_IN_NOTHING:
		break;
	}
	return false;
}

static const char *nearest_name(struct span word)
{
	const char *words[TEMPLATE_N_NAMES] = {NULL};
	char *text = span_dup(word);
	const char *near;

	for (size_t i = 1; i < TEMPLATE_N_NAMES; i++)
		words[i - 1] = names[i].word;
	near = text ? text_nearest(text, words, TEMPLATE_N_NAMES - 1) : NULL;
	free(text);
	return near;
}

/* `var.` is followed by a name of the site's. */
static bool is_named(struct span word, enum template_name name,
		     struct span *rest)
{
	struct cursor c = cursor_of(word.p, word.n);

	if (name != TEMPLATE_VAR)
		return span_is(word, names[name].word);
	if (!cursor_literal(&c, names[name].word) || !cursor_left(&c))
		return false;
	*rest = span_of(c.p, cursor_left(&c));
	return true;
}

static int take_name(const struct reader *r, struct template_part *part,
		     struct span word)
{
	const char *near;

	for (unsigned i = 1; i < TEMPLATE_N_NAMES; i++) {
		if (!is_named(word, (enum template_name)i, &part->text))
			continue;
		if (!may_stand(r->place, names[i].traits))
			return off(r, word.p, "${%s} may not stand here",
				   names[i].word);
		part->name = (enum template_name)i;
		r->t->uses |= UINT64_C(1) << i;
		return 0;
	}
	near = nearest_name(word);
	return off(r, word.p,
		   "there is no value \"%.*s\"%s%s%s; a member of the record "
		   "begins with /",
		   (int)(word.n > 64 ? 64 : word.n), word.p,
		   near ? "; did you mean " : "", near ? near : "",
		   near ? "?" : "");
}

/* RFC 6901: `~` stands only in ~0 and ~1. */
static int check_pointer(const struct reader *r, struct span pointer)
{
	if (pointer.n > TEMPLATE_MAX_POINTER)
		return off(r, pointer.p, "a pointer is longer than %d bytes",
			   TEMPLATE_MAX_POINTER);
	for (size_t i = 0; i < pointer.n; i++)
		if (pointer.p[i] == '~' &&
		    (i + 1 == pointer.n ||
		     (pointer.p[i + 1] != '0' && pointer.p[i + 1] != '1')))
			return off(r, pointer.p + i,
				   "in a pointer ~ is written ~0, and / in a "
				   "name ~1");
	return 0;
}

static int take_value(const struct reader *r, struct template_part *part,
		      struct span value)
{
	bool address = r->place == TEMPLATE_IN_ADDRESS ||
		       r->place == TEMPLATE_IN_HEADER;

	if (!value.n)
		return off(r, value.p, "which value?");
	if (*value.p != '/')
		return take_name(r, part, value);
	if (address)
		return off(r, value.p,
			   "what a record says forms no URL, header or "
			   "condition: write a name such as ${id}");
	part->text = value;
	return check_pointer(r, value);
}

static int take_map(const struct reader *r, struct template_part *part,
		    struct span words)
{
	struct cursor c = cursor_of(words.p, words.n);
	struct span word;

	part->map = calloc(TEMPLATE_MAX_WORDS, sizeof(*part->map));
	if (!part->map)
		return err_nomem(r->e);
	while (cursor_left(&c)) {
		struct template_word *w = &part->map[part->nmap];
		struct cursor pair;

		if (part->nmap++ == TEMPLATE_MAX_WORDS)
			return off(r, c.p, "more than %d words",
				   TEMPLATE_MAX_WORDS);
		if (!cursor_until(&c, ',', &word))
			cursor_take(&c, cursor_left(&c), &word);
		pair = cursor_of(word.p, word.n);
		if (!cursor_until(&pair, '=', &w->from))
			return off(r, word.p, "a map is WORD=TEXT,WORD=TEXT");
		w->to = span_of(pair.p, cursor_left(&pair));
	}
	part->fallback = span_of(NULL, 0);
	return part->nmap ? 0 : off(r, words.p, "a map needs words");
}

static int check_fallback(const struct reader *r,
			  const struct template_part *part)
{
	yyjson_doc *doc;

	if (part->form != TEMPLATE_AS_JSON || !part->fallback.p)
		return 0;
	doc = yyjson_read(part->fallback.p, part->fallback.n, 0);
	yyjson_doc_free(doc);
	return doc ? 0
		   : off(r, part->fallback.p,
			 "what stands for an absent value of ${json:…} must "
			 "be JSON");
}

static int take_form(const struct reader *r, struct template_part *part,
		     struct span form)
{
	for (unsigned i = 0; i < N_FORMS; i++) {
		if (!span_is(form, forms[i]))
			continue;
		part->form = (enum template_form)(TEMPLATE_AS_JSON + i);
		return 0;
	}
	return off(r, form.p,
		   "there is no ${%.*s:…}: write json, jsonstr, jsonpre, url, "
		   "base64, html or map",
		   (int)(form.n > 64 ? 64 : form.n), form.p);
}

/* What the site says is escaped for a URL; in headers it is checked. */
static bool stands_bare(const struct reader *r, struct template_part *part)
{
	unsigned traits = names[part->name].traits;

	if (!(traits & TRAIT_SITE))
		return traits & (TRAIT_SAFE | TRAIT_SECRET);
	if (r->place == TEMPLATE_IN_ADDRESS)
		part->form = TEMPLATE_AS_URL;
	return r->place == TEMPLATE_IN_ADDRESS ||
	       r->place == TEMPLATE_IN_HEADER;
}

/* What stands between the braces. */
static int take_inside(const struct reader *r, struct template_part *part,
		       struct span inside)
{
	struct cursor c = cursor_of(inside.p, inside.n);
	struct span head, form;
	int rc;

	if (!cursor_until(&c, '|', &head))
		cursor_take(&c, cursor_left(&c), &head);
	else
		part->fallback = span_of(c.p, cursor_left(&c));
	c = cursor_of(head.p, head.n);
	if (!cursor_until(&c, ':', &form)) {
		part->form = TEMPLATE_BARE;
		rc = take_value(r, part, head);
		if (!rc && !stands_bare(r, part))
			rc = off(r, head.p,
				 "say for which place: ${json:%.*s}, "
				 "${jsonstr:…}, ${url:…}",
				 (int)(head.n > 64 ? 64 : head.n), head.p);
		return rc;
	}
	rc = take_form(r, part, form);
	if (!rc)
		rc = take_value(r, part, span_of(c.p, cursor_left(&c)));
	if (!rc && part->form == TEMPLATE_AS_MAP)
		rc = take_map(r, part,
			      part->fallback.p ? part->fallback
					       : span_of(c.p, 0));
	return rc ? rc : check_fallback(r, part);
}

static struct template_part *new_part(struct reader *r, int *rc)
{
	struct template *t = r->t;

	*rc = 0;
	if (t->n == TEMPLATE_MAX_PARTS)
		*rc = err_set(r->e, ERR_LIMIT, "more than %d values",
			      TEMPLATE_MAX_PARTS / 2);
	else if (array_push(&t->parts, t->n, &t->cap, TEMPLATE_MAX_PARTS))
		*rc = err_nomem(r->e);
	if (*rc)
		return NULL;
	memset(&t->parts[t->n], 0, sizeof(*t->parts));
	return &t->parts[t->n++];
}

static int add_literal(struct reader *r, const char *from, const char *to)
{
	struct template_part *part;
	int rc = 0;

	if (from == to)
		return 0;
	part = new_part(r, &rc);
	if (part)
		part->text = span_of(from, (size_t)(to - from));
	return rc;
}

/* Up to its own brace: `${json:/a|{}}`. */
static bool take_braces(struct cursor *c, struct span *inside)
{
	size_t depth = 1, n = 0;

	for (; n < cursor_left(c); n++) {
		depth += c->p[n] == '{';
		depth -= c->p[n] == '}';
		if (!depth)
			break;
	}
	return !depth && cursor_take(c, n, inside) && cursor_literal(c, "}");
}

static int add_value(struct reader *r, const char *begin, struct cursor *c)
{
	struct template_part *part;
	struct span inside;
	int rc;

	if (!take_braces(c, &inside))
		return off(r, begin, "this ${ has no }");
	part = new_part(r, &rc);
	return part ? take_inside(r, part, inside) : rc;
}

static int parse_all(struct reader *r, struct span text)
{
	struct cursor c = cursor_of(text.p, text.n);
	const char *from = c.p;
	int rc = 0;

	while (!rc && cursor_left(&c)) {
		const char *at = c.p;

		if (cursor_literal(&c, "$${")) {
			rc = add_literal(r, from, at);
			from = at + 1;
		} else if (cursor_literal(&c, "${")) {
			rc = add_literal(r, from, at);
			if (!rc)
				rc = add_value(r, at, &c);
			from = c.p;
		} else {
			c.p++;
		}
	}
	return rc ? rc : add_literal(r, from, c.p);
}

int template_parse(struct template *out, struct span text,
		   enum template_place place, struct err *e)
{
	struct reader r = {.t = out, .place = place, .e = e};
	int rc;

	*out = (struct template){0};
	if (text.n > TEMPLATE_MAX_BYTES)
		return err_set(e, ERR_LIMIT,
			       "a template is longer than %d bytes",
			       TEMPLATE_MAX_BYTES);
	out->bytes = span_dup(text);
	if (!out->bytes)
		return err_nomem(e);
	r.begin = out->bytes;
	rc = parse_all(&r, span_of(out->bytes, text.n));
	if (rc)
		template_release(out);
	return rc;
}

void template_release(struct template *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->parts[i].map);
	free(t->parts);
	free(t->bytes);
	*t = (struct template){0};
}

int template_read(struct template *out, const char *path,
		  enum template_place place, struct err *e)
{
	struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
	int rc = file_read_trusted(path, 0, &text, e);

	*out = (struct template){0};
	if (!rc) {
		if (text.len && text.data[text.len - 1] == '\n')
			buf_truncate(&text, text.len - 1);
		rc = template_parse(out, span_of(text.data, text.len), place,
				    e);
		if (rc)
			/* FILE:LINE:COLUMN: …, as compilers have it */
			rc = err_wrap(e, "%s", path);
	}
	buf_release(&text);
	return rc;
}
