/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <yyjson.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/status.h"

enum { MAX_COLUMNS = 200, MAX_PARKED = 20 /* that are shown */ };

static void add_shown(struct buf *out, const char *text)
{
	text_add_printable(out, span_str(text), MAX_COLUMNS);
}

static void add_time(struct buf *out, const char *label, int64_t ms)
{
	char text[TIME_RFC3339_SIZE];

	if (!ms)
		return;
	time_format(ms, text);
	buf_addf(out, "  %-14s %s\n", label, text);
}

static const char *condition(const struct sink_status *s)
{
	if (s->progress.failing_since)
		return "failing";
	return s->lag ? "behind" : "up to date";
}

static void add_error(struct buf *out, const struct progress *p)
{
	if (!p->error_time)
		return;
	buf_addf(out, "  %-14s ", "last error");
	add_shown(out, p->error);
	buf_addch(out, '\n');
	add_time(out, "  at", p->error_time);
}

static void add_parked_one(struct buf *out, const struct parked *p)
{
	buf_adds(out, "    ");
	add_shown(out, *p->id ? p->id : "without an id");
	buf_adds(out, p->wanted ? " (to be sent again): " : ": ");
	add_shown(out, p->reason);
	buf_addch(out, '\n');
}

static void add_parked_list(struct buf *out, const struct parked_list *l)
{
	for (size_t i = 0; i < l->n && i < MAX_PARKED; i++)
		add_parked_one(out, &l->v[i]);
	if (l->n > MAX_PARKED)
		buf_addf(out, "    and %zu more\n", l->n - MAX_PARKED);
}

static void add_parked(struct buf *out, const struct progress *p)
{
	if (!p->parked)
		return;
	buf_addf(out, "  %-14s %" PRIu64 ", the latest ", "parked", p->parked);
	add_shown(out, *p->parked_id ? p->parked_id : "without an id");
	if (p->parked_status)
		buf_addf(out, " (status %ld)", p->parked_status);
	buf_addch(out, '\n');
}

/* What a hook started ends after a while, and this is for nobody then. */
static bool is_left(const struct sink_status *s)
{
	return (s->lag || s->tickets || s->progress.failing_since) &&
	       s->progress.next_attempt <= time_now_ms();
}

static void add_sink(struct buf *out, const struct sink_status *s)
{
	const struct progress *p = &s->progress;

	buf_adds(out, "destination ");
	add_shown(out, s->sink->name);
	buf_adds(out, " (");
	add_shown(out, s->host.data);
	buf_addf(out, "): %s\n", condition(s));
	buf_addf(out, "  %-14s %" PRIu64 " records", "to deliver", s->lag);
	if (s->lag)
		buf_addf(out, ", the oldest %" PRId64 " s old", s->lag_seconds);
	buf_addf(out, "\n  %-14s %" PRIu64 ", %" PRIu64 " repeated\n",
		 "delivered", p->sent, p->retried);
	add_time(out, "last delivery", p->last_success);
	if (s->tickets)
		buf_addf(out,
			 "  %-14s %" PRIu64 " without an answer, the oldest of "
			 "a push %" PRId64 " s ago\n",
			 "tickets", s->tickets, s->tickets_seconds);
	add_parked(out, p);
	add_parked_list(out, &s->parked);
	add_time(out, "failing since", p->failing_since);
	add_error(out, p);
	if (p->failing_since)
		add_time(out, "next attempt", p->next_attempt);
	buf_addf(out, "  %-14s %s\n", "delivery runs",
		 s->drained   ? "yes"
		 : is_left(s) ? "no; gatepost courier run --once makes one"
			      : "no");
}

static void add_anchor(struct buf *out, const struct anchor_status *s)
{
	const struct progress *p = &s->progress;

	buf_addf(out, "%s ", s->word);
	add_shown(out, s->name);
	buf_adds(out, " (");
	add_shown(out, s->host.len ? s->host.data : "comes by itself");
	buf_addf(out, "): %s\n", status_anchor_condition(s));
	buf_addf(out, "  %-14s %" PRIu64 " of %" PRIu64 " sealed records\n",
		 "vouches for", s->covered, s->sealed);
	add_time(out, "last time", p->last_success);
	add_time(out, "failing since", p->failing_since);
	add_error(out, p);
	if (p->failing_since)
		add_time(out, "next attempt", p->next_attempt);
	if (s->host.len)
		buf_addf(out, "  %-14s %s\n", "being asked",
			 s->running ? "yes" : "no");
}

int status_write_text(const struct delivery_status *s, struct buf *out,
		      struct err *e)
{
	if (!s->seal.well) {
		buf_adds(out, "seal: ");
		text_add_printable(out, span_str(s->seal.text), ERR_MAX_MSG);
		buf_addch(out, '\n');
	}
	if (!s->n)
		buf_adds(out, "no destination is configured\n");
	for (size_t i = 0; i < s->n; i++)
		add_sink(out, &s->v[i]);
	for (size_t i = 0; i < s->nanchors; i++)
		add_anchor(out, &s->anchors[i]);
	return buf_ok(out) ? 0 : err_nomem(e);
}

static bool put_time(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     int64_t ms)
{
	char text[TIME_RFC3339_SIZE];

	if (!ms)
		return yyjson_mut_obj_add_null(doc, o, name);
	time_format(ms, text);
	return yyjson_mut_obj_add_strcpy(doc, o, name, text);
}

/* Policy names and errors are UTF-8 or made so; hosts are ASCII. */
static bool put_text(yyjson_mut_doc *doc, yyjson_mut_val *o, const char *name,
		     const char *text)
{
	struct buf clean = BUF_INIT(STATUS_MAX_TEXT);
	bool ok;

	text_add_utf8(&clean, span_str(text));
	ok = buf_ok(&clean) &&
	     yyjson_mut_obj_add_strncpy(doc, o, name, clean.data, clean.len);
	buf_release(&clean);
	return ok;
}

static bool put_error(yyjson_mut_doc *doc, yyjson_mut_val *o,
		      const struct progress *p)
{
	yyjson_mut_val *error;

	if (!p->error_time)
		return yyjson_mut_obj_add_null(doc, o, "last_error");
	error = yyjson_mut_obj(doc);
	return put_text(doc, error, "text", p->error) &&
	       yyjson_mut_obj_add_int(doc, error, "status", p->error_status) &&
	       put_time(doc, error, "time", p->error_time) &&
	       yyjson_mut_obj_add_val(doc, o, "last_error", error);
}

static bool put_parked(yyjson_mut_doc *doc, yyjson_mut_val *o,
		       const struct parked_list *l)
{
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, o, "parked_records");
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < l->n; i++) {
		yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);

		ok = put_text(doc, one, "id", l->v[i].id) &&
		     yyjson_mut_obj_add_uint(doc, one, "index",
					     l->v[i].index) &&
		     yyjson_mut_obj_add_int(doc, one, "status",
					    l->v[i].status) &&
		     put_text(doc, one, "reason", l->v[i].reason) &&
		     yyjson_mut_obj_add_bool(doc, one, "retry", l->v[i].wanted);
	}
	return ok;
}

static yyjson_mut_val *sink_json(yyjson_mut_doc *doc,
				 const struct sink_status *s)
{
	yyjson_mut_val *o = yyjson_mut_obj(doc);
	const struct progress *p = &s->progress;
	bool ok =
		put_text(doc, o, "name", s->sink->name) &&
		put_text(doc, o, "host", s->host.data) &&
		yyjson_mut_obj_add_str(doc, o, "condition", condition(s)) &&
		yyjson_mut_obj_add_uint(doc, o, "lag_records", s->lag) &&
		yyjson_mut_obj_add_int(doc, o, "lag_seconds", s->lag_seconds) &&
		yyjson_mut_obj_add_uint(doc, o, "sent", p->sent) &&
		yyjson_mut_obj_add_uint(doc, o, "retried", p->retried) &&
		yyjson_mut_obj_add_uint(doc, o, "parked", p->parked) &&
		put_text(doc, o, "last_parked", p->parked_id) &&
		put_parked(doc, o, &s->parked) &&
		yyjson_mut_obj_add_uint(doc, o, "tickets_waiting",
					s->tickets) &&
		yyjson_mut_obj_add_int(doc, o, "tickets_waiting_seconds",
				       s->tickets_seconds) &&
		yyjson_mut_obj_add_uint(doc, o, "attempts", p->attempts) &&
		put_time(doc, o, "last_success", p->last_success) &&
		put_time(doc, o, "failing_since", p->failing_since) &&
		put_time(doc, o, "next_attempt", p->next_attempt) &&
		put_error(doc, o, p) &&
		yyjson_mut_obj_add_bool(doc, o, "running", s->drained);

	return ok ? o : NULL;
}

static bool put_seal(yyjson_mut_doc *doc, yyjson_mut_val *root,
		     const struct seal_health *h)
{
	yyjson_mut_val *o = yyjson_mut_obj(doc);

	return yyjson_mut_obj_add_bool(doc, o, "well", h->well) &&
	       yyjson_mut_obj_add_uint(doc, o, "records", h->records) &&
	       yyjson_mut_obj_add_uint(doc, o, "sealed", h->sealed) &&
	       put_text(doc, o, "text", h->text) &&
	       yyjson_mut_obj_add_val(doc, root, "seal", o);
}

static yyjson_mut_val *anchor_json(yyjson_mut_doc *doc,
				   const struct anchor_status *s)
{
	yyjson_mut_val *o = yyjson_mut_obj(doc);
	const struct progress *p = &s->progress;
	bool ok = yyjson_mut_obj_add_str(doc, o, "kind", s->word) &&
		  put_text(doc, o, "name", s->name) &&
		  put_text(doc, o, "host", s->host.data) &&
		  yyjson_mut_obj_add_str(doc, o, "condition",
					 status_anchor_condition(s)) &&
		  yyjson_mut_obj_add_uint(doc, o, "sealed", s->sealed) &&
		  yyjson_mut_obj_add_uint(doc, o, "covered", s->covered) &&
		  yyjson_mut_obj_add_uint(doc, o, "attempts", p->attempts) &&
		  put_time(doc, o, "last_success", p->last_success) &&
		  put_time(doc, o, "failing_since", p->failing_since) &&
		  put_time(doc, o, "next_attempt", p->next_attempt) &&
		  put_error(doc, o, p) &&
		  yyjson_mut_obj_add_bool(doc, o, "running", s->running);

	return ok ? o : NULL;
}

int status_write_json(const struct delivery_status *s, struct buf *out,
		      struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_val *list = yyjson_mut_arr(doc);
	bool ok = put_seal(doc, root, &s->seal) &&
		  yyjson_mut_obj_add_val(doc, root, "destinations", list);
	char *text = NULL;

	for (size_t i = 0; ok && i < s->n; i++)
		ok = yyjson_mut_arr_append(list, sink_json(doc, &s->v[i]));
	list = yyjson_mut_arr(doc);
	ok = ok && yyjson_mut_obj_add_val(doc, root, "anchors", list);
	for (size_t i = 0; ok && i < s->nanchors; i++)
		ok = yyjson_mut_arr_append(list,
					   anchor_json(doc, &s->anchors[i]));
	yyjson_mut_doc_set_root(doc, root);
	if (ok)
		text = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY_TWO_SPACES,
					NULL);
	if (text) {
		buf_adds(out, text);
		buf_addch(out, '\n');
	}
	free(text);
	yyjson_mut_doc_free(doc);
	return text && buf_ok(out) ? 0 : err_nomem(e);
}
