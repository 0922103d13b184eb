/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "ledger/erase_private.h"
#include "ledger/internal.h"
#include "ledger/memory.h"
#include "ledger/runs.h"
#include "ledger/segment.h"

enum { COPY_BYTES = 1 << 20, SEGMENT_DIGITS = 20 };

static const char tmp_name[] = "segments/erase.tmp";

int erase_begin(struct ledger *l, struct err *e)
{
	return ledger_cut(l, e);
}

/** The file that is read, and the one that takes its place. */
struct rewrite {
	struct ledger *l;
	const struct erase_wish *wish;
	struct erase_report *report;
	const char *name; /* below segments/ */
	int in, out;	  /* out: -1 until something is to be changed */
	struct buf line;
};

/* ----------------------------------------------------------------- copy */

static int copy_all(int in, int out, struct err *e)
{
	char *bytes = malloc(COPY_BYTES);
	off_t at = 0;
	int rc = bytes ? 0 : err_nomem(e);

	while (!rc) {
		ssize_t n = pread(in, bytes, COPY_BYTES, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(e, "read a segment");
		if (n <= 0)
			break;
		rc = file_write_all(out, bytes, (size_t)n, e);
		at += n;
	}
	free(bytes);
	return rc;
}

/* With the owner and the rights of the one that it replaces. */
static int begin_copy(struct rewrite *w, struct err *e)
{
	struct stat st;

	if (unlinkat(w->l->dir_fd, tmp_name, 0) && errno != ENOENT)
		return err_sys(e, "remove %s", tmp_name);
	w->out = openat(w->l->dir_fd, tmp_name,
			O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	if (w->out < 0 || fstat(w->in, &st) ||
	    fchmod(w->out, st.st_mode & 07777) ||
	    (!geteuid() && fchown(w->out, st.st_uid, st.st_gid)))
		return ledger_err_write(w->l, "cannot make a copy", e);
	return copy_all(w->in, w->out, e);
}

static int put_at(struct rewrite *w, const char *bytes, size_t n, uint64_t at,
		  struct err *e)
{
	while (n) {
		ssize_t put = pwrite(w->out, bytes, n, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return ledger_err_write(w->l, "cannot write a copy", e);
		bytes += put;
		n -= (size_t)put;
		at += (uint64_t)put;
	}
	return 0;
}

/* --------------------------------------------------------------- change */

static int put_frame(struct rewrite *w, const struct frame_header *h,
		     const char *bytes, uint64_t at, struct err *e)
{
	struct frame_entry f = {.json = frame_json(bytes, h)};
	char header[FRAME_MAX_HEADER];
	size_t n;
	int rc;

	f.persons = span_of(w->line.data, w->line.len);
	memcpy(f.id, h->id, sizeof(f.id));
	frame_entry_sum(&f);
	n = frame_header_write(&f, h->index, header);
	if (n != h->header_len || f.persons.n != h->persons_len)
		return err_set(e, ERR_INTERNAL,
			       "an erased frame has another length");
	rc = put_at(w, header, n, at, e);
	if (!rc)
		rc = put_at(w, w->line.data, w->line.len,
			    at + n + h->json_len + 1, e);
	return rc;
}

static int change_frame(struct rewrite *w, const struct frame_header *h,
			const char *bytes, uint64_t at, struct err *e)
{
	struct err why = {0};
	uint64_t n;
	int rc = erase_line(w->wish, frame_persons(bytes, h), &w->line, &n,
			    &why);

	if (rc == ERR_MALFORMED) {
		w->report->damaged++;
		return 0;
	}
	if (rc)
		return err_set(e, rc, "%s", why.msg);
	if (!n)
		return 0;
	w->report->records++;
	w->report->elements += n;
	rc = w->out < 0 ? begin_copy(w, e) : 0;
	return rc ? rc : put_frame(w, h, bytes, at, e);
}

static int change_frames(struct rewrite *w, struct err *e)
{
	struct frame_header h;
	const char *bytes;
	uint64_t at = 0, end = 0;
	struct window win;
	int rc;

	window_init(&win, w->in);
	while ((rc = segment_next_frame(&win, at, &at, &h, &bytes, e)) == 1) {
		w->report->damaged += at != end;
		if (h.persons_len > strlen("[]"))
			rc = change_frame(w, &h, bytes, at, e);
		if (rc < 0)
			break;
		at += frame_size(&h);
		end = at;
	}
	window_release(&win);
	return rc;
}

static int replace(struct rewrite *w, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc;

	snprintf(path, sizeof(path), "segments/%s", w->name);
	if (fsync(w->out))
		return ledger_err_write(w->l, "cannot sync a copy", e);
	if (renameat(w->l->dir_fd, tmp_name, w->l->dir_fd, path))
		return err_sys(e, "replace %s", path);
	rc = file_join(w->l->dir, "segments", path, e);
	return rc ? rc : file_sync_dir(path, e);
}

static int change_file(struct ledger *l, const struct erase_wish *wish,
		       const char *name, struct erase_report *out,
		       struct err *e)
{
	struct rewrite w = {
		.l = l, .wish = wish, .report = out, .name = name, .out = -1};
	char path[FILE_MAX_PATH];
	int rc;

	snprintf(path, sizeof(path), "segments/%s", name);
	w.in = openat(l->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (w.in < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	buf_init(&w.line, LEDGER_MAX_PERSONS + 1);
	rc = change_frames(&w, e);
	if (!rc && w.out >= 0)
		rc = replace(&w, e);
	if (rc && w.out >= 0)
		(void)unlinkat(l->dir_fd, tmp_name, 0);
	buf_release(&w.line);
	file_close(&w.in);
	file_close(&w.out);
	return rc;
}

/* ------------------------------------------------------------ all files */

struct name_list {
	char (*v)[FILE_MAX_PATH / 32];
	size_t n, cap;
};

/* A segment that is not appended to any more, or what was set aside. */
static bool is_meant(const char *name, const char *last)
{
	return strspn(name, "0123456789") == SEGMENT_DIGITS &&
	       name[SEGMENT_DIGITS] == '.' && strcmp(name, last) != 0 &&
	       (!strcmp(name + SEGMENT_DIGITS, ".log") ||
		!strncmp(name + SEGMENT_DIGITS, ".aside-", 7));
}

static int collect(struct ledger *l, const char *last, struct name_list *out,
		   struct err *e)
{
	int fd = openat(l->dir_fd, "segments",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (!d) {
		file_close(&fd);
		return err_sys(e, "open segments/");
	}
	while (!rc && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name);

		if (!is_meant(entry->d_name, last) || len >= sizeof(*out->v))
			continue;
		if (array_push(&out->v, out->n, &out->cap, SEGMENT_MAX_LIST))
			rc = err_nomem(e);
		else
			memcpy(out->v[out->n++], entry->d_name, len + 1);
	}
	closedir(d);
	return rc;
}

static int list_files(struct ledger *l, struct name_list *out, struct err *e)
{
	struct segment_list list = {0};
	char last[SEGMENT_NAME_SIZE];
	int rc = segment_list_read(&list, l->dir_fd, e);

	if (!rc) {
		segment_name(list.first[list.n - 1], last);
		rc = collect(l, last + strlen("segments/"), out, e);
	}
	segment_list_release(&list);
	return rc;
}

/* Logins stand in the index, and digests of names in the runs. */
static int clean_index(struct ledger *l, const struct erase_wish *wish,
		       struct err *e)
{
	const char **logins = calloc(wish->n + 1, sizeof(*logins));
	size_t i, n = 0;
	int rc;

	if (!logins)
		return err_nomem(e);
	for (i = 0; i < wish->n; i++)
		if (wish->names[i].field == ERASE_LOGIN)
			logins[n++] = wish->names[i].value;
	rc = memory_rebuild_without(l, logins, n, e);
	free(logins);
	if (!rc)
		rc = runs_remove(l, e);
	return rc ? rc : runs_update(l, e);
}

int erase_run(struct ledger *l, const struct erase_wish *wish,
	      struct erase_report *out, struct err *e)
{
	struct name_list files = {0};
	size_t i;
	int rc = list_files(l, &files, e);

	*out = (struct erase_report){0};
	for (i = 0; !rc && i < files.n; i++)
		rc = change_file(l, wish, files.v[i], out, e);
	free(files.v);
	if (!rc)
		rc = ledger_refresh(l, e);
	/* also where nothing was found: the last run may have been killed */
	return rc ? rc : clean_index(l, wish, e);
}
