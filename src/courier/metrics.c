/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/metrics.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/time.h"
#include "sys/files.h"

const char *metrics_error_class(const struct progress *p)
{
	if (!p->error_time)
		return "none";
	switch (p->error_status / 100) {
	case 0:
		return "no_answer";
	case 2:
		return "not_as_expected";
	case 3:
		return "redirect";
	case 4:
		return "refused";
	case 5:
		return "server";
	default:
		return "other";
	}
}

/* The text format knows three escapes. */
static void add_label(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			buf_adds(out, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_addf(out, "\\%c", *value);
		else
			buf_addch(out, *value);
	}
	buf_addch(out, '"');
}

static void add_head(struct buf *out, const char *name, const char *type,
		     const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* What is not one of a sink's. */
static void add_one(struct buf *out, const char *name, const char *help,
		    double value)
{
	add_head(out, name, "gauge", help);
	buf_addf(out, "%s %.15g\n", name, value);
}

static double seconds_of(int64_t ms)
{
	return (double)ms / 1000;
}

/** One figure of a sink, or of a witness or time stamper. */
struct metric {
	const char *name, *type, *help;
	double (*sink)(const struct sink_status *);
	double (*anchor)(const struct anchor_status *);
};

static double lag(const struct sink_status *s)
{
	return (double)s->lag;
}

static double lag_seconds(const struct sink_status *s)
{
	return (double)s->lag_seconds;
}

static double sent(const struct sink_status *s)
{
	return (double)s->progress.sent;
}

static double retried(const struct sink_status *s)
{
	return (double)s->progress.retried;
}

static double parked(const struct sink_status *s)
{
	return (double)s->progress.parked;
}

static double tickets(const struct sink_status *s)
{
	return (double)s->tickets;
}

static double tickets_seconds(const struct sink_status *s)
{
	return (double)s->tickets_seconds;
}

static double attempts(const struct sink_status *s)
{
	return (double)s->progress.attempts;
}

static double failing(const struct sink_status *s)
{
	return s->progress.failing_since != 0;
}

static double last_success(const struct sink_status *s)
{
	return seconds_of(s->progress.last_success);
}

static double next_attempt(const struct sink_status *s)
{
	return seconds_of(s->progress.next_attempt);
}

static double drained(const struct sink_status *s)
{
	return s->drained;
}

static double anchor_lag(const struct anchor_status *a)
{
	return a->covered < a->sealed ? (double)(a->sealed - a->covered) : 0;
}

static double anchor_failing(const struct anchor_status *a)
{
	return a->progress.failing_since != 0;
}

static double anchor_success(const struct anchor_status *a)
{
	return seconds_of(a->progress.last_success);
}

static const struct metric of_sinks[] = {
	{"gatepost_sink_lag_records", "gauge",
	 "Records that the sink has not got yet.", .sink = lag},
	{"gatepost_sink_lag_seconds", "gauge",
	 "Age of the oldest record that the sink has not got yet.",
	 .sink = lag_seconds},
	{"gatepost_sink_sent_total", "counter", "Records that the sink took.",
	 .sink = sent},
	{"gatepost_sink_retried_total", "counter",
	 "Attempts to send again that failed, too.", .sink = retried},
	{"gatepost_sink_parked_records", "gauge",
	 "Records that the sink refused for good.", .sink = parked},
	{"gatepost_sink_tickets_waiting", "gauge",
	 "Pushes that were let in with a ticket that has no answer yet.",
	 .sink = tickets},
	{"gatepost_sink_tickets_waiting_seconds", "gauge",
	 "How long ago the oldest of them was.", .sink = tickets_seconds},
	{"gatepost_sink_attempts", "gauge",
	 "Attempts, so far in vain, to send the next record.",
	 .sink = attempts},
	{"gatepost_sink_failing", "gauge",
	 "1 while the latest attempt has failed.", .sink = failing},
	{"gatepost_sink_last_success_timestamp_seconds", "gauge",
	 "When the sink took a record last; 0: never.", .sink = last_success},
	{"gatepost_sink_next_attempt_timestamp_seconds", "gauge",
	 "Not before then is it tried again; 0: at once.",
	 .sink = next_attempt},
	{"gatepost_sink_running", "gauge", "1 while a process delivers to it.",
	 .sink = drained},
};

static const struct metric of_anchors[] = {
	{"gatepost_anchor_lag_records", "gauge",
	 "Sealed records that it has not vouched for.", .anchor = anchor_lag},
	{"gatepost_anchor_failing", "gauge",
	 "1 while the latest attempt has failed.", .anchor = anchor_failing},
	{"gatepost_anchor_last_success_timestamp_seconds", "gauge",
	 "When it vouched last; 0: never.", .anchor = anchor_success},
};

static void add_sinks(const struct delivery_status *s, const struct metric *m,
		      struct buf *out)
{
	add_head(out, m->name, m->type, m->help);
	for (size_t i = 0; i < s->n; i++) {
		buf_addf(out, "%s{", m->name);
		add_label(out, "sink", s->v[i].sink->name);
		buf_addf(out, "} %.15g\n", m->sink(&s->v[i]));
	}
}

static void add_anchors(const struct delivery_status *s, const struct metric *m,
			struct buf *out)
{
	add_head(out, m->name, m->type, m->help);
	for (size_t i = 0; i < s->nanchors; i++) {
		const struct anchor_status *a = &s->anchors[i];

		buf_addf(out, "%s{", m->name);
		add_label(out, "kind",
			  a->word[0] == 'w' ? "witness" : "time_stamper");
		buf_addch(out, ',');
		add_label(out, "name", a->name);
		buf_addf(out, "} %.15g\n", m->anchor(a));
	}
}

static void add_errors(const struct delivery_status *s, struct buf *out)
{
	const char *name = "gatepost_sink_last_error_timestamp_seconds";

	add_head(out, name, "gauge",
		 "When the sink failed last, and how; 0: never.");
	for (size_t i = 0; i < s->n; i++) {
		const struct progress *p = &s->v[i].progress;

		buf_addf(out, "%s{", name);
		add_label(out, "sink", s->v[i].sink->name);
		buf_addch(out, ',');
		add_label(out, "class", metrics_error_class(p));
		buf_addf(out, "} %.15g\n", seconds_of(p->error_time));
	}
}

static void add_ledger(const struct seal_health *h, int64_t sealed_at,
		       struct buf *out)
{
	add_one(out, "gatepost_ledger_records", "Records in the ledger.",
		(double)h->records);
	add_one(out, "gatepost_ledger_sealed_records",
		"Records that are sealed.", (double)h->sealed);
	add_one(out, "gatepost_ledger_last_seal_timestamp_seconds",
		"When it was sealed last; 0: never.", (double)sealed_at);
	add_one(out, "gatepost_ledger_seal_well",
		"1 when all is sealed that should be.", h->well);
}

int metrics_write(const struct delivery_status *s, int64_t sealed_at,
		  struct buf *out, struct err *e)
{
	for (size_t i = 0; s->n && i < sizeof(of_sinks) / sizeof(*of_sinks);
	     i++)
		add_sinks(s, &of_sinks[i], out);
	if (s->n)
		add_errors(s, out);
	for (size_t i = 0;
	     s->nanchors && i < sizeof(of_anchors) / sizeof(*of_anchors); i++)
		add_anchors(s, &of_anchors[i], out);
	add_ledger(&s->seal, sealed_at, out);
	add_one(out, "gatepost_well",
		"1 when gatepost courier status finds nothing amiss.",
		status_is_well(s));
	add_one(out, "gatepost_status_timestamp_seconds",
		"When these figures were taken.", seconds_of(time_now_ms()));
	return buf_ok(out) ? 0 : err_nomem(e);
}

int64_t metrics_sealed_at(const char *ledger_dir)
{
	char path[FILE_MAX_PATH];
	struct stat st;

	if (file_join(ledger_dir, "sealed/checkpoint", path, NULL) ||
	    stat(path, &st))
		return 0;
	return (int64_t)st.st_mtime;
}

int metrics_save(const struct policy *policy, struct err *e)
{
	struct buf out = BUF_INIT(STATUS_MAX_TEXT);
	struct delivery_status status = {0};
	int rc;

	if (!policy->metrics)
		return 0;
	rc = status_read(&status, policy, e);
	if (!rc)
		rc = metrics_write(&status, metrics_sealed_at(policy->ledger),
				   &out, e);
	if (!rc)
		rc = file_write_durable(policy->metrics, out.data, out.len,
					METRICS_MODE, e);
	status_release(&status);
	buf_release(&out);
	return rc;
}
