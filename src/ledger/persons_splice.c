/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/persons_splice.h"

#include <string.h>
#include <yyjson.h>

#include "base/text.h"

enum { MAX_PERSONS = 32, MAX_DIGITS = 4, WORD = 6 };

struct splice {
	const struct persons_parsed *p;
	struct span people[MAX_PERSONS]; /* as they go into the record */
	size_t n;
	const char *copied; /* what is before it is in `out` */
	struct buf *out;
};

static bool has_one_salt(yyjson_val *who)
{
	yyjson_obj_iter members;
	yyjson_val *name;
	int salts = 0;

	if (!yyjson_obj_iter_init(who, &members))
		return false;
	while ((name = yyjson_obj_iter_next(&members)))
		salts += yyjson_equals_strn(name, "salt", 4);
	return salts == 1;
}

/* `{"salt":"…",REST` */
static bool cut_salt(struct span element, yyjson_val *who, struct span *rest)
{
	struct cursor c = cursor_of(element.p, element.n);
	struct span salt;

	if (!cursor_literal(&c, "{\"salt\":\"") ||
	    !cursor_until(&c, '"', &salt) || memchr(salt.p, '\\', salt.n) ||
	    !cursor_literal(&c, ","))
		return false;
	*rest = span_of(c.p, cursor_left(&c));
	return has_one_salt(who);
}

static bool list_people(struct splice *s)
{
	struct span line = s->p->line, element;
	struct cursor c = cursor_of(line.p, line.n);
	yyjson_arr_iter people;

	if (span_is(line, "[]"))
		return true;
	if (!cursor_literal(&c, "[") ||
	    !yyjson_arr_iter_init(s->p->people, &people))
		return false;
	while (persons_element(&c, &element)) {
		yyjson_val *who = yyjson_arr_iter_next(&people);

		if (s->n == MAX_PERSONS)
			return false;
		if (yyjson_is_null(who))
			s->people[s->n] = span_str("\"erased\":true}");
		else if (!cut_salt(element, who, &s->people[s->n]))
			return false;
		s->n++;
	}
	return !cursor_left(&c);
}

static bool take_number(struct cursor *c, size_t *out)
{
	const char *start = c->p;

	*out = 0;
	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (c->p - start == MAX_DIGITS)
			return false;
		*out = *out * 10 + (size_t)(*c->p - '0');
	}
	return c->p > start && c->p < c->end;
}

static bool add_person(struct splice *s, struct cursor *c)
{
	size_t number;

	if (!take_number(c, &number) || number >= s->n)
		return false;
	buf_addch(s->out, '{');
	buf_add(s->out, s->people[number].p, s->people[number].n);
	s->copied = c->p;
	return true;
}

static void copy_until(struct splice *s, const char *p)
{
	buf_add(s->out, s->copied, (size_t)(p - s->copied));
	s->copied = p;
}

/* Behind `"person":`; what is no number stays. */
static bool join_person(struct splice *s, struct cursor *c)
{
	if (*c->p == '{' || *c->p == '[' || *c->p == '"')
		return true;
	copy_until(s, c->p);
	return add_person(s, c) && (*c->p == ',' || *c->p == '}');
}

/* Behind `"people":` */
static bool join_people(struct splice *s, struct cursor *c)
{
	if (*c->p == '{' || *c->p == '"')
		return true;
	if (!cursor_literal(c, "["))
		return false;
	if (*c->p == ']')
		return true;
	for (;;) {
		copy_until(s, c->p);
		if (!add_person(s, c))
			return false;
		if (*c->p == ']')
			return true;
		if (!cursor_literal(c, ","))
			return false;
	}
}

static bool is_word(yyjson_val *name, const char *word)
{
	return yyjson_get_len(name) == WORD &&
	       !memcmp(yyjson_get_str(name), word, WORD);
}

/* The name as it stands in the text, if no letter of it is escaped there. */
static bool find_name(const struct splice *s, yyjson_val *name,
		      struct cursor *behind)
{
	const char *text = yyjson_get_str(name);
	struct span json = s->p->json;

	*behind = cursor_of(json.p, json.n);
	behind->p += text - s->p->strings;
	return cursor_left(behind) > WORD + 2 &&
	       !memcmp(behind->p, text, WORD) &&
	       !memcmp(behind->p + WORD, "\":", 2) && (behind->p += WORD + 2);
}

static bool join_member(struct splice *s, yyjson_val *name)
{
	bool one = is_word(name, "person");
	struct cursor c;

	if (!one && !is_word(name, "people"))
		return true;
	if (!find_name(s, name, &c))
		return false;
	return one ? join_person(s, &c) : join_people(s, &c);
}

/* In the order of the text. Recursion is bounded by PERSONS_MAX_DEPTH. */
static bool join_all(struct splice *s, yyjson_val *v, int depth)
{
	bool good = depth <= PERSONS_MAX_DEPTH;
	yyjson_arr_iter elements;
	yyjson_obj_iter members;
	yyjson_val *one;

	if (yyjson_arr_iter_init(v, &elements)) {
		while (good && (one = yyjson_arr_iter_next(&elements)))
			good = !yyjson_is_ctn(one) ||
			       join_all(s, one, depth + 1);
	} else if (yyjson_obj_iter_init(v, &members)) {
		while (good && (one = yyjson_obj_iter_next(&members))) {
			good = join_member(s, one);
			one = yyjson_obj_iter_get_val(one);
			if (good && yyjson_is_ctn(one))
				good = join_all(s, one, depth + 1);
		}
	}
	return good;
}

bool persons_splice(const struct persons_parsed *p, struct buf *out)
{
	struct splice s = {.p = p, .copied = p->json.p, .out = out};
	size_t before = out->len;

	if (list_people(&s) && join_all(&s, p->record, 0)) {
		copy_until(&s, p->json.p + p->json.n);
		return true;
	}
	buf_truncate(out, before);
	return false;
}
