/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_SENDER_H
#define GATEPOST_COURIER_SENDER_H

/** One sink, made ready: its connection, headers, secrets and templates. */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "courier/credentials.h"
#include "courier/http.h"
#include "courier/judge.h"
#include "courier/oauth.h"
#include "courier/values.h"
#include "policy/policy.h"

enum {
	SENDER_MAX_LOOKUP = 4 << 20, /* bytes of what a look-up answers */
	SENDER_MAX_ITEM = 1024	     /* of an answer, for each record sent */
};

/** The requests that a sink may ask for. */
enum sender_step {
	SENDER_NONE = 0,
	SENDER_POST,
	SENDER_LOOKUP,
	SENDER_THEN,
	SENDER_TICKET,
	SENDER_COMMENT,
	SENDER_COMMENT_LOOKUP,
	SENDER_UPLOAD,
	SENDER_N_STEPS
};

struct sender {
	const struct sink *sink; /* borrowed, as `stop` of sender_new */
	struct http *http;
	struct credentials credentials;
	struct http_target target; /* without pins; for token-url */
	struct oauth_token own, *token;
	struct judge judge;
	struct template bodies[SENDER_N_STEPS];
	uint64_t uses; /* names that stand in any of them, as bits */
};

/**
 * Check the sink's settings and read its files.
 *
 * @param sink  borrowed until sender_free()
 * @param stop  whether to give up a request that takes long; or NULL
 * @return 0; ERR_CONFIG, ERR_DENIED, ERR_NOT_FOUND, ERR_MEMORY
 */
int sender_new(struct sender **out, const struct sink *sink,
	       bool (*stop)(void *), void *stop_arg, struct err *e);

/** Let it use, and put there, an access token that outlives it. */
void sender_lend_token(struct sender *s, struct oauth_token *token);

/** Wipes the secrets. */
void sender_free(struct sender *s);

/** Whether the sink asks for this request. */
bool sender_has(const struct sender *s, enum sender_step step);

/** Make a step's body from its template. */
int sender_render(const struct sender *s, enum sender_step step,
		  struct values *v, struct buf *out, struct err *e);

/**
 * Send one request, with credentials for this attempt. Whatever the endpoint
 * does is in `answer`, which is emptied first.
 *
 * @param v     what stands in URL and headers: ids alone
 * @param body  empty for a look-up
 * @return 0; ERR_CRYPTO, ERR_LIMIT, ERR_MALFORMED, ERR_MEMORY
 */
int sender_send(struct sender *s, enum sender_step step, struct values *v,
		struct span body, struct http_answer *answer, struct err *e);

#endif
