/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "sys/deadline.h"
#include "sys/files.h"

enum { MIN_SLEEP_US = 50, MAX_SLEEP_US = 4000 };

/*
 * flock(2) knows no deadline, and a timer's signal would be a global of the
 * whole program; so try, and sleep between tries, each time a bit longer.
 */
static int take(int fd, int how, int64_t wait_ms, struct err *e)
{
	struct deadline deadline = deadline_in_ms(wait_ms);
	long sleep_us = MIN_SLEEP_US;

	while (flock(fd, how | LOCK_NB)) {
		struct timespec t = {0, sleep_us * 1000};

		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(e, "flock");
		if (deadline_passed(deadline))
			return err_set(e, ERR_TIMEOUT,
				       "locked by another process");
		nanosleep(&t, NULL);
		if (sleep_us < MAX_SLEEP_US)
			sleep_us += sleep_us / 2;
	}
	return 0;
}

int lock_take(int fd, int64_t wait_ms, struct err *e)
{
	return take(fd, LOCK_EX, wait_ms, e);
}

int lock_take_shared(int fd, int64_t wait_ms, struct err *e)
{
	return take(fd, LOCK_SH, wait_ms, e);
}

int lock_open(const char *path, mode_t mode, int64_t wait_ms, int *fd,
	      struct err *e)
{
	int rc;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		   mode);
	if (*fd < 0)
		return err_sys(e, "cannot open the lock %s", path);
	rc = lock_take(*fd, wait_ms, e);
	if (rc) {
		err_wrap(e, "%s", path);
		file_close(fd);
	}
	return rc;
}

void lock_drop(int fd)
{
	int saved = errno;

	if (fd >= 0)
		flock(fd, LOCK_UN);
	errno = saved;
}

void lock_release(int *fd)
{
	lock_drop(*fd);
	file_close(fd);
}
