/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/seal.h"
#include "ledger/segment.h"
#include "ledger/verify_private.h"

int verify_tree_init(struct verify *v, struct err *e)
{
	struct verify_tree *t = &v->tree;

	t->size = v->has_last ? v->last.at.size : 0;
	t->source = tile_source_dir(&t->fd);
	t->fd = openat(v->l->dir_fd, "sealed",
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0 && errno != ENOENT)
		return err_sys(e, "open %s/sealed", v->l->dir);
	return 0;
}

void verify_tree_release(struct verify_tree *t)
{
	buf_release(&t->bundle);
	file_close(&t->fd);
}

/* Of 256 hashes or records: the stored file that holds them. */
static struct tile tile_at(const struct verify_tree *t, int level, uint64_t n)
{
	return (struct tile){level, n, tile_width(level, n, t->size)};
}

/* Whether somebody has sealed more meanwhile. */
static bool has_grown(struct verify *v)
{
	struct checkpoint_note now;
	struct err ignored;
	bool yes = !seal_checkpoint_read(v->l, &now, &ignored) &&
		   now.at.size > v->tree.size;

	checkpoint_note_release(&now);
	return yes;
}

static int read_stored(struct verify *v, const struct tile *tile,
		       struct buf *out, bool *there, struct err *e)
{
	struct err why;
	int rc = tile_read(&v->tree.source, tile, out, &why);

	if (rc == ERR_NOT_FOUND && tile->width < TILE_WIDTH && has_grown(v)) {
		struct err second;
		int wider =
			tile_read_wider(&v->tree.source, tile, out, &second);

		rc = wider ? rc : 0;
	}
	*there = !rc;
	/* retention takes the records, and leaves the hashes */
	if (rc == ERR_NOT_FOUND && tile->level == TILE_ENTRIES &&
	    verify_gone_meanwhile(v, tile->n * TILE_WIDTH,
				  tile->n * TILE_WIDTH + tile->width))
		return 0;
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		verify_say(v,
			   tile->level == TILE_ENTRIES ? VERIFY_BUNDLE
						       : VERIFY_TILE,
			   VERIFY_NO_INDEX, "sealed/%s", why.msg);
		return 0;
	}
	return rc ? err_set(e, rc, "sealed/: %s", why.msg) : 0;
}

/* --------------------------------------------------------- 256 records */

/* Before the first of them. */
static int begin_tile(struct verify *v, uint64_t index, struct err *e)
{
	struct verify_tree *t = &v->tree;
	struct buf hashes = BUF_INIT(TILE_WIDTH * SHA256_SIZE);
	struct tile tile = tile_at(t, 0, index / TILE_WIDTH);
	struct tile bundle = {TILE_ENTRIES, tile.n, tile.width};
	int rc = read_stored(v, &tile, &hashes, &t->has_tile, e);

	if (!rc && t->has_tile)
		memcpy(t->tile, hashes.data, hashes.len);
	buf_release(&hashes);
	buf_clear(&t->bundle);
	t->has_bundle = false;
	if (!rc && !verify_all_gone(v, index, index + tile.width))
		rc = read_stored(v, &bundle, &t->bundle, &t->has_bundle, e);
	t->entries = cursor_of(t->bundle.data, t->bundle.len);
	return rc;
}

static void bundle_name(const struct verify_tree *t, uint64_t index,
			char out[TILE_PATH_SIZE])
{
	struct tile bundle = tile_at(t, TILE_ENTRIES, index / TILE_WIDTH);

	tile_path(&bundle, out);
}

/* The stored entry; no address when there is none. */
static struct span next_entry(struct verify *v, uint64_t index)
{
	struct verify_tree *t = &v->tree;
	char name[TILE_PATH_SIZE];
	struct span entry = {NULL, 0};

	if (!t->has_bundle)
		return entry;
	if (bundle_next(&t->entries, &entry)) {
		/* one that retention emptied */
		if (!entry.n && verify_gone_meanwhile(v, index, index + 1))
			entry.p = NULL;
		return entry;
	}
	bundle_name(t, index, name);
	verify_say(v, VERIFY_BUNDLE, index,
		   "sealed/%s: ends before entry %" PRIu64
		   ", which is record %" PRIu64,
		   name, index % TILE_WIDTH, index);
	t->has_bundle = false;
	return span_of(NULL, 0);
}

/** What there is of one leaf. */
struct leaf {
	uint64_t index;
	struct span record, entry; /* without address: not there */
	struct merkle_hash of_record, of_entry, of_tile;
	const struct ledger_place *place;
};

static void say_bundle(struct verify *v, const struct leaf *f)
{
	char name[TILE_PATH_SIZE];

	bundle_name(&v->tree, f->index, name);
	verify_say(v, VERIFY_BUNDLE, f->index,
		   "sealed/%s: entry %" PRIu64 " is not record %" PRIu64, name,
		   f->index % TILE_WIDTH, f->index);
}

static void say_tile(struct verify *v, const struct leaf *f)
{
	struct tile tile = tile_at(&v->tree, 0, f->index / TILE_WIDTH);
	char name[TILE_PATH_SIZE];

	tile_path(&tile, name);
	verify_say(v, VERIFY_TILE, f->index,
		   "sealed/%s: hash %" PRIu64 " is not that of record %" PRIu64,
		   name, f->index % TILE_WIDTH, f->index);
}

static void say_record(struct verify *v, const struct leaf *f)
{
	char segment[SEGMENT_NAME_SIZE], name[TILE_PATH_SIZE];

	segment_name(f->place->segment, segment);
	bundle_name(&v->tree, f->index, name);
	verify_say(v, VERIFY_RECORD, f->index,
		   "%s: record %" PRIu64 " at offset %" PRIu64
		   " is not the one that was sealed (entry %" PRIu64
		   " of sealed/%s)",
		   segment, f->index, f->place->offset, f->index % TILE_WIDTH,
		   name);
}

/* The record is there. @return the hash to believe */
static const struct merkle_hash *compare_record(struct verify *v,
						const struct leaf *f)
{
	bool tile = v->tree.has_tile;
	bool entry_differs =
		f->entry.p && !merkle_equal(&f->of_entry, &f->of_record);

	if (!tile || merkle_equal(&f->of_record, &f->of_tile)) {
		if (entry_differs)
			say_bundle(v, f);
		return &f->of_record;
	}
	if (f->entry.p && !entry_differs) {
		say_tile(v, f);
		return &f->of_record;
	}
	say_record(v, f);
	if (f->entry.p && !merkle_equal(&f->of_entry, &f->of_tile))
		say_bundle(v, f);
	return &f->of_tile;
}

/* It is not. */
static const struct merkle_hash *compare_missing(struct verify *v,
						 const struct leaf *f)
{
	if (v->tree.has_tile) {
		if (f->entry.p && !merkle_equal(&f->of_entry, &f->of_tile))
			say_bundle(v, f);
		return &f->of_tile;
	}
	if (f->entry.p)
		return &f->of_entry;
	v->tree.unknown = true;
	return &f->of_tile;
}

static const struct merkle_hash *believe(struct verify *v, struct leaf *f)
{
	struct verify_tree *t = &v->tree;

	f->entry = next_entry(v, f->index);
	if (t->has_tile)
		f->of_tile = t->tile[f->index % TILE_WIDTH];
	if (f->entry.p && f->record.p && span_equal(f->entry, f->record))
		f->of_entry = f->of_record;
	else if (f->entry.p)
		merkle_leaf(f->entry, &f->of_entry);
	return f->record.p ? compare_record(v, f) : compare_missing(v, f);
}

/* Behind the last of the 256, or of all. */
static void end_bundle(struct verify *v, uint64_t index)
{
	struct verify_tree *t = &v->tree;
	char name[TILE_PATH_SIZE];

	if (!t->has_bundle || !cursor_left(&t->entries) ||
	    (index % TILE_WIDTH < TILE_WIDTH - 1 && index + 1 < t->size))
		return;
	bundle_name(t, index, name);
	verify_say(v, VERIFY_BUNDLE, VERIFY_NO_INDEX,
		   "sealed/%s: goes on behind record %" PRIu64 ", its last",
		   name, index);
}

/* --------------------------------------------------- levels and points */

/* The hashes of this level, computed, against the stored ones. The leaves'
 * level was compared one by one. */
static int compare_level(struct verify *v, int level, uint64_t n,
			 unsigned width, struct err *e)
{
	struct buf stored = BUF_INIT(TILE_WIDTH * SHA256_SIZE);
	const struct merkle_hash *mine = v->tree.level[level].hash;
	struct tile tile = {level, n, width};
	char name[TILE_PATH_SIZE];
	bool there = false;
	unsigned i;
	int rc = 0;

	if (level && !v->tree.unknown)
		rc = read_stored(v, &tile, &stored, &there, e);
	tile_path(&tile, name);
	for (i = 0; there && i < width; i++) {
		uint64_t first = (n * TILE_WIDTH + i) << (level * TILE_HEIGHT);

		if (memcmp(stored.data + i * SHA256_SIZE, mine[i].b,
			   SHA256_SIZE) == 0)
			continue;
		verify_say(v, VERIFY_TILE, VERIFY_NO_INDEX,
			   "sealed/%s: hash %u is not that of records %" PRIu64
			   " to %" PRIu64,
			   name, i, first,
			   first + (UINT64_C(1) << (level * TILE_HEIGHT)) - 1);
	}
	buf_release(&stored);
	return rc;
}

/* Put a hash into its level, and the hash of each full tile above it. */
static int climb(struct verify *v, const struct merkle_hash *leaf,
		 struct err *e)
{
	uint64_t nodes = v->tree.frontier.size; /* with this one */
	struct merkle_hash h = *leaf;
	int level, rc = 0;

	for (level = 0; !rc && level < TILE_LEVELS; level++) {
		v->tree.level[level].hash[v->tree.level[level].n++] = h;
		if (v->tree.level[level].n < TILE_WIDTH)
			break;
		nodes /= TILE_WIDTH;
		rc = compare_level(v, level, nodes - 1, TILE_WIDTH, e);
		merkle_perfect(v->tree.level[level].hash, TILE_WIDTH, &h);
		v->tree.level[level].n = 0;
	}
	return rc;
}

static bool root_is(const struct verify_tree *t, const struct merkle_hash *want)
{
	struct merkle_hash root;

	merkle_root(&t->frontier, &root);
	return !t->unknown && merkle_equal(&root, want);
}

static void check_root(struct verify *v)
{
	if (root_is(&v->tree, &v->last.at.root))
		return;
	verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
		   v->tree.unknown
			   ? "sealed/checkpoint: its root cannot be computed, "
			     "for records are missing without a trace"
			   : "sealed/checkpoint: the first %" PRIu64
			     " records have another root than it says",
		   v->last.at.size);
}

/* Checkpoints that are to hold for the tree as large as it is now. */
static void check_points(struct verify *v)
{
	size_t i;

	for (i = 0; i < v->wish->npoints; i++) {
		struct verify_point *p = &v->wish->points[i];

		if (p->at.size != v->tree.frontier.size ||
		    p->result != VERIFY_OPEN)
			continue;
		p->result = root_is(&v->tree, &p->at.root) ? VERIFY_HOLDS
							   : VERIFY_FAILS;
		if (p->result == VERIFY_FAILS)
			verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
				   "%s: the first %" PRIu64
				   " records are not those of that checkpoint",
				   p->name, p->at.size);
	}
}

int verify_tree_add(struct verify *v, struct span record,
		    const struct ledger_place *place, struct err *e)
{
	struct verify_tree *t = &v->tree;
	struct leaf f = {
		.index = t->frontier.size, .record = record, .place = place};
	const struct merkle_hash *leaf = &f.of_record;
	int rc = 0;

	if (!f.index) {
		check_points(v);
		if (v->has_last && !t->size)
			check_root(v);
	}
	if (record.p)
		merkle_leaf(record, &f.of_record);
	else if (f.index >= t->size)
		t->unknown = true;
	if (f.index < t->size) {
		if (f.index % TILE_WIDTH == 0)
			rc = begin_tile(v, f.index, e);
		if (rc)
			return rc;
		leaf = believe(v, &f);
		end_bundle(v, f.index);
	}
	if (!record.p)
		verify_gone_leaf(v, f.index, leaf);
	merkle_add(&t->frontier, leaf);
	if (f.index < t->size)
		rc = climb(v, leaf, e);
	if (t->frontier.size == t->size)
		check_root(v);
	check_points(v);
	return rc;
}

int verify_tree_finish(struct verify *v, struct err *e)
{
	struct verify_tree *t = &v->tree;
	uint64_t nodes = t->size;
	size_t i;
	int level, rc = 0;

	if (!t->frontier.size) {
		check_points(v);
		if (v->has_last)
			check_root(v);
	}
	for (level = 0; !rc && level < TILE_LEVELS; level++) {
		if (t->level[level].n)
			rc = compare_level(v, level, nodes / TILE_WIDTH,
					   t->level[level].n, e);
		nodes /= TILE_WIDTH;
	}
	for (i = 0; i < v->wish->npoints; i++) {
		struct verify_point *p = &v->wish->points[i];

		if (p->at.size > t->size && v->has_last)
			verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
				   "sealed/checkpoint: has %" PRIu64
				   " records, %s has %" PRIu64
				   ": a later checkpoint was taken away",
				   t->size, p->name, p->at.size);
		if (p->result == VERIFY_OPEN) {
			p->result = VERIFY_FAILS;
			verify_say(v, VERIFY_CHECKPOINT, VERIFY_NO_INDEX,
				   "%s: there are no longer %" PRIu64
				   " records",
				   p->name, p->at.size);
		}
	}
	return rc;
}
