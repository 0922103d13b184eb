/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/book.h"

#include "ledger/json.h"

static int read_item(struct book_entry *entry, const struct ledger_item *item,
		     book_entry_fn *fn)
{
	yyjson_doc *record = NULL, *people = NULL;
	int rc = json_parse(&record, item->json, "record", entry->e);

	if (!rc)
		rc = json_parse(&people, item->persons, "persons line",
				entry->e);
	entry->root = yyjson_doc_get_root(record);
	entry->people = yyjson_doc_get_root(people);
	if (!rc)
		rc = fn(entry);
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

int book_read(struct ledger *l, const struct ledger_query *q, uint64_t end,
	      struct arena *arena, book_entry_fn *fn, void *arg, struct err *e)
{
	struct book_entry entry = {.arena = arena, .l = l, .arg = arg, .e = e};
	struct ledger_search *s = NULL;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, q, 0, end, e);

	while (!rc) {
		rc = ledger_search_next(s, &item, e);
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			rc = 0;
			continue;
		}
		if (rc <= 0)
			break;
		rc = read_item(&entry, &item, fn);
	}
	ledger_search_free(s);
	return rc;
}

const char *book_text(const struct book_entry *entry, yyjson_val *obj,
		      const char *name, bool *ok)
{
	const char *s = arena_dup(entry->arena, json_str(obj, name));

	*ok &= s != NULL;
	return s ? s : "";
}

yyjson_val *book_person(const struct book_entry *entry, const char *member)
{
	yyjson_val *number =
		yyjson_obj_get(yyjson_obj_get(entry->root, member), "person");

	return yyjson_is_uint(number)
		       ? yyjson_arr_get(entry->people, yyjson_get_uint(number))
		       : NULL;
}
