/* SPDX-License-Identifier: Apache-2.0 */
#include "git/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int drain(int fd, const char *path, struct buf *out, struct err *e)
{
	char piece[4096];
	ssize_t n;

	for (;;) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read %s", path);
		if (!n)
			return 0;
		if (buf_add(out, piece, (size_t)n))
			return err_set(e, ERR_LIMIT, "%s: more than %zu bytes",
				       path, out->max);
	}
}

int small_file_read(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int ret;

	if (fd < 0 &&
	    (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG))
		return err_set(e, ERR_NOT_FOUND, "%s does not exist", path);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		ret = err_sys(e, "stat %s", path);
	else if (S_ISDIR(st.st_mode))
		ret = err_set(e, ERR_NOT_FOUND, "%s is a directory", path);
	else if (!S_ISREG(st.st_mode))
		ret = err_set(e, ERR_MALFORMED, "%s is not a regular file",
			      path);
	else
		ret = drain(fd, path, out, e);
	close(fd);
	return ret;
}
