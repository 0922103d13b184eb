/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "ledger/copy_private.h"
#include "ledger/segment.h"

enum { MAX_INCOMING = 256 << 20, EVIDENCE_PATH = 96, TILE_NAME = 96 };

/* ------------------------------------------------------------- segments */

static bool below(const struct frame_header *h, const void *arg)
{
	return h->index < *(const uint64_t *)arg;
}

/* Where the records below `size` end in the segment; whole headers are
 * enough, for a damaged record keeps its place. */
static int find_end(struct window *w, uint64_t first, uint64_t size,
		    uint64_t *end, uint64_t *next, struct err *e)
{
	struct frame_header h;
	int rc;

	*end = 0;
	*next = first;
	if (size == first)
		return 0;
	rc = segment_search(w, below, &size, end, e);
	while (!rc) {
		rc = segment_look_header(w, *end, &h, e);
		if (rc != SEGMENT_FRAME || h.index >= size)
			break;
		*end += frame_size(&h);
		*next = h.index + 1;
		rc = 0;
	}
	return rc < 0 ? rc : 0;
}

static int drop_segment(struct copy *c, uint64_t first, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(first, name);
	if (unlinkat(c->l->dir_fd, name, 0) && errno != ENOENT)
		return err_sys(e, "remove %s/%s", c->l->dir, name);
	return 0;
}

/* The list, without segments of records behind the verified ones. */
static int cut_segments(struct copy *c, uint64_t *first, struct err *e)
{
	struct segment_list list = {0};
	uint64_t size = copy_size(c);
	int rc = segment_list_read(&list, c->l->dir_fd, e);

	while (!rc && list.n > 1 && list.first[list.n - 1] >= size)
		rc = drop_segment(c, list.first[--list.n], e);
	*first = rc ? 0 : list.first[list.n - 1];
	segment_list_release(&list);
	return rc;
}

int copy_open_segment(struct copy *c, struct err *e)
{
	uint64_t size = copy_size(c), first, end = 0, next = 0;
	struct window w;
	int rc = cut_segments(c, &first, e);

	if (!rc)
		rc = segment_open(c->l->dir_fd, first, O_RDWR | O_APPEND,
				  &c->segment_fd, e);
	if (rc)
		return rc;
	window_init(&w, c->segment_fd);
	rc = find_end(&w, first, size, &end, &next, e);
	window_release(&w);
	c->gap = next < size;
	c->segment_bytes = end;
	if (!rc && gone_skip(&c->gone, next) < size)
		rc = err_set(e, ERR_MALFORMED,
			     "the copy's record %" PRIu64
			     " is damaged or missing: gatepost ledger verify "
			     "tells more; make a new copy",
			     size - 1);
	if (!rc && ftruncate(c->segment_fd, (off_t)end))
		rc = err_sys(e, "cut the last segment of %s", c->l->dir);
	return rc;
}

static int sync_dir(struct copy *c, const char *name, struct err *e)
{
	int fd = openat(c->l->dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || fsync(fd))
		rc = err_sys(e, "sync %s/%s", c->l->dir, name);
	file_close(&fd);
	return rc;
}

int copy_sync_segment(struct copy *c, struct err *e)
{
	if (file_write_all(c->segment_fd, c->pending.data, c->pending.len,
			   NULL) ||
	    fdatasync(c->segment_fd))
		return ledger_err_write(c->l, "cannot write a segment", e);
	buf_clear(&c->pending);
	return sync_dir(c, "segments", e);
}

int copy_next_segment(struct copy *c, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	int rc = copy_sync_segment(c, e);

	if (rc)
		return rc;
	file_close(&c->segment_fd);
	segment_name(copy_next(c), name);
	c->segment_fd = openat(c->l->dir_fd, name,
			       O_RDWR | O_APPEND | O_CREAT | O_TRUNC |
				       O_CLOEXEC | O_NOFOLLOW,
			       c->l->file_mode);
	if (c->segment_fd < 0 || fchmod(c->segment_fd, c->l->file_mode))
		return ledger_err_write(c->l, "cannot make a segment", e);
	c->segment_bytes = 0;
	c->gap = false;
	return 0;
}

/* ------------------------------------------------------------- evidence */

static void drop_evidence(struct copy *c, struct span hex)
{
	char path[EVIDENCE_PATH];
	unsigned char digest[SHA256_SIZE];

	if (!hex_decode(hex, digest, sizeof(digest)))
		return; /* the last line of a run that was killed */
	snprintf(path, sizeof(path), "evidence/%.2s/%.62s.z", hex.p, hex.p + 2);
	(void)unlinkat(c->l->dir_fd, path, 0);
}

/* `incoming` begins with the size from which its run went on. If that is
 * not the copy's any more, all of it was published. */
static int undo_evidence(struct copy *c, struct err *e)
{
	struct buf text = BUF_INIT(MAX_INCOMING);
	struct span line;
	struct cursor at;
	uint64_t from;
	int rc = 0, fd = openat(c->l->dir_fd, COPY_INCOMING,
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT
			       ? 0
			       : err_sys(e, "open %s/incoming", c->l->dir);
	rc = file_read_fd(fd, COPY_INCOMING, &text, e);
	file_close(&fd);
	at = cursor_of(text.data, text.len);
	if (!rc && cursor_line(&at, &line) &&
	    text_to_u64(line, UINT64_MAX, &from) && from == copy_size(c))
		while (cursor_line(&at, &line))
			drop_evidence(c, line);
	buf_release(&text);
	if (!rc && unlinkat(c->l->dir_fd, COPY_INCOMING, 0))
		rc = err_sys(e, "remove %s/incoming", c->l->dir);
	return rc;
}

/* ---------------------------------------------------------------- tiles */

static bool has_tile(const struct copy *c, const struct tile *t)
{
	char path[TILE_PATH_SIZE];

	tile_path(t, path);
	return !faccessat(c->sealed_fd, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* It, or what was to become it. @return whether there was any */
static bool drop_tile(const struct copy *c, const struct tile *t)
{
	char path[TILE_PATH_SIZE], tmp[TILE_NAME];
	bool had;

	tile_path(t, path);
	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	had = !unlinkat(c->sealed_fd, tmp, 0);
	return !unlinkat(c->sealed_fd, path, 0) || had;
}

/* Full tiles beyond the tree; in its last place, only if the partial one
 * that the tree has there is still there. */
static void drop_tiles(const struct copy *c, int level)
{
	unsigned shift = level > 0 ? (unsigned)level * TILE_HEIGHT : 0;
	uint64_t nodes = copy_size(c) >> shift;
	struct tile t = {level, nodes / TILE_WIDTH,
			 (unsigned)(nodes % TILE_WIDTH)};

	if (t.width && !has_tile(c, &t))
		t.n++;
	t.width = TILE_WIDTH;
	while (drop_tile(c, &t))
		t.n++;
}

/* ------------------------------------------------------------ retention */

static int undo_gone(struct copy *c, struct err *e)
{
	int rc = gone_read(&c->gone, c->l->dir_fd, e);
	size_t n = c->gone.n;

	if (!rc && c->gone.damaged)
		return err_set(e, ERR_MALFORMED,
			       "the copy's segments/gone is damaged; make a "
			       "new copy");
	while (c->gone.n && c->gone.v[c->gone.n - 1].first >= copy_size(c))
		c->gone.n--;
	c->gone_changed = false;
	if (rc || c->gone.n == n)
		return rc;
	return gone_write(&c->gone, c->l->dir, c->l->file_mode, e);
}

int copy_undo(struct copy *c, struct err *e)
{
	int level, rc = undo_evidence(c, e);

	if (!rc)
		rc = undo_gone(c, e);
	for (level = TILE_ENTRIES; level < TILE_LEVELS - 1; level++)
		drop_tiles(c, level);
	file_close(&c->segment_fd);
	buf_clear(&c->pending);
	if (!rc)
		rc = copy_open_segment(c, e);
	return rc;
}
