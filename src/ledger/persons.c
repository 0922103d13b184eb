/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/persons.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

enum { PERSON_FIELDS = 4, SALT_SIZE = 16 };

static const char *const field_names[PERSON_FIELDS] = {"principal", "name",
						       "email", "login"};

/** One person: fields as given, and the element with its salt. */
struct element {
	char *fields[PERSON_FIELDS]; /* NULL when empty */
	size_t lens[PERSON_FIELDS];
	char *json;
	size_t json_len;
};

struct persons {
	struct element *items;
	size_t n, cap;
};

int persons_new(struct persons **out, struct err *e)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : err_nomem(e);
}

static void element_release(struct element *el)
{
	size_t i;

	for (i = 0; i < PERSON_FIELDS; i++)
		free(el->fields[i]);
	free(el->json);
}

void persons_free(struct persons *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->n; i++)
		element_release(&p->items[i]);
	free(p->items);
	free(p);
}

static void list_fields(const struct person *who,
			struct span out[PERSON_FIELDS])
{
	out[0] = who->principal;
	out[1] = who->name;
	out[2] = who->email;
	out[3] = who->login;
}

static bool same(const struct element *el, const struct span *fields)
{
	size_t i;

	for (i = 0; i < PERSON_FIELDS; i++)
		if (!span_equal(span_of(el->fields[i], el->lens[i]), fields[i]))
			return false;
	return true;
}

static int check_fields(const struct span *fields, struct err *e)
{
	size_t i;

	for (i = 0; i < PERSON_FIELDS; i++) {
		if (fields[i].n > PERSON_MAX_FIELD)
			return err_set(e, ERR_LIMIT,
				       "a person's %s of %zu bytes; the most "
				       "is %d",
				       field_names[i], fields[i].n,
				       PERSON_MAX_FIELD);
		if (!text_is_utf8(fields[i]))
			return err_set(e, ERR_MALFORMED,
				       "a person's %s is not UTF-8",
				       field_names[i]);
	}
	return 0;
}

static int element_json(struct element *el, struct err *e)
{
	unsigned char salt[SALT_SIZE];
	char hex[2 * SALT_SIZE + 1];
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *obj = yyjson_mut_obj(doc);
	size_t i;
	int rc = random_bytes(salt, sizeof(salt), e);

	hex_encode(salt, sizeof(salt), hex);
	yyjson_mut_doc_set_root(doc, obj);
	yyjson_mut_obj_add_str(doc, obj, "salt", hex);
	for (i = 0; i < PERSON_FIELDS; i++)
		if (el->fields[i])
			yyjson_mut_obj_add_strn(doc, obj, field_names[i],
						el->fields[i], el->lens[i]);
	if (!rc) {
		el->json = yyjson_mut_write(doc, 0, &el->json_len);
		rc = el->json ? 0 : err_nomem(e);
	}
	yyjson_mut_doc_free(doc);
	return rc;
}

static int element_init(struct element *el, const struct span *fields,
			struct err *e)
{
	size_t i;
	int rc = 0;

	*el = (struct element){0};
	for (i = 0; i < PERSON_FIELDS && !rc; i++) {
		if (!fields[i].n)
			continue;
		el->fields[i] = span_dup(fields[i]);
		el->lens[i] = fields[i].n;
		if (!el->fields[i])
			rc = err_nomem(e);
	}
	if (!rc)
		rc = element_json(el, e);
	if (rc)
		element_release(el);
	return rc;
}

int persons_add(struct persons *p, const struct person *who, size_t *number,
		struct err *e)
{
	struct span fields[PERSON_FIELDS];
	size_t i;
	int rc;

	*number = 0;
	list_fields(who, fields);
	rc = check_fields(fields, e);
	if (rc)
		return rc;
	for (i = 0; i < p->n; i++) {
		if (same(&p->items[i], fields)) {
			*number = i;
			return 0;
		}
	}
	rc = array_push(&p->items, p->n, &p->cap, PERSONS_MAX);
	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more than %d persons in a record",
			       PERSONS_MAX);
	if (rc)
		return err_nomem(e);
	rc = element_init(&p->items[p->n], fields, e);
	if (!rc)
		*number = p->n++;
	return rc;
}

int persons_lines(struct persons *p, struct buf *line, struct buf *digests,
		  struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	size_t i;

	buf_addch(line, '[');
	buf_addch(digests, '[');
	for (i = 0; i < p->n; i++) {
		const struct element *el = &p->items[i];
		const char *comma = i ? "," : "";

		sha256_hex(el->json, el->json_len, hex);
		buf_adds(line, comma);
		buf_add(line, el->json, el->json_len);
		buf_addf(digests, "%s\"sha256:%s\"", comma, hex);
	}
	buf_addch(line, ']');
	buf_addch(digests, ']');
	if (!buf_ok(line) || !buf_ok(digests))
		return err_set(e, ERR_LIMIT,
			       "the persons of a record take more room than "
			       "there is");
	return 0;
}
