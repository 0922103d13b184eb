/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_FILES_H
#define GATEPOST_SYS_FILES_H

/**
 * Files. Every descriptor is opened O_CLOEXEC; errors name the path.
 * A path that does not exist is ERR_NOT_FOUND.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

enum { FILE_MAX_PATH = 4096 }; /* bytes, with the NUL */

/** What file_open_trusted and file_read_trusted ask beyond their name. */
enum file_flags {
	FILE_NOFOLLOW = 1, /* refuse a symbolic link as last component */
	FILE_SECRET = 2	   /* refuse a file that others can read */
};

/**
 * Append a regular file's content to `out`, whose cap is the limit.
 * @return 0, ERR_NOT_FOUND, ERR_LIMIT, ERR_DENIED (not regular), ERR_SYS,
 *   ERR_MEMORY; on error `out` is as before
 */
int file_read(const char *path, struct buf *out, struct err *e);

/** The same from an open descriptor up to its end, of any kind. */
int file_read_fd(int fd, const char *name, struct buf *out, struct err *e);

/**
 * Open for reading a file that decides something (policy, keys, secrets).
 * Checked on the descriptor, so that no rename comes between.
 *
 * @param flags  enum file_flags
 * @param fd     the descriptor, which the caller closes; -1 on error
 * @return 0; ERR_DENIED when it is no regular file, is owned by neither
 *   root nor the effective user, or group or others can write it
 */
int file_open_trusted(const char *path, unsigned flags, int *fd, struct err *e);
int file_read_trusted(const char *path, unsigned flags, struct buf *out,
		      struct err *e);

/** Write all `n` bytes, however many calls it takes. */
int file_write_all(int fd, const void *bytes, size_t n, struct err *e);

/**
 * Replace or create a file as a whole: readers see the old content or the
 * new, never a part. The name of the temporary file beside it ends in
 * `.tmp`.
 *
 * @param mode  permissions, whatever the umask
 */
int file_write(const char *path, const void *bytes, size_t n, mode_t mode,
	       struct err *e);

/** As file_write, and the content and the name are on disk on return. */
int file_write_durable(const char *path, const void *bytes, size_t n,
		       mode_t mode, struct err *e);

/** Create a directory and its parents; existing ones stay as they are. */
int file_make_dirs(const char *path, mode_t mode, struct err *e);

/** Make the names in a directory durable. */
int file_sync_dir(const char *path, struct err *e);

/** The same for the directory in which `path` stands. */
int file_sync_parent(const char *path, struct err *e);

/** `dir/name`, or `name` alone when it is absolute or `dir` is empty. */
int file_join(const char *dir, const char *name, char out[FILE_MAX_PATH],
	      struct err *e);

/** The directory part of `path`; `.` when it has none. */
int file_parent(const char *path, char out[FILE_MAX_PATH], struct err *e);

/** The absolute path without links, `.` and `..`; it must exist. */
int file_real_path(const char *path, char out[FILE_MAX_PATH], struct err *e);

/** Whether stat(2) finds something; a dangling link is nothing. */
bool file_exists(const char *path);
bool file_is_dir(const char *path);

/** Close `*fd` unless it is -1, and make it -1; errno stays. */
void file_close(int *fd);

/**
 * Make sure that descriptors 0, 1 and 2 are open, with /dev/null for each
 * that is not, so that no file opened later becomes standard output.
 */
int file_ensure_stdio(struct err *e);

#endif
