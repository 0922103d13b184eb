/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sender.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "base/time.h"
#include "courier/event.h"
#include "courier/request.h"

enum {
	MAX_PINS = 4096,
	MAX_EXCERPT = 4 * JUDGE_MAX_EXCERPT, /* bytes of a body */
	TELLING = 8 /* bytes of a secret that must not be seen together */
};

/** What a step is made of. */
struct step {
	const char *url;
	int method;
	const char *template;
	enum template_place place;
	bool get;
};

static struct step step_of(const struct sink *sink, enum sender_step step)
{
	bool change = sink->per == SINK_PER_CHANGE;

	switch (step) {
	case SENDER_POST:
		return (struct step){.url = sink->post_url,
				     .method = sink->method,
				     .template = sink->body_template,
				     .place = change ? TEMPLATE_IN_FOLLOWING
						     : TEMPLATE_IN_BODY};
	case SENDER_LOOKUP:
		return (struct step){.url = sink->lookup_url, .get = true};
	case SENDER_THEN:
		return (struct step){.url = sink->then.url,
				     .method = sink->then.method,
				     .template = sink->then.template,
				     .place = TEMPLATE_IN_FOLLOWING};
	case SENDER_TICKET:
		return (struct step){.url = sink->ticket_url, .get = true};
	case SENDER_COMMENT:
		return (struct step){.url = sink->comment.url,
				     .method = sink->comment.method,
				     .template = sink->comment.template,
				     .place = TEMPLATE_IN_FOLLOWING};
	case SENDER_COMMENT_LOOKUP:
		return (struct step){.url = sink->comment_lookup_url,
				     .get = true};
	case SENDER_UPLOAD:
		return (struct step){.url = sink->upload_url};
	case SENDER_NONE:
	case SENDER_N_STEPS:
		break;
	}
	return (struct step){.url = NULL};
}

bool sender_has(const struct sender *s, enum sender_step step)
{
	return step == SENDER_POST || step_of(s->sink, step).url;
}

static int read_templates(struct sender *s, struct err *e)
{
	int rc = 0;

	for (int i = SENDER_POST; !rc && i < SENDER_N_STEPS; i++) {
		struct step step = step_of(s->sink, (enum sender_step)i);

		if (!step.template)
			continue;
		rc = template_read(&s->bodies[i], step.template, step.place, e);
		s->uses |= s->bodies[i].uses;
	}
	return rc;
}

static int join_pins(const struct option_list *pins, struct buf *out,
		     struct err *e)
{
	for (size_t i = 0; i < pins->n; i++)
		buf_addf(out, "%s%s", i ? ";" : "", pins->v[i]);
	return buf_ok(out) ? 0 : err_set(e, ERR_CONFIG, "too many pins");
}

static int set_up(struct sender *s, struct http_target *target, struct err *e)
{
	struct buf pins = BUF_INIT(MAX_PINS);
	int rc = credentials_read(&s->credentials, s->sink, e);

	if (!rc)
		rc = judge_init(&s->judge, s->sink, e);
	if (!rc)
		rc = read_templates(s, e);
	if (!rc)
		rc = join_pins(&s->sink->pins, &pins, e);
	if (!rc) {
		target->pins = pins.len ? pins.data : NULL;
		rc = http_new(&s->http, target, e);
	}
	buf_release(&pins);
	return rc;
}

int sender_new(struct sender **out, const struct sink *sink,
	       bool (*stop)(void *), void *stop_arg, struct err *e)
{
	struct http_target target = {.url = sink->url,
				     .ca_file = sink->ca_file,
				     .client_cert = sink->client_cert,
				     .client_key = sink->client_key,
				     .seconds = sink->timeout,
				     .stop = stop,
				     .stop_arg = stop_arg};
	struct sender *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	s->sink = sink;
	s->target = target;
	s->token = &s->own;
	rc = set_up(s, &target, e);
	if (rc)
		sender_free(s);
	else
		*out = s;
	return rc;
}

void sender_lend_token(struct sender *s, struct oauth_token *token)
{
	s->token = token;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	http_free(s->http);
	credentials_release(&s->credentials);
	oauth_token_release(&s->own);
	for (size_t i = 0; i < SENDER_N_STEPS; i++)
		template_release(&s->bodies[i]);
	free(s);
}

int sender_render(const struct sender *s, enum sender_step step,
		  struct values *v, struct buf *out, struct err *e)
{
	return values_render(&s->bodies[step], v, out, e);
}

static const char *content_type(const struct sink *sink, enum sender_step step)
{
	if (step == SENDER_UPLOAD)
		return sink->upload_type ? sink->upload_type
					 : "application/octet-stream";
	if (step != SENDER_POST)
		return "application/json";
	if (sink->content_type)
		return sink->content_type;
	switch (sink->format) {
	case SINK_CLOUDEVENTS_BATCH:
		return EVENT_BATCH_CONTENT_TYPE;
	case SINK_NDJSON:
		return "application/x-ndjson";
	case SINK_TEMPLATE:
		return sink->frame == SINK_FRAME_NDJSON ? "application/x-ndjson"
							: "application/json";
	default:
		return EVENT_CONTENT_TYPE;
	}
}

static const char *method_word(const struct step *step)
{
	if (step->get)
		return "GET";
	if (step->method == SINK_PUT)
		return "PUT";
	return step->method == SINK_PATCH ? "PATCH" : "POST";
}

/* The sink's URL, and what is behind it; no slash twice. */
static int add_url(const struct sink *sink, const struct step *step,
		   struct values *v, struct buf *out, struct err *e)
{
	int rc = values_render_text(sink->url, TEMPLATE_IN_ADDRESS, v, out, e);

	if (rc || !step->url)
		return rc;
	if (out->len && out->data[out->len - 1] == '/')
		buf_truncate(out, out->len - 1);
	return values_render_text(step->url, TEMPLATE_IN_ADDRESS, v, out, e);
}

static int fill(struct sender *s, enum sender_step which, struct values *v,
		struct request *r, struct err *e)
{
	struct step step = step_of(s->sink, which);
	int rc = add_url(s->sink, &step, v, &r->url, e);

	r->method = method_word(&step);
	r->id = values_get(v, TEMPLATE_ID);
	if (!rc && !step.get) {
		r->content_type = content_type(s->sink, which);
		rc = request_add_header(r, e, "Content-Type: %s",
					r->content_type);
	}
	if (!rc)
		rc = credentials_add_headers(&s->credentials, v, r, e);
	return rc ? rc : credentials_apply(&s->credentials, r, e);
}

/* Perhaps cut, or with marks between that escape it. */
static bool tells(struct span text, struct span secret)
{
	for (; secret.n > TELLING; secret = span_of(secret.p + 1, secret.n - 1))
		if (text_find_nocase(text, span_of(secret.p, TELLING)))
			return true;
	return secret.n && text_find_nocase(text, secret);
}

static bool tells_login(struct span text, const char *secret)
{
	struct span both = span_str(secret), user;
	struct cursor c = cursor_of(both.p, both.n);
	struct buf coded = BUF_INIT(2 * CREDENTIALS_MAX_SECRET);
	bool yes = cursor_until(&c, ':', &user) &&
		   tells(text, span_of(c.p, cursor_left(&c)));

	/* growing would leave copies behind */
	if (buf_reserve(&coded, 2 * CREDENTIALS_MAX_SECRET))
		return true;
	base64_encode(&coded, both.p, both.n);
	yes = yes || tells(text, span_of(coded.data, coded.len));
	explicit_bzero(coded.data, coded.cap);
	buf_release(&coded);
	return yes;
}

/*
 * Why an endpoint refuses is mostly in what it says; but one that says back
 * what we have sent must not bring a secret into the log.
 */
static bool says_back(const struct sender *s, struct span body)
{
	const char *secret = s->credentials.secret;
	const char *token = s->token->text;

	if ((secret && tells(body, span_str(secret))) ||
	    (secret && tells_login(body, secret)) ||
	    (token && tells(body, span_str(token))) ||
	    text_find_nocase(body, span_str("authorization")))
		return true;
	for (size_t i = 0; i < s->sink->headers.n; i++) {
		const char *value = strchr(s->sink->headers.v[i], ':');

		if (value &&
		    text_find_nocase(body, span_trim(span_str(value + 1))))
			return true;
	}
	return false;
}

static void add_excerpt(const struct sender *s, struct http_answer *a)
{
	struct span body =
		span_of(a->body.data,
			a->body.len < MAX_EXCERPT ? a->body.len : MAX_EXCERPT);
	struct buf line = BUF_INIT(HTTP_MAX_ERROR - 1);

	if (a->status < 400 || !body.n || says_back(s, body))
		return;
	buf_addf(&line, "%s: ", a->error);
	text_add_printable(&line, body, JUDGE_MAX_EXCERPT);
	if (buf_ok(&line)) {
		a->own = strlen(a->error);
		memcpy(a->error, line.data, line.len + 1);
	}
	buf_release(&line);
}

/* A list of comments is long, and so is what a bulk answers. */
static size_t answer_max(const struct sender *s, enum sender_step step)
{
	if (step_of(s->sink, step).get)
		return SENDER_MAX_LOOKUP;
	return s->sink->batch_max > 1
		       ? HTTP_MAX_BODY +
				 (size_t)s->sink->batch_max * SENDER_MAX_ITEM
		       : HTTP_MAX_BODY;
}

static int send_now(struct sender *s, enum sender_step step, struct values *v,
		    struct span body, struct http_answer *answer, struct err *e)
{
	struct request r;
	int rc;

	request_init(&r);
	r.body = body;
	rc = fill(s, step, v, &r, e);
	if (!rc) {
		struct http_request h = {.method = r.method,
					 .url = r.url.data,
					 .body = r.body,
					 .once = s->sink->lookup_url != NULL,
					 .headers =
						 (const char *const *)r.headers,
					 .nheaders = r.nheaders};

		rc = http_send(s->http, &h, answer, e);
	}
	request_release(&r);
	return rc;
}

static void begin(const struct sender *s, enum sender_step step,
		  struct http_answer *answer)
{
	http_answer_release(answer);
	http_answer_init(answer);
	buf_init(&answer->body, answer_max(s, step));
}

static bool is_oauth(const struct sender *s)
{
	return s->sink->auth == SINK_AUTH_OAUTH2;
}

/* Without one, `answer` says why. */
static int get_token(struct sender *s, struct http_answer *answer,
		     struct err *e)
{
	int rc;

	oauth_token_release(s->token);
	rc = oauth_ask(s->sink, s->credentials.secret, &s->target, s->token,
		       answer, e);
	s->credentials.token = s->token->text;
	return rc;
}

/* A token may be taken back before its time: then one more is asked for. */
static int send_with_token(struct sender *s, enum sender_step step,
			   struct values *v, struct span body,
			   struct http_answer *answer, struct err *e)
{
	bool kept = oauth_token_is_good(s->token, time_mono_us());
	int rc = 0;

	s->credentials.token = s->token->text;
	if (!kept)
		rc = get_token(s, answer, e);
	if (!rc && s->token->text)
		rc = send_now(s, step, v, body, answer, e);
	if (!rc && kept && answer->status == 401) {
		begin(s, step, answer);
		rc = get_token(s, answer, e);
		if (!rc && s->token->text)
			rc = send_now(s, step, v, body, answer, e);
	}
	if (!rc && answer->status == 401)
		s->token->until_us = 0;
	return rc;
}

int sender_send(struct sender *s, enum sender_step step, struct values *v,
		struct span body, struct http_answer *answer, struct err *e)
{
	int rc;

	begin(s, step, answer);
	rc = is_oauth(s) ? send_with_token(s, step, v, body, answer, e)
			 : send_now(s, step, v, body, answer, e);
	if (!rc)
		add_excerpt(s, answer);
	return rc;
}
