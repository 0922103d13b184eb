/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/retry.h"

#include <string.h>

#include "courier/deliver.h"
#include "courier/load.h"
#include "courier/notes.h"
#include "courier/parked.h"
#include "courier/ticket.h"

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

int retry_parked(struct drain *d, struct sender *s, struct err *e)
{
	struct parked_list l;
	size_t i = 0;
	int rc = parked_read(&l, d->ledger_dir, d->sink->name, e), saved;

	while (!rc && i < l.n && !drain_must_stop(d)) {
		if (!l.v[i].wanted) {
			i++;
			continue;
		}
		l.v[i].tried = true;
		rc = retry_one(d, s, &l.v[i], e);
		if (rc == 1) {
			drop(&l, i);
			d->progress.parked -= d->progress.parked > 0;
			d->moved = true;
			rc = 0;
		} else if (rc == 0) {
			l.v[i++].wanted = false;
		}
	}
	if (l.n == 0 && !rc)
		*d->progress.parked_id = '\0';
	saved = parked_write(&l, d->ledger_dir, d->sink->name,
			     rc < 0 && rc != ERR_TIMEOUT ? NULL : e);
	parked_release(&l);
	if (rc == ERR_TIMEOUT)
		rc = 1;
	return saved && rc >= 0 ? saved : rc;
}
