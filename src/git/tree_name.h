/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TREE_NAME_H
#define GATEPOST_GIT_TREE_NAME_H

#include "base/cursor.h"

/**
 * Whether a tree entry may have this name: not empty, no `/`, not `.`,
 * `..`, `.git`, nor what HFS+ or NTFS take for `.git` (git-fsck(1),
 * hasDotgit).
 * @return NULL, or what is off, for people
 */
const char *tree_name_check(struct span name);

#endif
