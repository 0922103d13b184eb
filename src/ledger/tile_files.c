/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tile_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/files.h"

enum { TMP_SIZE = TILE_PATH_SIZE + 8 };

static int fail(struct err *e, const char *verb, const char *path)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return err_sys(e,
			       "cannot %s sealed/%s: free some space on its "
			       "file system",
			       verb, path);
	return err_sys(e, "cannot %s sealed/%s", verb, path);
}

static int sync_dir(const struct tile_files *f, const char *path, struct err *e)
{
	int fd = openat(f->dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = fail(e, "sync", path);
	file_close(&fd);
	return rc;
}

static int sync_dirs(struct tile_files *f, struct err *e)
{
	int rc = 0;

	while (!rc && f->ndirty) {
		rc = sync_dir(f, f->dirty[f->ndirty - 1], e);
		if (!rc)
			f->ndirty--;
	}
	return rc;
}

static int mark_dir(struct tile_files *f, const char *dir, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < f->ndirty; i++)
		if (!strcmp(f->dirty[i], dir))
			return 0;
	if (f->ndirty == TILE_FILES_DIRTY)
		rc = sync_dirs(f, e);
	if (!rc)
		snprintf(f->dirty[f->ndirty++], TILE_PATH_SIZE, "%s", dir);
	return rc;
}

/* Remember the directories above `path`: a run that was killed may have
 * made them, and synced none. */
static int mark_dirty(struct tile_files *f, const char *path, struct err *e)
{
	char dir[TILE_PATH_SIZE];
	char *slash;
	int rc = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	while (!rc && (slash = strrchr(dir, '/'))) {
		*slash = '\0';
		rc = mark_dir(f, dir, e);
	}
	return rc ? rc : mark_dir(f, ".", e);
}

static int make_parents(struct tile_files *f, const char *path, struct err *e)
{
	char dir[TILE_PATH_SIZE];
	const char *slash = path;
	int rc = 0;

	while (!rc && (slash = strchr(slash + 1, '/'))) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		if (mkdirat(f->dir_fd, dir, f->dir_mode) == 0)
			(void)fchmodat(f->dir_fd, dir, f->dir_mode, 0);
		else if (errno != EEXIST)
			rc = fail(e, "make the directory", dir);
	}
	return rc;
}

static int open_tmp(struct tile_files *f, const char *tmp, int *fd,
		    struct err *e)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int rc;

	*fd = openat(f->dir_fd, tmp, flags, 0600);
	if (*fd < 0 && errno == ENOENT) {
		rc = make_parents(f, tmp, e);
		if (rc)
			return rc;
		*fd = openat(f->dir_fd, tmp, flags, 0600);
	}
	return *fd < 0 ? fail(e, "create", tmp) : 0;
}

static void tmp_path(const char *path, char out[TMP_SIZE])
{
	snprintf(out, TMP_SIZE, "%s.tmp", path);
}

/* Contents are on disk before any of them gets its name: the one that it
 * replaces may be all there is of a tile that a checkpoint needs. */
static int name_pending(struct tile_files *f, struct err *e)
{
	char tmp[TMP_SIZE];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < f->npending; i++)
		if (fdatasync(f->pending[i].fd))
			rc = fail(e, "sync", f->pending[i].path);
	for (i = 0; !rc && i < f->npending; i++) {
		const char *path = f->pending[i].path;

		tmp_path(path, tmp);
		if (renameat(f->dir_fd, tmp, f->dir_fd, path))
			rc = fail(e, "name", path);
		else
			rc = mark_dirty(f, path, e);
	}
	tile_files_release(f);
	return rc;
}

void tile_files_release(struct tile_files *f)
{
	while (f->npending)
		file_close(&f->pending[--f->npending].fd);
}

int tile_files_sync(struct tile_files *f, struct err *e)
{
	int rc = name_pending(f, e);

	return rc ? rc : sync_dirs(f, e);
}

int tile_files_write(struct tile_files *f, const struct tile *t,
		     struct span bytes, struct err *e)
{
	char path[TILE_PATH_SIZE], tmp[TMP_SIZE];
	int fd, rc = 0;

	if (f->npending == TILE_FILES_PENDING)
		rc = name_pending(f, e);
	if (rc)
		return rc;
	tile_path(t, path);
	tmp_path(path, tmp);
	rc = open_tmp(f, tmp, &fd, e);
	if (!rc && (file_write_all(fd, bytes.p, bytes.n, NULL) ||
		    fchmod(fd, f->file_mode)))
		rc = fail(e, "write", tmp);
	if (rc) {
		file_close(&fd);
		return rc;
	}
	memcpy(f->pending[f->npending].path, path, sizeof(path));
	f->pending[f->npending++].fd = fd;
	return 0;
}

void tile_files_drop_partial(struct tile_files *f, const struct tile *t)
{
	char path[TILE_PATH_SIZE], name[TILE_PATH_SIZE + 4], own[16];
	struct tile full = {t->level, t->n, TILE_WIDTH};
	struct dirent *entry;
	int fd;
	DIR *d;

	tile_path(&full, path);
	snprintf(name, sizeof(name), "%s.p", path);
	snprintf(own, sizeof(own), "%u", t->width);
	fd = openat(f->dir_fd, name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		file_close(&fd);
		return;
	}
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, own))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	(void)unlinkat(f->dir_fd, name, AT_REMOVEDIR);
}
