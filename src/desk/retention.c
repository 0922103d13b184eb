/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "base/time.h"
#include "desk/record.h"
#include "desk/retention_refs.h"
#include "ledger/json.h"
#include "ledger/lists.h"
#include "ledger/memory_fill.h"
#include "ledger/terms.h"
#include "policy/tables.h"

/* -------------------------------------------------------------- judging */

int64_t retention_shortest(const struct policy *policy)
{
	const struct policy_section_desc *d = policy_section_find("retention");
	int64_t least = 0;
	size_t i;

	for (i = 0; i < d->n; i++) {
		int64_t s = policy_retention(policy, d->table[i].name);

		if (s && (!least || s < least))
			least = s;
	}
	return least;
}

static const char *say(struct retention_judge *j, const char *what,
		       struct span kind)
{
	struct buf clean = BUF_INIT(64);

	text_add_printable(&clean, kind, 32);
	snprintf(j->why, sizeof(j->why), "a record of kind %s %s", clean.data,
		 what);
	buf_release(&clean);
	return j->why;
}

int retention_judge(void *arg, const struct ledger_item *item,
		    yyjson_val *record, const char **why, struct err *e)
{
	struct span kind = json_str(record, "kind");
	struct retention_judge *j = arg;
	const struct hold *hold;
	char *name;
	int64_t seconds;

	/* the next one tells all that it tells */
	if (span_is(kind, RETAIN_KIND))
		return 0;
	hold = holds_find(j->holds, item, record, j->now);
	if (hold) {
		snprintf(j->why, sizeof(j->why), "hold %s keeps a record",
			 hold->id);
		*why = j->why;
		return 0;
	}
	name = span_dup(kind);
	if (!name)
		return err_nomem(e);
	seconds = policy_retention(j->policy, name);
	free(name);
	if (!seconds)
		*why = say(j, "is kept for ever", kind);
	else if (terms_time(record, item->id) > j->now - seconds * 1000)
		*why = say(j, "is not old enough", kind);
	return 0;
}

/* --------------------------------------------------------------- record */

static void add_time(struct record *r, yyjson_mut_val *o, const char *name,
		     int64_t ms)
{
	char when[TIME_RFC3339_SIZE];

	time_format(ms, when);
	record_text(r, o, name, when);
}

static int add_lines(struct record *r, yyjson_mut_val *o, const char *name,
		     const struct buf *lines, struct err *e)
{
	if (!lines->len)
		return 0;
	return record_evidence(r, o, name, span_of(lines->data, lines->len), e);
}

/* What has to be remembered of the segment. */
static int add_memory(struct record *r, yyjson_mut_val *o,
		      const struct gone_range *range, struct err *e)
{
	struct buf memory = BUF_INIT(LEDGER_MAX_EVIDENCE);
	struct buf refs = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc =
		memory_extract(r->ledger, range->first, range->end, &memory, e);

	if (!rc)
		rc = retention_refs_extract(r->ledger, range, &refs, e);
	if (!rc)
		rc = add_lines(r, o, "memory", &memory, e);
	if (!rc)
		rc = add_lines(r, o, "refs", &refs, e);
	buf_release(&memory);
	buf_release(&refs);
	return rc;
}

static int add_segment(struct record *r, yyjson_mut_val *list,
		       const struct retain_segment *s, int64_t now,
		       struct err *e)
{
	yyjson_mut_val *o = record_object(r, list);
	char hex[SHA256_HEX_SIZE];

	if (!o)
		return err_nomem(e);
	hex_encode(s->range.root.b, sizeof(s->range.root.b), hex);
	record_number(r, o, "first", s->range.first);
	record_number(r, o, "count", s->range.end - s->range.first);
	add_time(r, o, "from", s->from_ms);
	add_time(r, o, "until", s->until_ms);
	record_digest(r, o, "root", hex);
	add_time(r, o, "left", now);
	return add_memory(r, o, &s->range, e);
}

/* Of what the last record named, all that did leave. */
struct earlier {
	struct buf json;
	yyjson_doc *doc, *held;
	yyjson_val *list;
	uint64_t index;
	struct gone_list gone;
};

static void earlier_release(struct earlier *p)
{
	yyjson_doc_free(p->doc);
	yyjson_doc_free(p->held);
	buf_release(&p->json);
	gone_release(&p->gone);
}

static int earlier_read(struct earlier *p, struct ledger *l, struct err *e)
{
	bool found;
	int rc = retain_last(l, &p->json, &p->index, &found, e);

	if (!rc)
		rc = retain_gone(l, &p->gone, e);
	if (!rc && found)
		rc = json_parse(&p->doc, span_of(p->json.data, p->json.len),
				"record", e);
	if (!rc && found)
		rc = ledger_list_load(l, yyjson_doc_get_root(p->doc),
				      "segments", &p->list, &p->held, e);
	return rc;
}

static bool says_gone(const struct earlier *p, yyjson_val *segment)
{
	uint64_t first = yyjson_get_uint(yyjson_obj_get(segment, "first"));
	const struct gone_range *range = gone_find(&p->gone, first);

	return range && range->first == first;
}

static bool says_planned(const struct retain_plan *plan, yyjson_val *segment)
{
	uint64_t first = yyjson_get_uint(yyjson_obj_get(segment, "first"));
	uint64_t count = yyjson_get_uint(yyjson_obj_get(segment, "count"));
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (plan->v[i].range.first == first &&
		    plan->v[i].range.end == first + count)
			return true;
	return false;
}

/* Whether the last record says just what a new one would. */
static bool is_said(const struct earlier *p, const struct retain_plan *plan)
{
	yyjson_val *segment;
	size_t i, n, planned = 0, gone = 0;

	yyjson_arr_foreach(p->list, i, n, segment)
	{
		if (says_planned(plan, segment))
			planned++;
		else if (says_gone(p, segment))
			gone++;
		else
			return false;
	}
	return p->list && planned == plan->n && gone == p->gone.n;
}

static int add_segments(struct record *r, const struct earlier *p,
			const struct retain_plan *plan, int64_t now,
			struct err *e)
{
	yyjson_mut_val *list = yyjson_mut_arr(r->doc);
	yyjson_val *segment;
	size_t i, n;
	int rc = list ? 0 : err_nomem(e);

	yyjson_arr_foreach(p->list, i, n, segment)
	{
		if (!rc && says_gone(p, segment) &&
		    !yyjson_mut_arr_append(
			    list, yyjson_val_mut_copy(r->doc, segment)))
			rc = err_nomem(e);
	}
	for (i = 0; !rc && i < plan->n; i++)
		rc = add_segment(r, list, &plan->v[i], now, e);
	return rc ? rc : record_list(r, "segments", list, e);
}

static uint64_t count_records(const struct retain_plan *plan)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < plan->n; i++)
		n += plan->v[i].range.end - plan->v[i].range.first;
	return n;
}

static int write_record(struct ledger *l, const struct record_frame *frame,
			const struct earlier *before,
			const struct retain_plan *plan, uint64_t *index,
			struct err *e)
{
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	plain.repository = NULL;
	rc = record_init(&r, l, &plain, RETAIN_KIND, e);
	if (!rc) {
		record_number(&r, r.root, "count", count_records(plan));
		rc = add_segments(&r, before, plan, frame->now, e);
	}
	if (!rc)
		rc = record_append_at(&r, index, e);
	record_release(&r);
	return rc;
}

int retention_record(struct ledger *l, const struct record_frame *frame,
		     const struct retain_plan *plan, uint64_t *index,
		     struct err *e)
{
	struct earlier before = {.json = BUF_INIT(LEDGER_MAX_RECORD)};
	int rc = earlier_read(&before, l, e);

	*index = before.index;
	if (!rc && !is_said(&before, plan))
		rc = write_record(l, frame, &before, plan, index, e);
	earlier_release(&before);
	return rc;
}
