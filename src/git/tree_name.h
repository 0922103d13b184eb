/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TREE_NAME_H
#define GATEPOST_GIT_TREE_NAME_H

#include <stdbool.h>

#include "base/cursor.h"

enum { TREE_MAX_PATH = 16384 /* bytes of a full path */ };

/**
 * Whether a tree entry may have this name: not empty, no `/`, not `.`,
 * `..`, `.git`, nor what HFS+ or NTFS take for `.git` (git-fsck(1),
 * hasDotgit).
 * @return NULL, or what is off, for people
 */
const char *tree_name_check(struct span name);

/** Whether a path can be in a tree: relative, no empty, `.` or `..` part, no
 * longer than paths may be. */
bool tree_path_ok(struct span path);

#endif
