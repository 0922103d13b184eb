/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "ledger/copy_private.h"
#include "ledger/segment.h"

enum { CREATE_MODE = 0770, MAX_SOURCE = 1024, MAX_FORMAT = 2048 };

/* Something that is no copy is never made one. A run that was killed may
 * have left a temporary file. */
static int check_empty(const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int rc = 0;

	if (!d)
		return err_sys(e, "open %s", dir);
	while (!rc && (entry = readdir(d))) {
		size_t n = strlen(entry->d_name);

		if (!strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, "..") ||
		    (n > 4 && !strcmp(entry->d_name + n - 4, ".tmp")))
			continue;
		rc = err_set(e, ERR_USAGE,
			     "%s: is not empty; name a new directory for the "
			     "copy",
			     dir);
	}
	closedir(d);
	return rc;
}

static int write_format(const char *path, const char *source,
			struct span origin, bool bare, mode_t mode,
			struct err *e)
{
	struct buf text = BUF_INIT(MAX_FORMAT);
	char now[TIME_RFC3339_SIZE];
	int rc;

	time_format(time_now_ms(), now);
	buf_adds(&text, LEDGER_FORMAT_LINE "\norigin ");
	buf_add(&text, origin.p, origin.n);
	buf_addf(&text, "\ncreated %s\n" LEDGER_COPY_OF, now);
	text_add_printable(&text, span_str(source), MAX_SOURCE);
	buf_addch(&text, '\n');
	if (bare)
		buf_adds(&text, LEDGER_COPY_LACKS "evidence people\n");
	rc = buf_ok(&text)
		     ? file_write_durable(path, text.data, text.len, mode, e)
		     : err_set(e, ERR_LIMIT, "%.64s…: too long a name", source);
	buf_release(&text);
	return rc;
}

/* First of all, so that an interrupted run leaves a copy of nothing. */
static int make_format(const char *dir, const char *source, struct span origin,
		       bool bare, struct err *e)
{
	char path[FILE_MAX_PATH];
	struct ledger like = {0};
	struct stat st;
	int rc = file_join(dir, "format", path, e);

	if (!rc)
		rc = file_make_dirs(dir, CREATE_MODE, e);
	if (rc || !lstat(path, &st))
		return rc;
	rc = check_empty(dir, e);
	if (!rc && stat(dir, &st))
		rc = err_sys(e, "stat %s", dir);
	if (rc)
		return rc;
	ledger_take_modes(&like, &st);
	rc = write_format(path, source, origin, bare, like.file_mode, e);
	return rc ? rc : file_sync_parent(dir, e);
}

static int check_copy(const struct ledger *l, struct span origin, bool bare,
		      struct err *e)
{
	if (!l->copy_of)
		return err_set(e, ERR_USAGE,
			       "%s: is a ledger of its own, and no copy",
			       l->dir);
	if (!span_is(origin, l->origin))
		return err_set(e, ERR_MALFORMED,
			       "%s: is a copy of the ledger %s, and this is "
			       "%.*s",
			       l->dir, l->origin, (int)origin.n, origin.p);
	if (ledger_is_bare(l) != bare)
		return err_set(e, ERR_USAGE,
			       bare ? "%s: is a copy with evidence and people, "
				      "which https does not bring; name a new "
				      "directory"
				    : "%s: is a copy over https, without "
				      "evidence and people; name a new "
				      "directory",
			       l->dir);
	return 0;
}

static int make_first_segment(struct ledger *l, struct err *e)
{
	struct segment_list list = {0};
	struct segment_next next;
	int rc = segment_list_read(&list, l->dir_fd, e);

	segment_list_release(&list);
	if (rc != ERR_MALFORMED)
		return rc;
	err_clear(e);
	rc = segment_begin(&next, l->dir_fd, l->file_mode, e);
	if (!rc)
		rc = segment_commit(&next, 0, false, e);
	segment_next_release(&next);
	return rc;
}

int copy_make(const char *dir, const char *source, struct span origin,
	      bool bare, struct err *e)
{
	static const char *const dirs[] = {"segments", "evidence", "locks",
					   "sealed"};
	struct ledger *l = NULL;
	size_t i;
	int rc = make_format(dir, source, origin, bare, e);

	if (!rc)
		rc = ledger_open(&l, dir, LEDGER_READ, e);
	if (!rc)
		rc = check_copy(l, origin, bare, e);
	for (i = 0; !rc && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rc = ledger_make_dir(l, dirs[i], NULL, e);
	if (!rc)
		rc = make_first_segment(l, e);
	if (!rc && fsync(l->dir_fd))
		rc = err_sys(e, "sync %s", dir);
	ledger_close(l);
	return rc;
}
