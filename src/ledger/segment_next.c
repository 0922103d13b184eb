/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ledger/segment.h"
#include "sys/files.h"

enum { MAX_ASIDE = 1000 };

static const char next_name[] = "segments/next";

static struct iovec part(const char *p, size_t n)
{
	union {
		const char *in;
		char *out;
	} u = {p}; /* writev(2) does not write there */

	return (struct iovec){u.out, n};
}

/* Drop `n` bytes that were written from the front. */
static void advance(struct iovec **iov, int *count, size_t n)
{
	while (*count && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		(*count)--;
	}
	if (*count) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

int segment_write(int fd, const struct frame_entry *f, uint64_t index,
		  size_t *written)
{
	char header[FRAME_MAX_HEADER];
	size_t n = frame_header_write(f, index, header);
	struct iovec parts[] = {part(header, n), part(f->json.p, f->json.n),
				part("\n", 1), part(f->persons.p, f->persons.n),
				part("\n", 1)};
	struct iovec *iov = parts;
	int count = sizeof(parts) / sizeof(parts[0]);

	*written = 0;
	while (count) {
		ssize_t put = writev(fd, iov, count);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = ENOSPC;
		if (put <= 0)
			return ERR_SYS;
		*written += (size_t)put;
		advance(&iov, &count, (size_t)put);
	}
	return 0;
}

static int sync_segments_dir(int dir_fd, struct err *e)
{
	int fd = openat(dir_fd, "segments", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = err_sys(e, "sync segments/");
	file_close(&fd);
	return rc;
}

bool segment_owner(int dir_fd, struct stat *st)
{
	return !geteuid() && !fstatat(dir_fd, "segments", st, 0);
}

int segment_begin(struct segment_next *s, int dir_fd, mode_t mode,
		  struct err *e)
{
	struct stat st;

	*s = (struct segment_next){.dir_fd = dir_fd, .fd = -1};
	/* what a killed process left is not written into, but replaced: it
	 * may be another's file, with other rights */
	if (unlinkat(dir_fd, next_name, 0) && errno != ENOENT)
		return err_sys(e, "remove %s", next_name);
	s->fd = openat(dir_fd, next_name,
		       O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC |
			       O_NOFOLLOW,
		       mode);
	if (s->fd < 0 || fchmod(s->fd, mode))
		return err_sys(e, "create %s", next_name);
	/* root, who only read and had that recorded, must not leave a segment
	 * that hooks cannot write */
	if (segment_owner(dir_fd, &st))
		(void)!fchown(s->fd, st.st_uid, st.st_gid);
	return 0;
}

int segment_add(struct segment_next *s, const struct frame_entry *f,
		uint64_t index, struct err *e)
{
	size_t written;

	if (segment_write(s->fd, f, index, &written))
		return err_sys(e, "write %s", next_name);
	s->size += written;
	return 0;
}

/* A second name for the segment that is to be replaced. */
static int set_aside(int dir_fd, const char *name, struct err *e)
{
	char aside[SEGMENT_NAME_SIZE + 16];
	int i, stem = (int)strlen(name) - (int)strlen(".log");

	for (i = 1; i <= MAX_ASIDE; i++) {
		snprintf(aside, sizeof(aside), "%.*s.aside-%d", stem, name, i);
		if (linkat(dir_fd, name, dir_fd, aside, 0) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_sys(e, "set %s aside", name);
}

int segment_commit(struct segment_next *s, uint64_t first, bool aside,
		   struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	int rc = 0;

	segment_name(first, name);
	if (fsync(s->fd))
		return err_sys(e, "sync %s", next_name);
	if (aside)
		rc = set_aside(s->dir_fd, name, e);
	if (!rc && renameat(s->dir_fd, next_name, s->dir_fd, name))
		rc = err_sys(e, "name %s", name);
	if (!rc)
		rc = sync_segments_dir(s->dir_fd, e);
	return rc;
}

void segment_next_release(struct segment_next *s)
{
	if (s->fd >= 0)
		(void)unlinkat(s->dir_fd, next_name, 0);
	file_close(&s->fd);
}
