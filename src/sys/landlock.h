/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_LANDLOCK_H
#define GATEPOST_SYS_LANDLOCK_H

#include <stddef.h>

#include "base/err.h"

/**
 * Restrict this thread to reading the given files and directories, with
 * every file system, network and scope right that the kernel's Landlock
 * knows (landlock(7)). no_new_privs must be set.
 *
 * @param abi  the kernel's ABI version, 0 when it has no Landlock
 * @return 0, also without Landlock; ERR_SYS
 */
int landlock_enter(const char *const *readable, size_t n, int *abi,
		   struct err *e);

#endif
