/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/unverified_book.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "desk/book.h"
#include "ledger/json.h"
#include "ledger/lists.h"

void unverified_book_init(struct unverified_book *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, BOOK_BYTES);
}

void unverified_book_release(struct unverified_book *b)
{
	free(b->v);
	arena_release(&b->arena);
	unverified_book_init(b);
}

static bool read_tickets(struct book_entry *en, struct unverified_case *c)
{
	yyjson_val *list, *one;
	yyjson_doc *held;
	size_t i, n;
	bool ok = !ledger_list_load(en->l, en->root, "tickets", &list, &held,
				    en->e);

	if (!ok)
		return false;
	c->ntickets = 0;
	c->tickets = arena_alloc(en->arena, (yyjson_arr_size(list) + 1) *
						    sizeof(*c->tickets));
	ok = c->tickets != NULL;
	yyjson_arr_foreach(list, i, n, one)
	{
		struct unverified_ticket *t =
			ok ? &c->tickets[c->ntickets++] : NULL;

		if (!t)
			break;
		t->id = book_text(en, one, "id", &ok);
		t->code = book_text(en, one, "code", &ok);
		t->why = book_text(en, one, "why", &ok);
	}
	yyjson_doc_free(held);
	return ok;
}

static bool read_refs(struct book_entry *en, struct unverified_case *c)
{
	yyjson_val *list, *ref;
	yyjson_doc *held;
	size_t i, n;
	bool ok =
		!ledger_list_load(en->l, en->root, "refs", &list, &held, en->e);

	if (!ok)
		return false;
	c->refs = arena_alloc(en->arena,
			      (yyjson_arr_size(list) + 1) * sizeof(*c->refs));
	ok = c->refs != NULL;
	yyjson_arr_foreach(list, i, n, ref)
	{
		if (ok)
			c->refs[c->nrefs++] = book_text(en, ref, "real", &ok);
	}
	yyjson_doc_free(held);
	return ok;
}

static int failed(const struct book_entry *en)
{
	return en->e && en->e->code ? en->e->code : err_nomem(en->e);
}

static int add_case(struct book_entry *en)
{
	struct unverified_case c = {.state = UNVERIFIED_WAITS};
	struct unverified_book *b = en->arg;
	bool ok = true;

	if (!time_parse(json_str(en->root, "time"), &c.pushed))
		return 0;
	c.id = book_text(en, en->root, "id", &ok);
	c.decision = book_text(en, en->root, "decision", &ok);
	c.repository = book_text(en, en->root, "repository", &ok);
	c.git_namespace = book_text(en, en->root, "namespace", &ok);
	c.rule = book_text(en, en->root, "rule", &ok);
	c.sink = book_text(en, en->root, "sink", &ok);
	c.answer = "";
	if (!ok || !read_tickets(en, &c) || !read_refs(en, &c) ||
	    array_push(&b->v, b->n, &b->cap, UNVERIFIED_BOOK_MAX))
		return failed(en);
	b->v[b->n++] = c;
	return 0;
}

static struct unverified_case *case_of(struct book_entry *en)
{
	struct span question = json_str(en->root, "question");
	struct unverified_book *b = en->arg;
	size_t i;

	for (i = b->n; i-- > 0;)
		if (span_is(question, b->v[i].id))
			return &b->v[i];
	return NULL;
}

/* By hand is the last word. */
static int settle(struct book_entry *en, struct unverified_case *c)
{
	struct span lookup = json_str(en->root, "lookup");
	bool ok = true;

	if (!lookup.n) {
		c->state = UNVERIFIED_CLOSED;
		return 0;
	}
	if (c->state != UNVERIFIED_WAITS)
		return 0;
	c->state = span_is(lookup, "verified") ? UNVERIFIED_VERIFIED
					       : UNVERIFIED_REFUSED;
	if (!time_parse(json_str(en->root, "time"), &c->answered))
		c->answered = c->pushed;
	c->answer = book_text(en, en->root, "id", &ok);
	return ok && read_tickets(en, c) ? 0 : failed(en);
}

static int add(struct book_entry *en)
{
	struct unverified_case *c;

	if (span_is(json_str(en->root, "lookup"), "unverified"))
		return add_case(en);
	c = case_of(en);
	return c ? settle(en, c) : 0;
}

int unverified_book_read(struct unverified_book *b, struct ledger *l,
			 struct err *e)
{
	const struct ledger_query q = {.kind = "ticket"};
	uint64_t end;
	int rc = ledger_size(l, &end, e);

	return rc ? rc : book_read(l, &q, end, &b->arena, add, b, e);
}

bool unverified_is_amiss(const struct unverified_case *c, int64_t now)
{
	if (c->state == UNVERIFIED_WAITS)
		return now > c->pushed + UNVERIFIED_LATE_MS;
	return c->state == UNVERIFIED_REFUSED;
}
