/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/holds.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "desk/record.h"
#include "ledger/json.h"
#include "ledger/search.h"

enum { HOLDS_MAX = 1 << 20, HOLD_MIN_ID = 6 };

static void hold_free_members(struct hold *h)
{
	free(h->record);
	free(h->repository);
	free(h->person);
	free(h->reason);
}

void holds_release(struct holds *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		hold_free_members(&h->v[i]);
	free(h->v);
	*h = (struct holds){0};
}

bool hold_is_active(const struct hold *h, int64_t now)
{
	return !h->released[0] && h->until > now;
}

/* ----------------------------------------------------------------- read */

static int take_text(char **out, struct span s, struct err *e)
{
	if (!s.n)
		return 0;
	*out = span_dup(s);
	return *out ? 0 : err_nomem(e);
}

static int take_person(struct hold *h, yyjson_val *record, yyjson_val *people,
		       struct err *e)
{
	yyjson_val *number = yyjson_obj_get(record, "person"), *who;

	if (!yyjson_is_uint(number))
		return 0;
	who = yyjson_arr_get(people, yyjson_get_uint(number));
	h->erased = yyjson_is_null(who);
	return take_text(&h->person, json_str(who, "principal"), e);
}

static int fill_hold(struct hold *h, const struct ledger_item *item,
		     yyjson_val *record, yyjson_val *people, struct err *e)
{
	int rc;

	memcpy(h->id, item->id.p, item->id.n);
	(void)time_parse(json_str(record, "time"), &h->since);
	/* what cannot be read ends nothing */
	if (!time_parse(json_str(record, "until"), &h->until))
		h->until = INT64_MAX;
	rc = take_text(&h->record, json_str(record, "record"), e);
	if (!rc)
		rc = take_text(&h->repository, json_str(record, "repository"),
			       e);
	if (!rc)
		rc = take_text(&h->reason, json_str(record, "reason"), e);
	return rc ? rc : take_person(h, record, people, e);
}

static int add_hold(struct holds *h, const struct ledger_item *item,
		    yyjson_val *record, yyjson_val *people, struct err *e)
{
	if (array_push(&h->v, h->n, &h->cap, HOLDS_MAX))
		return err_nomem(e);
	h->v[h->n] = (struct hold){.since = 0};
	return fill_hold(&h->v[h->n++], item, record, people, e);
}

static void take_release(struct holds *h, const struct ledger_item *item,
			 yyjson_val *record)
{
	struct span id = json_str(record, "hold");
	size_t i;

	for (i = 0; i < h->n; i++)
		if (span_is(id, h->v[i].id) && !h->v[i].released[0])
			memcpy(h->v[i].released, item->id.p, item->id.n);
}

static int take_item(struct holds *h, const struct ledger_item *item,
		     struct err *e)
{
	yyjson_doc *record = NULL, *people = NULL;
	yyjson_val *root;
	int rc = json_parse(&record, item->json, "record", e);

	if (!rc)
		rc = json_parse(&people, item->persons, "persons line", e);
	root = yyjson_doc_get_root(record);
	if (!rc && span_is(json_str(root, "kind"), "hold"))
		rc = add_hold(h, item, root, yyjson_doc_get_root(people), e);
	else if (!rc)
		take_release(h, item, root);
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

/* A damaged record that the index knows as a hold: nothing is decided without
 * it. */
static int read_kind(struct holds *h, struct ledger *l, const char *kind,
		     bool thorough, struct err *e)
{
	struct ledger_query q = {.kind = kind, .thorough = thorough};
	struct ledger_search *s;
	struct ledger_item item;
	int rc = ledger_search_new(&s, l, &q, 0, UINT64_MAX, e);

	if (rc)
		return rc;
	while ((rc = ledger_search_next(s, &item, e)) == 1 ||
	       (thorough && rc == ERR_MALFORMED)) {
		rc = rc == 1 ? take_item(h, &item, e) : 0;
		if (rc)
			break;
	}
	ledger_search_free(s);
	return rc;
}

static int read_all(struct holds *h, struct ledger *l, bool thorough,
		    struct err *e)
{
	int rc;

	holds_release(h);
	rc = read_kind(h, l, "hold", thorough, e);
	return rc ? rc : read_kind(h, l, "release", thorough, e);
}

int holds_read(struct holds *h, struct ledger *l, struct err *e)
{
	return read_all(h, l, false, e);
}

int holds_read_again(struct holds *h, struct ledger *l, struct err *e)
{
	return read_all(h, l, true, e);
}

/* ----------------------------------------------------------------- find */

static bool names_person(const struct ledger_item *item, const char *person)
{
	struct err ignored = {0};
	yyjson_doc *doc;
	yyjson_val *who;
	size_t i, n;
	bool yes = false;

	if (!memmem(item->persons.p, item->persons.n, person, strlen(person)) ||
	    json_parse(&doc, item->persons, "persons line", &ignored))
		return false;
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, n, who)
	{
		yes = yes || span_is(json_str(who, "principal"), person) ||
		      span_is(json_str(who, "login"), person) ||
		      span_is(json_str(who, "email"), person);
	}
	yyjson_doc_free(doc);
	return yes;
}

static bool holds_record(const struct hold *h, const struct ledger_item *item,
			 yyjson_val *record)
{
	if (h->record)
		return span_is(item->id, h->record) ||
		       span_is(json_str(record, "decision"), h->record);
	if (h->repository)
		return span_is(json_str(record, "repository"), h->repository);
	return h->person && names_person(item, h->person);
}

const struct hold *holds_find(const struct holds *h,
			      const struct ledger_item *item,
			      yyjson_val *record, int64_t now)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (hold_is_active(&h->v[i], now) &&
		    (span_is(item->id, h->v[i].id) ||
		     holds_record(&h->v[i], item, record)))
			return &h->v[i];
	return NULL;
}

int holds_by_id(const struct holds *h, const char *id, const struct hold **out,
		struct err *e)
{
	size_t i, len = strlen(id);

	*out = NULL;
	if (len < HOLD_MIN_ID)
		return err_set(e, ERR_USAGE,
			       "a hold's id needs at least its first %d digits",
			       HOLD_MIN_ID);
	for (i = 0; i < h->n; i++) {
		if (strncmp(h->v[i].id, id, len) != 0)
			continue;
		if (*out)
			return err_set(e, ERR_USAGE,
				       "several holds have ids that begin with "
				       "%s",
				       id);
		*out = &h->v[i];
	}
	return *out ? 0 : err_set(e, ERR_NOT_FOUND, "there is no hold %s", id);
}

/* --------------------------------------------------------------- record */

static int add_person(struct record *r, const char *name, struct err *e)
{
	struct report_person who = {.principal = name};
	size_t number;
	int rc = record_person(r, &who, &number, e);

	if (!rc)
		record_number(r, r->root, "person", number);
	return rc;
}

int hold_record(struct ledger *l, const struct record_frame *frame,
		struct hold *hold, struct err *e)
{
	struct record_frame plain = *frame;
	char until[TIME_RFC3339_SIZE];
	struct record r;
	int rc;

	plain.repository = hold->repository;
	plain.policy = NULL;
	time_format(hold->until, until);
	rc = record_init(&r, l, &plain, "hold", e);
	if (!rc) {
		memcpy(hold->id, r.id, sizeof(hold->id));
		record_text(&r, r.root, "record", hold->record);
		record_text(&r, r.root, "until", until);
		record_text(&r, r.root, "reason", hold->reason);
		if (hold->person)
			rc = add_person(&r, hold->person, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int hold_record_release(struct ledger *l, const struct record_frame *frame,
			const struct hold *hold, const char *reason,
			struct err *e)
{
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	plain.repository = NULL;
	plain.policy = NULL;
	rc = record_init(&r, l, &plain, "release", e);
	if (!rc) {
		record_text(&r, r.root, "hold", hold->id);
		record_text(&r, r.root, "reason", reason);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
