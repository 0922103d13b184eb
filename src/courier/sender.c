/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sender.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/uuid.h"
#include "courier/event.h"
#include "courier/headers.h"
#include "courier/webhook.h"

struct sender {
	const struct sink *sink;
	struct http *http;
	struct webhook_keys keys;
};

static bool is_signed(const struct sink *sink)
{
	return sink->sign == SINK_STANDARD_WEBHOOKS ||
	       (sink->sign == SINK_SIGN_UNSET && sink->secret_file);
}

static int set_up(struct sender *s, struct err *e)
{
	const struct sink *sink = s->sink;

	for (size_t i = 0; i < sink->headers.n; i++)
		if (header_check(sink->headers.v[i], e))
			return ERR_CONFIG;
	if (!is_signed(sink))
		return 0;
	if (!sink->secret_file)
		return err_set(e, ERR_CONFIG,
			       "signing needs sink.%s.secret-file", sink->name);
	return webhook_keys_read(&s->keys, sink->secret_file, e);
}

int sender_new(struct sender **out, const struct sink *sink,
	       bool (*stop)(void *), void *stop_arg, struct err *e)
{
	struct http_target target = {.url = sink->url,
				     .ca_file = sink->ca_file,
				     .seconds = sink->timeout,
				     .stop = stop,
				     .stop_arg = stop_arg};
	struct sender *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	s->sink = sink;
	rc = set_up(s, e);
	if (!rc)
		rc = http_new(&s->http, &target, e);
	if (rc)
		sender_free(s);
	else
		*out = s;
	return rc;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	http_free(s->http);
	webhook_keys_wipe(&s->keys);
	free(s);
}

/** The header items of one request. */
struct items {
	struct buf id, timestamp, signature;
	const char **v;
	size_t n;
};

static int fill_signature(struct items *items, const struct sender *s,
			  const char *id, struct span body, struct err *e)
{
	int64_t now = time_now_ms() / 1000;
	struct buf value = BUF_INIT(WEBHOOK_MAX_HEADER);
	int rc;

	if (!s->keys.n)
		return 0;
	rc = webhook_sign(&s->keys, id, now, body, &value, e);
	buf_addf(&items->id, "webhook-id: %s", id);
	buf_addf(&items->timestamp, "webhook-timestamp: %" PRId64, now);
	buf_addf(&items->signature, "webhook-signature: %s", value.data);
	buf_release(&value);
	items->v[items->n++] = items->id.data;
	items->v[items->n++] = items->timestamp.data;
	items->v[items->n++] = items->signature.data;
	return rc;
}

static int fill(struct items *items, const struct sender *s, const char *id,
		struct span body, struct err *e)
{
	enum { OURS = 4 };
	const struct option_list *theirs = &s->sink->headers;

	items->v = calloc(theirs->n + OURS, sizeof(*items->v));
	if (!items->v)
		return err_nomem(e);
	for (size_t i = 0; i < theirs->n; i++)
		items->v[items->n++] = theirs->v[i];
	items->v[items->n++] = "Content-Type: " EVENT_CONTENT_TYPE;
	return fill_signature(items, s, id, body, e);
}

int sender_post(struct sender *s, const char *id, struct span body,
		struct http_answer *answer, struct err *e)
{
	struct items items = {.id = BUF_INIT(128),
			      .timestamp = BUF_INIT(128),
			      .signature = BUF_INIT(WEBHOOK_MAX_HEADER + 32)};
	int rc;

	if (!uuid_is(span_str(id)))
		return err_set(e, ERR_INTERNAL, "not a record's id");
	rc = fill(&items, s, id, body, e);
	if (!rc && !(buf_ok(&items.id) && buf_ok(&items.timestamp) &&
		     buf_ok(&items.signature)))
		rc = err_nomem(e);
	if (!rc)
		rc = http_post(s->http, body, items.v, items.n, answer, e);
	free(items.v);
	buf_release(&items.id);
	buf_release(&items.timestamp);
	buf_release(&items.signature);
	return rc;
}
