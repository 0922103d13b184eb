/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <yyjson.h>

#include "base/sha256.h"
#include "ledger/json.h"
#include "ledger/ledger.h"
#include "ledger/persons.h"
#include "ledger/persons_splice.h"

/* ---------------------------------------------------------------- check */

/* Where its closing quote stands; the end, when there is none. */
static const char *end_of_string(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++) {
		if (*p != '\\')
			continue;
		if (++p == end)
			break;
	}
	return p;
}

/* The digest is one of the element's bytes as they stand, so those are cut
 * out of the line as they stand. */
bool persons_element(struct cursor *c, struct span *out)
{
	const char *start = c->p;
	int depth = 0;

	for (; c->p < c->end; c->p++) {
		if (*c->p == '"') {
			c->p = end_of_string(c->p + 1, c->end);
			if (c->p == c->end)
				return false;
		} else if (*c->p == '{' || *c->p == '[') {
			depth++;
		} else if (*c->p == '}' || (*c->p == ']' && depth)) {
			depth--;
		} else if ((*c->p == ',' || *c->p == ']') && !depth) {
			*out = span_trim(
				span_of(start, (size_t)(c->p - start)));
			c->p++;
			return true;
		}
	}
	return false;
}

static bool digest_matches(yyjson_val *digest, struct span element)
{
	char want[sizeof("sha256:") + SHA256_HEX_SIZE] = "sha256:";

	if (span_is(element, "null"))
		return true; /* erased */
	sha256_hex(element.p, element.n, want + strlen(want));
	return yyjson_equals_str(digest, want);
}

static int check_digests(yyjson_val *digests, yyjson_val *people,
			 struct span line, struct err *e)
{
	struct cursor c = cursor_of(line.p, line.n);
	size_t n = yyjson_arr_size(digests), i;
	struct span element;

	if (!yyjson_is_arr(people) || n != yyjson_arr_size(people))
		return err_set(e, ERR_MALFORMED,
			       "the record speaks of %zu persons, its persons "
			       "line of %zu",
			       n, yyjson_arr_size(people));
	cursor_literal(&c, "[");
	for (i = 0; i < n; i++)
		if (!persons_element(&c, &element) ||
		    !digest_matches(yyjson_arr_get(digests, i), element))
			return err_set(e, ERR_MALFORMED,
				       "person %zu is not the one of the "
				       "record",
				       i);
	return 0;
}

int persons_match(yyjson_val *record, yyjson_val *people, struct span line,
		  struct err *e)
{
	return check_digests(yyjson_obj_get(record, "persons"), people, line,
			     e);
}

int persons_check(struct span json, struct span line, struct err *e)
{
	yyjson_doc *record = NULL, *people = NULL;
	int rc = json_parse(&record, json, "record", e);

	if (!rc)
		rc = json_parse(&people, line, "persons line", e);
	if (!rc)
		rc = persons_match(yyjson_doc_get_root(record),
				   yyjson_doc_get_root(people), line, e);
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

/* ----------------------------------------------------------------- join */

struct join {
	yyjson_mut_doc *doc;
	yyjson_val *people;
	struct err *e;
	int rc;
};

static yyjson_mut_val *fail(struct join *j, int code, const char *why)
{
	if (!j->rc)
		j->rc = err_set(j->e, code, "%s", why);
	return NULL;
}

static yyjson_mut_val *person_of(struct join *j, yyjson_val *number)
{
	yyjson_val *who = yyjson_arr_get(j->people, yyjson_get_uint(number));
	yyjson_mut_val *out;

	if (!yyjson_is_uint(number) || !who)
		return fail(j, ERR_MALFORMED,
			    "the record names a person that is not in its "
			    "persons line");
	if (yyjson_is_null(who)) {
		out = yyjson_mut_obj(j->doc);
		yyjson_mut_obj_add_bool(j->doc, out, "erased", true);
		return out;
	}
	out = yyjson_val_mut_copy(j->doc, who);
	yyjson_mut_obj_remove_str(out, "salt");
	return out;
}

static yyjson_mut_val *people_of(struct join *j, yyjson_val *numbers)
{
	yyjson_mut_val *out = yyjson_mut_arr(j->doc);
	yyjson_val *number;
	size_t i, n;

	yyjson_arr_foreach(numbers, i, n, number)
	{
		yyjson_mut_val *who = person_of(j, number);

		if (!who || !yyjson_mut_arr_append(out, who))
			return NULL;
	}
	return out;
}

static yyjson_mut_val *join_value(struct join *j, yyjson_val *v, int depth);

static yyjson_mut_val *join_member(struct join *j, yyjson_val *key,
				   yyjson_val *v, int depth)
{
	if (yyjson_equals_str(key, "person") && yyjson_is_num(v))
		return person_of(j, v);
	if (yyjson_equals_str(key, "people") && yyjson_is_arr(v))
		return people_of(j, v);
	return join_value(j, v, depth + 1);
}

static yyjson_mut_val *join_object(struct join *j, yyjson_val *v, int depth)
{
	yyjson_mut_val *out = yyjson_mut_obj(j->doc);
	yyjson_val *key, *member;
	size_t i, n;

	yyjson_obj_foreach(v, i, n, key, member)
	{
		yyjson_mut_val *k = yyjson_val_mut_copy(j->doc, key);
		yyjson_mut_val *m = join_member(j, key, member, depth);

		if (!k || !m || !yyjson_mut_obj_add(out, k, m))
			return NULL;
	}
	return out;
}

/* Recursion is bounded by PERSONS_MAX_DEPTH. */
static yyjson_mut_val *join_value(struct join *j, yyjson_val *v, int depth)
{
	yyjson_mut_val *out;
	yyjson_val *element;
	size_t i, n;

	if (depth > PERSONS_MAX_DEPTH)
		return fail(j, ERR_LIMIT, "the record is nested too deep");
	if (yyjson_is_obj(v))
		return join_object(j, v, depth);
	if (!yyjson_is_arr(v))
		return yyjson_val_mut_copy(j->doc, v);
	out = yyjson_mut_arr(j->doc);
	yyjson_arr_foreach(v, i, n, element)
	{
		yyjson_mut_val *copy = join_value(j, element, depth + 1);

		if (!copy || !yyjson_mut_arr_append(out, copy))
			return NULL;
	}
	return out;
}

static int write_joined(struct join *j, yyjson_val *root, struct buf *out)
{
	yyjson_mut_val *joined = join_value(j, root, 0);
	size_t len;
	char *text;

	if (!joined)
		return j->rc ? j->rc : err_nomem(j->e);
	text = yyjson_mut_val_write(joined, 0, &len);
	if (!text)
		return err_nomem(j->e);
	if (buf_add(out, text, len))
		j->rc = err_set(j->e, ERR_LIMIT,
				"the joined record is too "
				"long");
	free(text);
	return j->rc;
}

static int join_anew(yyjson_val *record, yyjson_val *people, struct buf *out,
		     struct err *e)
{
	struct join j = {
		.doc = yyjson_mut_doc_new(NULL), .people = people, .e = e};
	int rc = j.doc ? write_joined(&j, record, out) : err_nomem(e);

	yyjson_mut_doc_free(j.doc);
	return rc;
}

int persons_join_parsed(const struct persons_parsed *p, struct buf *out,
			struct err *e)
{
	if (!persons_splice(p, out))
		return join_anew(p->record, p->people, out, e);
	return buf_ok(out)
		       ? 0
		       : err_set(e, ERR_LIMIT, "the joined record is too long");
}

int persons_join(struct span json, struct span line, struct buf *out,
		 struct err *e)
{
	struct json_pool pool = {NULL, 0}, people_pool = {NULL, 0};
	yyjson_doc *record, *people;
	int rc = json_parse_in(&pool, &record, json, "record", e);

	if (!rc)
		rc = json_parse_in(&people_pool, &people, line, "persons line",
				   e);
	if (!rc) {
		struct persons_parsed p = {
			.json = json,
			.line = line,
			.record = yyjson_doc_get_root(record),
			.people = yyjson_doc_get_root(people),
			.strings = pool.mem};

		rc = persons_join_parsed(&p, out, e);
	}
	json_pool_release(&pool);
	json_pool_release(&people_pool);
	return rc;
}

void persons_write_erased(struct yyjson_val *record, struct buf *out)
{
	size_t i, n = yyjson_arr_size(yyjson_obj_get(record, "persons"));

	buf_addch(out, '[');
	for (i = 0; i < n; i++)
		buf_adds(out, i ? ",null" : "null");
	buf_addch(out, ']');
}
