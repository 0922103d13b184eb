/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_HEADERS_H
#define GATEPOST_COURIER_HEADERS_H

/** What may stand in a header: the policy's items and our own. */

#include "base/err.h"

enum { HEADER_MAX_BYTES = 8192 };

/**
 * Check a `Name: value` of a sink: a token (RFC 9110, 5.6.2), a colon, and
 * printable ASCII or tabs; and none of the names that the courier sets
 * itself or on which the framing of the request depends.
 * @return 0, ERR_CONFIG (the message has the name, never the value)
 */
int header_check(const char *item, struct err *e);

#endif
