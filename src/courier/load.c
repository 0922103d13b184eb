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
	buf_init(&l->one, VALUES_MAX_BODY);
	values_init(&l->values);
}

void load_release(struct load *l)
{
	free(l->v);
	buf_release(&l->bytes);
	buf_release(&l->one);
	values_release(&l->values);
	load_init(l, l->sender, l->next);
}

void load_clear(struct load *l)
{
	l->n = 0;
	l->closed = false;
	buf_clear(&l->bytes);
	values_release(&l->values);
}

static int render_template(struct load *l, struct ledger *ledger,
			   const struct ledger_item *item, struct values *v,
			   struct buf *out, struct err *e)
{
	const uint64_t facts = UINT64_C(1) << TEMPLATE_SEVERITY |
			       UINT64_C(1) << TEMPLATE_VERDICT |
			       UINT64_C(1) << TEMPLATE_DECISION |
			       UINT64_C(1) << TEMPLATE_COMMENT;
	struct about a;
	bool deep = l->sender->uses & facts || l->sender->sink->ticket_pattern;
	int rc = about_read(&a, ledger, item, deep, e);

	if (rc)
		return rc;
	rc = fill_values(v, l->sender, ledger, &a, item, e);
	if (!rc)
		rc = sender_render(l->sender, SENDER_POST, v, out, e);
	about_release(&a);
	return rc;
}

/* Of several only the first is asked for its ids. */
static int render(struct load *l, struct ledger *ledger,
		  const struct ledger_item *item, struct event_record *record,
		  struct values *v, struct err *e)
{
	int rc = 0;

	if (l->sender->sink->format == SINK_TEMPLATE)
		return render_template(l, ledger, item, v, &l->one, e);
	if (!l->n)
		rc = fill_ids(v, l->sender->sink, &record->head, item->index,
			      e);
	if (rc)
		return rc;
	if (l->sender->sink->format == SINK_NDJSON)
		return event_record_join(record, &l->one, e);
	return event_record_render(record, ledger_origin(ledger), item->index,
				   &l->one, e);
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

static bool fits(const struct load *l, size_t n)
{
	const struct sink *sink = l->sender->sink;

	if (!l->n)
		return true;
	return l->n < (size_t)sink->batch_max &&
	       l->bytes.len + n <= (size_t)sink->batch_bytes;
}

static int append(struct load *l, const struct event_head *head, uint64_t index,
		  struct values *v, struct err *e)
{
	struct frame marks = marks_of(l);
	struct load_item *item;

	if (l->closed)
		return err_set(e, ERR_INTERNAL, "the load is on its way");
	if (array_push(&l->v, l->n, &l->cap, SIZE_MAX / sizeof(*l->v)))
		return err_nomem(e);
	buf_adds(&l->bytes, l->n ? marks.between : marks.begin);
	item = &l->v[l->n];
	*item = (struct load_item){.head = *head,
				   .index = index,
				   .at = l->bytes.len,
				   .n = l->one.len};
	buf_add(&l->bytes, l->one.data, l->one.len);
	if (buf_adds(&l->bytes, marks.behind))
		return err_nomem(e);
	if (!l->n++) {
		values_release(&l->values);
		l->values = *v;
		values_init(v);
	}
	return 1;
}

int load_add(struct load *l, struct ledger *ledger,
	     const struct ledger_item *item, struct event_record *record,
	     struct err *e)
{
	struct values v;
	int rc;

	values_init(&v);
	buf_clear(&l->one);
	rc = render(l, ledger, item, record, &v, e);
	if (!rc)
		rc = fits(l, l->one.len)
			     ? append(l, &record->head, item->index, &v, e)
			     : 0;
	values_release(&v);
	return rc;
}

int load_add_event(struct load *l, const struct event_head *head,
		   struct span event, struct err *e)
{
	struct values v;
	int rc;

	values_init(&v);
	buf_clear(&l->one);
	rc = fill_ids(&v, l->sender->sink, head, 0, e);
	buf_add(&l->one, event.p, event.n);
	if (!rc && !buf_ok(&l->one))
		rc = err_nomem(e);
	if (!rc)
		rc = append(l, head, 0, &v, e);
	values_release(&v);
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
	for (size_t i = from; i < to; i++)
		buf_addf(&ids, "%s\n", l->v[i].head.id);
	if (buf_ok(&ids))
		event_name_by_digest(span_of(ids.data, ids.len), out);
	else
		rc = err_nomem(e);
	buf_release(&ids);
	return rc;
}
