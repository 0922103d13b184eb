/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/holds.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/pointer.h"

enum { MAX_STARS = 4 };

/* Behind the list or object that text begins with; 0: it has no end. */
static size_t end_of_nest(struct span text)
{
	size_t depth = 0, i;
	bool string = false;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (string && c == '\\') {
			i++;
		} else if (c == '"') {
			string = !string;
		} else if (!string) {
			depth += c == '{' || c == '[';
			depth -= c == '}' || c == ']';
			if (!depth)
				return i + 1;
		}
	}
	return 0;
}

/*
 * How much of the text its first document is. The reader of JSON would find
 * that out, too; but it takes memory, and a copy, for all the text that it is
 * given, and so for each of many small documents as much as for one large.
 */
static size_t document_length(struct span text)
{
	size_t i = 1;

	if (*text.p == '{' || *text.p == '[')
		return end_of_nest(text);
	if (*text.p == '"') {
		while (i < text.n && text.p[i] != '"')
			i += text.p[i] == '\\' ? 2 : 1;
		return i < text.n ? i + 1 : 0;
	}
	while (i < text.n && !ascii_space(text.p[i]) &&
	       !strchr("{}[]\",", text.p[i]))
		i++;
	return i;
}

int answer_json_parse(struct answer_json *out, struct span text, struct err *e)
{
	*out = (struct answer_json){0};
	while ((text = span_trim(text)).n && out->n < ANSWER_MAX_DOCS) {
		size_t used = document_length(text);
		yyjson_doc *doc = yyjson_read(text.p, used, 0);

		if (!doc)
			break;
		if (array_push(&out->docs, out->n, &out->cap,
			       ANSWER_MAX_DOCS)) {
			yyjson_doc_free(doc);
			answer_json_release(out);
			return err_nomem(e);
		}
		out->docs[out->n++] = doc;
		text = span_of(text.p + used, text.n - used);
	}
	if (text.n)
		answer_json_release(out);
	return 0;
}

void answer_json_release(struct answer_json *a)
{
	for (size_t i = 0; i < a->n; i++)
		yyjson_doc_free(a->docs[i]);
	free(a->docs);
	*a = (struct answer_json){0};
}

static bool parse_number(struct span text, double *out)
{
	yyjson_doc *doc = yyjson_read(text.p, text.n, 0);
	yyjson_val *v = yyjson_doc_get_root(doc);
	bool is = yyjson_is_num(v);

	*out = is ? yyjson_get_num(v) : 0;
	yyjson_doc_free(doc);
	return is;
}

static bool is_one(yyjson_val *v, struct span text)
{
	double n;

	if (yyjson_is_str(v))
		return yyjson_equals_strn(v, text.p, text.n);
	if (yyjson_is_bool(v))
		return span_is(text, yyjson_get_bool(v) ? "true" : "false");
	if (yyjson_is_null(v))
		return span_is(text, "null");
	return yyjson_is_num(v) && parse_number(text, &n) &&
	       yyjson_get_num(v) >= n && yyjson_get_num(v) <= n;
}

/* `201|409` */
static bool is_equal(yyjson_val *v, struct span words)
{
	struct cursor c = cursor_of(words.p, words.n);
	struct span word;

	while (cursor_until(&c, '|', &word))
		if (is_one(v, word))
			return true;
	return is_one(v, span_of(c.p, cursor_left(&c)));
}

static bool contains(yyjson_val *v, struct span text)
{
	struct span in = span_of(yyjson_get_str(v), yyjson_get_len(v));

	if (!yyjson_is_str(v))
		return false;
	for (size_t i = 0; i + text.n <= in.n; i++)
		if (!memcmp(in.p + i, text.p, text.n))
			return true;
	return false;
}

/* Of a value that is not there, only that it is not equal. */
static bool fulfils(const struct predicate *p, yyjson_val *v)
{
	double n;

	switch (p->op) {
	case PREDICATE_THERE:
		return v && !yyjson_is_null(v);
	case PREDICATE_EQUAL:
		return v && is_equal(v, p->value);
	case PREDICATE_UNEQUAL:
		return !v || !is_equal(v, p->value);
	case PREDICATE_MORE:
		return yyjson_is_num(v) && parse_number(p->value, &n) &&
		       yyjson_get_num(v) > n;
	case PREDICATE_LESS:
		return yyjson_is_num(v) && parse_number(p->value, &n) &&
		       yyjson_get_num(v) < n;
	case PREDICATE_CONTAINS:
		return contains(v, p->value);
	case PREDICATE_NONE:
		break;
	}
	return false;
}

/** A walk along a pointer with stars. */
struct walk {
	const struct predicate *p;
	bool all;		  /* every element, or one */
	struct items_held *items; /* of the first star */
	unsigned stars;
};

static bool walk_on(struct walk *w, yyjson_val *v, struct span rest);

static void note_item(struct walk *w, size_t at, bool good)
{
	if (w->items && w->stars == 1 && !good && at < w->items->n)
		w->items->failed[at] = true;
}

static bool walk_elements(struct walk *w, yyjson_val *list, struct span rest)
{
	yyjson_arr_iter it;
	yyjson_val *v;
	size_t at = 0, n = yyjson_arr_size(list);
	bool good = w->all && n > 0 && n <= ANSWER_MAX_ITEMS;

	if (!yyjson_arr_iter_init(list, &it) || w->stars++ == MAX_STARS)
		return false;
	if (w->items && w->stars == 1)
		w->items->apart = n == w->items->n;
	while ((v = yyjson_arr_iter_next(&it)) && at < ANSWER_MAX_ITEMS) {
		bool one = walk_on(w, v, rest);

		note_item(w, at++, one);
		good = w->all ? good && one : good || one;
	}
	w->stars--;
	return good;
}

/* The first element of which a member is that text. Products that have a list
 * of such fields give it in any order. */
static yyjson_val *element(yyjson_val *list, struct span member,
			   struct span text)
{
	yyjson_arr_iter it;
	yyjson_val *v;
	size_t n = 0;

	if (!yyjson_arr_iter_init(list, &it))
		return NULL;
	while ((v = yyjson_arr_iter_next(&it)) && n++ < ANSWER_MAX_ITEMS)
		if (yyjson_equals_strn(yyjson_obj_getn(v, member.p, member.n),
				       text.p, text.n))
			return v;
	return NULL;
}

yyjson_val *answer_json_step(yyjson_val *v, struct span part)
{
	char pointer[512] = "/";
	struct span member, text;

	if (pointer_selects(part, &member, &text))
		return element(v, member, text);
	if (part.n + 1 >= sizeof(pointer))
		return NULL;
	memcpy(pointer + 1, part.p, part.n);
	return yyjson_ptr_getn(v, pointer, part.n + 1);
}

static bool walk_on(struct walk *w, yyjson_val *v, struct span rest)
{
	while (rest.n) {
		struct span part = pointer_part(&rest);

		if (span_is(part, "*"))
			return walk_elements(w, v, rest);
		v = answer_json_step(v, part);
	}
	return fulfils(w->p, v);
}

bool holds_for_all(const struct predicate *p, const struct answer_json *a,
		   struct items_held *items)
{
	bool good = a->n > 0, several = a->n > 1;

	for (size_t i = 0; i < a->n; i++) {
		struct walk w = {
			.p = p, .all = true, .items = several ? NULL : items};
		bool one = walk_on(&w, yyjson_doc_get_root(a->docs[i]),
				   p->pointer);

		if (several && items) {
			items->apart = a->n == items->n;
			if (!one && i < items->n)
				items->failed[i] = true;
		}
		good = good && one;
	}
	return good;
}

bool holds_for_some(const struct predicate *p, const struct answer_json *a)
{
	struct walk w = {.p = p};

	return a->n && walk_on(&w, yyjson_doc_get_root(a->docs[0]), p->pointer);
}

bool answer_json_text(const struct answer_json *a, const char *pointer,
		      struct buf *out)
{
	yyjson_val *v = a->n ? yyjson_doc_get_root(a->docs[0]) : NULL;
	struct span rest = span_str(pointer);

	while (rest.n)
		v = answer_json_step(v, pointer_part(&rest));
	if (yyjson_is_str(v))
		return yyjson_get_len(v) &&
		       !buf_add(out, yyjson_get_str(v), yyjson_get_len(v));
	if (yyjson_is_uint(v))
		return !buf_addf(out, "%llu",
				 (unsigned long long)yyjson_get_uint(v));
	return false;
}
