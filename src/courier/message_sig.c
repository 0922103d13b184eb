/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/message_sig.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/text.h"

enum { MAX_COMPONENTS = 8, MAX_AUTHORITY = 512 };

/** What a request gives to sign; `authority` and `digest` are made for it. */
struct covered {
	struct message_component v[MAX_COMPONENTS];
	size_t n;
	struct buf authority, digest;
};

void message_params(const struct message_component *v, size_t n,
		    int64_t created, const char *key_id, const char *alg,
		    struct buf *out)
{
	buf_addch(out, '(');
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s\"%s\"", i ? " " : "", v[i].name);
	buf_addf(out, ");created=%" PRId64 ";keyid=\"%s\"", created, key_id);
	if (alg)
		buf_addf(out, ";alg=\"%s\"", alg);
}

void message_base(const struct message_component *v, size_t n,
		  struct span params, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "\"%s\": ", v[i].name);
		buf_add(out, v[i].value.p, v[i].value.n);
		buf_addch(out, '\n');
	}
	buf_adds(out, "\"@signature-params\": ");
	buf_add(out, params.p, params.n);
}

void message_digest(struct span body, struct buf *out)
{
	unsigned char hash[SHA256_SIZE];

	sha256_of(body.p, body.n, hash);
	buf_adds(out, "sha-256=:");
	base64_encode(out, hash, sizeof(hash));
	buf_addch(out, ':');
}

static void cover(struct covered *c, const char *name, struct span value)
{
	c->v[c->n++] = (struct message_component){name, value};
}

/* Lower case, and without the port that the scheme has anyway. */
static void add_authority(struct covered *c, struct span text, bool https)
{
	const char *port = https ? ":443" : ":80";
	size_t n = strlen(port);

	if (text.n > n && !memcmp(text.p + text.n - n, port, n))
		text.n -= n;
	for (size_t i = 0; i < text.n; i++)
		buf_addch(&c->authority, text.p[i] >= 'A' && text.p[i] <= 'Z'
						 ? (char)(text.p[i] - 'A' + 'a')
						 : text.p[i]);
	cover(c, "@authority", span_of(c->authority.data, c->authority.len));
}

static size_t until(struct span text, const char *ends)
{
	size_t n = 0;

	while (n < text.n && !strchr(ends, text.p[n]))
		n++;
	return n;
}

static int cover_url(struct covered *c, struct span url, struct err *e)
{
	struct cursor at = cursor_of(url.p, url.n);
	bool https = cursor_literal(&at, "https://");
	struct span path, query;
	size_t n;

	if (!https && !cursor_literal(&at, "http://"))
		return err_set(e, ERR_CONFIG, "the URL cannot be signed");
	path = span_of(at.p, cursor_left(&at));
	path.n = until(path, "#");
	n = until(path, "/?");
	add_authority(c, span_of(path.p, n), https);
	path = span_of(path.p + n, path.n - n);
	n = until(path, "?");
	query = span_of(path.p + n, path.n - n);
	path.n = n;
	cover(c, "@path", n ? path : span_str("/"));
	if (query.n)
		cover(c, "@query", query);
	return 0;
}

static int cover_body(struct covered *c, struct request *r, struct err *e)
{
	if (!r->content_type)
		return 0;
	cover(c, "content-type", span_str(r->content_type));
	message_digest(r->body, &c->digest);
	cover(c, "content-digest", span_of(c->digest.data, c->digest.len));
	return request_add_header(r, e, "Content-Digest: %s", c->digest.data);
}

static int sign_one(const struct webhook_key *key, const struct covered *c,
		    struct span params, struct buf *out, struct err *e)
{
	struct buf base = BUF_INIT(MESSAGE_MAX_BASE);
	int rc;

	message_base(c->v, c->n, params, &base);
	rc = buf_ok(&base) ? webhook_key_sign(key, span_of(base.data, base.len),
					      out, e)
			   : err_set(e, ERR_LIMIT, "too much to sign");
	buf_release(&base);
	return rc;
}

static int add_one(const struct webhook_keys *keys, size_t i,
		   const char *key_id, int64_t created, const struct covered *c,
		   struct request *r, struct err *e)
{
	const struct webhook_key *key = &keys->v[i];
	struct buf params = BUF_INIT(REQUEST_MAX_HEADER);
	struct buf signature = BUF_INIT(REQUEST_MAX_HEADER);
	char id[MESSAGE_MAX_KEY_ID];
	int rc;

	if (i)
		snprintf(id, sizeof(id), "%s-%zu", key_id, i + 1);
	else
		snprintf(id, sizeof(id), "%s", key_id);
	message_params(c->v, c->n, created, id,
		       key->scheme == WEBHOOK_V1A ? "ed25519" : "hmac-sha256",
		       &params);
	rc = sign_one(key, c, span_of(params.data, params.len), &signature, e);
	if (!rc)
		rc = request_add_header(r, e, "Signature-Input: sig%zu=%s",
					i + 1, params.data);
	if (!rc)
		rc = request_add_header(r, e, "Signature: sig%zu=:%s:", i + 1,
					signature.data);
	buf_release(&params);
	buf_release(&signature);
	return rc;
}

int message_sign(const struct webhook_keys *keys, const char *key_id,
		 int64_t created, struct request *r, struct err *e)
{
	struct covered c = {.authority = BUF_INIT(MAX_AUTHORITY),
			    .digest = BUF_INIT(MAX_AUTHORITY)};
	int rc;

	cover(&c, "@method", span_str(r->method));
	rc = cover_url(&c, span_of(r->url.data, r->url.len), e);
	if (!rc)
		rc = cover_body(&c, r, e);
	if (!rc && (!buf_ok(&c.authority) || !buf_ok(&c.digest)))
		rc = err_set(e, ERR_LIMIT, "too much to sign");
	for (size_t i = 0; !rc && i < keys->n; i++)
		rc = add_one(keys, i, key_id, created, &c, r, e);
	buf_release(&c.authority);
	buf_release(&c.digest);
	return rc;
}
