/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_LANDLOCK_H
#define GATEPOST_SYS_LANDLOCK_H

#include <stdbool.h>
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

/** A file or folder that may be used, and everything in it. */
struct landlock_path {
	const char *path; /* NULL: none */
	bool write;	  /* also make, change and remove files there */
};

/**
 * Restrict this thread to these files; the network stays as it is. As above,
 * otherwise.
 */
int landlock_confine_files(const struct landlock_path *paths, size_t n,
			   int *abi, struct err *e);

#endif
