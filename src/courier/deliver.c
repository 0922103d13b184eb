/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/deliver.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "courier/notes.h"
#include "courier/watch.h"

enum { POLL_FIRST_MS = 250, POLL_MAX_MS = 5000 };

/** One attempt at records `from` to below `to`. */
struct attempt {
	struct drain *d;
	struct sender *s;
	struct load *l;
	size_t from, to;
	bool suspect;  /* others of the same request were taken */
	bool followed; /* it is what comes behind the record that fails */
	struct http_answer *answer;
	struct judgement judgement;
};

/* Of several records the values have the ids of the request alone. */
static int set_ids(struct attempt *t, struct err *e)
{
	struct values *v = &t->l->values;
	char id[UUID_TEXT_SIZE];
	int rc = load_id(t->l, t->from, t->to, id, e);

	if (rc)
		return rc;
	if (t->to - t->from > 1 || t->from) {
		values_clear(v);
		rc = fill_ids(v, t->s->sink, &t->l->v[t->from].head,
			      t->l->v[t->from].index, e);
	}
	if (!rc && *id)
		rc = values_set(v, TEMPLATE_ID, span_str(id), e);
	return rc;
}

static uint64_t attempts_of(const struct attempt *t)
{
	uint64_t n = t->d->progress.attempts + 1;

	return t->suspect && n < SUSPECT_OTHER ? SUSPECT_OTHER : n;
}

static int post(struct attempt *t, struct err *e)
{
	struct buf room = BUF_INIT(LOAD_MAX_BYTES);
	struct span body;
	int rc = load_frame(t->l, t->from, t->to, &room, &body, e);

	if (!rc)
		rc = sender_send(t->s, SENDER_POST, &t->l->values, body,
				 t->answer, e);
	if (!rc)
		rc = judge_post(&t->s->judge, t->answer, &t->l->values,
				attempts_of(t), &t->judgement, e);
	buf_release(&room);
	return rc;
}

/* Whether it is there already: asked where it may be. */
static int look_up(struct attempt *t, bool *there, struct err *e)
{
	int rc = sender_send(t->s, SENDER_LOOKUP, &t->l->values,
			     span_of(NULL, 0), t->answer, e);

	*there = false;
	if (!rc)
		rc = judge_found(&t->s->judge, t->answer,
				 &t->s->sink->lookup_found,
				 t->s->sink->lookup_id, &t->l->values, e);
	*there = rc == 1;
	return rc == 1 ? 0 : rc;
}

static int follow_once(struct attempt *t, struct span body, bool *done,
		       struct err *e)
{
	int rc = sender_send(t->s, SENDER_THEN, &t->l->values, body, t->answer,
			     e);

	*done = false;
	if (rc || !judge_is_ok(&t->s->judge, t->answer))
		return rc;
	return judge_conditions(t->answer, &t->s->sink->then_ok_json,
				&t->l->values, NULL, done, e);
}

/* What comes behind the record; asked again until its answer is right. */
static int follow(struct attempt *t, bool *done, struct err *e)
{
	struct watch clock = {.inotify_fd = -1, .stop_fd = t->d->stop_fd};
	int64_t end = time_mono_us() + t->s->sink->then_within * 1000000;
	struct buf body = BUF_INIT(VALUES_MAX_BODY);
	int64_t pause = POLL_FIRST_MS;
	int rc = sender_render(t->s, SENDER_THEN, &t->l->values, &body, e);

	*done = false;
	while (!rc) {
		rc = follow_once(t, span_of(body.data, body.len), done, e);
		if (rc || *done || !t->s->sink->then_ok_json.n ||
		    time_mono_us() > end || drain_must_stop(t->d))
			break;
		watch_sleep(&clock, pause);
		pause = pause * 2 < POLL_MAX_MS ? pause * 2 : POLL_MAX_MS;
	}
	buf_release(&body);
	return rc;
}

/* A duplicate's answer may not say which it is of; what follows it was asked
 * for then. */
static bool knows_id(const struct attempt *t)
{
	return !t->judgement.duplicate || !t->s->sink->id_json ||
	       values_get(&t->l->values, TEMPLATE_REMOTE_ID);
}

/* What is asked around a post may be refused for what the record says, too:
 * for the ticket that it names, or for its text. */
static void judge_refusal(struct attempt *t)
{
	long status = t->answer->status;

	t->judgement.answer = status >= 200 && status <= 299
				      ? ANSWER_RETRY
				      : answer_of(status, attempts_of(t));
	t->judgement.items.apart = false;
}

/*
 * One attempt with all that belongs to it. An answer that is no use ends in
 * ANSWER_RETRY, with the answer's error to say why.
 */
static int attempt(struct attempt *t, struct err *e)
{
	bool there = false, done = true;
	int rc = set_ids(t, e);

	t->judgement.answer = ANSWER_RETRY;
	t->judgement.duplicate = false;
	t->followed = false;
	if (!rc && t->d->unsure && sender_has(t->s, SENDER_LOOKUP)) {
		rc = look_up(t, &there, e);
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			judge_refusal(t);
			return 0;
		}
	}
	if (!rc && there)
		t->judgement.answer = ANSWER_DELIVERED;
	else if (!rc)
		rc = post(t, e);
	if (!rc && t->judgement.answer == ANSWER_DELIVERED &&
	    sender_has(t->s, SENDER_THEN) && knows_id(t))
		rc = follow(t, &done, e);
	if (!done)
		judge_refusal(t);
	t->followed = !done;
	return rc;
}

/** A record that the endpoint took before. */
static int load_last(struct drain *d, struct load *l, struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	struct event_record record = {.doc = NULL};
	int rc = drain_read(d, d->progress.last_index, &reader, &item, e);

	if (rc == 1)
		rc = event_record_read(&record, item.json, item.persons, e);
	if (!rc)
		rc = load_add(l, &d->decisions, item.index, &record, e);
	event_record_release(&record);
	ledger_reader_free(reader);
	return rc;
}

/* Whether the endpoint still takes, or still has, what it took last. */
static int probe(struct drain *d, struct sender *s, bool followed, bool *takes,
		 struct err *e)
{
	struct http_answer answer;
	struct load l;
	struct attempt t = {
		.d = d, .s = s, .l = &l, .to = 1, .answer = &answer};
	int rc;

	*takes = false;
	if (!d->progress.proven)
		return 0;
	http_answer_init(&answer);
	load_init(&l, s, 0);
	rc = load_last(d, &l, e);
	if (rc == ERR_NOT_FOUND) {
		/* nothing is left to ask about, so time must tell */
		err_clear(e);
		rc = 0;
		*takes = d->progress.attempts + 1 >= SUSPECT_BROKEN;
	}
	if (rc == 1)
		rc = set_ids(&t, e);
	if (!rc && l.n && sender_has(s, SENDER_LOOKUP)) {
		rc = look_up(&t, takes, e);
	} else if (!rc && l.n) {
		rc = post(&t, e);
		*takes = t.judgement.answer == ANSWER_DELIVERED;
	}
	if (!rc && *takes && l.n && followed)
		rc = follow(&t, takes, e);
	if (rc == ERR_MALFORMED) {
		err_clear(e);
		rc = 0;
	}
	load_release(&l);
	http_answer_release(&answer);
	return rc < 0 ? rc : 0;
}

/*
 * Refused, perhaps for what the record says, perhaps because the endpoint
 * refuses everything today. Who can write a commit message must not be able
 * to hold up all records behind his, and a broken endpoint must not make us
 * park them all: so the last record that it took is posted again (the same
 * id: a duplicate to the endpoint) or looked up, and then this one.
 */
static int settle_suspect(struct attempt *t, struct err *e)
{
	bool takes;
	int rc = probe(t->d, t->s, t->followed, &takes, e);

	if (!rc && takes)
		return attempt(t, e);
	t->judgement.answer = ANSWER_RETRY;
	return rc;
}

static int settle(struct attempt *t, enum delivered *out, struct err *e)
{
	int rc = attempt(t, e);

	*out = DELIVERED_NOT;
	if (!rc && t->judgement.answer == ANSWER_SUSPECT)
		rc = settle_suspect(t, e);
	if (rc)
		return rc;
	if (t->judgement.answer == ANSWER_DELIVERED)
		*out = DELIVERED_YES;
	else if (t->judgement.answer == ANSWER_SUSPECT)
		*out = DELIVERED_REFUSED;
	return 0;
}

int deliver_one(struct drain *d, struct sender *s, struct load *l, bool suspect,
		struct http_answer *a, enum delivered *out, struct err *e)
{
	struct attempt t = {.d = d,
			    .s = s,
			    .l = l,
			    .to = 1,
			    .suspect = suspect,
			    .answer = a};

	return settle(&t, out, e);
}

/* Where the cursor goes when record `i` is dealt with. */
static uint64_t next_of(const struct load *l, size_t i)
{
	return i + 1 < l->n ? l->v[i + 1].index : l->next;
}

static int deliver_alone(struct drain *d, struct sender *s, struct load *l,
			 size_t i, bool suspect, struct err *e)
{
	const struct load_item *item = &l->v[i];
	struct http_answer answer;
	struct attempt t = {.d = d,
			    .s = s,
			    .l = l,
			    .from = i,
			    .to = i + 1,
			    .suspect = suspect,
			    .answer = &answer};
	enum delivered what;
	int rc;

	http_answer_init(&answer);
	rc = settle(&t, &what, e);
	if (!rc && what == DELIVERED_YES) {
		rc = notes_delivered(d, &item->head, item->index, 1,
				     next_of(l, i), e);
		rc = rc ? rc : 1;
	} else if (!rc && what == DELIVERED_REFUSED) {
		rc = notes_park(d, &item->head, item->index, &answer,
				answer.error, e);
		rc = rc ? rc : 1;
	} else if (!rc) {
		rc = notes_failure(d, &answer, e);
	}
	http_answer_release(&answer);
	return rc;
}

/* What came through together is done; the rest goes one by one. */
static int deliver_rest(struct attempt *t, struct err *e)
{
	const struct items_held *items = &t->judgement.items;
	int rc = 1;

	for (size_t i = 0; rc == 1 && i < t->l->n; i++) {
		const struct load_item *item = &t->l->v[i];

		if (items->apart && !items->failed[i]) {
			rc = notes_delivered(t->d, &item->head, item->index, 1,
					     next_of(t->l, i), e);
			rc = rc ? rc : 1;
		} else {
			rc = drain_must_stop(t->d)
				     ? 0
				     : deliver_alone(t->d, t->s, t->l, i,
						     items->apart, e);
		}
	}
	return rc;
}

static int deliver_all(struct attempt *t, struct err *e)
{
	const struct load_item *last = &t->l->v[t->l->n - 1];
	int rc = attempt(t, e);

	if (rc)
		return rc;
	switch (t->judgement.answer) {
	case ANSWER_DELIVERED:
		rc = notes_delivered(t->d, &last->head, last->index, t->l->n,
				     t->l->next, e);
		return rc ? rc : 1;
	case ANSWER_SUSPECT:
		return deliver_rest(t, e);
	default:
		return notes_failure(t->d, t->answer, e);
	}
}

int deliver_load(struct drain *d, struct sender *s, struct load *l,
		 struct err *e)
{
	struct http_answer answer;
	struct attempt t = {
		.d = d, .s = s, .l = l, .to = l->n, .answer = &answer};
	int rc;

	if (!l->n)
		return 1;
	if (l->n == 1)
		return deliver_alone(d, s, l, 0, false, e);
	t.judgement.items.n = l->n;
	t.judgement.items.failed =
		calloc(l->n, sizeof(*t.judgement.items.failed));
	if (!t.judgement.items.failed)
		return err_nomem(e);
	http_answer_init(&answer);
	rc = deliver_all(&t, e);
	http_answer_release(&answer);
	free(t.judgement.items.failed);
	return rc;
}
