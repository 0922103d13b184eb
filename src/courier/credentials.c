/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/credentials.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "courier/headers.h"
#include "courier/message_sig.h"
#include "sys/files.h"

static bool header_has_secret(const struct sink *sink)
{
	for (size_t i = 0; i < sink->headers.n; i++)
		if (strstr(sink->headers.v[i], "${secret}"))
			return true;
	return false;
}

static bool wants_secret(const struct sink *sink)
{
	return sink->auth > SINK_AUTH_NONE || header_has_secret(sink);
}

static bool is_signed(const struct sink *sink)
{
	return sink->sign > SINK_SIGN_NONE ||
	       (sink->sign == SINK_SIGN_UNSET && sink->secret_file &&
		!wants_secret(sink));
}

static int check_secret(struct span text, const char *path, struct err *e)
{
	if (!text.n)
		return err_set(e, ERR_CONFIG, "%s: no secret in it", path);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return err_set(e, ERR_CONFIG,
				       "%s: a secret is one line of printable "
				       "ASCII",
				       path);
	return 0;
}

static int read_secret(struct credentials *c, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(CREDENTIALS_MAX_SECRET);
	struct span secret;
	int rc;

	/* All at once: growing would leave copies behind. */
	if (buf_reserve(&text, CREDENTIALS_MAX_SECRET))
		return err_nomem(e);
	rc = file_read_trusted(path, FILE_SECRET, &text, e);
	secret = span_trim(span_of(text.data, text.len));
	if (!rc)
		rc = check_secret(secret, path, e);
	if (!rc && !(c->secret = span_dup(secret)))
		rc = err_nomem(e);
	if (text.cap)
		explicit_bzero(text.data, text.cap);
	buf_release(&text);
	return rc;
}

static int read_keys(struct credentials *c, struct err *e)
{
	const struct sink *sink = c->sink;
	const char *path = sink->sign_secret_file ? sink->sign_secret_file
						  : sink->secret_file;

	if (!path)
		return err_set(e, ERR_CONFIG,
			       "signing needs sink.%s.secret-file", sink->name);
	return webhook_keys_read(&c->keys, path, e);
}

int credentials_read(struct credentials *out, const struct sink *sink,
		     struct err *e)
{
	int rc = 0;

	*out = (struct credentials){.sink = sink};
	for (size_t i = 0; i < sink->headers.n; i++)
		if (header_check(sink->headers.v[i], e))
			return ERR_CONFIG;
	if (wants_secret(sink) && !sink->secret_file)
		return err_set(e, ERR_CONFIG,
			       "logging in needs sink.%s.secret-file",
			       sink->name);
	if (wants_secret(sink))
		rc = read_secret(out, sink->secret_file, e);
	if (!rc && is_signed(sink))
		rc = read_keys(out, e);
	if (rc)
		credentials_release(out);
	return rc;
}

void credentials_release(struct credentials *c)
{
	if (c->secret) {
		explicit_bzero(c->secret, strlen(c->secret));
		free(c->secret);
	}
	c->secret = NULL;
	webhook_keys_wipe(&c->keys);
}

static int add_one(const char *item, struct values *v, struct request *r,
		   struct err *e)
{
	struct buf text = BUF_INIT(REQUEST_MAX_HEADER);
	int rc;

	if (buf_reserve(&text, REQUEST_MAX_HEADER))
		return err_nomem(e);
	rc = values_render_text(item, TEMPLATE_IN_HEADER, v, &text, e);
	if (!rc)
		rc = request_add_header(r, e, "%s", text.data);
	explicit_bzero(text.data, text.cap);
	buf_release(&text);
	return rc;
}

int credentials_add_headers(const struct credentials *c, struct values *v,
			    struct request *r, struct err *e)
{
	const struct option_list *theirs = &c->sink->headers;
	int rc = 0;

	/* lent, so that no copy is left in what the values hold */
	if (c->secret)
		v->v[TEMPLATE_SECRET] = span_str(c->secret);
	for (size_t i = 0; !rc && i < theirs->n; i++) {
		if (strstr(theirs->v[i], "${"))
			rc = add_one(theirs->v[i], v, r, e);
		else
			rc = request_add_header(r, e, "%s", theirs->v[i]);
	}
	v->v[TEMPLATE_SECRET] = span_of(NULL, 0);
	return rc;
}

static int log_in(const struct credentials *c, struct request *r, struct err *e)
{
	struct buf text = BUF_INIT(2 * CREDENTIALS_MAX_SECRET);
	int rc = 0;

	switch (c->sink->auth) {
	case SINK_AUTH_BASIC: /* RFC 7617 */
		if (buf_reserve(&text, 2 * CREDENTIALS_MAX_SECRET))
			return err_nomem(e);
		base64_encode(&text, c->secret, strlen(c->secret));
		rc = request_add_header(r, e, "Authorization: Basic %s",
					text.data);
		explicit_bzero(text.data, text.cap);
		break;
	case SINK_AUTH_BEARER:
		rc = request_add_header(r, e, "Authorization: Bearer %s",
					c->secret);
		break;
	case SINK_AUTH_TOKEN:
		rc = request_add_header(r, e, "Authorization: token %s",
					c->secret);
		break;
	case SINK_AUTH_SPLUNK:
		rc = request_add_header(r, e, "Authorization: Splunk %s",
					c->secret);
		break;
	case SINK_AUTH_OAUTH2: /* RFC 6750 */
		rc = c->token ? request_add_header(r, e,
						   "Authorization: Bearer %s",
						   c->token)
			      : err_set(e, ERR_INTERNAL, "no access token");
		break;
	default:
		break;
	}
	buf_release(&text);
	return rc;
}

static int sign_webhook(const struct credentials *c, int64_t now,
			struct request *r, struct err *e)
{
	struct buf value = BUF_INIT(WEBHOOK_MAX_HEADER);
	int rc = webhook_sign(&c->keys, r->id, now, r->body, &value, e);

	if (!rc)
		rc = request_add_header(r, e, "webhook-id: %s", r->id);
	if (!rc)
		rc = request_add_header(r, e, "webhook-timestamp: %" PRId64,
					now);
	if (!rc)
		rc = request_add_header(r, e, "webhook-signature: %s",
					value.data);
	buf_release(&value);
	return rc;
}

int credentials_apply(const struct credentials *c, struct request *r,
		      struct err *e)
{
	int64_t now = time_now_ms() / 1000;
	int rc = log_in(c, r, e);

	if (rc || !c->keys.n)
		return rc;
	if (c->sink->sign == SINK_RFC9421)
		return message_sign(&c->keys, c->sink->sign_key_id, now, r, e);
	return r->id ? sign_webhook(c, now, r, e) : 0;
}
