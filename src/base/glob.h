/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_GLOB_H
#define GATEPOST_BASE_GLOB_H

/** Patterns for ref names, paths and repository names. */

#include <stdbool.h>

#include "base/cursor.h"

/**
 * Whether `path` matches `pattern`. `*` matches any run within a component,
 * `?` one byte of a component, `**` as a whole component any number of
 * components, `[…]` a class as in fnmatch(3); `\` quotes the next byte. A
 * trailing `**` component matches everything below a directory, not the
 * directory itself. Runs in O(pattern * path); a component never sees a `/`.
 */
bool text_glob(const char *pattern, const char *path);
bool text_glob_n(const char *pattern, struct span path);

#endif
