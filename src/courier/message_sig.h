/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_MESSAGE_SIG_H
#define GATEPOST_COURIER_MESSAGE_SIG_H

/**
 * HTTP Message Signatures (RFC 9421) and the Content-Digest (RFC 9530) that
 * they cover, with the keys of webhook.h: `hmac-sha256` and `ed25519`.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "courier/request.h"
#include "courier/webhook.h"

enum {
	MESSAGE_MAX_BASE = 2 * REQUEST_MAX_HEADER, /* bytes that are signed */
	MESSAGE_MAX_KEY_ID = 128 + 8 /* bytes, with `-2` and the NUL */
};

/** One line of the signature base, e.g. `@method`: `POST`. */
struct message_component {
	const char *name; /* lower case, no parameters */
	struct span value;
};

/**
 * Append the inner list and its parameters, as they stand behind the label in
 * Signature-Input and at the end of the base (RFC 9421, 2.3): `("@method"
 * …);created=N;keyid="…";alg="…"`.
 *
 * @param alg  NULL: the parameter is left out
 * @param created  seconds since 1970
 */
void message_params(const struct message_component *v, size_t n,
		    int64_t created, const char *key_id, const char *alg,
		    struct buf *out);

/** Append the signature base (RFC 9421, 2.5). */
void message_base(const struct message_component *v, size_t n,
		  struct span params, struct buf *out);

/** Append `sha-256=:…:` of a body (RFC 9530). */
void message_digest(struct span body, struct buf *out);

/**
 * Add Content-Digest (where there is a body), Signature-Input and Signature
 * to a request: a signature by each key, labelled `sig1`, `sig2`, …, over
 * `@method`, `@authority`, `@path`, `@query` where there is one, and with a
 * body over `content-type` and `content-digest`.
 *
 * @param key_id  what the receiver knows the key by: printable ASCII without
 *   `"` and `\`. The second key has `-2` behind it, and so on.
 * @return 0, ERR_CONFIG (a URL that cannot be read), ERR_CRYPTO, ERR_LIMIT,
 *   ERR_MEMORY
 */
int message_sign(const struct webhook_keys *keys, const char *key_id,
		 int64_t created, struct request *r, struct err *e);

#endif
