/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tile_write.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/tile_files.h"

struct tile_writer {
	struct tile_files files;
	struct merkle_frontier tree;
	struct tile_level {
		struct merkle_hash hash[TILE_WIDTH];
		unsigned n;
	} level[TILE_LEVELS];	 /* of the tile that is being filled */
	struct buf bundle;	 /* the records below that of level 0 */
	struct merkle_hash last; /* leaf */
	uint64_t flushed;	 /* the size that is durable */
};

int tile_writer_new(struct tile_writer **out, int dir_fd, mode_t file_mode,
		    mode_t dir_mode, struct err *e)
{
	struct tile_writer *w = calloc(1, sizeof(*w));

	*out = w;
	if (!w)
		return err_nomem(e);
	w->files = (struct tile_files){
		.dir_fd = dir_fd, .file_mode = file_mode, .dir_mode = dir_mode};
	buf_init(&w->bundle, TILE_MAX_BUNDLE);
	return 0;
}

void tile_writer_free(struct tile_writer *w)
{
	if (!w)
		return;
	tile_files_release(&w->files);
	buf_release(&w->bundle);
	free(w);
}

uint64_t tile_writer_size(const struct tile_writer *w)
{
	return w->tree.size;
}

void tile_writer_root(const struct tile_writer *w, struct merkle_hash *out)
{
	merkle_root(&w->tree, out);
}

bool tile_writer_is_last(const struct tile_writer *w,
			 const struct merkle_hash *leaf)
{
	return w->tree.size && merkle_equal(&w->last, leaf);
}

/* --------------------------------------------------------------- resume */

static int load_level(struct tile_writer *w, const struct tile_source *s,
		      int level, struct err *e)
{
	struct buf bytes = BUF_INIT(TILE_WIDTH * SHA256_SIZE);
	uint64_t nodes = w->tree.size >> (level * TILE_HEIGHT);
	struct tile t = {level, nodes / TILE_WIDTH, nodes % TILE_WIDTH};
	int rc = t.width ? tile_read(s, &t, &bytes, e) : 0;

	if (!rc)
		memcpy(w->level[level].hash, bytes.data, bytes.len);
	w->level[level].n = t.width;
	buf_release(&bytes);
	return rc;
}

/* The records of the last, partial bundle: they go into the next one. */
static int load_bundle(struct tile_writer *w, const struct tile_source *s,
		       struct err *e)
{
	struct tile t = {TILE_ENTRIES, w->tree.size / TILE_WIDTH,
			 w->tree.size % TILE_WIDTH};
	char path[TILE_PATH_SIZE];
	struct merkle_hash leaf;
	struct cursor c;
	struct span entry;
	unsigned i;
	int rc = t.width ? tile_read(s, &t, &w->bundle, e) : 0;

	c = cursor_of(w->bundle.data, w->bundle.len);
	for (i = 0; !rc && i < t.width; i++) {
		if (bundle_next(&c, &entry))
			merkle_leaf(entry, &leaf);
		else
			entry.p = NULL;
		/* retention leaves empty ones */
		if (entry.p &&
		    (!entry.n || merkle_equal(&leaf, &w->level[0].hash[i])))
			continue;
		tile_path(&t, path);
		rc = err_set(e, ERR_MALFORMED,
			     "%s: entry %u is not the one that its tile has",
			     path, i);
	}
	if (!rc) /* a full one may have stood in */
		buf_truncate(&w->bundle, (size_t)(c.p - w->bundle.data));
	return rc;
}

/* All that is in the tree has to be under the root that was signed. */
static int load_tree(struct tile_writer *w, const struct tile_source *s,
		     uint64_t size, const struct merkle_hash *root,
		     struct err *e)
{
	struct tile_tree tree;
	struct merkle_tree stored;
	struct merkle_hash found;
	int rc = tile_tree_init(&tree, *s, size, e);

	if (!rc) {
		stored = tile_tree_merkle(&tree);
		rc = merkle_load(&stored, &w->tree, e);
		if (!rc && size)
			rc = stored.read(stored.arg, 0, size - 1, &w->last, e);
	}
	tile_tree_release(&tree);
	if (rc)
		return rc;
	merkle_root(&w->tree, &found);
	if (!merkle_equal(&found, root))
		return err_set(e, ERR_MALFORMED,
			       "the tiles are not those of the checkpoint: "
			       "they have another root");
	return 0;
}

int tile_writer_resume(struct tile_writer *w, uint64_t size,
		       const struct merkle_hash *root, struct err *e)
{
	struct tile_source s = tile_source_dir(&w->files.dir_fd);
	int level, rc = load_tree(w, &s, size, root, e);

	for (level = 0; !rc && level < TILE_LEVELS; level++)
		rc = load_level(w, &s, level, e);
	if (!rc)
		rc = load_bundle(w, &s, e);
	w->flushed = size;
	return rc;
}

/* ------------------------------------------------------------------ add */

static int write_tile(struct tile_writer *w, int level, uint64_t n,
		      unsigned width, struct err *e)
{
	struct tile t = {level, n, width};

	return tile_files_write(
		&w->files, &t,
		span_of(w->level[level].hash, width * SHA256_SIZE), e);
}

static int write_bundle(struct tile_writer *w, uint64_t n, unsigned width,
			struct err *e)
{
	struct tile t = {TILE_ENTRIES, n, width};

	return tile_files_write(&w->files, &t,
				span_of(w->bundle.data, w->bundle.len), e);
}

/* The tile of this level is full: it is a node of the one above. */
static int close_tile(struct tile_writer *w, int level, struct err *e)
{
	struct tile_level *full = &w->level[level], *above = full + 1;
	uint64_t nodes = w->tree.size >> (level * TILE_HEIGHT);
	int rc = write_tile(w, level, nodes / TILE_WIDTH - 1, TILE_WIDTH, e);

	if (rc)
		return rc;
	if (level + 1 < TILE_LEVELS)
		merkle_perfect(full->hash, TILE_WIDTH,
			       &above->hash[above->n++]);
	full->n = 0;
	return 0;
}

/* A bundle of nothing but empty entries is none. */
static bool bundle_is_empty(const struct tile_writer *w)
{
	return w->bundle.len == 2 * TILE_WIDTH;
}

static int add_leaf(struct tile_writer *w, struct span entry,
		    const struct merkle_hash *leaf, struct err *e)
{
	struct tile_level *leaves = &w->level[0];
	int level = 0, rc = bundle_add(&w->bundle, entry, e);

	if (rc)
		return rc;
	w->last = *leaf;
	merkle_add(&w->tree, &w->last);
	leaves->hash[leaves->n++] = w->last;
	if (leaves->n < TILE_WIDTH)
		return 0;
	if (!bundle_is_empty(w))
		rc = write_bundle(w, w->tree.size / TILE_WIDTH - 1, TILE_WIDTH,
				  e);
	buf_clear(&w->bundle);
	for (; !rc && level < TILE_LEVELS && w->level[level].n == TILE_WIDTH;
	     level++)
		rc = close_tile(w, level, e);
	return rc;
}

int tile_writer_add(struct tile_writer *w, struct span entry, struct err *e)
{
	struct merkle_hash leaf;

	merkle_leaf(entry, &leaf);
	return add_leaf(w, entry, &leaf, e);
}

int tile_writer_add_hash(struct tile_writer *w, const struct merkle_hash *leaf,
			 struct err *e)
{
	return add_leaf(w, span_of("", 0), leaf, e);
}

static void prune_level(struct tile_writer *w, int level, int shift)
{
	uint64_t n = w->flushed >> shift, end = w->tree.size >> shift;

	for (; n < end; n++)
		tile_files_drop_partial(&w->files,
					&(struct tile){level, n, TILE_WIDTH});
}

/* Partial tiles in whose place there are durable full ones by now, which
 * whoever goes by the last checkpoint can read instead. */
static void prune(struct tile_writer *w)
{
	int level;

	prune_level(w, TILE_ENTRIES, TILE_HEIGHT);
	for (level = 0; level < TILE_LEVELS - 1; level++)
		prune_level(w, level, (level + 1) * TILE_HEIGHT);
	w->flushed = w->tree.size;
}

int tile_writer_flush(struct tile_writer *w, struct err *e)
{
	uint64_t nodes = w->tree.size;
	int level, rc = 0;

	if (w->level[0].n)
		rc = write_bundle(w, nodes / TILE_WIDTH, w->level[0].n, e);
	for (level = 0; !rc && level < TILE_LEVELS; level++) {
		if (w->level[level].n)
			rc = write_tile(w, level, nodes / TILE_WIDTH,
					w->level[level].n, e);
		nodes /= TILE_WIDTH;
	}
	if (!rc)
		rc = tile_files_sync(&w->files, e);
	if (!rc)
		prune(w);
	return rc;
}
