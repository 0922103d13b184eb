/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/retry.h"

#include <string.h>

#include "base/time.h"
#include "courier/answer.h"
#include "courier/deliver.h"
#include "courier/load.h"
#include "courier/notes.h"
#include "courier/parked.h"
#include "courier/ticket.h"

enum { RETRY_PAUSE_MS = 3600 * 1000 };

/* 1: sent; 0: refused again; ERR_TIMEOUT: the endpoint fails */
static int send_load(struct drain *d, struct sender *s, struct load *l,
		     struct parked *p, struct err *e)
{
	struct http_answer answer;
	enum delivered what;
	int rc;

	http_answer_init(&answer);
	d->unsure = true;
	rc = deliver_one(d, s, l, true, &answer, &what, e);
	if (!rc && what == DELIVERED_YES) {
		notes_alive(d);
		d->progress.sent++;
		rc = 1;
	} else if (!rc && what == DELIVERED_REFUSED) {
		p->status = answer.status;
	} else if (!rc) {
		rc = notes_failure(d, &answer, e);
		rc = rc ? rc : ERR_TIMEOUT;
	}
	http_answer_release(&answer);
	return rc;
}

static int send_item(struct drain *d, struct sender *s,
		     const struct ledger_item *item, struct parked *p,
		     struct err *e)
{
	struct event_record record = {.doc = NULL};
	struct load l;
	int rc;

	if (d->sink->per == SINK_PER_CHANGE)
		return ticket_retry(d, s, item, e);
	load_init(&l, s, 0);
	rc = event_record_read(&record, item->json, item->persons, e);
	if (!rc)
		rc = load_add(&l, &d->decisions, item->index, &record, e);
	if (rc == 1)
		rc = send_load(d, s, &l, p, e);
	event_record_release(&record);
	load_release(&l);
	return rc;
}

static int retry_one(struct drain *d, struct sender *s, struct parked *p,
		     struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	int rc = drain_read(d, p->index, &reader, &item, e);

	if (rc == 1) {
		rc = send_item(d, s, &item, p, e);
	} else if (rc == ERR_NOT_FOUND) {
		admin_log_say(
			d->log, ADMIN_LOG_WARN,
			"destination %s: what was parked can no longer be "
			"sent: %s",
			d->sink->name, e->msg);
		err_clear(e);
		rc = 1; /* nobody need wait for it */
	}
	ledger_reader_free(reader);
	/* what cannot be read or sent is no worse than before */
	if (rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0;
	}
	return rc;
}

static void drop(struct parked_list *l, size_t i)
{
	memmove(&l->v[i], &l->v[i + 1], (l->n - i - 1) * sizeof(*l->v));
	l->n--;
}

bool retry_is_due(const struct drain *d)
{
	int64_t since = time_now_ms() - d->progress.parked_time;

	return d->sink->per == SINK_PER_CHANGE && d->progress.parked &&
	       (since < 0 || since >= RETRY_PAUSE_MS);
}

/* @return as retry_one() */
static int retry_at(struct drain *d, struct sender *s, struct parked_list *l,
		    size_t i, struct err *e)
{
	int rc;

	l->v[i].tried = true;
	rc = retry_one(d, s, &l->v[i], e);
	if (rc == 1) {
		drop(l, i);
		d->progress.parked -= d->progress.parked > 0;
		d->moved = true;
	} else if (rc == 0) {
		l->v[i].wanted = false;
	}
	return rc;
}

/* The latest. If it is taken, all others may be taken, too. It has had its
 * attempts; those of the record that comes next are another matter. */
static int probe(struct drain *d, struct sender *s, struct parked_list *l,
		 struct err *e)
{
	uint64_t attempts = d->progress.attempts;
	int rc;

	if (d->progress.attempts < SUSPECT_BROKEN)
		d->progress.attempts = SUSPECT_BROKEN;
	rc = l->n ? retry_at(d, s, l, l->n - 1, e) : 0;
	if (rc == 0)
		d->progress.attempts = attempts;
	for (size_t i = 0; rc == 1 && i < l->n; i++)
		l->v[i].wanted = true;
	if (rc >= 0) {
		d->progress.parked_time = time_now_ms();
		d->moved = true;
	}
	return rc < 0 ? rc : 0;
}

static int retry_wanted(struct drain *d, struct sender *s,
			struct parked_list *l, struct err *e)
{
	size_t i = 0;
	int rc = 0;

	while (rc >= 0 && i < l->n && !drain_must_stop(d)) {
		rc = l->v[i].wanted ? retry_at(d, s, l, i, e) : 0;
		i += rc == 0;
	}
	return rc < 0 ? rc : 0;
}

int retry_parked(struct drain *d, struct sender *s, struct err *e)
{
	struct parked_list l;
	int rc = parked_read(&l, d->ledger_dir, d->sink->name, e), saved;

	if (!rc && retry_is_due(d))
		rc = probe(d, s, &l, e);
	if (!rc)
		rc = retry_wanted(d, s, &l, e);
	if (l.n == 0 && !rc)
		*d->progress.parked_id = '\0';
	saved = parked_write(&l, d->ledger_dir, d->sink->name,
			     rc < 0 && rc != ERR_TIMEOUT ? NULL : e);
	parked_release(&l);
	if (rc == ERR_TIMEOUT)
		rc = 1;
	return saved && rc >= 0 ? saved : rc;
}
