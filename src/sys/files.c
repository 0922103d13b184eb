/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/uuid.h"

static int fail(struct err *e, const char *verb, const char *path)
{
	int missing = errno == ENOENT || errno == ENOTDIR;

	err_sys(e, "cannot %s %s", verb, path);
	if (!missing)
		return ERR_SYS;
	if (e)
		e->code = ERR_NOT_FOUND;
	return ERR_NOT_FOUND;
}

void file_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/*
 * O_NONBLOCK lest a FIFO in the file's place holds us; on a regular file
 * it changes nothing.
 */
static int open_regular(const char *path, int flags, int *fd, struct stat *st,
			struct err *e)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	if (*fd < 0 && errno == ELOOP && (flags & O_NOFOLLOW))
		return err_set(e, ERR_DENIED, "%s is a symbolic link", path);
	if (*fd < 0)
		return fail(e, "open", path);
	if (fstat(*fd, st))
		fail(e, "examine", path);
	else if (S_ISREG(st->st_mode))
		return 0;
	else
		err_set(e, ERR_DENIED, "%s is not a regular file", path);
	file_close(fd);
	return e ? e->code : ERR_DENIED;
}

static int read_to_end(int fd, const char *name, struct buf *out, struct err *e)
{
	enum { CHUNK = 16384 };

	for (;;) {
		size_t room = out->max - out->len;
		ssize_t got;
		char beyond;

		if (room == 0) {
			got = read(fd, &beyond, 1);
		} else {
			room = room < CHUNK ? room : CHUNK;
			if (buf_reserve(out, room))
				return err_nomem(e);
			got = read(fd, out->data + out->len, room);
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(e, "read", name);
		if (got == 0)
			return 0;
		if (room == 0)
			return err_set(e, ERR_LIMIT,
				       "%s is larger than %zu bytes", name,
				       out->max);
		out->len += (size_t)got;
		out->data[out->len] = '\0';
	}
}

int file_read_fd(int fd, const char *name, struct buf *out, struct err *e)
{
	size_t was = out->len;
	int rc;

	if (!buf_ok(out))
		return err_set(e, ERR_INTERNAL, "%s: the buffer had failed",
			       name);
	rc = read_to_end(fd, name, out, e);
	if (rc) {
		buf_truncate(out, was);
		out->failed = false;
	}
	return rc;
}

int file_read(const char *path, struct buf *out, struct err *e)
{
	struct stat st;
	int fd, rc;

	rc = open_regular(path, 0, &fd, &st, e);
	if (rc)
		return rc;
	rc = file_read_fd(fd, path, out, e);
	file_close(&fd);
	return rc;
}

static int check_trusted(const struct stat *st, unsigned flags,
			 const char *path, struct err *e)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(e, ERR_DENIED,
			       "%s belongs to user %lu, neither to root nor "
			       "to user %lu",
			       path, (unsigned long)st->st_uid,
			       (unsigned long)geteuid());
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_DENIED,
			       "%s can be written by its group or by others "
			       "(chmod go-w)",
			       path);
	if ((flags & FILE_SECRET) && (st->st_mode & S_IROTH))
		return err_set(e, ERR_DENIED,
			       "%s can be read by others (chmod o-r)", path);
	return 0;
}

int file_open_trusted(const char *path, unsigned flags, int *fd, struct err *e)
{
	struct stat st;
	int rc;

	rc = open_regular(path, flags & FILE_NOFOLLOW ? O_NOFOLLOW : 0, fd, &st,
			  e);
	if (rc)
		return rc;
	rc = check_trusted(&st, flags, path, e);
	if (rc)
		file_close(fd);
	return rc;
}

int file_read_trusted(const char *path, unsigned flags, struct buf *out,
		      struct err *e)
{
	int fd, rc;

	rc = file_open_trusted(path, flags, &fd, e);
	if (rc)
		return rc;
	rc = file_read_fd(fd, path, out, e);
	file_close(&fd);
	return rc;
}

int file_write_all(int fd, const void *bytes, size_t n, struct err *e)
{
	const char *p = bytes;

	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_sys(e, "write");
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

/* A new file beside `path`, under a name that nobody else has. */
static int open_temporary(const char *path, char out[FILE_MAX_PATH], int *fd,
			  struct err *e)
{
	unsigned char raw[8];
	char hex[2 * sizeof(raw) + 1];
	int n;

	*fd = -1;
	if (random_bytes(raw, sizeof(raw), e))
		return ERR_SYS;
	hex_encode(raw, sizeof(raw), hex);
	n = snprintf(out, FILE_MAX_PATH, "%s.%s.tmp", path, hex);
	if (n < 0 || n >= FILE_MAX_PATH)
		return err_set(e, ERR_LIMIT, "%s: the name is too long", path);
	*fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		   0600);
	return *fd < 0 ? fail(e, "create", out) : 0;
}

static int write_file(const char *path, struct span bytes, mode_t mode,
		      bool durable, struct err *e)
{
	char temporary[FILE_MAX_PATH];
	int fd, rc;

	rc = open_temporary(path, temporary, &fd, e);
	if (rc)
		return rc;
	rc = file_write_all(fd, bytes.p, bytes.n, e);
	if (rc)
		err_wrap(e, "%s", temporary);
	else if (fchmod(fd, mode))
		rc = fail(e, "set the mode of", temporary);
	else if (durable && fdatasync(fd))
		rc = fail(e, "sync", temporary);
	file_close(&fd);
	if (!rc && rename(temporary, path))
		rc = fail(e, "replace", path);
	if (rc) {
		unlink(temporary);
		return rc;
	}
	return durable ? file_sync_parent(path, e) : 0;
}

int file_write(const char *path, const void *bytes, size_t n, mode_t mode,
	       struct err *e)
{
	return write_file(path, span_of(bytes, n), mode, false, e);
}

int file_write_durable(const char *path, const void *bytes, size_t n,
		       mode_t mode, struct err *e)
{
	return write_file(path, span_of(bytes, n), mode, true, e);
}

static int make_dir(const char *path, mode_t mode, struct err *e)
{
	int saved;

	if (mkdir(path, mode) == 0)
		return 0;
	/* EEXIST says that something is there; EROFS and EACCES may come
	 * before it */
	saved = errno;
	if (file_is_dir(path))
		return 0;
	errno = saved;
	return fail(e, "create the directory", path);
}

int file_make_dirs(const char *path, mode_t mode, struct err *e)
{
	char part[FILE_MAX_PATH];
	size_t n = strlen(path), i;

	if (n == 0 || n >= sizeof(part))
		return err_set(e, ERR_LIMIT, "%.100s: no usable name", path);
	if (file_is_dir(path))
		return 0;
	memcpy(part, path, n + 1);
	for (i = 1; i < n; i++) {
		int rc;

		if (part[i] != '/')
			continue;
		part[i] = '\0';
		rc = make_dir(part, mode, e);
		if (rc)
			return rc;
		part[i] = '/';
	}
	return make_dir(part, mode, e);
}

int file_sync_dir(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return fail(e, "open", path);
	if (fsync(fd))
		rc = fail(e, "sync", path);
	file_close(&fd);
	return rc;
}

int file_parent(const char *path, char out[FILE_MAX_PATH], struct err *e)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	out[0] = '\0';
	if (n >= FILE_MAX_PATH)
		return err_set(e, ERR_LIMIT, "a path is too long");
	if (!slash)
		path = ".";
	if (n == 0) /* "/x" and "x": their first byte is the answer */
		n = 1;
	memcpy(out, path, n);
	out[n] = '\0';
	return 0;
}

int file_sync_parent(const char *path, struct err *e)
{
	char dir[FILE_MAX_PATH];
	int rc = file_parent(path, dir, e);

	return rc ? rc : file_sync_dir(dir, e);
}

int file_join(const char *dir, const char *name, char out[FILE_MAX_PATH],
	      struct err *e)
{
	size_t n = strlen(dir);
	bool alone = name[0] == '/' || n == 0;
	bool slash = !alone && dir[n - 1] != '/';
	int len = snprintf(out, FILE_MAX_PATH, "%s%s%s", alone ? "" : dir,
			   slash ? "/" : "", name);

	if (len >= 0 && len < FILE_MAX_PATH)
		return 0;
	out[0] = '\0';
	return err_set(e, ERR_LIMIT, "a path is too long");
}

int file_real_path(const char *path, char out[FILE_MAX_PATH], struct err *e)
{
	char real[PATH_MAX];
	size_t n;

	out[0] = '\0';
	if (!realpath(path, real))
		return fail(e, "resolve", path);
	n = strlen(real);
	if (n >= FILE_MAX_PATH)
		return err_set(e, ERR_LIMIT, "a path is too long");
	memcpy(out, real, n + 1);
	return 0;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_ensure_stdio(struct err *e)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return err_sys(e, "cannot open /dev/null");
	} while (fd <= 2);
	close(fd);
	return 0;
}
