/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/erase.h"

#include <string.h>

#include "base/text.h"
#include "ledger/erase_private.h"
#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/persons.h"

/* ---------------------------------------------------------------- match */

static const char *field_word(enum erase_field field)
{
	static const char *const words[] = {[ERASE_NONE] = "",
					    [ERASE_PRINCIPAL] = "principal",
					    [ERASE_EMAIL] = "email",
					    [ERASE_LOGIN] = "login"};

	return words[field];
}

static bool same(enum erase_field field, struct span value, const char *name)
{
	return field == ERASE_EMAIL ? span_is_nocase(value, name)
				    : span_is(value, name);
}

/* Where somebody asked for records of a person, the word that they used
 * stands as a principal, with nothing beside it but the salt. */
static bool is_word(yyjson_val *who, const struct erase_name *name)
{
	return yyjson_obj_size(who) == 2 &&
	       same(name->field, json_str(who, "principal"), name->value);
}

static bool is_meant(const struct erase_wish *wish, yyjson_val *who)
{
	size_t i;

	for (i = 0; i < wish->n; i++) {
		const struct erase_name *name = &wish->names[i];

		if (same(name->field, json_str(who, field_word(name->field)),
			 name->value) ||
		    is_word(who, name))
			return true;
	}
	return false;
}

/* An element as it will stand: as it is, or as many bytes of nothing. */
static void add_element(struct buf *out, struct span element, bool erased)
{
	size_t n = element.n;

	if (!erased) {
		buf_add(out, element.p, n);
		return;
	}
	buf_adds(out, "null");
	for (n -= strlen("null"); n; n--)
		buf_addch(out, ' ');
}

int erase_line(const struct erase_wish *wish, struct span line, struct buf *out,
	       uint64_t *elements, struct err *e)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span element;
	yyjson_doc *doc;
	yyjson_val *who;
	size_t i, n;
	int rc = json_parse(&doc, line, "persons line", e);

	*elements = 0;
	buf_clear(out);
	if (rc)
		return rc;
	cursor_literal(&c, "[");
	buf_addch(out, '[');
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, who)
	{
		bool erased = yyjson_is_obj(who) && is_meant(wish, who);

		if (!persons_element(&c, &element))
			rc = err_set(e, ERR_MALFORMED,
				     "a persons line makes no sense");
		if (rc)
			break;
		*elements += erased;
		if (i)
			buf_addch(out, ',');
		add_element(out, element, erased);
	}
	buf_addch(out, ']');
	yyjson_doc_free(doc);
	if (!rc && !buf_ok(out))
		rc = err_nomem(e);
	return rc;
}

/* ---------------------------------------------------------------- count */

static int count_item(const struct erase_wish *wish,
		      const struct ledger_item *item, struct buf *line,
		      struct erase_report *out, struct err *e)
{
	yyjson_doc *doc;
	uint64_t n;
	int rc = erase_line(wish, item->persons, line, &n, e);

	if (rc || !n)
		return rc;
	out->records++;
	out->elements += n;
	if (!wish->ask)
		return 0;
	rc = json_parse(&doc, item->json, "record", e);
	if (!rc)
		rc = wish->ask(wish->arg, item, yyjson_doc_get_root(doc), e);
	yyjson_doc_free(doc);
	return rc;
}

int erase_count(struct ledger *l, const struct erase_wish *wish,
		struct erase_report *out, struct err *e)
{
	struct buf line = BUF_INIT(LEDGER_MAX_PERSONS + 1);
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, 0, e);

	*out = (struct erase_report){0};
	if (rc)
		return rc;
	while ((rc = ledger_reader_next(r, &item, e)) != 0) {
		if (rc == 1 && item.persons.n > strlen("[]"))
			rc = count_item(wish, &item, &line, out, e);
		if (rc == ERR_MALFORMED)
			out->damaged++;
		else if (rc < 0)
			break;
	}
	ledger_reader_free(r);
	buf_release(&line);
	return rc;
}
