/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_RETRY_REQUEST_H
#define GATEPOST_COURIER_RETRY_REQUEST_H

/** `gatepost courier retry`: asks whoever drains to send again what is
 * parked. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/policy.h"

struct retry_request {
	const char *sink, *id; /* as given: an id may stand in the first */
	bool all;
};

/**
 * Ask it of the destinations that are meant.
 * @param out      what to tell, a line for each
 * @param waiting  whether nobody drains one of them now
 * @return 0; ERR_USAGE; ERR_NOT_FOUND when there is no such destination or
 *   parked record
 */
int retry_request(const struct retry_request *r, const struct policy *policy,
		  struct buf *out, bool *waiting, struct err *e);

#endif
