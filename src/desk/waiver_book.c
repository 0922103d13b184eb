/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "desk/book.h"
#include "desk/waiver.h"
#include "ledger/json.h"
#include "ledger/lists.h"

struct adding {
	struct waiver_book *b;
	const char *rule; /* whose uses are counted */
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

static int add_waiver(struct book_entry *en)
{
	yyjson_val *who = book_person(en, "signer");
	struct adding *to = en->arg;
	struct waiver_book *b = to->b;
	struct waiver_entry w = {0};
	bool ok = true;

	w.repository = book_text(en, en->root, "repository", &ok);
	w.at = book_text(en, en->root, "at", &ok);
	w.tag = book_text(en, en->root, "tag", &ok);
	w.rule = book_text(en, en->root, "rule", &ok);
	w.until = book_text(en, en->root, "until", &ok);
	w.reason = book_text(en, en->root, "reason", &ok);
	w.control = book_text(en, en->root, "control", &ok);
	w.who = book_text(en, who, "principal", &ok);
	if (ok && !time_parse(span_str(w.until), &w.end))
		return 0;
	if (!ok || array_push(&b->v, b->n, &b->cap, WAIVER_BOOK_MAX))
		return err_nomem(en->e);
	b->v[b->n++] = w;
	return 0;
}

static void count_use(struct book_entry *en, yyjson_val *use)
{
	struct span at = json_str(use, "at"), tag = json_str(use, "tag");
	struct span repository = json_str(en->root, "repository");
	struct adding *to = en->arg;
	size_t i;

	for (i = 0; i < to->b->n; i++) {
		struct waiver_entry *w = &to->b->v[i];

		if (strcmp(w->rule, to->rule) != 0 || !span_is(at, w->at) ||
		    !span_is(tag, w->tag) ||
		    !span_is(repository, w->repository))
			continue;
		w->pushes++;
		w->commits += yyjson_get_uint(yyjson_obj_get(use, "commits"));
		return;
	}
}

static int add_uses(struct book_entry *en)
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
	struct adding to = {.b = b};
	uint64_t end;
	size_t i;
	int rc = ledger_size(l, &end, e);

	if (!rc)
		rc = book_read(l, &q, end, &b->arena, add_waiver, &to, e);
	q.kind = "decision";
	for (i = 0; !rc && i < b->n; i++) {
		q.rule = to.rule = b->v[i].rule;
		if (!rule_counted(b, i))
			rc = book_read(l, &q, end, &b->arena, add_uses, &to, e);
	}
	return rc;
}
