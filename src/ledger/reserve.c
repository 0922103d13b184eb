/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char reserve_name[] = "reserve";

static bool is_whole(const struct ledger *l)
{
	struct stat st;

	return !fstatat(l->dir_fd, reserve_name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st.st_mode) && st.st_size >= RESERVE_BYTES;
}

bool ledger_has_reserve(const struct ledger *l)
{
	return is_whole(l);
}

static bool has_plenty(const struct ledger *l)
{
	struct statvfs v;

	return !fstatvfs(l->dir_fd, &v) &&
	       (uint64_t)v.f_bavail * v.f_frsize >= RESERVE_PLENTY;
}

/* Room that is really taken: a hole would be none. */
static int fill(int fd)
{
	static const char zeros[4096];
	int rc = posix_fallocate(fd, 0, RESERVE_BYTES);
	size_t done;

	if (rc != EOPNOTSUPP && rc != EINVAL && rc != ENOSYS)
		return rc;
	for (done = 0; done < RESERVE_BYTES; done += sizeof(zeros))
		if (pwrite(fd, zeros, sizeof(zeros), (off_t)done) !=
		    (ssize_t)sizeof(zeros))
			return ENOSPC;
	return 0;
}

void reserve_make(struct ledger *l)
{
	int fd;

	if (is_whole(l) || !has_plenty(l))
		return;
	/* what a killed process left is filled up */
	fd = openat(l->dir_fd, reserve_name,
		    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, l->file_mode);
	if (fd < 0)
		return;
	ledger_give_to_owner(l, fd);
	if (fill(fd))
		(void)unlinkat(l->dir_fd, reserve_name, 0);
	file_close(&fd);
}

bool reserve_use(struct ledger *l)
{
	bool full = l->full;

	l->full = false;
	return full && !unlinkat(l->dir_fd, reserve_name, 0);
}
