/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_SSH_PATTERN_H
#define GATEPOST_TRUST_SSH_PATTERN_H

/** Patterns and pattern lists of ssh_config(5), PATTERNS. */

#include <stdbool.h>

#include "base/cursor.h"

/** Whether `s` matches: `*` any run, `?` one byte, everything else itself.
 * In time O(pattern * s). */
bool ssh_pattern_match(struct span pattern, struct span s, bool nocase);

/** Whether it has a wildcard. */
bool ssh_pattern_is_wild(struct span pattern);

/**
 * Take the next pattern of a comma-separated list; a `!` before it sets
 * `negated`. @return false at the end of the list
 */
bool ssh_pattern_next(struct cursor *list, struct span *pattern, bool *negated);

/** Whether `s` matches a pattern of the list and none that is negated. */
bool ssh_pattern_list_match(struct span list, struct span s);

#endif
