/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SINK_VALUE_H
#define GATEPOST_POLICY_SINK_VALUE_H

/** What single values of a sink may look like, as policy/check_value.h. */

#include "base/err.h"

/** A URL to post to; names may stand in it. */
int value_is_sink_base(const char *value, struct err *e);
/** What is appended to it: begins with `/`. */
int value_is_sink_path(const char *value, struct err *e);
/** `Name: value`; the secret and names may stand in the value. */
int value_is_sink_header(const char *value, struct err *e);
/** Of OAuth 2.0 (RFC 6749, A.1, A.4): printable ASCII; words of it. */
int value_is_client_id(const char *value, struct err *e);
int value_is_scope(const char *value, struct err *e);
int value_is_key_id(const char *value, struct err *e);
int value_is_media_type(const char *value, struct err *e);
int value_is_status_set(const char *value, struct err *e);
int value_is_predicate(const char *value, struct err *e);
/** A JSON pointer. */
int value_is_pointer(const char *value, struct err *e);
/** `sha256//` and the base64 of a digest. */
int value_is_pin(const char *value, struct err *e);
int value_is_verdict(const char *value, struct err *e);
int value_is_opener(const char *value, struct err *e);
/** An extended regular expression with one group at most. */
int value_is_ticket_pattern(const char *value, struct err *e);

#endif
