/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/drain.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/uuid.h"
#include "courier/answer.h"
#include "courier/backoff.h"
#include "courier/event.h"
#include "courier/park.h"
#include "courier/place.h"
#include "courier/plan.h"
#include "courier/sealing.h"
#include "courier/sender.h"
#include "ledger/seal.h"

enum {
	DAMAGED_ATTEMPTS = 3, /* to read what is damaged, before it is parked */
	DAMAGED_MAX = 1000    /* parked at once; more is for people to see to */
};

/** A record on its way. */
struct parcel {
	struct event_head head;
	uint64_t index;
	struct buf body;
	struct http_answer answer;
};

bool drain_must_stop(void *arg)
{
	const struct drain *d = arg;
	struct pollfd p = {.fd = d->stop_fd, .events = POLLIN};

	return d->stop_fd >= 0 && poll(&p, 1, 0) > 0;
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
	rc = ledger_reader_new(&reader, d->ledger, p->last_index, e);
	/* One that can no longer be read says nothing either way. */
	if (!rc && ledger_reader_next(reader, &item, e) == 1 &&
	    !event_read_head(item.json, &head, e) &&
	    strcmp(head.id, p->last_id) != 0)
		rc = not_our_ledger(d, e);
	ledger_reader_free(reader);
	return rc;
}

int drain_open(struct drain *d, struct err *e)
{
	int rc = ledger_open(&d->ledger, d->ledger_dir, LEDGER_READ, e);

	d->moved = false;
	if (!rc)
		rc = progress_load(&d->progress, d->ledger_dir, d->sink->name,
				   e);
	if (!rc)
		rc = check_cursor(d, e);
	if (rc)
		drain_close(d);
	return rc;
}

void drain_close(struct drain *d)
{
	ledger_close(d->ledger);
	d->ledger = NULL;
}

static int save(struct drain *d, struct err *e)
{
	int rc = progress_save(&d->progress, d->ledger_dir, d->sink->name, e);

	if (!rc)
		d->moved = false;
	return rc;
}

/** The cursor passes a record. */
static void pass(struct drain *d, uint64_t index)
{
	d->progress.next = index + 1;
	d->progress.attempts = 0;
	d->progress.next_attempt = 0;
	d->moved = true;
}

static void say_recovered(struct drain *d, int64_t now)
{
	struct progress *p = &d->progress;

	if (!p->failing_since)
		return;
	admin_log_say(d->log, ADMIN_LOG_INFO,
		      "destination %s: delivering again after %" PRId64 " s",
		      d->sink->name, (now - p->failing_since) / 1000);
	p->failing_since = 0;
}

static int note_delivered(struct drain *d, const struct parcel *parcel,
			  struct err *e)
{
	struct progress *p = &d->progress;
	int64_t now = time_now_ms();

	say_recovered(d, now);
	pass(d, parcel->index);
	p->sent++;
	p->proven = true;
	p->last_index = parcel->index;
	memcpy(p->last_id, parcel->head.id, sizeof(p->last_id));
	p->last_success = now;
	return save(d, e);
}

/** Nothing was delivered; try again later. */
static int note_failure(struct drain *d, long status, int64_t retry_after,
			const char *why, struct err *e)
{
	struct progress *p = &d->progress;
	uint32_t random = 0;

	if (!p->failing_since)
		admin_log_say(d->log, ADMIN_LOG_WARN,
			      "destination %s: cannot deliver: %s; "
			      "trying again until it can",
			      d->sink->name, why);
	progress_fail(p, time_now_ms(), status, why);
	if (p->attempts++)
		p->retried++;
	if (random_bytes(&random, sizeof(random), e))
		return ERR_SYS;
	p->next_attempt =
		time_now_ms() + backoff_ms(p->attempts, random, retry_after);
	return save(d, e);
}

/*
 * A `parked` record that is refused itself gets no record: that one would be
 * refused too, and so on without end.
 */
static int park(struct drain *d, const struct parcel *parcel, const char *why,
		struct err *e)
{
	struct progress *p = &d->progress;
	struct park record = {.ledger_dir = d->ledger_dir,
			      .sink = d->sink->name,
			      .id = parcel->head.id,
			      .index = parcel->index,
			      .status = parcel->answer.status,
			      .reason = why};

	if (strcmp(parcel->head.kind, "parked") && park_record(&record, e))
		return e->code;
	admin_log_say(d->log, ADMIN_LOG_WARN,
		      "destination %s: record %s is parked: %s", d->sink->name,
		      parcel->head.id, why);
	p->parked++;
	p->parked_time = time_now_ms();
	p->parked_status = parcel->answer.status;
	memcpy(p->parked_id, parcel->head.id, sizeof(p->parked_id));
	say_recovered(d, p->parked_time);
	pass(d, parcel->index);
	return save(d, e);
}

static int post(struct sender *s, struct parcel *parcel, struct err *e)
{
	http_answer_release(&parcel->answer);
	http_answer_init(&parcel->answer);
	return sender_post(s, parcel->head.id,
			   span_of(parcel->body.data, parcel->body.len),
			   &parcel->answer, e);
}

static void parcel_init(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	buf_init(&parcel->body, EVENT_MAX_BYTES);
	http_answer_init(&parcel->answer);
}

static void parcel_release(struct parcel *parcel)
{
	buf_release(&parcel->body);
	http_answer_release(&parcel->answer);
}

static int fill(struct drain *d, const struct ledger_item *item,
		struct parcel *parcel, struct err *e)
{
	int rc = event_read_head(item->json, &parcel->head, e);

	parcel->index = item->index;
	if (rc)
		return rc;
	return event_render(item->json, item->persons, ledger_origin(d->ledger),
			    item->index, &parcel->body, e);
}

/** Whether the endpoint still takes a record that it took before. */
static int probe(struct drain *d, struct sender *s, bool *takes, struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	struct parcel parcel;
	int rc;

	*takes = false;
	if (!d->progress.proven)
		return 0;
	parcel_init(&parcel);
	rc = ledger_reader_new(&reader, d->ledger, d->progress.last_index, e);
	if (!rc)
		rc = ledger_reader_next(reader, &item, e);
	if (rc == 1)
		rc = fill(d, &item, &parcel, e);
	if (!rc)
		rc = post(s, &parcel, e);
	if (!rc)
		*takes = answer_of(parcel.answer.status, 1) == ANSWER_DELIVERED;
	ledger_reader_free(reader);
	parcel_release(&parcel);
	return rc < 0 ? rc : 0;
}

/*
 * Refused, perhaps for what the record says, perhaps because the endpoint
 * refuses everything today. Who can write a commit message must not be able
 * to hold up all records behind his, and a broken endpoint must not make us
 * park them all: so the last record that it took is posted again (the same
 * id: a duplicate to the endpoint), and then this one.
 */
static int settle_suspect(struct drain *d, struct sender *s,
			  struct parcel *parcel, enum answer *answer,
			  struct err *e)
{
	uint64_t attempts = d->progress.attempts + 1;
	bool takes;
	int rc = probe(d, s, &takes, e);

	*answer = ANSWER_RETRY;
	if (rc || !takes)
		return rc;
	rc = post(s, parcel, e);
	if (!rc)
		*answer = answer_of(parcel->answer.status, attempts);
	return rc;
}

/** @return 1 to go on, 0 to end the round, or an error of our own */
static int deliver(struct drain *d, struct sender *s, struct parcel *parcel,
		   struct err *e)
{
	enum answer answer;
	int rc = post(s, parcel, e);

	if (rc)
		return rc;
	answer = answer_of(parcel->answer.status, d->progress.attempts + 1);
	if (answer == ANSWER_SUSPECT)
		rc = settle_suspect(d, s, parcel, &answer, e);
	if (rc)
		return rc;
	if (answer == ANSWER_DELIVERED)
		rc = note_delivered(d, parcel, e);
	else if (answer == ANSWER_SUSPECT)
		rc = park(d, parcel, parcel->answer.error, e);
	else
		rc = note_failure(d, parcel->answer.status,
				  parcel->answer.retry_after,
				  parcel->answer.error, e);
	if (rc)
		return rc;
	return answer != ANSWER_RETRY;
}

static int handle(struct drain *d, struct sender *s,
		  const struct ledger_item *item, struct err *e)
{
	struct parcel parcel;
	struct event_head head;
	int rc;

	if (!event_read_head(item->json, &head, NULL) &&
	    !plan_wants(d->sink, head.kind)) {
		pass(d, item->index);
		return 1;
	}
	parcel_init(&parcel);
	rc = fill(d, item, &parcel, e);
	if (!rc) {
		rc = deliver(d, s, &parcel, e);
	} else if (rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		char why[ERR_MAX_MSG];

		memcpy(why, e->msg, sizeof(why));
		rc = park(d, &parcel, why, e);
		rc = rc ? rc : 1;
	}
	parcel_release(&parcel);
	return rc;
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
		struct parcel parcel;

		parcel_init(&parcel);
		parcel.index = at.index;
		rc = park(d, &parcel, why, e);
		parcel_release(&parcel);
	}
	return rc;
}

/** @return 0 when nothing is left, 1 when the round was ended, or an error */
static int run_round(struct drain *d, struct sender *s, struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	int rc = ledger_reader_new(&reader, d->ledger, d->progress.next, e);

	while (!rc) {
		if (d->progress.next >= d->limit)
			rc = sealing_limit(d->ledger, &d->limit, e);
		if (rc || d->progress.next >= d->limit)
			break;
		if (drain_must_stop(d)) {
			rc = 1;
			break;
		}
		rc = ledger_reader_next(reader, &item, e);
		if (!rc) {
			rc = err_set(e, ERR_MALFORMED,
				     "the ledger ends at record %" PRIu64
				     " of %" PRIu64,
				     d->progress.next, d->limit);
			break;
		}
		if (rc == ERR_MALFORMED) {
			rc = pass_damage(d, reader, e);
			continue;
		}
		if (rc < 0)
			break;
		rc = handle(d, s, &item, e);
		rc = rc < 0 ? rc : !rc;
	}
	ledger_reader_free(reader);
	return rc;
}

/* Behind the records that it covers. */
static int find_checkpoint(struct drain *d, struct checkpoint_note *c,
			   bool *anchor, struct err *e)
{
	int rc;

	*anchor = false;
	if (!plan_wants(d->sink, "checkpoint"))
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
static int post_checkpoint(struct drain *d, struct sender *s,
			   const struct checkpoint_note *c, struct err *e)
{
	struct parcel parcel;
	enum answer answer = ANSWER_RETRY;
	int rc;

	parcel_init(&parcel);
	rc = sealing_event(c, parcel.head.id, &parcel.body, e);
	if (!rc)
		rc = post(s, &parcel, e);
	if (!rc)
		answer = answer_of(parcel.answer.status,
				   d->progress.attempts + 1);
	if (!rc && answer == ANSWER_SUSPECT)
		rc = settle_suspect(d, s, &parcel, &answer, e);
	if (!rc && answer == ANSWER_RETRY) {
		rc = note_failure(d, parcel.answer.status,
				  parcel.answer.retry_after,
				  parcel.answer.error, e);
		rc = rc ? rc : 1;
	} else if (!rc) {
		if (answer == ANSWER_SUSPECT)
			admin_log_say(d->log, ADMIN_LOG_WARN,
				      "destination %s: refuses checkpoints: "
				      "%s",
				      d->sink->name, parcel.answer.error);
		say_recovered(d, time_now_ms());
		pass_checkpoint(d, c);
	}
	parcel_release(&parcel);
	return rc;
}

static bool is_due(const struct drain *d)
{
	int64_t left = d->progress.next_attempt - time_now_ms();

	/* More than we ever wait: the clock was set back. */
	return left <= 0 || left > 2 * BACKOFF_MAX_MS;
}

enum drain_end drain_round(struct drain *d, struct err *e)
{
	struct sender *s = NULL;
	struct checkpoint_note c;
	bool anchor = false;
	int rc;

	if (!is_due(d))
		return DRAIN_LATER;
	checkpoint_note_init(&c);
	rc = sealing_limit(d->ledger, &d->limit, e);
	if (!rc)
		rc = find_checkpoint(d, &c, &anchor, e);
	if (!rc && d->progress.next >= d->limit && !anchor) {
		checkpoint_note_release(&c);
		return DRAIN_EMPTY;
	}
	if (!rc)
		rc = sender_new(&s, d->sink, drain_must_stop, d, e);
	if (!rc)
		rc = run_round(d, s, e);
	if (!rc && anchor)
		rc = post_checkpoint(d, s, &c, e);
	checkpoint_note_release(&c);
	sender_free(s);
	if (rc < 0) {
		char why[ERR_MAX_MSG];

		memcpy(why, e->msg, sizeof(why));
		return note_failure(d, 0, 0, why, e) ? DRAIN_BROKEN
						     : DRAIN_LATER;
	}
	if (d->moved && save(d, e))
		return DRAIN_BROKEN;
	if (rc == 0)
		return DRAIN_EMPTY;
	return drain_must_stop(d) ? DRAIN_STOPPED : DRAIN_LATER;
}
