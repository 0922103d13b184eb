/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ledger/persons.h"

void load_init(struct load *l, const struct sender *s, uint64_t next)
{
	memset(l, 0, sizeof(*l));
	l->sender = s;
	l->next = next;
	buf_init(&l->bytes, LOAD_MAX_BYTES);
	values_init(&l->values);
	values_init(&l->others);
}

void load_release(struct load *l)
{
	free(l->v);
	buf_release(&l->bytes);
	values_release(&l->values);
	values_release(&l->others);
	load_init(l, l->sender, l->next);
}

void load_clear(struct load *l)
{
	l->n = 0;
	l->closed = false;
	buf_clear(&l->bytes);
	values_clear(&l->values);
}

static int render_template(struct load *l, struct decisions *d, uint64_t index,
			   struct event_record *record, struct values *v,
			   struct err *e)
{
	const uint64_t facts = UINT64_C(1) << TEMPLATE_SEVERITY |
			       UINT64_C(1) << TEMPLATE_VERDICT |
			       UINT64_C(1) << TEMPLATE_DECISION |
			       UINT64_C(1) << TEMPLATE_COMMENT;
	struct about a;
	bool deep = l->sender->uses & facts || l->sender->sink->ticket_pattern;
	int rc = about_of(&a, d, record, index, deep, e);

	if (rc)
		return rc;
	rc = fill_values(v, l->sender, d->ledger, &a, !l->n, e);
	if (!rc)
		rc = sender_render(l->sender, SENDER_POST, v, &l->bytes, e);
	about_release(&a);
	v->plain = NULL; /* gone with the next record */
	return rc;
}

/* Of several only the first is asked for its ids. */
static int render(struct load *l, struct decisions *d, uint64_t index,
		  struct event_record *record, struct err *e)
{
	struct values *v = l->n ? &l->others : &l->values;
	int rc = 0;

	values_clear(v);
	if (l->sender->sink->format == SINK_TEMPLATE)
		return render_template(l, d, index, record, v, e);
	if (!l->n)
		rc = fill_ids(v, l->sender->sink, &record->head, index, e);
	if (rc)
		return rc;
	if (l->sender->sink->format == SINK_NDJSON)
		return event_record_join(record, &l->bytes, e);
	return event_record_render(record, ledger_origin(d->ledger), index,
				   &l->bytes, e);
}

static enum sink_frame frame_of(const struct sink *sink)
{
	if (sink->format == SINK_CLOUDEVENTS_BATCH)
		return SINK_FRAME_ARRAY;
	if (sink->frame)
		return (enum sink_frame)sink->frame;
	return sink->format == SINK_NDJSON ? SINK_FRAME_NDJSON
					   : SINK_FRAME_SINGLE;
}

/** What stands around records; empty: nothing. */
struct frame {
	const char *begin, *between, *behind, *end;
};

static struct frame marks_of(const struct load *l)
{
	switch (frame_of(l->sender->sink)) {
	case SINK_FRAME_ARRAY:
		return (struct frame){"[", ",", "", "]"};
	case SINK_FRAME_NDJSON:
		return (struct frame){"", "", "\n", ""};
	default:
		return (struct frame){"", "", "", ""};
	}
}

/* Make room for one more. @return where its bytes begin */
static size_t begin(struct load *l)
{
	struct frame marks = marks_of(l);

	buf_adds(&l->bytes, l->n ? marks.between : marks.begin);
	l->bytes.max = l->bytes.len + VALUES_MAX_BODY;
	return l->bytes.len;
}

/* What was added behind `before` does not go with this load. */
static void take_back(struct load *l, size_t before)
{
	l->bytes.failed = false;
	l->bytes.max = LOAD_MAX_BYTES;
	buf_truncate(&l->bytes, before);
}

static bool fits(const struct load *l, size_t before, size_t n)
{
	const struct sink *sink = l->sender->sink;

	if (!l->n)
		return true;
	return l->n < (size_t)sink->batch_max &&
	       before + n <= (size_t)sink->batch_bytes;
}

static int end(struct load *l, const struct event_head *head, uint64_t index,
	       size_t at, struct err *e)
{
	size_t n = l->bytes.len - at;

	if (array_push(&l->v, l->n, &l->cap, SIZE_MAX / sizeof(*l->v)))
		return err_nomem(e);
	l->bytes.max = LOAD_MAX_BYTES;
	if (buf_adds(&l->bytes, marks_of(l).behind))
		return err_nomem(e);
	l->v[l->n++] = (struct load_item){
		.head = *head, .index = index, .at = at, .n = n};
	return 1;
}

int load_add(struct load *l, struct decisions *d, uint64_t index,
	     struct event_record *record, struct err *e)
{
	size_t before = l->bytes.len, at;
	int rc;

	if (l->closed)
		return err_set(e, ERR_INTERNAL, "the load is on its way");
	at = begin(l);
	rc = render(l, d, index, record, e);
	if (!rc && fits(l, before, l->bytes.len - at))
		rc = end(l, &record->head, index, at, e);
	if (rc != 1)
		take_back(l, before);
	return rc;
}

int load_add_event(struct load *l, const struct event_head *head,
		   struct span event, struct err *e)
{
	size_t before = l->bytes.len, at = begin(l);
	int rc = fill_ids(&l->values, l->sender->sink, head, 0, e);

	if (!rc && buf_add(&l->bytes, event.p, event.n))
		rc = err_nomem(e);
	if (!rc)
		rc = end(l, head, 0, at, e);
	if (rc != 1)
		take_back(l, before);
	return rc;
}

bool load_is_full(const struct load *l)
{
	const struct sink *sink = l->sender->sink;

	return l->n >= (size_t)sink->batch_max ||
	       l->bytes.len >= (size_t)sink->batch_bytes;
}

static int close_all(struct load *l, struct span *out, struct err *e)
{
	if (!l->closed && buf_adds(&l->bytes, marks_of(l).end))
		return err_nomem(e);
	l->closed = true;
	*out = span_of(l->bytes.data, l->bytes.len);
	return 0;
}

int load_frame(struct load *l, size_t from, size_t to, struct buf *room,
	       struct span *out, struct err *e)
{
	struct frame marks = marks_of(l);

	*out = span_of(NULL, 0);
	if (from == 0 && to == l->n)
		return close_all(l, out, e);
	buf_adds(room, marks.begin);
	for (size_t i = from; i < to; i++) {
		if (i > from)
			buf_adds(room, marks.between);
		buf_add(room, l->bytes.data + l->v[i].at, l->v[i].n);
		buf_adds(room, marks.behind);
	}
	if (buf_adds(room, marks.end))
		return err_nomem(e);
	*out = span_of(room->data, room->len);
	return 0;
}

int load_id(const struct load *l, size_t from, size_t to,
	    char out[UUID_TEXT_SIZE], struct err *e)
{
	struct buf ids = BUF_INIT(LOAD_MAX_BYTES);
	int rc = 0;

	if (to - from == 1) {
		memcpy(out, l->v[from].head.id, UUID_TEXT_SIZE);
		return 0;
	}
	for (size_t i = from; i < to; i++) {
		buf_adds(&ids, l->v[i].head.id);
		buf_addch(&ids, '\n');
	}
	if (buf_ok(&ids))
		event_name_by_digest(span_of(ids.data, ids.len), out);
	else
		rc = err_nomem(e);
	buf_release(&ids);
	return rc;
}
