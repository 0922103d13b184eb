/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/emergency_book.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "desk/book.h"
#include "ledger/json.h"
#include "ledger/lists.h"

void emergency_book_init(struct emergency_book *b)
{
	memset(b, 0, sizeof(*b));
	arena_init(&b->arena, BOOK_BYTES);
}

void emergency_book_release(struct emergency_book *b)
{
	free(b->v);
	arena_release(&b->arena);
	emergency_book_init(b);
}

static bool read_refs(struct book_entry *en, struct emergency_case *c)
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
		struct emergency_ref *r = ok ? &c->refs[c->nrefs++] : NULL;

		if (!r)
			break;
		r->name = book_text(en, ref, "name", &ok);
		r->real = book_text(en, ref, "real", &ok);
		r->old = book_text(en, ref, "old", &ok);
		r->new_ = book_text(en, ref, "new", &ok);
		r->commits = yyjson_get_uint(yyjson_obj_get(ref, "commits"));
	}
	yyjson_doc_free(held);
	return ok;
}

static bool read_rules(struct book_entry *en, struct emergency_case *c)
{
	yyjson_val *list = yyjson_obj_get(en->root, "excused_rules"), *rule;
	size_t i, n;

	c->rules = arena_alloc(en->arena,
			       (yyjson_arr_size(list) + 1) * sizeof(*c->rules));
	if (!c->rules)
		return false;
	yyjson_arr_foreach(list, i, n, rule)
	{
		if (!yyjson_is_str(rule))
			continue;
		c->rules[c->nrules] =
			arena_strdup(en->arena, yyjson_get_str(rule));
		if (!c->rules[c->nrules++])
			return false;
	}
	return true;
}

static bool read_reverts(struct book_entry *en, struct emergency_case *c)
{
	yyjson_val *list, *revert;
	yyjson_doc *held;
	size_t i, n;
	bool ok = !ledger_list_load(en->l, en->root, "reverts", &list, &held,
				    en->e);

	if (!ok)
		return false;
	c->reverts = arena_alloc(en->arena, (yyjson_arr_size(list) + 1) *
						    sizeof(*c->reverts));
	ok = c->reverts != NULL;
	yyjson_arr_foreach(list, i, n, revert)
	{
		if (ok)
			c->reverts[c->nreverts++] =
				book_text(en, revert, "commit", &ok);
	}
	yyjson_doc_free(held);
	return ok;
}

static bool read_owner(struct book_entry *en, struct emergency_case *c)
{
	yyjson_val *who = book_person(en, "owner");
	bool ok = true;

	c->login = book_text(en, who, "login", &ok);
	c->owner = book_text(en, who, "principal", &ok);
	if (!*c->owner)
		c->owner = NULL;
	return ok;
}

static bool read_time(yyjson_val *root, const char *name, int64_t *out)
{
	return time_parse(json_str(root, name), out);
}

static int add_open(struct book_entry *en)
{
	struct emergency_book *b = en->arg;
	struct emergency_case c = {0};
	bool ok = true;

	if (!read_time(en->root, "time", &c.made) ||
	    !read_time(en->root, "deadline", &c.deadline))
		return 0;
	c.decision = book_text(en, en->root, "decision", &ok);
	c.repository = book_text(en, en->root, "repository", &ok);
	c.git_namespace = book_text(en, en->root, "namespace", &ok);
	c.ticket = book_text(en, en->root, "ticket", &ok);
	c.reason = book_text(en, en->root, "reason", &ok);
	c.revert = span_is(json_str(en->root, "kind"), "revert");
	ok = ok && read_owner(en, &c) && read_refs(en, &c) &&
	     read_rules(en, &c) && read_reverts(en, &c);
	if (en->e && en->e->code)
		return en->e->code;
	if (!ok || array_push(&b->v, b->n, &b->cap, EMERGENCY_BOOK_MAX))
		return err_nomem(en->e);
	b->v[b->n++] = c;
	return 0;
}

static struct emergency_case *case_of(struct book_entry *en)
{
	struct span decision = json_str(en->root, "decision");
	bool revert = span_is(json_str(en->root, "kind"), "revert");
	struct emergency_book *b = en->arg;
	size_t i;

	for (i = b->n; i-- > 0;)
		if (span_is(decision, b->v[i].decision) &&
		    b->v[i].revert == revert)
			return &b->v[i];
	return NULL;
}

static int add(struct book_entry *en)
{
	struct span state = json_str(en->root, "state");
	struct emergency_case *c;

	if (span_is(state, "open"))
		return add_open(en);
	c = case_of(en);
	if (c && span_is(state, "closed"))
		c->closed = true;
	if (c && span_is(state, "overdue"))
		c->overdue_told = true;
	return 0;
}

int emergency_book_read(struct emergency_book *b, struct ledger *l,
			struct err *e)
{
	struct ledger_query q = {.kind = "emergency"};
	uint64_t end;
	int rc = ledger_size(l, &end, e);

	if (!rc)
		rc = book_read(l, &q, end, &b->arena, add, b, e);
	q.kind = "revert";
	return rc ? rc : book_read(l, &q, end, &b->arena, add, b, e);
}
