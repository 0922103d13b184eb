/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/emergency_book.h"

#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/array.h"
#include "base/time.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/search.h"

enum { BOOK_BYTES = 1 << 28 };

/* One record being read. */
struct entry {
	struct emergency_book *b;
	struct ledger *l;
	yyjson_val *root, *people;
	struct err *e;
};

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

/* "" for what is not there. */
static const char *text(struct entry *en, yyjson_val *obj, const char *name,
			bool *ok)
{
	const char *s = arena_dup(&en->b->arena, json_str(obj, name));

	*ok &= s != NULL;
	return s ? s : "";
}

static bool read_refs(struct entry *en, struct emergency_case *c)
{
	yyjson_val *list, *ref;
	yyjson_doc *held;
	size_t i, n;
	bool ok =
		!ledger_list_load(en->l, en->root, "refs", &list, &held, en->e);

	if (!ok)
		return false;
	c->refs = arena_alloc(&en->b->arena,
			      (yyjson_arr_size(list) + 1) * sizeof(*c->refs));
	ok = c->refs != NULL;
	yyjson_arr_foreach(list, i, n, ref)
	{
		struct emergency_ref *r = ok ? &c->refs[c->nrefs++] : NULL;

		if (!r)
			break;
		r->name = text(en, ref, "name", &ok);
		r->real = text(en, ref, "real", &ok);
		r->old = text(en, ref, "old", &ok);
		r->new_ = text(en, ref, "new", &ok);
		r->commits = yyjson_get_uint(yyjson_obj_get(ref, "commits"));
	}
	yyjson_doc_free(held);
	return ok;
}

static bool read_rules(struct entry *en, struct emergency_case *c)
{
	yyjson_val *list = yyjson_obj_get(en->root, "excused_rules"), *rule;
	size_t i, n;

	c->rules = arena_alloc(&en->b->arena,
			       (yyjson_arr_size(list) + 1) * sizeof(*c->rules));
	if (!c->rules)
		return false;
	yyjson_arr_foreach(list, i, n, rule)
	{
		if (!yyjson_is_str(rule))
			continue;
		c->rules[c->nrules] =
			arena_strdup(&en->b->arena, yyjson_get_str(rule));
		if (!c->rules[c->nrules++])
			return false;
	}
	return true;
}

static bool read_reverts(struct entry *en, struct emergency_case *c)
{
	yyjson_val *list, *revert;
	yyjson_doc *held;
	size_t i, n;
	bool ok = !ledger_list_load(en->l, en->root, "reverts", &list, &held,
				    en->e);

	if (!ok)
		return false;
	c->reverts = arena_alloc(&en->b->arena,
				 (yyjson_arr_size(list) + 1) *
					 sizeof(*c->reverts));
	ok = c->reverts != NULL;
	yyjson_arr_foreach(list, i, n, revert)
	{
		if (ok)
			c->reverts[c->nreverts++] =
				text(en, revert, "commit", &ok);
	}
	yyjson_doc_free(held);
	return ok;
}

static bool read_owner(struct entry *en, struct emergency_case *c)
{
	yyjson_val *number =
		yyjson_obj_get(yyjson_obj_get(en->root, "owner"), "person");
	yyjson_val *who = NULL;
	bool ok = true;

	if (yyjson_is_uint(number))
		who = yyjson_arr_get(en->people, yyjson_get_uint(number));
	c->login = text(en, who, "login", &ok);
	c->owner = text(en, who, "principal", &ok);
	if (!*c->owner)
		c->owner = NULL;
	return ok;
}

static bool read_time(yyjson_val *root, const char *name, int64_t *out)
{
	return time_parse(json_str(root, name), out);
}

static int add_open(struct entry *en)
{
	struct emergency_case c = {0};
	bool ok = true;

	if (!read_time(en->root, "time", &c.made) ||
	    !read_time(en->root, "deadline", &c.deadline))
		return 0;
	c.decision = text(en, en->root, "decision", &ok);
	c.repository = text(en, en->root, "repository", &ok);
	c.git_namespace = text(en, en->root, "namespace", &ok);
	c.ticket = text(en, en->root, "ticket", &ok);
	c.reason = text(en, en->root, "reason", &ok);
	c.revert = span_is(json_str(en->root, "kind"), "revert");
	ok = ok && read_owner(en, &c) && read_refs(en, &c) &&
	     read_rules(en, &c) && read_reverts(en, &c);
	if (en->e && en->e->code)
		return en->e->code;
	if (!ok ||
	    array_push(&en->b->v, en->b->n, &en->b->cap, EMERGENCY_BOOK_MAX))
		return err_nomem(en->e);
	en->b->v[en->b->n++] = c;
	return 0;
}

static struct emergency_case *case_of(struct entry *en)
{
	struct span decision = json_str(en->root, "decision");
	bool revert = span_is(json_str(en->root, "kind"), "revert");
	size_t i;

	for (i = en->b->n; i-- > 0;)
		if (span_is(decision, en->b->v[i].decision) &&
		    en->b->v[i].revert == revert)
			return &en->b->v[i];
	return NULL;
}

static int add(struct entry *en)
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

static int add_item(struct emergency_book *b, struct ledger *l,
		    const struct ledger_item *item, struct err *e)
{
	yyjson_doc *record = NULL, *people = NULL;
	struct entry en = {.b = b, .l = l, .e = e};
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

static int read_kind(struct emergency_book *b, struct ledger *l,
		     const char *kind, uint64_t end, struct err *e)
{
	const struct ledger_query q = {.kind = kind};
	struct ledger_search *s = NULL;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, &q, 0, end, e);

	while (!rc) {
		rc = ledger_search_next(s, &item, e);
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			rc = 0;
			continue;
		}
		if (rc <= 0)
			break;
		rc = add_item(b, l, &item, e);
	}
	ledger_search_free(s);
	return rc;
}

int emergency_book_read(struct emergency_book *b, struct ledger *l,
			struct err *e)
{
	uint64_t end;
	int rc = ledger_size(l, &end, e);

	if (!rc)
		rc = read_kind(b, l, "emergency", end, e);
	return rc ? rc : read_kind(b, l, "revert", end, e);
}
