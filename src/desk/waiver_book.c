/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "desk/waiver.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/search.h"

enum { BOOK_BYTES = 1 << 28 };

/* One record being read. */
struct entry {
	struct waiver_book *b;
	struct ledger *l;
	yyjson_val *root, *people;
	const char *rule; /* whose uses are counted */
	struct err *e;
};

void waiver_book_init(struct waiver_book *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, BOOK_BYTES);
}

void waiver_book_release(struct waiver_book *b)
{
	free(b->v);
	arena_release(&b->arena);
	waiver_book_init(b);
}

static const char *text(struct entry *en, yyjson_val *obj, const char *name,
			bool *ok)
{
	const char *s = arena_dup(&en->b->arena, json_str(obj, name));

	*ok &= s != NULL;
	return s ? s : "";
}

static int add_waiver(struct entry *en)
{
	yyjson_val *number =
		yyjson_obj_get(yyjson_obj_get(en->root, "signer"), "person");
	yyjson_val *who = NULL;
	struct waiver_entry w = {0};
	bool ok = true;

	if (yyjson_is_uint(number))
		who = yyjson_arr_get(en->people, yyjson_get_uint(number));
	w.repository = text(en, en->root, "repository", &ok);
	w.at = text(en, en->root, "at", &ok);
	w.tag = text(en, en->root, "tag", &ok);
	w.rule = text(en, en->root, "rule", &ok);
	w.until = text(en, en->root, "until", &ok);
	w.reason = text(en, en->root, "reason", &ok);
	w.control = text(en, en->root, "control", &ok);
	w.who = text(en, who, "principal", &ok);
	if (ok && !time_parse(span_str(w.until), &w.end))
		return 0;
	if (!ok ||
	    array_push(&en->b->v, en->b->n, &en->b->cap, WAIVER_BOOK_MAX))
		return err_nomem(en->e);
	en->b->v[en->b->n++] = w;
	return 0;
}

static void count_use(struct entry *en, yyjson_val *use)
{
	struct span at = json_str(use, "at"), tag = json_str(use, "tag");
	struct span repository = json_str(en->root, "repository");
	size_t i;

	for (i = 0; i < en->b->n; i++) {
		struct waiver_entry *w = &en->b->v[i];

		if (strcmp(w->rule, en->rule) != 0 || !span_is(at, w->at) ||
		    !span_is(tag, w->tag) ||
		    !span_is(repository, w->repository))
			continue;
		w->pushes++;
		w->commits += yyjson_get_uint(yyjson_obj_get(use, "commits"));
		return;
	}
}

static int add_uses(struct entry *en)
{
	struct span verdict = json_str(en->root, "verdict");
	yyjson_val *list, *use;
	yyjson_doc *held;
	size_t i, n;
	int rc;

	if (!span_is(verdict, "pass") && !span_is(verdict, "warn"))
		return 0;
	rc = ledger_list_load(en->l, en->root, "waivers", &list, &held, en->e);
	if (rc) {
		err_clear(en->e); /* what is gone is ledger verify's matter */
		return 0;
	}
	yyjson_arr_foreach(list, i, n, use)
	{
		count_use(en, use);
	}
	yyjson_doc_free(held);
	return 0;
}

typedef int add_fn(struct entry *en);

static int add_item(struct waiver_book *b, struct ledger *l,
		    const struct ledger_query *q,
		    const struct ledger_item *item, add_fn *add, struct err *e)
{
	yyjson_doc *record = NULL, *people = NULL;
	struct entry en = {.b = b, .l = l, .rule = q->rule, .e = e};
	int rc = json_parse(&record, item->json, "record", e);

	if (!rc)
		rc = json_parse(&people, item->persons, "persons line", e);
	en.root = yyjson_doc_get_root(record);
	en.people = yyjson_doc_get_root(people);
	if (!rc)
		rc = add(&en);
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

static int each(struct waiver_book *b, struct ledger *l,
		const struct ledger_query *q, add_fn *add, struct err *e)
{
	struct ledger_search *s = NULL;
	struct ledger_item item;
	uint64_t end;
	int rc = ledger_size(l, &end, e);

	if (!rc)
		rc = ledger_search_new(&s, l, q, 0, end, e);
	while (!rc) {
		rc = ledger_search_next(s, &item, e);
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			rc = 0;
			continue;
		}
		if (rc <= 0)
			break;
		rc = add_item(b, l, q, &item, add, e);
	}
	ledger_search_free(s);
	return rc;
}

/* Those of one rule are counted at once: decisions are found by rule. */
static bool rule_counted(const struct waiver_book *b, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(b->v[i].rule, b->v[at].rule))
			return true;
	return false;
}

int waiver_book_read(struct waiver_book *b, struct ledger *l, struct err *e)
{
	struct ledger_query q = {.kind = "waiver"};
	size_t i;
	int rc = each(b, l, &q, add_waiver, e);

	q.kind = "decision";
	for (i = 0; !rc && i < b->n; i++) {
		q.rule = b->v[i].rule;
		if (!rule_counted(b, i))
			rc = each(b, l, &q, add_uses, e);
	}
	return rc;
}
