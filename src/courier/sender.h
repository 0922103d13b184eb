/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_SENDER_H
#define GATEPOST_COURIER_SENDER_H

/** One sink, made ready: its connection, its headers, its secrets. */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "courier/http.h"
#include "policy/policy.h"

struct sender;

/**
 * Check the sink's settings and read its secrets.
 *
 * @param sink  borrowed until sender_free()
 * @param stop  whether to give up a request that takes long; or NULL
 * @return 0; ERR_CONFIG, ERR_DENIED, ERR_NOT_FOUND, ERR_MEMORY
 */
int sender_new(struct sender **out, const struct sink *sink,
	       bool (*stop)(void *), void *stop_arg, struct err *e);

/** Wipes the secrets. */
void sender_free(struct sender *s);

/**
 * Post one event, signed for this attempt.
 *
 * @param id  the record's id, a UUID: the only part of a record that ever
 *   stands in a header
 * @return as http_post(); ERR_CRYPTO
 */
int sender_post(struct sender *s, const char *id, struct span body,
		struct http_answer *answer, struct err *e);

#endif
