/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/gone.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/encode.h"
#include "base/text.h"
#include "sys/files.h"

enum { GONE_MAX = 1 << 20, GONE_MAX_FILE = GONE_MAX * 108 };

#define GONE_NAME "segments/gone"

void gone_release(struct gone_list *g)
{
	free(g->v);
	*g = (struct gone_list){0};
}

int gone_add(struct gone_list *g, const struct gone_range *range, struct err *e)
{
	size_t at = g->n;
	int rc;

	while (at && g->v[at - 1].first > range->first)
		at--;
	if (range->first >= range->end ||
	    (at && g->v[at - 1].end > range->first) ||
	    (at < g->n && g->v[at].first < range->end))
		return err_set(e, ERR_USAGE,
			       "records %" PRIu64 " to %" PRIu64
			       " are gone already",
			       range->first, range->end - 1);
	rc = array_push(&g->v, g->n, &g->cap, GONE_MAX);
	if (rc == -2)
		return err_set(e, ERR_LIMIT, "more than %d segments are gone",
			       GONE_MAX);
	if (rc)
		return err_nomem(e);
	memmove(&g->v[at + 1], &g->v[at], (g->n - at) * sizeof(*g->v));
	g->v[at] = *range;
	g->n++;
	return 0;
}

/* ----------------------------------------------------------------- file */

static bool parse_line(struct span line, struct gone_range *out)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct span first, end;

	return cursor_until(&c, ' ', &first) && cursor_until(&c, ' ', &end) &&
	       text_to_u64(first, UINT64_MAX - 1, &out->first) &&
	       text_to_u64(end, UINT64_MAX - 1, &out->end) &&
	       hex_decode(span_of(c.p, cursor_left(&c)), out->root.b,
			  sizeof(out->root.b));
}

static int parse(struct gone_list *g, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct gone_range range;
	struct span line;

	while (cursor_line(&c, &line)) {
		struct err why = {0};
		int rc = parse_line(line, &range) ? gone_add(g, &range, &why)
						  : ERR_USAGE;

		if (rc == ERR_MEMORY)
			return err_nomem(e);
		if (rc)
			g->damaged = true;
	}
	return 0;
}

int gone_read(struct gone_list *g, int dir_fd, struct err *e)
{
	struct buf text = BUF_INIT(GONE_MAX_FILE);
	int fd, rc;

	g->n = 0;
	g->damaged = false;
	fd = openat(dir_fd, GONE_NAME,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open " GONE_NAME);
	rc = file_read_fd(fd, GONE_NAME, &text, e);
	if (!rc)
		rc = parse(g, span_of(text.data, text.len), e);
	file_close(&fd);
	buf_release(&text);
	return rc;
}

int gone_write(const struct gone_list *g, const char *dir, mode_t mode,
	       struct err *e)
{
	struct buf text = BUF_INIT(GONE_MAX_FILE);
	char path[FILE_MAX_PATH], hex[SHA256_HEX_SIZE];
	size_t i;
	int rc = file_join(dir, GONE_NAME, path, e);

	for (i = 0; i < g->n; i++) {
		hex_encode(g->v[i].root.b, sizeof(g->v[i].root.b), hex);
		buf_addf(&text, "%" PRIu64 " %" PRIu64 " %s\n", g->v[i].first,
			 g->v[i].end, hex);
	}
	if (!rc && !buf_ok(&text))
		rc = err_nomem(e);
	if (!rc)
		rc = file_write_durable(path, text.data, text.len, mode, e);
	buf_release(&text);
	return rc;
}

/* -------------------------------------------------------------- look up */

/* The place of the first range that ends behind `index`. */
static size_t place_of(const struct gone_list *g, uint64_t index)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->v[mid].end <= index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct gone_range *gone_find(const struct gone_list *g, uint64_t index)
{
	size_t at = place_of(g, index);

	return at < g->n && g->v[at].first <= index ? &g->v[at] : NULL;
}

uint64_t gone_skip(const struct gone_list *g, uint64_t index)
{
	size_t at = place_of(g, index);

	for (; at < g->n && g->v[at].first <= index; at++)
		index = g->v[at].end;
	return index;
}

uint64_t gone_next(const struct gone_list *g, uint64_t index)
{
	size_t at = place_of(g, index);

	while (at < g->n && g->v[at].first <= index)
		at++;
	return at < g->n ? g->v[at].first : UINT64_MAX;
}

uint64_t gone_count(const struct gone_list *g, uint64_t from, uint64_t end)
{
	uint64_t n = 0;
	size_t at;

	for (at = place_of(g, from); at < g->n && g->v[at].first < end; at++) {
		uint64_t lo = g->v[at].first > from ? g->v[at].first : from;
		uint64_t hi = g->v[at].end < end ? g->v[at].end : end;

		n += hi - lo;
	}
	return n;
}
