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
}

void load_release(struct load *l)
{
	free(l->v);
	buf_release(&l->bytes);
	values_release(&l->values);
	load_init(l, l->sender, l->next);
}

void load_clear(struct load *l)
{
	l->n = 0;
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

static int render(struct load *l, struct ledger *ledger,
		  const struct ledger_item *item, const struct event_head *head,
		  struct values *v, struct buf *out, struct err *e)
{
	int rc;

	if (l->sender->sink->format == SINK_TEMPLATE)
		return render_template(l, ledger, item, v, out, e);
	rc = fill_ids(v, l->sender->sink, head, item->index, e);
	if (rc)
		return rc;
	if (l->sender->sink->format == SINK_NDJSON)
		return persons_join(item->json, item->persons, out, e);
	return event_render(item->json, item->persons, ledger_origin(ledger),
			    item->index, out, e);
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
		  const struct buf *body, struct values *v, struct err *e)
{
	struct load_item *item;

	if (array_push(&l->v, l->n, &l->cap, SIZE_MAX / sizeof(*l->v)))
		return err_nomem(e);
	item = &l->v[l->n];
	*item = (struct load_item){.head = *head,
				   .index = index,
				   .at = l->bytes.len,
				   .n = body->len};
	if (buf_add(&l->bytes, body->data, body->len))
		return err_nomem(e);
	if (!l->n++) {
		values_release(&l->values);
		l->values = *v;
		values_init(v);
	}
	return 1;
}

int load_add(struct load *l, struct ledger *ledger,
	     const struct ledger_item *item, const struct event_head *head,
	     struct err *e)
{
	struct buf body = BUF_INIT(VALUES_MAX_BODY);
	struct values v;
	int rc;

	values_init(&v);
	rc = render(l, ledger, item, head, &v, &body, e);
	if (!rc)
		rc = fits(l, body.len)
			     ? append(l, head, item->index, &body, &v, e)
			     : 0;
	values_release(&v);
	buf_release(&body);
	return rc;
}

int load_add_event(struct load *l, const struct event_head *head,
		   struct span event, struct err *e)
{
	struct buf body = BUF_INIT(VALUES_MAX_BODY);
	struct values v;
	int rc;

	values_init(&v);
	rc = fill_ids(&v, l->sender->sink, head, 0, e);
	buf_add(&body, event.p, event.n);
	if (!rc && !buf_ok(&body))
		rc = err_nomem(e);
	if (!rc)
		rc = append(l, head, 0, &body, &v, e);
	values_release(&v);
	buf_release(&body);
	return rc;
}

bool load_is_full(const struct load *l)
{
	const struct sink *sink = l->sender->sink;

	return l->n >= (size_t)sink->batch_max ||
	       l->bytes.len >= (size_t)sink->batch_bytes;
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

int load_frame(const struct load *l, size_t from, size_t to, struct buf *out,
	       struct err *e)
{
	enum sink_frame frame = frame_of(l->sender->sink);

	if (frame == SINK_FRAME_ARRAY)
		buf_addch(out, '[');
	for (size_t i = from; i < to; i++) {
		if (frame == SINK_FRAME_ARRAY && i > from)
			buf_addch(out, ',');
		buf_add(out, l->bytes.data + l->v[i].at, l->v[i].n);
		if (frame == SINK_FRAME_NDJSON)
			buf_addch(out, '\n');
	}
	if (frame == SINK_FRAME_ARRAY)
		buf_addch(out, ']');
	return buf_ok(out) ? 0 : err_nomem(e);
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
