/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "sys/lock.h"

enum { LEFT_SECONDS = 3600 };

#define TEMPORARY ".tmp"

int place_dir(const char *ledger_dir, char out[FILE_MAX_PATH], struct err *e)
{
	return file_join(ledger_dir, "cursors", out, e);
}

static void encode_name(struct buf *out, const char *name)
{
	for (const char *p = name; *p; p++) {
		char hex[3];

		if (ascii_alnum(*p) || *p == '-' || *p == '_') {
			buf_addch(out, *p);
			continue;
		}
		hex_encode(p, 1, hex);
		buf_addf(out, "%%%s", hex);
	}
}

int place_file(const char *ledger_dir, const char *sink, const char *suffix,
	       char out[FILE_MAX_PATH], struct err *e)
{
	struct buf name = BUF_INIT(PLACE_MAX_NAME + 16);
	char dir[FILE_MAX_PATH], hex[SHA256_HEX_SIZE];
	int rc = place_dir(ledger_dir, dir, e);

	if (rc)
		return rc;
	encode_name(&name, sink);
	if (!buf_ok(&name) || name.len > PLACE_MAX_NAME) {
		sha256_hex(sink, strlen(sink), hex);
		buf_clear(&name);
		buf_addf(&name, "sha256-%s", hex);
	}
	buf_adds(&name, suffix);
	rc = buf_ok(&name) ? file_join(dir, name.data, out, e) : err_nomem(e);
	buf_release(&name);
	return rc;
}

/* What whoever was killed between making a file and renaming it has left. */
static bool is_left(int dir_fd, const char *name, struct span of)
{
	static const char *const ours[] = {".json.", ".parked."};
	struct span s = span_str(name), rest;
	struct stat st;
	bool is_ours = false;

	if (s.n <= of.n + sizeof(TEMPORARY) || memcmp(s.p, of.p, of.n) ||
	    s.p[of.n] != '.' ||
	    strcmp(s.p + s.n - (sizeof(TEMPORARY) - 1), TEMPORARY) != 0)
		return false;
	rest = span_of(s.p + of.n, s.n - of.n);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		is_ours = is_ours || span_starts(rest, ours[i]);
	/* the others are written without the lock, perhaps now */
	return is_ours || (!fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
			   st.st_mtime < time_now_ms() / 1000 - LEFT_SECONDS);
}

void place_clean(const char *ledger_dir, const char *sink)
{
	char path[FILE_MAX_PATH];
	const char *name;
	struct dirent *entry;
	DIR *dir;

	if (place_file(ledger_dir, sink, "", path, NULL))
		return;
	name = strrchr(path, '/') + 1;
	path[name - path - 1] = '\0';
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL)
		if (is_left(dirfd(dir), entry->d_name, span_str(name)))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* As the ledger's own directory has them, whatever the umask: in shared
 * hosting each pusher's hook runs with an umask of its own. */
static mode_t mode_within(const char *ledger_dir, mode_t most)
{
	struct stat st;

	return stat(ledger_dir, &st) ? most & 0700 : most & st.st_mode;
}

mode_t place_file_mode(const char *ledger_dir)
{
	return mode_within(ledger_dir, PLACE_FILE_MODE);
}

int place_make(const char *ledger_dir, struct err *e)
{
	char path[FILE_MAX_PATH];
	mode_t mode = mode_within(ledger_dir, PLACE_DIR_MODE | S_ISGID);
	int rc = place_dir(ledger_dir, path, e);

	if (rc || file_is_dir(path))
		return rc;
	if (mkdir(path, mode) && errno != EEXIST)
		return err_sys(e, "cannot make %s", path);
	if (chmod(path, mode))
		return err_sys(e, "chmod %s", path);
	return file_sync_parent(path, e);
}

int place_lock(const char *ledger_dir, const char *sink, int *fd, struct err *e)
{
	return place_lock_as(ledger_dir, sink, ".lock", fd, e);
}

int place_lock_as(const char *ledger_dir, const char *name, const char *suffix,
		  int *fd, struct err *e)
{
	enum { LOOKERS_MS = 100 };
	char path[FILE_MAX_PATH];
	mode_t mode = place_file_mode(ledger_dir);
	int rc = place_make(ledger_dir, e);

	*fd = -1;
	if (!rc)
		rc = place_file(ledger_dir, name, suffix, path, e);
	if (!rc)
		rc = lock_open(path, mode, LOOKERS_MS, fd, e);
	/* Only its maker can and needs to. */
	if (!rc && fchmod(*fd, mode))
		errno = 0;
	return rc;
}

bool place_is_drained(const char *ledger_dir, const char *sink)
{
	return place_is_held(ledger_dir, sink, ".lock");
}

bool place_is_held(const char *ledger_dir, const char *name, const char *suffix)
{
	char path[FILE_MAX_PATH];
	bool held;
	int fd;

	if (place_file(ledger_dir, name, suffix, path, NULL))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	/* Shared, so that those who only ask never find one another. */
	held = lock_take_shared(fd, 0, NULL) == ERR_TIMEOUT;
	lock_release(&fd);
	return held;
}

bool place_can_seal(const char *ledger_dir)
{
	char path[FILE_MAX_PATH];
	struct stat st;

	return !file_join(ledger_dir, "sealed", path, NULL) &&
	       !lstat(path, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}
