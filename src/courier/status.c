/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "courier/asks.h"
#include "courier/event.h"
#include "courier/place.h"
#include "courier/plan.h"

static void count(struct sink_status *s, struct span json)
{
	struct event_head head;
	bool readable = !event_read_head(json, &head, NULL);

	if (readable && !plan_wants(s->sink, head.kind))
		return;
	if (!s->lag++ && readable && head.time_ms)
		s->lag_seconds = (time_now_ms() - head.time_ms) / 1000;
	/* The clock that wrote it was ahead of ours. */
	if (s->lag_seconds < 0)
		s->lag_seconds = 0;
}

static int read_lag(struct sink_status *s, struct ledger *ledger, struct err *e)
{
	struct ledger_reader *reader = NULL;
	struct ledger_item item;
	int rc = ledger_reader_new(&reader, ledger, s->progress.next, e);

	if (rc)
		return rc;
	while ((rc = ledger_reader_next(reader, &item, e)) != 0) {
		if (rc == 1)
			count(s, item.json);
		else if (rc == ERR_MALFORMED)
			s->lag++; /* it will be parked */
		else
			break;
	}
	ledger_reader_free(reader);
	if (!rc)
		err_clear(e);
	return rc;
}

/* Between `//` and the path or query. */
void status_add_host(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://");

	if (host)
		buf_add(out, host + 3, strcspn(host + 3, "/?#"));
}

/* What a ready template gives is not always known to who looks. */
static int read_asks(struct sink_status *s, struct ledger *ledger,
		     struct err *e)
{
	struct asks asks;
	int rc;

	if (!s->sink->ticket_url && !s->sink->ready)
		return 0;
	rc = asks_look(&asks, ledger, s->sink->name, e);
	s->tickets = asks.n;
	if (asks.n)
		s->tickets_seconds =
			(time_now_ms() - asks_oldest(&asks)) / 1000;
	if (s->tickets_seconds < 0)
		s->tickets_seconds = 0;
	asks_release(&asks);
	return rc;
}

static int read_one(struct sink_status *s, struct ledger *ledger, struct err *e)
{
	const char *dir = ledger_dir(ledger);
	int rc = progress_load(&s->progress, dir, s->sink->name, e);

	buf_init(&s->host, STATUS_MAX_HOST);
	if (!rc)
		rc = parked_read(&s->parked, dir, s->sink->name, e);
	s->drained = place_is_drained(dir, s->sink->name);
	status_add_host(&s->host, s->sink->url);
	if (!rc)
		rc = read_asks(s, ledger, e);
	return rc ? rc : read_lag(s, ledger, e);
}

int status_read(struct delivery_status *out, const struct policy *policy,
		struct err *e)
{
	struct ledger *ledger = NULL;
	int rc;

	*out = (struct delivery_status){0};
	out->v = calloc(policy->nsinks + 1, sizeof(*out->v));
	if (!out->v)
		return err_nomem(e);
	rc = ledger_open(&ledger, policy->ledger, LEDGER_READ, e);
	while (!rc && out->n < policy->nsinks) {
		out->v[out->n].sink = &policy->sinks[out->n];
		rc = read_one(&out->v[out->n], ledger, e);
		out->n++;
	}
	if (!rc)
		rc = seal_health_read(ledger, time_now_ms(), &out->seal, e);
	if (!rc)
		rc = status_read_anchors(out, policy, ledger, e);
	ledger_close(ledger);
	if (rc)
		status_release(out);
	return rc;
}

void status_release(struct delivery_status *s)
{
	for (size_t i = 0; i < s->n; i++) {
		parked_release(&s->v[i].parked);
		buf_release(&s->v[i].host);
	}
	free(s->v);
	s->v = NULL;
	s->n = 0;
	status_release_anchors(s);
}

bool status_sink_is_well(const struct sink_status *s)
{
	return !s->progress.failing_since && !s->progress.parked &&
	       s->lag_seconds < STATUS_LATE_SECONDS &&
	       s->tickets_seconds < STATUS_LATE_SECONDS;
}

bool status_is_well(const struct delivery_status *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!status_sink_is_well(&s->v[i]))
			return false;
	for (size_t i = 0; i < s->nanchors; i++)
		if (!status_anchor_is_well(&s->anchors[i]))
			return false;
	return s->seal.well;
}
