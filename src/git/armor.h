/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_ARMOR_H
#define GATEPOST_GIT_ARMOR_H

/** The armor round a signature: `-----BEGIN X-----` … `-----END X-----`. */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"

/**
 * Whether git takes a line that starts like this for the beginning of a
 * tag's signature. As in git, what follows the closing dashes is ignored:
 * armor_check is what refuses it.
 */
bool armor_begins(struct span line);

/**
 * Whether `text` is exactly one armored block.
 * @param fold    how many blanks stand before each line but the first
 * @param labels  accept any label in capitals, or those of armor_begins only
 * @return NULL, or what is off, for people
 */
enum armor_labels { ARMOR_KNOWN = 0, ARMOR_ANY };
const char *armor_check(struct span text, size_t fold,
			enum armor_labels labels);

#endif
