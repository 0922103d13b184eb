/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/files.h"

/*
 * The kernel's interface as landlock(7) and its user space API document
 * give it, written down here because the headers to build against are
 * often older than the kernel to run on, and musl brings none. The numbers
 * are the same on every architecture.
 */
enum {
	NR_CREATE_RULESET = 444,
	NR_ADD_RULE = 445,
	NR_RESTRICT_SELF = 446,
	CREATE_RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1
};

#define ACCESS_WRITE_FILE (UINT64_C(1) << 1)
#define ACCESS_READ_FILE (UINT64_C(1) << 2)
#define ACCESS_READ_DIR (UINT64_C(1) << 3)
#define ACCESS_REMOVE_FILE (UINT64_C(1) << 5)
#define ACCESS_MAKE_REG (UINT64_C(1) << 8)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14) /* from ABI 3 */

struct ruleset_attr {
	uint64_t access_fs;
	uint64_t access_net; /* from ABI 4 */
	uint64_t scoped;     /* from ABI 6 */
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

/* All that an ABI can handle, so that all is forbidden but what we allow. */
static size_t ruleset_of(int abi, struct ruleset_attr *attr)
{
	/* execute to make-symlink; then refer, truncate, ioctl of devices */
	unsigned fs_rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;

	*attr = (struct ruleset_attr){
		.access_fs = (UINT64_C(1) << fs_rights) - 1,
		.access_net = abi >= 4 ? 3 : 0, /* bind and connect TCP */
		.scoped = abi >= 6 ? 3 : 0,	/* abstract sockets, signals */
	};
	return sizeof(uint64_t) * (abi >= 6 ? 3 : abi >= 4 ? 2 : 1);
}

static int allow_path(int ruleset, const char *path, uint64_t of_file,
		      uint64_t of_dir, struct err *e)
{
	struct path_attr attr = {.access = of_file, .fd = -1};
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC), rc = 0;

	/* a path left out only forbids more */
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (fd < 0 || fstat(fd, &st)) {
		rc = err_sys(e, "cannot open %s for the sandbox", path);
		file_close(&fd);
		return rc;
	}
	if (S_ISDIR(st.st_mode))
		attr.access |= of_dir;
	attr.fd = fd;
	if (syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0))
		rc = err_sys(e, "landlock_add_rule %s", path);
	file_close(&fd);
	return rc;
}

/* @return the kernel's ABI, 0 without Landlock and then no descriptor */
static int make_ruleset(bool files_alone, struct ruleset_attr *attr, int *fd,
			struct err *e)
{
	long version =
		syscall(NR_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
	size_t size;

	*fd = -1;
	if (version < 1)
		return 0;
	size = ruleset_of((int)version, attr);
	if (files_alone) {
		attr->access_net = 0;
		attr->scoped = 0;
		size = sizeof(attr->access_fs);
	}
	*fd = (int)syscall(NR_CREATE_RULESET, attr, size, 0);
	if (*fd < 0)
		return err_sys(e, "landlock_create_ruleset");
	return (int)version;
}

static int restrict_self(int fd, int version, int *abi, struct err *e)
{
	if (syscall(NR_RESTRICT_SELF, fd, 0))
		return err_sys(e, "landlock_restrict_self");
	*abi = version;
	return 0;
}

int landlock_enter(const char *const *readable, size_t n, int *abi,
		   struct err *e)
{
	struct ruleset_attr attr;
	int fd, version = make_ruleset(false, &attr, &fd, e), rc = 0;
	size_t i;

	*abi = 0;
	if (version <= 0)
		return version;
	for (i = 0; i < n && !rc; i++)
		rc = allow_path(fd, readable[i], ACCESS_READ_FILE,
				ACCESS_READ_DIR, e);
	if (!rc)
		rc = restrict_self(fd, version, abi, e);
	file_close(&fd);
	return rc;
}

int landlock_confine_files(const struct landlock_path *paths, size_t n,
			   int *abi, struct err *e)
{
	struct ruleset_attr attr;
	int fd, version = make_ruleset(true, &attr, &fd, e), rc = 0;
	size_t i;

	*abi = 0;
	if (version <= 0)
		return version;
	for (i = 0; i < n && !rc; i++) {
		uint64_t file = ACCESS_READ_FILE, dir = ACCESS_READ_DIR;

		if (!paths[i].path)
			continue;
		if (paths[i].write) {
			file |= ACCESS_WRITE_FILE | ACCESS_TRUNCATE;
			dir |= ACCESS_REMOVE_FILE | ACCESS_MAKE_REG;
		}
		rc = allow_path(fd, paths[i].path, file & attr.access_fs,
				dir & attr.access_fs, e);
	}
	if (!rc)
		rc = restrict_self(fd, version, abi, e);
	file_close(&fd);
	return rc;
}
