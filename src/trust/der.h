/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_DER_H
#define GATEPOST_TRUST_DER_H

/**
 * Elements of DER (X.690): one byte of tag, a definite length in as few
 * bytes as can be. Signers wrap them in a few outer elements of indefinite
 * length; those are entered and left one by one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* constructed */
	DER_CONTEXT_1 = 0xa1
};

/** Take an element with this tag. @param value  without tag and length */
bool der_take(struct cursor *c, enum der_tag tag, struct span *value);

/** The same. @param whole  with tag and length */
bool der_take_whole(struct cursor *c, enum der_tag tag, struct span *whole);

/** Whether the next element has this tag. */
bool der_is_next(const struct cursor *c, enum der_tag tag);

/** An element that has been entered. */
struct der_level {
	const char *end; /* NULL: of indefinite length */
};

bool der_enter(struct cursor *c, enum der_tag tag, struct der_level *level);
/** @return false when there is more, or less, than there should be */
bool der_leave(struct cursor *c, const struct der_level *level);

#endif
