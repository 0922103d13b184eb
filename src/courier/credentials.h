/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_CREDENTIALS_H
#define GATEPOST_COURIER_CREDENTIALS_H

/** By what an endpoint knows us: its secrets, and what they add to every
 * request. */

#include "base/err.h"
#include "courier/request.h"
#include "courier/values.h"
#include "courier/webhook.h"
#include "policy/sink.h"

enum { CREDENTIALS_MAX_SECRET = 4096 /* bytes */ };

struct credentials {
	const struct sink *sink;  /* borrowed */
	struct webhook_keys keys; /* n is 0: nothing is signed */
	char *secret;		  /* of auth and ${secret}; NULL: none */
	const char *token;	  /* of OAuth 2.0, borrowed; NULL: none yet */
};

/**
 * Read what the sink needs from its files, which others must not be able
 * to read.
 * @return 0; ERR_CONFIG, ERR_DENIED, ERR_NOT_FOUND, ERR_MEMORY; no message
 *   holds any of a secret
 */
int credentials_read(struct credentials *out, const struct sink *sink,
		     struct err *e);
/** Wipes them. */
void credentials_release(struct credentials *c);

/** Add the sink's own headers, with ${secret} and names in them. `v` is as
 * before on return. */
int credentials_add_headers(const struct credentials *c, struct values *v,
			    struct request *r, struct err *e);

/**
 * Add what logs in and what signs: called once for each attempt of each
 * request, when all else of it is there.
 * @return 0, ERR_CRYPTO, ERR_LIMIT, ERR_MEMORY
 */
int credentials_apply(const struct credentials *c, struct request *r,
		      struct err *e);

#endif
