/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_ARMOUR_H
#define GATEPOST_TRUST_ARMOUR_H

/**
 * Base64 between a BEGIN and an END line, in one canonical form: lines of one
 * width and a last one not longer, canonical base64, LF ends each line,
 * nothing stands before or behind.
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

struct armour {
	const char *begin, *end;     /* the lines, with their LF */
	size_t min_width, max_width; /* characters of a line */
	size_t max_text;	     /* bytes of it all */
};

/**
 * @param raw  gets the decoded bytes, as many as its cap allows
 * @param why  NULL when all is well, else what is wrong, as a static text
 * @return 0, ERR_MEMORY
 */
int armour_read(const struct armour *form, struct span text, struct buf *raw,
		const char **why, struct err *e);

#endif
