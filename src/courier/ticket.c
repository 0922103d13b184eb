/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/ticket.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "courier/change.h"
#include "courier/deliver.h"
#include "courier/fill.h"
#include "courier/notes.h"
#include "courier/tell.h"

enum { DAY_BYTES = 10, DAY_MS = 24 * 3600 * 1000 };

/* No digest is likely to be this. */
#define NOBODYS_KEY "gp-00000000000000000000000000000000"

/** Something that is told. */
struct telling {
	struct drain *d;
	struct sender *s;
	struct values v;
	struct http_answer answer;
	enum sender_step step; /* whose answer it is */
	bool may_open, found;
	enum delivered what;
	bool posted; /* whether anything was sent that changes something */
};

static void telling_init(struct telling *t, struct drain *d, struct sender *s)
{
	memset(t, 0, sizeof(*t));
	t->d = d;
	t->s = s;
	values_init(&t->v);
	http_answer_init(&t->answer);
}

static void telling_release(struct telling *t)
{
	values_release(&t->v);
	http_answer_release(&t->answer);
}

static int send(struct telling *t, enum sender_step step, struct span body,
		struct err *e)
{
	t->step = step;
	return sender_send(t->s, step, &t->v, body, &t->answer, e);
}

/* Whoever pushes names it: there may be none, or one that our account may not
 * see. Whether that may see anything is asked next. */
static bool is_no_ticket(const struct telling *t)
{
	const struct http_answer *a = &t->answer;

	if (!answer_is_for_request(a->status))
		return false;
	if (a->status != 404 && a->status != 410)
		admin_log_say(t->d->log, ADMIN_LOG_WARN,
			      "destination %s: ticket %s is passed over: %s",
			      t->s->sink->name,
			      values_get(&t->v, TEMPLATE_TICKET), a->error);
	return true;
}

static int ask_ticket(struct telling *t, bool *usable, struct err *e)
{
	const struct option_list *conditions = &t->s->sink->ticket_found;
	const char *id = t->s->sink->ticket_id;
	int rc = send(t, SENDER_TICKET, span_of(NULL, 0), e);

	*usable = false;
	if (rc)
		return rc;
	if (is_no_ticket(t)) {
		*usable = true;
		return 0;
	}
	if (!judge_is_ok(&t->s->judge, &t->answer))
		return 0;
	*usable = true;
	if (!conditions->n) {
		t->found = !id || judge_take_id(&t->answer, id,
						TEMPLATE_REMOTE_ID, &t->v);
		return 0;
	}
	rc = judge_found(&t->s->judge, &t->answer, conditions, id, &t->v, e);
	t->found = rc == 1;
	if (rc == ERR_MALFORMED) {
		*usable = false;
		err_clear(e);
		rc = 0;
	}
	return rc == 1 ? 0 : rc;
}

static int find_named(struct telling *t, bool *usable, struct err *e)
{
	const char *named = values_get(&t->v, TEMPLATE_TICKET);
	char number[CHANGE_KEY_SIZE];
	int rc;

	*usable = true;
	if (!named || !t->s->sink->ticket_pattern ||
	    !change_fits(t->s->sink->ticket_pattern, named, number))
		return 0;
	rc = values_set(&t->v, TEMPLATE_TICKET, span_str(number), e);
	if (!rc)
		rc = ask_ticket(t, usable, e);
	if (!rc && t->found && !t->s->sink->ticket_id)
		rc = values_set(&t->v, TEMPLATE_REMOTE_ID, span_str(number), e);
	return rc;
}

/* `usable`: the endpoint has said something that can be relied on. */
static int find_ticket(struct telling *t, bool *usable, struct err *e)
{
	int rc = find_named(t, usable, e);

	if (rc || !*usable || t->found)
		return rc;
	rc = send(t, SENDER_LOOKUP, span_of(NULL, 0), e);
	if (!rc)
		rc = judge_found(&t->s->judge, &t->answer,
				 &t->s->sink->lookup_found,
				 t->s->sink->lookup_id, &t->v, e);
	t->found = rc == 1;
	*usable = rc >= 0;
	if (rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	return rc == 1 ? 0 : rc;
}

static int is_told(struct telling *t, bool *told, bool *usable, struct err *e)
{
	int rc = send(t, SENDER_COMMENT_LOOKUP, span_of(NULL, 0), e);

	*told = false;
	if (!rc)
		rc = judge_found(&t->s->judge, &t->answer,
				 &t->s->sink->comment_lookup_found, NULL, &t->v,
				 e);
	*told = rc == 1;
	*usable = rc >= 0;
	if (rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	return rc == 1 ? 0 : rc;
}

/* Who never took anything refuses for what the policy says, not for what a
 * record does. */
static enum delivered what_of(const struct telling *t, enum answer answer)
{
	if (answer == ANSWER_DELIVERED)
		return DELIVERED_YES;
	return answer == ANSWER_SUSPECT && t->d->progress.proven
		       ? DELIVERED_REFUSED
		       : DELIVERED_NOT;
}

/* That the ticket was just found shows that the endpoint is in order, so
 * what it refuses for good is refused for what it says. */
static int open_ticket(struct telling *t, struct err *e)
{
	struct buf body = BUF_INIT(VALUES_MAX_BODY);
	struct judgement j = {.answer = ANSWER_NONE};
	int rc = sender_render(t->s, SENDER_POST, &t->v, &body, e);

	t->posted = true;
	if (!rc)
		rc = send(t, SENDER_POST, span_of(body.data, body.len), e);
	if (!rc)
		rc = judge_post(&t->s->judge, &t->answer, &t->v,
				t->d->progress.attempts + 1, &j, e);
	t->what = what_of(t, j.answer);
	buf_release(&body);
	return rc;
}

/* An upload that no comment names is of no consequence, so it may be
 * repeated. */
static int upload(struct telling *t, bool *usable, struct err *e)
{
	struct span proof = t->v.v[TEMPLATE_PROOF];
	int rc;

	*usable = true;
	if (!sender_has(t->s, SENDER_UPLOAD) || !proof.p)
		return 0;
	rc = send(t, SENDER_UPLOAD, proof, e);
	if (!rc)
		*usable = judge_is_ok(&t->s->judge, &t->answer) &&
			  judge_take_id(&t->answer, t->s->sink->upload_id,
					TEMPLATE_UPLOAD_ID, &t->v);
	return rc;
}

static int judge_comment(struct telling *t, struct err *e)
{
	struct judge *judge = &t->s->judge;
	uint64_t attempts = t->d->progress.attempts + 1;
	bool hold;
	int rc;

	if (!judge_is_ok(judge, &t->answer)) {
		t->what = what_of(
			t, status_set_has(&judge->permanent, t->answer.status)
				   ? ANSWER_SUSPECT
				   : answer_of(t->answer.status, attempts));
		return 0;
	}
	rc = judge_conditions(&t->answer, &t->s->sink->comment_ok_json, &t->v,
			      NULL, &hold, e);
	if (!rc)
		t->what =
			what_of(t, hold ? ANSWER_DELIVERED
				   : attempts >= SUSPECT_OTHER ? ANSWER_SUSPECT
							       : ANSWER_RETRY);
	return rc;
}

static int send_comment(struct telling *t, struct err *e)
{
	struct buf body = BUF_INIT(VALUES_MAX_BODY);
	int rc = sender_render(t->s, SENDER_COMMENT, &t->v, &body, e);

	t->posted = true;
	if (!rc)
		rc = send(t, SENDER_COMMENT, span_of(body.data, body.len), e);
	if (!rc)
		rc = judge_comment(t, e);
	buf_release(&body);
	return rc;
}

static int comment(struct telling *t, bool *usable, struct err *e)
{
	bool told = false;
	int rc = 0;

	if (t->d->unsure)
		rc = is_told(t, &told, usable, e);
	if (rc || !*usable)
		return rc;
	if (told) {
		t->posted = true;
		t->what = DELIVERED_YES;
		return 0;
	}
	rc = upload(t, usable, e);
	return rc || !*usable ? rc : send_comment(t, e);
}

/* Nobody to tell it to is fine, too. */
static int try_to_tell(struct telling *t, bool *usable, struct err *e)
{
	int rc = find_ticket(t, usable, e);

	if (rc || !*usable)
		return rc;
	if (t->found)
		return comment(t, usable, e);
	if (t->may_open)
		return open_ticket(t, e);
	t->what = DELIVERED_YES;
	return 0;
}

/* Whether it may be for this record that there is no answer to rely on, and
 * not for what the policy says of the endpoint. */
static bool is_for_record(const struct telling *t)
{
	const struct http_answer *a = &t->answer;
	uint64_t attempts = t->d->progress.attempts + 1;

	if (t->step != SENDER_LOOKUP && !t->d->progress.proven)
		return false;
	if (a->long_body || (a->status >= 200 && a->status <= 399))
		return t->step != SENDER_UPLOAD && attempts >= SUSPECT_OTHER;
	return answer_of(a->status, attempts) == ANSWER_SUSPECT;
}

/* It is where the same is answered for a change that nobody has named. */
static int see_whether_in_order(struct telling *t, bool *yes, struct err *e)
{
	struct http_answer first = t->answer;
	int rc = values_set(&t->v, TEMPLATE_CHANGE_KEY, span_str(NOBODYS_KEY),
			    e);

	http_answer_init(&t->answer);
	*yes = false;
	if (!rc)
		rc = send(t, SENDER_LOOKUP, span_of(NULL, 0), e);
	if (!rc)
		rc = judge_found(&t->s->judge, &t->answer,
				 &t->s->sink->lookup_found,
				 t->s->sink->lookup_id, &t->v, e);
	*yes = rc >= 0;
	http_answer_release(&t->answer);
	t->answer = first;
	if (rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	return rc == 1 ? 0 : rc;
}

/*
 * DELIVERED_NOT: the endpoint fails. Whoever pushes chooses tickets, and may
 * write to them: what is never answered for one of them must not hold up all
 * that is behind it.
 */
static int tell(struct telling *t, struct err *e)
{
	bool usable = true, in_order;
	int rc;

	t->what = DELIVERED_NOT;
	rc = try_to_tell(t, &usable, e);
	if (rc || usable || !is_for_record(t))
		return rc;
	rc = see_whether_in_order(t, &in_order, e);
	if (!rc && in_order)
		t->what = DELIVERED_REFUSED;
	return rc;
}

static bool opens(const struct sink *sink, const char *word)
{
	return option_list_has(&sink->opens, word) ||
	       (!sink->opens.n && !strcmp(word, SINK_OPENS_EMERGENCY));
}

static int set_change(struct telling *t, const char *key, const char *named,
		      struct err *e)
{
	int rc = values_set(&t->v, TEMPLATE_CHANGE_KEY, span_str(key), e);

	if (!rc && *named)
		rc = values_set(&t->v, TEMPLATE_TICKET, span_str(named), e);
	return rc;
}

static void day_of(int64_t ms, char out[DAY_BYTES + 1])
{
	char text[TIME_RFC3339_SIZE];

	time_format(ms > 0 ? ms : time_now_ms(), text);
	memcpy(out, text, DAY_BYTES);
	out[DAY_BYTES] = '\0';
}

static void drop_count(struct progress *p, size_t i)
{
	memmove(&p->refusals[i], &p->refusals[i + 1],
		(p->nrefusals - i - 1) * sizeof(*p->refusals));
	p->nrefusals--;
}

/* In the words of the last of them, under the id of the first. */
static int fill_count(struct telling *t, const struct refusal_count *r,
		      const struct ledger_item *item, struct err *e)
{
	struct buf text = BUF_INIT(TELL_MAX_COMMENT);
	struct about a;
	int rc = about_read(&a, &t->d->decisions, item, false, e);

	if (rc)
		return rc;
	rc = fill_values(&t->v, t->s, t->d->ledger, &a, true, e);
	tell_count(&a, r->count, r->day, r->first, &text);
	if (!rc)
		rc = values_set(&t->v, TEMPLATE_COMMENT,
				span_of(text.data, text.len), e);
	if (!rc)
		rc = values_set(&t->v, TEMPLATE_ID, span_str(r->first), e);
	if (!rc)
		rc = values_set_number(&t->v, TEMPLATE_COUNT, r->count, e);
	if (!rc)
		rc = values_set(&t->v, TEMPLATE_DAY, span_str(r->day), e);
	if (!rc)
		rc = set_change(t, r->key, r->named, e);
	t->v.plain = NULL; /* goes with `a` */
	about_release(&a);
	buf_release(&text);
	return rc;
}

static int load_count(struct telling *t, const struct refusal_count *r,
		      struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	int rc = drain_read(t->d, r->last_index, &reader, &item, e);

	if (rc == 1)
		rc = fill_count(t, r, &item, e);
	ledger_reader_free(reader);
	return rc;
}

/* What came of telling a count: 1 done with, 0 the endpoint fails. */
static int note_count(struct telling *t, size_t i, struct err *e)
{
	struct drain *d = t->d;
	struct event_head head = {.kind = "decision"};
	struct refusal_count *r = &d->progress.refusals[i];
	int rc;

	if (t->what == DELIVERED_NOT)
		return notes_failure(d, &t->answer, e);
	if (t->what == DELIVERED_REFUSED) {
		memcpy(head.id, r->last, sizeof(head.id));
		drop_count(&d->progress, i);
		rc = notes_park(d, &head, r->last_index, &t->answer,
				t->answer.error, e);
		return rc ? rc : 1;
	}
	if (t->posted)
		notes_alive(d);
	d->progress.sent += t->posted;
	drop_count(&d->progress, i);
	rc = notes_save(d, e);
	return rc ? rc : 1;
}

/* @return as ticket_handle() */
static int tell_count_of(struct drain *d, struct sender *s, size_t i,
			 struct err *e)
{
	struct refusal_count *r = &d->progress.refusals[i];
	struct telling t;
	int rc = 0;

	if (!r->closed) {
		r->closed = true;
		rc = notes_save(d, e);
	}
	telling_init(&t, d, s);
	t.may_open = opens(d->sink, SINK_OPENS_REFUSAL);
	if (!rc)
		rc = load_count(&t, r, e);
	if (!rc)
		rc = tell(&t, e);
	if (rc == ERR_MALFORMED || rc == ERR_NOT_FOUND) {
		/* the record is gone, and so is what to say */
		admin_log_say(d->log, ADMIN_LOG_WARN,
			      "destination %s: refusals of %s are not told: %s",
			      d->sink->name, r->day, e->msg);
		err_clear(e);
		drop_count(&d->progress, i);
		d->moved = true;
		rc = 1;
	} else if (!rc) {
		rc = note_count(&t, i, e);
	}
	telling_release(&t);
	return rc;
}

/* Those of this change that are to be told before what comes now. */
static int tell_before(struct drain *d, struct sender *s, const char *key,
		       const char *same_day, struct err *e)
{
	size_t i = 0;
	int rc = 1;

	while (rc == 1 && i < d->progress.nrefusals) {
		const struct refusal_count *r = &d->progress.refusals[i];

		if (strcmp(r->key, key) != 0 ||
		    (same_day && !r->closed && !strcmp(r->day, same_day)))
			i++;
		else
			rc = tell_count_of(d, s, i, e);
	}
	return rc;
}

static struct refusal_count *find_count(struct progress *p, const char *key)
{
	for (size_t i = 0; i < p->nrefusals; i++)
		if (!strcmp(p->refusals[i].key, key))
			return &p->refusals[i];
	return NULL;
}

static int count_refusal(struct drain *d, struct sender *s,
			 const struct about *a, const struct change *c,
			 struct err *e)
{
	struct progress *p = &d->progress;
	struct refusal_count *r;
	char day[DAY_BYTES + 1];
	int rc;

	day_of(a->head.time_ms, day);
	rc = tell_before(d, s, c->key, day, e);
	if (rc == 1 && p->nrefusals == PROGRESS_MAX_REFUSALS)
		rc = tell_count_of(d, s, 0, e);
	if (rc != 1)
		return rc;
	r = find_count(p, c->key);
	if (!r) {
		r = &p->refusals[p->nrefusals++];
		*r = (struct refusal_count){.count = 0};
		memcpy(r->key, c->key, sizeof(r->key));
		memcpy(r->named, c->named, sizeof(r->named));
		memcpy(r->day, day, sizeof(day));
		memcpy(r->first, a->head.id, sizeof(r->first));
	}
	r->count++;
	r->last_index = a->index;
	memcpy(r->last, a->head.id, sizeof(r->last));
	notes_pass(d, a->index);
	return 1;
}

static bool event_opens(const struct sink *sink, enum change_event event)
{
	if (event == CHANGE_EMERGENCY)
		return opens(sink, SINK_OPENS_EMERGENCY);
	return event == CHANGE_LANDED && opens(sink, SINK_OPENS_LANDING);
}

static int tell_record(struct telling *t, const struct about *a,
		       const struct change *c, struct err *e)
{
	int rc = fill_values(&t->v, t->s, t->d->ledger, a, true, e);

	if (!rc)
		rc = set_change(t, c->key, c->named, e);
	t->may_open = event_opens(t->s->sink, c->event);
	return rc ? rc : tell(t, e);
}

static int note_record(struct telling *t, const struct about *a, struct err *e)
{
	struct drain *d = t->d;
	int rc;

	if (t->what == DELIVERED_NOT)
		return notes_failure(d, &t->answer, e);
	if (t->what == DELIVERED_REFUSED)
		rc = notes_park(d, &a->head, a->index, &t->answer,
				t->answer.error, e);
	else if (t->posted)
		rc = notes_delivered(d, &a->head, a->index, 1, a->index + 1, e);
	else {
		notes_pass(d, a->index);
		rc = 0;
	}
	return rc ? rc : 1;
}

static int handle_event(struct drain *d, struct sender *s,
			const struct about *a, const struct change *c,
			struct err *e)
{
	struct telling t;
	int rc = tell_before(d, s, c->key, NULL, e);

	if (rc != 1)
		return rc;
	telling_init(&t, d, s);
	rc = tell_record(&t, a, c, e);
	if (!rc)
		rc = note_record(&t, a, e);
	telling_release(&t);
	return rc;
}

int ticket_handle(struct drain *d, struct sender *s,
		  const struct ledger_item *item, struct err *e)
{
	struct change c;
	struct about a;
	int rc = about_read(&a, &d->decisions, item, true, e);

	if (rc)
		return rc;
	rc = change_of(&a, d->ledger, &c, e);
	if (!rc && c.event == CHANGE_NOTHING) {
		notes_pass(d, item->index);
		rc = 1;
	} else if (!rc && c.event == CHANGE_REFUSED) {
		rc = count_refusal(d, s, &a, &c, e);
	} else if (!rc) {
		rc = handle_event(d, s, &a, &c, e);
	}
	about_release(&a);
	return rc;
}

/* Nor is a day waited for that some host's clock once was ahead to. */
static bool is_over(const struct refusal_count *r)
{
	char today[DAY_BYTES + 1], tomorrow[DAY_BYTES + 1];
	int64_t now = time_now_ms();

	day_of(now, today);
	day_of(now + DAY_MS, tomorrow);
	return r->closed || strcmp(r->day, today) < 0 ||
	       strcmp(r->day, tomorrow) > 0;
}

bool ticket_is_due(const struct drain *d)
{
	for (size_t i = 0; i < d->progress.nrefusals; i++)
		if (is_over(&d->progress.refusals[i]))
			return true;
	return false;
}

int ticket_tell_due(struct drain *d, struct sender *s, struct err *e)
{
	size_t i = 0;
	int rc = 1;

	while (rc == 1 && i < d->progress.nrefusals) {
		if (is_over(&d->progress.refusals[i]))
			rc = tell_count_of(d, s, i, e);
		else
			i++;
	}
	return rc < 0 ? rc : !rc;
}

int ticket_retry(struct drain *d, struct sender *s,
		 const struct ledger_item *item, struct err *e)
{
	struct telling t;
	struct change c;
	struct about a;
	int rc = about_read(&a, &d->decisions, item, true, e);

	if (rc)
		return rc;
	telling_init(&t, d, s);
	d->unsure = true;
	rc = change_of(&a, d->ledger, &c, e);
	if (!rc && c.event)
		rc = tell_record(&t, &a, &c, e);
	if (!rc && c.event && t.what == DELIVERED_NOT) {
		rc = notes_failure(d, &t.answer, e);
		rc = rc ? rc : ERR_TIMEOUT;
	} else if (!rc) {
		rc = t.what != DELIVERED_REFUSED;
		if (t.posted && rc) {
			notes_alive(d);
			d->progress.sent++;
		}
	}
	telling_release(&t);
	about_release(&a);
	return rc;
}
