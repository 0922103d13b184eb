/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/access.h"

#include "base/time.h"
#include "desk/record.h"

static void add_time(struct record *r, yyjson_mut_val *obj, const char *name,
		     int64_t ms)
{
	char when[TIME_RFC3339_SIZE];

	if (!ms)
		return;
	time_format(ms, when);
	record_text(r, obj, name, when);
}

static int add_person(struct record *r, yyjson_mut_val *obj, const char *name,
		      struct err *e)
{
	struct report_person who = {.principal = name};
	size_t number;
	int rc = record_person(r, &who, &number, e);

	if (!rc)
		record_number(r, obj, "person", number);
	return rc;
}

static int add_query(struct record *r, const struct ledger_query *q,
		     struct err *e)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(r->doc, r->root, "filter");

	if (!o)
		return err_nomem(e);
	record_text(r, o, "id", q->id);
	record_text(r, o, "kind", q->kind);
	record_text(r, o, "verdict", q->verdict);
	record_text(r, o, "repository", q->repository);
	record_text(r, o, "ref", q->ref);
	record_text(r, o, "commit", q->commit);
	record_text(r, o, "rule", q->rule);
	record_text(r, o, "agent", q->agent);
	add_time(r, o, "since", q->since);
	add_time(r, o, "until", q->until);
	return q->person ? add_person(r, o, q->person, e) : 0;
}

int access_record(struct ledger *l, const struct record_frame *frame,
		  const struct access_note *note, struct err *e)
{
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	/* where the reader stands, and under which policy, is not asked */
	plain.repository = NULL;
	plain.policy = NULL;
	rc = record_init(&r, l, &plain, "access", e);
	if (!rc) {
		record_text(&r, r.root, "command", note->command);
		record_text(&r, r.root, "format", note->format);
		record_text(&r, r.root, "evidence", note->evidence);
		record_number(&r, r.root, "count", note->count);
		record_bool(&r, r.root, "named", note->persons);
		if (note->query)
			rc = add_query(&r, note->query, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}
