/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "sys/files.h"
#include "sys/proc.h"

static_assert(ATOMIC_LLONG_LOCK_FREE == 2,
	      "processes share these words without a lock");

enum { STATE_BYTES = 4096 };

static const uint64_t state_magic = 0x3144454c50544147; /* "GATPLED1" */

int state_boot_key(uint64_t *key, struct err *e)
{
	char id[PROC_BOOT_ID_SIZE];
	uint64_t v = 0;
	int digits = 0, rc;
	const char *p;

	*key = 0;
	rc = proc_boot_id(id, e);
	if (rc)
		return rc;
	for (p = id; *p && digits < 16; p++) {
		if (*p == '-')
			continue;
		v = v << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
		digits++;
	}
	*key = v ? v : 1;
	return 0;
}

int state_bind_key(uint64_t *key, int dir_fd, struct err *e)
{
	struct stat st;

	if (fstatat(dir_fd, "state", &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : err_sys(e, "stat state");
	*key ^= (uint64_t)st.st_ino * UINT64_C(0x9e3779b97f4a7c15) ^
		(uint64_t)st.st_dev * UINT64_C(0xc2b2ae3d27d4eb4f);
	if (!*key)
		*key = 1;
	return 0;
}

static int open_state(int dir_fd, bool write, mode_t mode, int *fd,
		      struct err *e)
{
	int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
		    (write ? O_RDWR : O_RDONLY);

	*fd = openat(dir_fd, "state", flags);
	if (*fd < 0 && errno == ENOENT && write) {
		*fd = openat(dir_fd, "state", flags | O_CREAT, mode);
		if (*fd >= 0)
			(void)fchmod(*fd, mode); /* the umask may be tighter */
	}
	if (*fd < 0 && errno == ENOENT)
		return 0;
	return *fd < 0 ? err_sys(e, "open state") : 0;
}

/*
 * A hole that cannot be filled later, when the disk is full, would be a
 * SIGBUS. Somebody else may be doing the same, so only the last byte, which
 * means nothing, is ever written.
 */
static int allocate(int fd)
{
	if (posix_fallocate(fd, 0, STATE_BYTES) == 0)
		return 0;
	return pwrite(fd, "", 1, STATE_BYTES - 1) == 1 ? 0 : -1;
}

int state_map(struct state **out, int dir_fd, bool write, mode_t mode,
	      struct err *e)
{
	int prot = PROT_READ | (write ? PROT_WRITE : 0), fd, rc;
	struct stat st;
	void *p;

	*out = NULL;
	rc = open_state(dir_fd, write, mode, &fd, e);
	if (rc || fd < 0)
		return rc;
	if (fstat(fd, &st))
		rc = err_sys(e, "stat state");
	else if (st.st_size < STATE_BYTES && write && allocate(fd))
		rc = err_sys(e, "make state");
	else if (st.st_size < STATE_BYTES && !write)
		goto out; /* being made; as if there were none */
	if (rc)
		goto out;
	p = mmap(NULL, STATE_BYTES, prot, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		rc = err_sys(e, "map state");
	else
		*out = p;
out:
	file_close(&fd);
	return rc;
}

void state_unmap(struct state *s)
{
	if (s)
		munmap(s, STATE_BYTES);
}

bool state_valid(const struct state *s, uint64_t boot)
{
	return s &&
	       atomic_load_explicit(&s->magic, memory_order_acquire) ==
		       state_magic &&
	       atomic_load_explicit(&s->boot, memory_order_relaxed) == boot;
}

void state_invalidate(struct state *s)
{
	atomic_store(&s->magic, 0);
}

void state_validate(struct state *s, uint64_t boot)
{
	atomic_store(&s->boot, boot);
	atomic_store(&s->magic, state_magic);
}

void state_raise_durable(struct state *s, uint64_t n)
{
	uint64_t old = atomic_load(&s->durable);

	while (old < n && !atomic_compare_exchange_weak(&s->durable, &old, n))
		;
}
