/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_PREDICATE_H
#define GATEPOST_POLICY_PREDICATE_H

/**
 * Conditions on an answer's JSON: `/errors==false`, `/total>0`,
 * `/records/ * /error_code==200` (without the blanks; `*` is every element),
 * `/text=~word` (contains), `/issue/id` (is there), `/fields/[name=x]/value`
 * (of a list, the element with that member).
 */

#include "base/cursor.h"
#include "base/err.h"

enum { PREDICATE_MAX = 1024 }; /* bytes */

enum predicate_operator {
	PREDICATE_NONE = 0,
	PREDICATE_THERE,
	PREDICATE_EQUAL,
	PREDICATE_UNEQUAL,
	PREDICATE_MORE,
	PREDICATE_LESS,
	PREDICATE_CONTAINS
};

struct predicate {
	enum predicate_operator op;
	struct span pointer, value; /* borrowed from the text */
};

/** @return 0, ERR_CONFIG */
int predicate_parse(struct predicate *out, struct span text, struct err *e);

#endif
