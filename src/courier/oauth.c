/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/oauth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/encode.h"
#include "base/text.h"
#include "base/time.h"

void oauth_token_release(struct oauth_token *t)
{
	if (t->text)
		explicit_bzero(t->text, strlen(t->text));
	free(t->text);
	*t = (struct oauth_token){.text = NULL};
}

bool oauth_token_is_good(const struct oauth_token *t, int64_t now_us)
{
	return t->text && now_us < t->until_us;
}

int oauth_add_form(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == ' ')
			buf_addch(out, '+');
		else if (c < 0x80 && (ascii_alnum((char)c) || c == '-' ||
				      c == '.' || c == '_' || c == '*'))
			buf_addch(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	return buf_ok(out) ? 0 : -1;
}

/* RFC 6750, 2.1: anything else would be more than one header. */
static bool is_bearer_text(const char *s)
{
	size_t n = 0;

	while (ascii_alnum(s[n]) || (s[n] && strchr("-._~+/", s[n])))
		n++;
	if (!n)
		return false;
	n += strspn(s + n, "=");
	return !s[n] && n <= OAUTH_MAX_TOKEN;
}

/* Some send the number as a string. */
static int64_t lifetime(yyjson_val *v)
{
	uint64_t n = OAUTH_DEFAULT_SECONDS;

	if (yyjson_is_uint(v))
		n = yyjson_get_uint(v);
	else if (yyjson_is_str(v))
		text_to_u64(span_of(yyjson_get_str(v), yyjson_get_len(v)),
			    UINT64_MAX, &n);
	return n < OAUTH_MAX_SECONDS ? (int64_t)n : OAUTH_MAX_SECONDS;
}

static int64_t usable_us(int64_t seconds)
{
	int64_t us = seconds * 1000000, part = us / OAUTH_MARGIN_PART;
	int64_t margin = OAUTH_MARGIN_SECONDS * INT64_C(1000000);

	return us - (part < margin ? part : margin);
}

static int take_token(struct oauth_token *out, yyjson_val *root, int64_t now_us,
		      struct err *e)
{
	yyjson_val *text = yyjson_obj_get(root, "access_token");
	yyjson_val *type = yyjson_obj_get(root, "token_type");

	if (!yyjson_is_str(text))
		return err_set(e, ERR_MALFORMED,
			       "what token-url answers has no access_token");
	if (yyjson_is_str(type) &&
	    !span_is_nocase(span_of(yyjson_get_str(type), yyjson_get_len(type)),
			    "bearer"))
		return err_set(e, ERR_MALFORMED,
			       "token-url gives tokens that are no bearer "
			       "tokens");
	if (yyjson_get_len(text) != strlen(yyjson_get_str(text)) ||
	    !is_bearer_text(yyjson_get_str(text)))
		return err_set(e, ERR_MALFORMED,
			       "the access_token of token-url cannot be sent "
			       "in a header");
	out->text = strdup(yyjson_get_str(text));
	if (!out->text)
		return err_nomem(e);
	out->until_us = now_us +
			usable_us(lifetime(yyjson_obj_get(root, "expires_in")));
	return 0;
}

int oauth_read_token(struct oauth_token *out, struct span json, int64_t now_us,
		     struct err *e)
{
	yyjson_doc *doc = yyjson_read((const char *)json.p, json.n, 0);
	int rc = take_token(out, yyjson_doc_get_root(doc), now_us, e);

	yyjson_doc_free(doc);
	return rc;
}

const char *oauth_refusal(struct span json)
{
	static const char *const known[][2] = {
		{"invalid_client", "client-id and secret are not those of a "
				   "client there (invalid_client)"},
		{"invalid_scope", "the scope is not one that this client may "
				  "have (invalid_scope)"},
		{"unauthorized_client", "this client may not use client "
					"credentials (unauthorized_client)"},
		{"unsupported_grant_type",
		 "it gives no tokens for client credentials "
		 "(unsupported_grant_type)"},
		{"invalid_grant", "invalid_grant"},
		{"invalid_request", "it does not understand the request "
				    "(invalid_request)"},
	};
	yyjson_doc *doc = yyjson_read((const char *)json.p, json.n, 0);
	yyjson_val *word = yyjson_obj_get(yyjson_doc_get_root(doc), "error");
	const char *text = NULL;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (yyjson_equals_str(word, known[i][0]))
			text = known[i][1];
	yyjson_doc_free(doc);
	return text;
}

/* The caller wipes it, so it is never moved. */
static int make_login(const struct sink *sink, const char *secret,
		      struct buf *pair, struct buf *header, struct err *e)
{
	if (buf_reserve(pair, OAUTH_MAX_REQUEST) ||
	    buf_reserve(header, OAUTH_MAX_REQUEST))
		return err_nomem(e);
	oauth_add_form(pair, span_str(sink->client_id));
	buf_addch(pair, ':');
	oauth_add_form(pair, span_str(secret));
	buf_adds(header, "Authorization: Basic ");
	base64_encode(header, pair->data, pair->len);
	return buf_ok(pair) && buf_ok(header) ? 0 : err_nomem(e);
}

static int post(struct http *h, const struct sink *sink, const char *login,
		struct http_answer *answer, struct err *e)
{
	const char *headers[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", login};
	struct buf body = BUF_INIT(OAUTH_MAX_REQUEST);
	int rc = 0;

	buf_adds(&body, "grant_type=client_credentials");
	if (sink->scope) {
		buf_adds(&body, "&scope=");
		oauth_add_form(&body, span_str(sink->scope));
	}
	if (!buf_ok(&body))
		rc = err_nomem(e);
	if (!rc)
		rc = http_post(h, span_of(body.data, body.len), headers, 3,
			       answer, e);
	buf_release(&body);
	return rc;
}

static void explain(const struct http_answer *answer, const char *words,
		    struct http_answer *why)
{
	why->status = 0;
	why->sent = false;
	why->retry_after = answer->retry_after;
	snprintf(why->error, sizeof(why->error), "no access token: %.*s",
		 (int)sizeof(why->error) - 32, words);
}

static int judge(struct oauth_token *out, const struct http_answer *answer,
		 int64_t now_us, struct http_answer *why, struct err *e)
{
	struct span body = span_of(answer->body.data, answer->body.len);
	const char *words = oauth_refusal(body);
	char text[HTTP_MAX_ERROR];
	int rc;

	if (answer->status / 100 == 2) {
		rc = oauth_read_token(out, body, now_us, e);
		if (rc != ERR_MALFORMED)
			return rc;
		explain(answer, e->msg, why);
		err_clear(e);
		return 0;
	}
	if (words)
		snprintf(text, sizeof(text), "token-url answers that %s",
			 words);
	else
		snprintf(text, sizeof(text), "token-url: %.*s",
			 (int)sizeof(text) - 16, answer->error);
	explain(answer, text, why);
	return 0;
}

static void wipe(struct buf *b)
{
	if (b->cap)
		explicit_bzero(b->data, b->cap);
	buf_release(b);
}

int oauth_ask(const struct sink *sink, const char *secret,
	      const struct http_target *target, struct oauth_token *out,
	      struct http_answer *why, struct err *e)
{
	struct http_target there = *target;
	struct buf pair = BUF_INIT(OAUTH_MAX_REQUEST);
	struct buf login = BUF_INIT(OAUTH_MAX_REQUEST);
	int64_t now_us = time_mono_us();
	struct http_answer answer;
	struct http *h = NULL;
	int rc;

	there.url = sink->token_url;
	there.pins = NULL;
	http_answer_init(&answer);
	rc = buf_reserve(&answer.body, HTTP_MAX_BODY)
		     ? err_nomem(e)
		     : make_login(sink, secret, &pair, &login, e);
	if (!rc)
		rc = http_new(&h, &there, e);
	if (!rc)
		rc = post(h, sink, login.data, &answer, e);
	if (!rc)
		rc = judge(out, &answer, now_us, why, e);
	http_free(h);
	wipe(&pair);
	wipe(&login);
	wipe(&answer.body);
	return rc;
}
