/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_SMALL_FILE_H
#define GATEPOST_GIT_SMALL_FILE_H

/** Reading the little files of a git directory. Private to this room. */

#include "base/buf.h"
#include "base/err.h"

/**
 * Append the whole file to `out`, whose cap is the limit. Never blocks on a
 * FIFO, reads regular files only.
 * @return 0; ERR_NOT_FOUND (also when it is a directory, or its parent is a
 *         file); ERR_LIMIT; ERR_MALFORMED (not a regular file); ERR_SYS
 */
int small_file_read(const char *path, struct buf *out, struct err *e);

#endif
