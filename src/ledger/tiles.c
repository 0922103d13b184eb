/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/files.h"

enum { GROUP = 1000, MAX_GROUPS = 7 };

/* Three digits a directory, so that none holds more than 1,000 names. */
static void add_number(uint64_t n, char out[TILE_PATH_SIZE])
{
	unsigned group[MAX_GROUPS];
	int groups = 0, i;
	size_t at = strlen(out);

	do {
		group[groups++] = (unsigned)(n % GROUP);
		n /= GROUP;
	} while (n);
	for (i = groups; i-- > 0; at = strlen(out))
		snprintf(out + at, TILE_PATH_SIZE - at, i ? "x%03u/" : "%03u",
			 group[i]);
}

void tile_path(const struct tile *t, char out[TILE_PATH_SIZE])
{
	size_t at;

	if (t->level == TILE_ENTRIES)
		snprintf(out, TILE_PATH_SIZE, "tile/entries/");
	else
		snprintf(out, TILE_PATH_SIZE, "tile/%d/", t->level);
	add_number(t->n, out);
	at = strlen(out);
	if (t->width < TILE_WIDTH)
		snprintf(out + at, TILE_PATH_SIZE - at, ".p/%u", t->width);
}

unsigned tile_width(int level, uint64_t n, uint64_t size)
{
	unsigned shift = level > 0 ? (unsigned)level * TILE_HEIGHT : 0;
	uint64_t nodes = shift < 64 ? size >> shift : 0;

	if (n >= (nodes + TILE_WIDTH - 1) / TILE_WIDTH)
		return 0;
	nodes -= n * TILE_WIDTH;
	return nodes < TILE_WIDTH ? (unsigned)nodes : TILE_WIDTH;
}

/* --------------------------------------------------------------- source */

static int read_below(void *arg, const char *path, struct buf *out,
		      struct err *e)
{
	int fd = openat(*(int *)arg, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_NOT_FOUND, "%s: is missing", path);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	rc = file_read_fd(fd, path, out, e);
	file_close(&fd);
	return rc;
}

struct tile_source tile_source_dir(int *dir_fd)
{
	return (struct tile_source){read_below, dir_fd};
}

static int check_length(const struct tile *t, const char *path, size_t got,
			struct err *e)
{
	if (t->level == TILE_ENTRIES || got == t->width * SHA256_SIZE)
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "%s: is %zu bytes long, not %u hashes of 32", path, got,
		       t->width);
}

/* A full tile begins with the partial one. */
static void cut(const struct tile *t, struct buf *out, size_t was)
{
	struct cursor c = cursor_of(out->data + was, out->len - was);
	struct span entry;
	unsigned i;

	if (t->level != TILE_ENTRIES) {
		buf_truncate(out, was + t->width * SHA256_SIZE);
		return;
	}
	for (i = 0; i < t->width && bundle_next(&c, &entry); i++)
		;
	buf_truncate(out, (size_t)(c.p - out->data));
}

int tile_read(const struct tile_source *s, const struct tile *t,
	      struct buf *out, struct err *e)
{
	struct tile full = {t->level, t->n, TILE_WIDTH};
	char path[TILE_PATH_SIZE];
	size_t was = out->len;
	struct err ignored;
	int rc;

	tile_path(t, path);
	rc = s->read(s->arg, path, out, e);
	if (!rc)
		return check_length(t, path, out->len - was, e);
	if (rc != ERR_NOT_FOUND || t->width == TILE_WIDTH)
		return rc;
	/* the tree has grown, and partial ones go when the full one comes */
	tile_path(&full, path);
	if (s->read(s->arg, path, out, &ignored))
		return rc;
	rc = check_length(&full, path, out->len - was, e);
	if (!rc)
		cut(t, out, was);
	return rc;
}

int tile_read_wider(const struct tile_source *s, const struct tile *t,
		    struct buf *out, struct err *e)
{
	struct tile wider = *t;
	char path[TILE_PATH_SIZE];
	size_t was = out->len;
	int rc = ERR_NOT_FOUND;

	while (rc == ERR_NOT_FOUND && ++wider.width < TILE_WIDTH) {
		tile_path(&wider, path);
		rc = s->read(s->arg, path, out, e);
	}
	if (!rc)
		rc = check_length(&wider, path, out->len - was, e);
	if (!rc)
		cut(t, out, was);
	return rc;
}

/* ----------------------------------------------------------------- tree */

int tile_tree_init(struct tile_tree *t, struct tile_source source,
		   uint64_t size, struct err *e)
{
	*t = (struct tile_tree){.source = source, .size = size};
	t->cache = calloc(TILES_CACHED, sizeof(*t->cache));
	return t->cache ? 0 : err_nomem(e);
}

void tile_tree_release(struct tile_tree *t)
{
	free(t->cache);
	t->cache = NULL;
}

static int load_tile(struct tile_tree *t, const struct tile *want,
		     struct tile_cached *c, struct err *e)
{
	struct buf bytes = BUF_INIT(TILE_WIDTH * SHA256_SIZE);
	int rc = tile_read(&t->source, want, &bytes, e);

	c->tile.width = 0;
	if (!rc) {
		memcpy(c->hash, bytes.data, bytes.len);
		c->tile = *want;
	}
	buf_release(&bytes);
	return rc;
}

static int get_tile(struct tile_tree *t, const struct tile *want,
		    const struct merkle_hash **out, struct err *e)
{
	struct tile_cached *c;
	unsigned i;
	int rc;

	for (i = 0; i < TILES_CACHED; i++) {
		c = &t->cache[i];
		if (c->tile.width && c->tile.level == want->level &&
		    c->tile.n == want->n) {
			*out = c->hash;
			return 0;
		}
	}
	c = &t->cache[t->next++ % TILES_CACHED];
	rc = load_tile(t, want, c, e);
	*out = rc ? NULL : c->hash;
	return rc;
}

static int read_node(void *arg, unsigned level, uint64_t index,
		     struct merkle_hash *out, struct err *e)
{
	struct tile_tree *t = arg;
	unsigned inner = level % TILE_HEIGHT;
	uint64_t first = index << inner; /* of the tile's level */
	struct tile want = {.level = (int)(level / TILE_HEIGHT),
			    .n = first / TILE_WIDTH};
	const struct merkle_hash *hashes;
	int rc;

	want.width = tile_width(want.level, want.n, t->size);
	if (first % TILE_WIDTH + (1U << inner) > want.width)
		return err_set(e, ERR_INTERNAL, "a node beyond the tree");
	rc = get_tile(t, &want, &hashes, e);
	if (!rc)
		merkle_perfect(hashes + first % TILE_WIDTH, (size_t)1 << inner,
			       out);
	return rc;
}

struct merkle_tree tile_tree_merkle(struct tile_tree *t)
{
	return (struct merkle_tree){t->size, read_node, t};
}

int tile_tree_root(struct tile_tree *t, uint64_t size, struct merkle_hash *out,
		   struct err *e)
{
	struct merkle_tree first = {size, read_node, t};
	struct merkle_frontier frontier;
	int rc = merkle_load(&first, &frontier, e);

	if (!rc)
		merkle_root(&frontier, out);
	return rc;
}

/* -------------------------------------------------------------- bundles */

int bundle_add(struct buf *bundle, struct span entry, struct err *e)
{
	unsigned char len[2] = {(unsigned char)(entry.n >> 8),
				(unsigned char)entry.n};

	if (entry.n > LEDGER_MAX_RECORD)
		return err_set(e, ERR_LIMIT, "an entry too long for a bundle");
	buf_add(bundle, len, sizeof(len));
	return buf_add(bundle, entry.p, entry.n) ? err_nomem(e) : 0;
}

bool bundle_next(struct cursor *c, struct span *entry)
{
	struct cursor at = *c;
	uint16_t n;

	if (!cursor_u16(&at, &n) || !cursor_take(&at, n, entry))
		return false;
	*c = at;
	return true;
}
