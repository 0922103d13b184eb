/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "sys/files.h"

enum { SEGMENT_DIGITS = 20, SYNC_BYTES = 4096, SEARCH_BYTES = 128 << 10 };

void segment_name(uint64_t first, char out[SEGMENT_NAME_SIZE])
{
	snprintf(out, SEGMENT_NAME_SIZE, "segments/%020" PRIu64 ".log", first);
}

static bool parse_name(const char *name, uint64_t *first)
{
	return strlen(name) == SEGMENT_DIGITS + 4 &&
	       strcmp(name + SEGMENT_DIGITS, ".log") == 0 &&
	       text_to_u64(span_of(name, SEGMENT_DIGITS), UINT64_MAX, first);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int collect(struct segment_list *l, DIR *d, struct err *e)
{
	struct dirent *entry;
	uint64_t first;
	int rc;

	for (errno = 0; (entry = readdir(d)); errno = 0) {
		if (!parse_name(entry->d_name, &first))
			continue;
		rc = array_push(&l->first, l->n, &l->cap, SEGMENT_MAX_LIST);
		if (rc == -2)
			return err_set(e, ERR_LIMIT, "more than %d segments",
				       SEGMENT_MAX_LIST);
		if (rc)
			return err_nomem(e);
		l->first[l->n++] = first;
	}
	return errno ? err_sys(e, "read segments/") : 0;
}

/* The last is where records are appended, and never goes. */
static void drop_gone(struct segment_list *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->n; i++)
		if (i + 1 == l->n || !gone_find(&l->gone, l->first[i]))
			l->first[kept++] = l->first[i];
	l->n = kept;
}

int segment_list_read(struct segment_list *l, int dir_fd, struct err *e)
{
	int fd = openat(dir_fd, "segments", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int rc;

	l->n = 0;
	if (!d) {
		rc = err_sys(e, "open segments/");
		file_close(&fd);
		return rc;
	}
	rc = collect(l, d, e);
	closedir(d);
	if (!rc && !l->n)
		rc = err_set(e, ERR_MALFORMED, "segments/ is empty");
	if (rc)
		return rc;
	qsort(l->first, l->n, sizeof(*l->first), by_number);
	rc = gone_read(&l->gone, dir_fd, e);
	if (!rc)
		drop_gone(l);
	return rc;
}

void segment_list_release(struct segment_list *l)
{
	free(l->first);
	gone_release(&l->gone);
	*l = (struct segment_list){0};
}

size_t segment_list_find(const struct segment_list *l, uint64_t index)
{
	size_t lo = 0, hi = l->n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (l->first[mid] <= index)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

uint64_t segment_list_bound(const struct segment_list *l, size_t place)
{
	uint64_t next, gone;

	if (place + 1 >= l->n)
		return UINT64_MAX;
	next = l->first[place + 1];
	gone = gone_next(&l->gone, l->first[place]);
	return gone < next ? gone : next;
}

static int check_regular(int *fd, const char *name, struct err *e)
{
	struct stat st;

	if (!fstat(*fd, &st) && S_ISREG(st.st_mode))
		return 0;
	file_close(fd);
	return err_set(e, ERR_DENIED, "%s is no regular file", name);
}

int segment_open(int dir_fd, uint64_t first, int flags, int *fd, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(first, name);
	/* lest a FIFO in its place holds who seals or verifies */
	*fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd >= 0)
		return check_regular(fd, name, e);
	if (errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s is missing", name);
	return err_sys(e, "open %s", name);
}

int segment_size(int fd, uint64_t *size, struct err *e)
{
	struct stat st;

	*size = 0;
	if (fstat(fd, &st))
		return err_sys(e, "stat segment");
	*size = (uint64_t)st.st_size;
	return 0;
}

int segment_look_header(struct window *w, uint64_t offset,
			struct frame_header *h, struct err *e)
{
	struct span s;
	int rc = window_get(w, offset, FRAME_MAX_HEADER, &s, e);

	if (rc)
		return rc;
	if (!s.n)
		return SEGMENT_END;
	return frame_header_read(s, h) ? SEGMENT_FRAME : SEGMENT_BAD;
}

int segment_look(struct window *w, uint64_t offset, struct frame_header *h,
		 const char **bytes, struct err *e)
{
	int rc = segment_look_header(w, offset, h, e);
	struct span s;

	*bytes = NULL;
	if (rc != SEGMENT_FRAME)
		return rc;
	rc = window_get(w, offset, frame_size(h), &s, e);
	if (rc)
		return rc;
	if (s.n < frame_size(h) || !frame_intact(s.p, h))
		return SEGMENT_BAD;
	*bytes = s.p;
	return SEGMENT_FRAME;
}

int segment_next_header(struct window *w, uint64_t offset, uint64_t *found,
			struct frame_header *h, struct err *e)
{
	uint64_t at = offset ? offset - 1 : 0; /* the LF before a line */
	bool line_start = !offset;

	for (;; line_start = false) {
		struct span s;
		size_t pos;
		int rc = window_get(w, at, SYNC_BYTES, &s, e);

		if (rc)
			return rc;
		pos = frame_resync(s, line_start);
		if (pos == s.n) {
			if (s.n < SYNC_BYTES)
				return 0;
			/* the line may begin at the very end of these */
			at += s.n - sizeof(FRAME_MAGIC);
			continue;
		}
		at += pos;
		rc = segment_look_header(w, at, h, e);
		if (rc == SEGMENT_FRAME) {
			*found = at;
			return 1;
		}
		if (rc < 0)
			return rc;
	}
}

int segment_next_frame(struct window *w, uint64_t offset, uint64_t *found,
		       struct frame_header *h, const char **bytes,
		       struct err *e)
{
	int rc;

	for (*found = offset;; offset = *found) {
		rc = segment_look(w, *found, h, bytes, e);
		if (rc < 0 || rc == SEGMENT_FRAME)
			return rc;
		rc = segment_look_header(w, offset, h, e);
		if (rc == SEGMENT_FRAME) {
			*found = offset + frame_size(h);
			rc = segment_look(w, *found, h, bytes, e);
			if (rc == SEGMENT_FRAME)
				return 1;
		}
		if (rc >= 0)
			rc = segment_next_header(w, offset + 1, found, h, e);
		if (rc <= 0)
			return rc;
	}
}

int segment_search(struct window *w,
		   bool (*before)(const struct frame_header *, const void *),
		   const void *arg, uint64_t *offset, struct err *e)
{
	uint64_t lo = 0, hi;
	int rc = segment_size(w->fd, &hi, e);

	*offset = 0;
	while (!rc && hi - lo > SEARCH_BYTES) {
		uint64_t mid = lo + (hi - lo) / 2, found;
		struct frame_header h;

		rc = segment_next_header(w, mid, &found, &h, e);
		if (rc < 0)
			return rc;
		if (rc == 1 && found < hi && before(&h, arg))
			lo = found;
		else
			hi = mid;
		rc = 0;
	}
	*offset = lo;
	return rc;
}

int segment_walk(struct window *w, uint64_t *offset, uint64_t *index,
		 struct err *e)
{
	for (;;) {
		struct frame_header h;
		const char *bytes;
		int rc = segment_look(w, *offset, &h, &bytes, e);

		if (rc != SEGMENT_FRAME || h.index != *index)
			return rc < 0 ? rc : 0;
		*offset += frame_size(&h);
		*index += 1;
	}
}
