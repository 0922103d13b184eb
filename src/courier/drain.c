/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/drain.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "courier/about.h"
#include "courier/backoff.h"
#include "courier/change.h"
#include "courier/deliver.h"
#include "courier/event.h"
#include "courier/load.h"
#include "courier/notes.h"
#include "courier/parked.h"
#include "courier/place.h"
#include "courier/plan.h"
#include "courier/reask.h"
#include "courier/retry.h"
#include "courier/sealing.h"
#include "courier/sender.h"
#include "courier/ticket.h"
#include "ledger/seal.h"

enum {
	DAMAGED_ATTEMPTS = 3, /* to read what is damaged, before it is parked */
	DAMAGED_MAX = 1000,   /* parked at once; more is for people to see to */
	STOP_EVERY = 64	      /* records of a load: looks whether to stop */
};

bool drain_must_stop(void *arg)
{
	const struct drain *d = arg;
	struct pollfd p = {.fd = d->stop_fd, .events = POLLIN};

	return d->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

int drain_read(const struct drain *d, uint64_t index,
	       struct ledger_reader **reader, struct ledger_item *item,
	       struct err *e)
{
	int rc = ledger_reader_new(reader, d->ledger, index, e);

	if (!rc)
		rc = ledger_reader_next(*reader, item, e);
	if (rc < 0 || (rc == 1 && item->index == index))
		return rc;
	return err_set(e, ERR_NOT_FOUND,
		       "record %" PRIu64 " has left the ledger by retention",
		       index);
}

static int not_our_ledger(const struct drain *d, struct err *e)
{
	char path[FILE_MAX_PATH];

	if (place_file(d->ledger_dir, d->sink->name, ".json", path, e))
		return e->code;
	return err_set(e, ERR_MALFORMED,
		       "%s is the cursor of another or a newer record book; "
		       "set it aside to deliver this one from the start",
		       path);
}

/*
 * A ledger put back from a backup ends before the cursor, or goes on with
 * other records. To wait for it to catch up would be to lose what it
 * appends meanwhile.
 */
static int check_cursor(struct drain *d, struct err *e)
{
	struct progress *p = &d->progress;
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	struct event_head head;
	uint64_t size;
	int rc = ledger_size(d->ledger, &size, e);

	if (rc)
		return rc;
	if (p->next > size)
		return not_our_ledger(d, e);
	if (!p->proven)
		return 0;
	rc = drain_read(d, p->last_index, &reader, &item, e);
	/* One that has left, or is damaged, says nothing either way. */
	if (rc == 1 && !event_read_head(item.json, &head, e) &&
	    strcmp(head.id, p->last_id) != 0)
		rc = not_our_ledger(d, e);
	else if (rc == 1 || rc == ERR_NOT_FOUND || rc == ERR_MALFORMED)
		rc = 0;
	ledger_reader_free(reader);
	if (!rc)
		err_clear(e);
	return rc;
}

int drain_open(struct drain *d, struct err *e)
{
	int rc = ledger_open(&d->ledger, d->ledger_dir, LEDGER_READ, e);

	decisions_init(&d->decisions, d->ledger);
	d->moved = false;
	d->saved_us = 0;
	d->unsure = true; /* a drainer before us may have been killed */
	if (!rc)
		rc = progress_load(&d->progress, d->ledger_dir, d->sink->name,
				   e);
	if (!rc)
		rc = check_cursor(d, e);
	if (!rc)
		rc = asks_load(&d->asks, d->ledger_dir, d->sink->name, e);
	if (rc)
		drain_close(d);
	return rc;
}

void drain_close(struct drain *d)
{
	decisions_release(&d->decisions);
	ledger_close(d->ledger);
	d->ledger = NULL;
	asks_release(&d->asks);
	oauth_token_release(&d->token);
}

/* What goes out one by one goes through this, too: a load of one. */
static int flush(struct drain *d, struct sender *s, struct load *l,
		 struct err *e)
{
	int rc = deliver_load(d, s, l, e);

	load_clear(l);
	return rc;
}

/* One that can never be sent, whatever the endpoint. */
static int park_unsendable(struct drain *d, const struct ledger_item *item,
			   const struct event_head *head, struct err *e)
{
	char why[ERR_MAX_MSG];
	int rc;

	memcpy(why, e->msg, sizeof(why));
	rc = notes_park(d, head, item->index, NULL, why, e);
	return rc ? rc : 1;
}

static int load_one(struct drain *d, struct sender *s, struct load *l,
		    const struct ledger_item *item, struct event_record *record,
		    struct err *e)
{
	int rc = load_add(l, &d->decisions, item->index, record, e);

	if (rc == 0) {
		rc = flush(d, s, l, e);
		if (rc == 1)
			rc = load_add(l, &d->decisions, item->index, record, e);
	}
	if (rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		struct err why = *e;

		rc = flush(d, s, l, e);
		if (rc == 1) {
			*e = why;
			rc = park_unsendable(d, item, &record->head, e);
		}
	}
	if (rc != 1)
		return rc;
	l->next = item->index + 1;
	return load_is_full(l) ? flush(d, s, l, e) : 1;
}

/* Where there is no ticket of that system, there is no place to post to. */
static bool has_place(const struct about *a, const struct sink *sink)
{
	char number[CHANGE_KEY_SIZE];

	return sink->per == SINK_PER_CHANGE || !sink->ticket_pattern ||
	       change_named(a, sink, number);
}

static int is_wanted(struct drain *d, uint64_t index,
		     struct event_record *record, struct err *e)
{
	struct about a;
	int rc;

	if (!plan_wants(d->sink, record->head.kind))
		return 0;
	if (!about_is_asked(d->sink))
		return 1;
	rc = about_of(&a, &d->decisions, record, index, true, e);
	if (rc)
		return rc;
	rc = about_is_wanted(&a, d->sink) && has_place(&a, d->sink);
	about_release(&a);
	return rc;
}

/** @return 1 to go on, 0 to end the round, or an error of our own */
static int handle(struct drain *d, struct sender *s, struct load *l,
		  const struct ledger_item *item, struct event_record *record,
		  struct err *e)
{
	int rc = event_record_read(record, item->json, item->persons, e);

	if (rc == ERR_MALFORMED) {
		struct err why = *e;

		rc = flush(d, s, l, e);
		*e = rc == 1 ? why : *e;
		return rc == 1 ? park_unsendable(d, item, &record->head, e)
			       : rc;
	}
	if (!rc)
		rc = is_wanted(d, item->index, record, e);
	if (rc < 0)
		return rc;
	if (rc == 0) {
		l->next = item->index + 1;
		if (!l->n)
			notes_pass(d, item->index);
		return 1;
	}
	if (d->sink->per == SINK_PER_CHANGE)
		return ticket_handle(d, s, item, e);
	return load_one(d, s, l, item, record, e);
}

/*
 * What was sealed as damaged, or was damaged later, comes never: those behind
 * it must not wait for it.
 */
static int pass_damage(struct drain *d, struct ledger_reader *reader,
		       struct err *e)
{
	struct ledger_place at;
	char why[ERR_MAX_MSG];
	uint64_t end;
	int rc = 0;

	ledger_reader_place(reader, &at);
	end = at.resumes < d->limit ? at.resumes : d->limit;
	if (d->progress.attempts < DAMAGED_ATTEMPTS ||
	    end - at.index > DAMAGED_MAX)
		return ERR_MALFORMED;
	memcpy(why, e->msg, sizeof(why));
	for (; !rc && at.index < end; at.index++) {
		const struct event_head none = {.id = ""};

		rc = notes_park(d, &none, at.index, NULL, why, e);
	}
	return rc;
}

/* Damage: what came before it goes first. */
static int handle_damage(struct drain *d, struct sender *s, struct load *l,
			 struct ledger_reader *reader, struct err *e)
{
	struct err why = *e;
	int rc = flush(d, s, l, e);

	if (rc != 1)
		return rc;
	*e = why;
	rc = pass_damage(d, reader, e);
	return rc ? rc : 1;
}

/** @return 1 to go on, 0 to end the round, or an error */
static int read_next(struct drain *d, struct sender *s, struct load *l,
		     struct ledger_reader *reader, struct event_record *record,
		     struct err *e)
{
	struct ledger_item item;
	int rc = ledger_reader_next(reader, &item, e);

	if (rc == 1)
		return handle(d, s, l, &item, record, e);
	if (rc == ERR_MALFORMED)
		return handle_damage(d, s, l, reader, e);
	if (rc < 0)
		return rc;
	return err_set(e, ERR_MALFORMED,
		       "the ledger ends at record %" PRIu64 " of %" PRIu64,
		       d->progress.next, d->limit);
}

/** @return 0 when nothing is left, 1 when the round was ended, or an error */
static int run_round(struct drain *d, struct sender *s, struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct event_record record = {.doc = NULL};
	struct load l;
	int rc = ledger_reader_new(&reader, d->ledger, d->progress.next, e);
	int go = rc ? rc : 1;

	load_init(&l, s, d->progress.next);
	while (go == 1) {
		if (l.next < d->progress.next)
			l.next = d->progress.next;
		if (l.next >= d->limit &&
		    (rc = sealing_limit(d->ledger, &d->limit, e)) != 0)
			go = rc;
		else if (l.next >= d->limit)
			break;
		else
			go = l.n % STOP_EVERY == 0 && drain_must_stop(d)
				     ? 0
				     : read_next(d, s, &l, reader, &record, e);
	}
	if (go >= 0 && l.n && !drain_must_stop(d))
		go = flush(d, s, &l, e);
	ledger_reader_free(reader);
	event_record_release(&record);
	load_release(&l);
	return go < 0 ? go : !go;
}

/* A checkpoint is an event and no record: templates have nothing to say of
 * it. */
static bool takes_events(const struct sink *sink)
{
	return sink->format == SINK_CLOUDEVENTS ||
	       sink->format == SINK_CLOUDEVENTS_BATCH;
}

/* Behind the records that it covers. */
static int find_checkpoint(struct drain *d, struct checkpoint_note *c,
			   bool *anchor, struct err *e)
{
	int rc;

	*anchor = false;
	if (!plan_wants(d->sink, "checkpoint") || !takes_events(d->sink))
		return 0;
	rc = seal_checkpoint_read(d->ledger, c, e);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	*anchor = !rc && c->at.size > d->progress.checkpoint;
	return rc;
}

static void pass_checkpoint(struct drain *d, const struct checkpoint_note *c)
{
	d->progress.checkpoint = c->at.size;
	d->progress.attempts = 0;
	d->progress.next_attempt = 0;
	d->moved = true;
}

/*
 * The next one covers what this covers, so one that the endpoint refuses
 * while it takes records is left out, and said.
 * @return 0 to go on, 1 when the round is over, or an error
 */
static int note_checkpoint(struct drain *d, const struct checkpoint_note *c,
			   enum delivered what, const struct http_answer *a,
			   struct err *e)
{
	int rc;

	if (what == DELIVERED_NOT) {
		rc = notes_failure(d, a, e);
		return rc ? rc : 1;
	}
	if (what == DELIVERED_REFUSED)
		admin_log_say(d->log, ADMIN_LOG_WARN,
			      "destination %s: refuses checkpoints: %s",
			      d->sink->name, a->error);
	notes_alive(d);
	pass_checkpoint(d, c);
	return 0;
}

static int post_checkpoint(struct drain *d, struct sender *s,
			   const struct checkpoint_note *c, struct err *e)
{
	struct event_head head = {.kind = "checkpoint"};
	struct buf event = BUF_INIT(EVENT_MAX_BYTES);
	struct http_answer answer;
	enum delivered what;
	struct load l;
	int rc;

	load_init(&l, s, 0);
	http_answer_init(&answer);
	rc = sealing_event(c, head.id, &event, e);
	if (!rc)
		rc = load_add_event(&l, &head, span_of(event.data, event.len),
				    e);
	if (rc == 1)
		rc = deliver_one(d, s, &l, false, &answer, &what, e);
	if (!rc)
		rc = note_checkpoint(d, c, what, &answer, e);
	http_answer_release(&answer);
	load_release(&l);
	buf_release(&event);
	return rc;
}

static bool is_due(const struct drain *d)
{
	int64_t left = d->progress.next_attempt - time_now_ms();

	/* More than we ever wait: the clock was set back. */
	return left <= 0 || left > 2 * BACKOFF_MAX_MS;
}

/** What there is to do besides records. */
struct besides {
	struct checkpoint_note c;
	bool anchor, parked, tickets;
};

static int look_besides(struct drain *d, struct besides *b, struct err *e)
{
	b->parked = parked_is_wanted(d->ledger_dir, d->sink->name) ||
		    retry_is_due(d);
	b->tickets = ticket_is_due(d);
	return find_checkpoint(d, &b->c, &b->anchor, e);
}

/** @return 0 when nothing is left, 1 when the round was ended, or an error */
static int do_all(struct drain *d, struct sender *s, struct besides *b,
		  struct err *e)
{
	int rc = b->parked ? retry_parked(d, s, e) : 0;

	if (!rc)
		rc = run_round(d, s, e);
	if (!rc && ticket_is_due(d))
		rc = ticket_tell_due(d, s, e);
	if (!rc && b->anchor)
		rc = post_checkpoint(d, s, &b->c, e);
	return rc;
}

static enum drain_end end_of(struct drain *d, int rc, struct err *e)
{
	if (rc < 0) {
		char why[ERR_MAX_MSG];

		memcpy(why, e->msg, sizeof(why));
		return notes_trouble(d, why, e) ? DRAIN_BROKEN : DRAIN_LATER;
	}
	if (d->moved && notes_save(d, e))
		return DRAIN_BROKEN;
	if (rc == 0)
		return DRAIN_EMPTY;
	return drain_must_stop(d) ? DRAIN_STOPPED : DRAIN_LATER;
}

/* Who cannot write down what comes of a request would send it again and again,
 * each time that it is started. */
static int be_ready(struct drain *d, struct err *e)
{
	return d->saved_us ? 0 : notes_save(d, e);
}

enum drain_end drain_round(struct drain *d, struct err *e)
{
	struct besides b = {.anchor = false};
	struct sender *s = NULL;
	bool idle;
	int rc;

	reask_round(d);
	if (!is_due(d) && !d->now)
		return DRAIN_LATER;
	d->now = false;
	/* whoever is in them may have been erased since */
	decisions_release(&d->decisions);
	checkpoint_note_init(&b.c);
	rc = sealing_limit(d->ledger, &d->limit, e);
	if (!rc)
		rc = look_besides(d, &b, e);
	idle = !rc && d->progress.next >= d->limit && !b.anchor && !b.parked &&
	       !b.tickets;
	if (!rc && !idle)
		rc = be_ready(d, e);
	if (!rc && !idle)
		rc = sender_new(&s, d->sink, drain_must_stop, d, e);
	if (!rc && !idle) {
		sender_lend_token(s, &d->token);
		rc = do_all(d, s, &b, e);
	}
	checkpoint_note_release(&b.c);
	sender_free(s);
	return idle ? DRAIN_EMPTY : end_of(d, rc, e);
}
