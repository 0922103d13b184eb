/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_TIMESTAMP_H
#define GATEPOST_LEDGER_TIMESTAMP_H

/**
 * Time stamps of RFC 3161, by libcrypto: a time-stamping authority signs
 * that bytes with this SHA-256 were there at that time.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

enum {
	TIMESTAMP_MAX = 64 << 10,    /* bytes of a response */
	TIMESTAMP_MAX_CA = 4 << 20,  /* bytes of a file of authorities */
	TIMESTAMP_MAX_REQUEST = 4096 /* bytes of a request */
};

/** Append a request for a time stamp of these bytes, with a nonce, and with
 * the certificate of the one who signs asked for. */
int timestamp_request(struct span bytes, struct buf *out, struct err *e);

/**
 * Check the response to a request: granted, of these bytes, with this nonce,
 * signed by somebody whom an authority in `ca` vouches for now.
 * @param ca  certificates, PEM
 * @param ms  the time it states
 * @return 0; ERR_MALFORMED when it is none or of something else;
 *   ERR_DENIED when it was not granted or is not signed by such; ERR_CONFIG
 *   when `ca` has no certificate; ERR_MEMORY
 */
int timestamp_check_response(struct span request, struct span response,
			     struct span ca, int64_t *ms, struct err *e);

/** The same later and without the request: who signed must have been vouched
 * for at the time that it states. */
int timestamp_check(struct span bytes, struct span response, struct span ca,
		    int64_t *ms, struct err *e);

#endif
