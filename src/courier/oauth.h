/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_OAUTH_H
#define GATEPOST_COURIER_OAUTH_H

/**
 * Access tokens by OAuth 2.0 client credentials (RFC 6749, 4.4), with the
 * client's id and secret in the header (2.3.1). They are kept in memory alone.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "courier/http.h"
#include "policy/sink.h"

enum {
	OAUTH_MAX_TOKEN = 12288,       /* bytes */
	OAUTH_MARGIN_SECONDS = 30,     /* given up before it expires, or */
	OAUTH_MARGIN_PART = 10,	       /* a tenth of its life, if less */
	OAUTH_DEFAULT_SECONDS = 300,   /* where nothing says how long */
	OAUTH_MAX_SECONDS = 24 * 3600, /* then it is asked for again */
	OAUTH_MAX_REQUEST = 65536      /* bytes of a header, or a body */
};

/** Zeroed memory is none. */
struct oauth_token {
	char *text;
	int64_t until_us; /* by time_mono_us */
};

void oauth_token_release(struct oauth_token *t);
bool oauth_token_is_good(const struct oauth_token *t, int64_t now_us);

/** Append as application/x-www-form-urlencoded (RFC 6749, appendix B). */
int oauth_add_form(struct buf *out, struct span text);

/**
 * Read a good answer (RFC 6749, 5.1).
 * @param now_us  by time_mono_us, when it was asked for
 * @return 0; ERR_MALFORMED, which quotes nothing; ERR_MEMORY
 */
int oauth_read_token(struct oauth_token *out, struct span json, int64_t now_us,
		     struct err *e);

/** What a refusal says (5.2), in our words; NULL: nothing known. */
const char *oauth_refusal(struct span json);

/**
 * Ask the sink's token-url.
 * @param target  how to reach it; its url and pins are not used
 * @param out     empty before; and after, when `why->error` says why. That
 *   counts as no answer of the sink, and as nothing sent.
 * @return 0; the errors of http_new()
 */
int oauth_ask(const struct sink *sink, const char *secret,
	      const struct http_target *target, struct oauth_token *out,
	      struct http_answer *why, struct err *e);

#endif
