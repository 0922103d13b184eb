/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "base/uuid.h"
#include "courier/backoff.h"
#include "courier/park.h"
#include "courier/parked.h"

int notes_save(struct drain *d, struct err *e)
{
	int rc = progress_save(&d->progress, d->ledger_dir, d->sink->name, e);

	if (!rc)
		d->moved = false;
	d->saved_us = time_mono_us();
	return rc;
}

/* Where records go one by one, at most one of them is ever sent twice by who
 * was killed: an endpoint that would keep both is asked about that one. */
static int save_in_time(struct drain *d, struct err *e)
{
	int64_t since = time_mono_us() - d->saved_us;

	if (d->sink->batch_max > 1 && since < NOTES_PAUSE_MS * INT64_C(1000))
		return 0;
	return notes_save(d, e);
}

void notes_pass(struct drain *d, uint64_t index)
{
	if (d->progress.next <= index)
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

void notes_alive(struct drain *d)
{
	int64_t now = time_now_ms();

	say_recovered(d, now);
	d->progress.attempts = 0;
	d->progress.next_attempt = 0;
	d->progress.last_success = now;
	d->unsure = false;
	d->moved = true;
}

int notes_delivered(struct drain *d, const struct event_head *last,
		    uint64_t index, uint64_t n, uint64_t next, struct err *e)
{
	struct progress *p = &d->progress;

	notes_alive(d);
	notes_pass(d, next - 1);
	p->sent += n;
	p->proven = true;
	p->last_index = index;
	memcpy(p->last_id, last->id, sizeof(p->last_id));
	return save_in_time(d, e);
}

static int fail(struct drain *d, long status, int64_t retry_after,
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
	return notes_save(d, e);
}

int notes_failure(struct drain *d, const struct http_answer *a, struct err *e)
{
	d->unsure = d->unsure || a->sent;
	return fail(d, a->status, a->retry_after, a->error, e);
}

int notes_trouble(struct drain *d, const char *why, struct err *e)
{
	return fail(d, 0, 0, why, e);
}

/* An endpoint may say back the names of people, which no record may hold. */
static void own_words(char out[HTTP_MAX_ERROR], const struct http_answer *a,
		      const char *why)
{
	int n = a && a->own ? (int)a->own : HTTP_MAX_ERROR - 1;

	snprintf(out, HTTP_MAX_ERROR, "%.*s", n, why);
}

/*
 * A `parked` record that is refused itself gets no record: that one would be
 * refused too, and so on without end.
 */
int notes_park(struct drain *d, const struct event_head *head, uint64_t index,
	       const struct http_answer *a, const char *why, struct err *e)
{
	struct progress *p = &d->progress;
	char words[HTTP_MAX_ERROR];
	struct park record = {.ledger_dir = d->ledger_dir,
			      .sink = d->sink->name,
			      .id = head->id,
			      .index = index,
			      .status = a ? a->status : 0,
			      .reason = words};

	own_words(words, a, why);
	if (strcmp(head->kind, "parked") && park_record(&record, e))
		return e->code;
	record.reason = why;
	if (parked_add(&record, e))
		return e->code;
	admin_log_say(d->log, ADMIN_LOG_WARN,
		      "destination %s: record %s is parked: %s", d->sink->name,
		      head->id, why);
	p->parked++;
	p->parked_time = time_now_ms();
	p->parked_status = record.status;
	memcpy(p->parked_id, head->id, sizeof(p->parked_id));
	say_recovered(d, p->parked_time);
	d->unsure = false;
	notes_pass(d, index);
	return notes_save(d, e);
}
