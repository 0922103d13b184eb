/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_HOLDS_H
#define GATEPOST_COURIER_HOLDS_H

/** Whether conditions hold of an answer, which is JSON: one document, or
 * several one behind the other, of which each is asked. */

#include <stdbool.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "policy/predicate.h"

enum { ANSWER_MAX_DOCS = 10000, ANSWER_MAX_ITEMS = 10000 };

struct answer_json {
	yyjson_doc **docs;
	size_t n, cap;
};

/** Take an answer apart; none at all when it is no JSON. */
int answer_json_parse(struct answer_json *out, struct span text, struct err *e);
void answer_json_release(struct answer_json *a);

/** What of several things that were sent at once came through. */
struct items_held {
	bool *failed; /* one for each, by its position; the caller's */
	size_t n;     /* how many were sent */
	bool apart;   /* the answer spoke of as many */
};

/**
 * Whether every element (of every document) fulfils it.
 * @param items  NULL, or gets the positions of those that do not
 */
bool holds_for_all(const struct predicate *p, const struct answer_json *a,
		   struct items_held *items);

/** Whether one element of the first document fulfils it. */
bool holds_for_some(const struct predicate *p, const struct answer_json *a);

/** What a part that is no star leads to. @return NULL: nothing */
yyjson_val *answer_json_step(yyjson_val *v, struct span part);

/** Append the text of the string or number at a pointer of the first
 * document. @return false when there is none */
bool answer_json_text(const struct answer_json *a, const char *pointer,
		      struct buf *out);

#endif
