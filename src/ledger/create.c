/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/internal.h"
#include "ledger/segment.h"

enum { MAX_ORIGIN = 255, CREATE_MODE = 0770 };

static bool origin_ok(const char *origin)
{
	size_t n = strlen(origin), i;

	if (!n || n > MAX_ORIGIN)
		return false;
	for (i = 0; i < n; i++)
		if (origin[i] <= ' ' || origin[i] == '+' || origin[i] > '~')
			return false; /* as a signed note's name must be */
	return true;
}

static int check_empty(const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	if (!d)
		return err_sys(e, "open %s", dir);
	while (!rc && (entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!faccessat(dirfd(d), "format", F_OK, 0))
			rc = err_set(e, ERR_USAGE, "%s: is a ledger already",
				     dir);
		else
			rc = err_set(e, ERR_USAGE,
				     "%s: is not empty; name a new directory",
				     dir);
	}
	closedir(d);
	return rc;
}

static int make_files(struct ledger *l, struct err *e)
{
	static const char *const dirs[] = {"segments", "evidence", "locks",
					   "accepted", "index",	   "cursors"};
	struct segment_next next;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		rc = ledger_make_dir(l, dirs[i], NULL, e);
		if (rc)
			return rc;
	}
	rc = segment_begin(&next, l->dir_fd, l->file_mode, e);
	if (!rc)
		rc = segment_commit(&next, 0, false, e);
	segment_next_release(&next);
	if (!rc)
		rc = state_map(&l->state, l->dir_fd, true, l->file_mode, e);
	return rc;
}

/* Last of all, so that what an interrupted run leaves is no ledger. */
static int write_format(struct ledger *l, const char *origin, struct err *e)
{
	char path[FILE_MAX_PATH], text[MAX_ORIGIN + 128];
	char now[TIME_RFC3339_SIZE];
	int n, rc;

	time_format(time_now_ms(), now);
	n = snprintf(text, sizeof(text), "%s\norigin %s\ncreated %s\n",
		     LEDGER_FORMAT_LINE, origin, now);
	rc = file_join(l->dir, "format", path, e);
	if (!rc)
		rc = file_write_durable(path, text, (size_t)n, l->file_mode, e);
	return rc;
}

static int fill(struct ledger *l, const char *origin, struct err *e)
{
	struct stat st;
	int rc;

	l->dir_fd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dir_fd < 0 || fstat(l->dir_fd, &st))
		return err_sys(e, "open %s", l->dir);
	ledger_take_modes(l, &st);
	rc = make_files(l, e);
	if (!rc)
		rc = write_format(l, origin, e);
	if (!rc)
		rc = file_sync_parent(l->dir, e);
	return rc;
}

int ledger_create(const char *dir, const char *origin, struct err *e)
{
	struct ledger *l;
	int rc;

	if (!origin_ok(origin))
		return err_set(e, ERR_USAGE,
			       "the ledger's name is a word of printable ASCII "
			       "without blanks and +, as a host name is");
	if (strlen(dir) >= FILE_MAX_PATH)
		return err_set(e, ERR_LIMIT, "the ledger's path is too long");
	rc = file_make_dirs(dir, CREATE_MODE, e);
	if (!rc)
		rc = check_empty(dir, e);
	if (rc)
		return rc;
	l = ledger_new(dir, LEDGER_APPEND);
	if (!l)
		return err_nomem(e);
	rc = fill(l, origin, e);
	ledger_close(l);
	return rc;
}
