/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/retain.h"
#include "ledger/sealer.h"
#include "ledger/tile_files.h"

struct bundler {
	struct sealer s;
	struct tile_files files;
	struct gone_list gone; /* as a sealed record has it */
	retain_judge *judge;
	void *arg;
	uint64_t size; /* of the tree */
};

/* ------------------------------------------------- what the record names */

static int take_segment(void *arg, yyjson_val *segment, struct err *e)
{
	struct bundler *b = arg;
	yyjson_val *first = yyjson_obj_get(segment, "first");
	yyjson_val *count = yyjson_obj_get(segment, "count");
	struct gone_range range = {.first = yyjson_get_uint(first)};

	range.end = range.first + yyjson_get_uint(count);
	if (!yyjson_is_uint(first) || !yyjson_is_uint(count))
		return err_set(e, ERR_MALFORMED,
			       "a record of kind " RETAIN_KIND
			       " names no segment");
	return gone_add(&b->gone, &range, e);
}

/* The list in segments/ belongs to whoever appends; a sealed record is what
 * a sealer goes by. */
static int read_gone(struct bundler *b, struct ledger *l, struct err *e)
{
	return retain_each_named(l, b->size, take_segment, b, e);
}

/* -------------------------------------------------------------- bundles */

static int may_go(struct bundler *b, uint64_t index, struct span entry,
		  struct err *e)
{
	struct ledger_item item = {
		.index = index, .json = entry, .persons = span_str("[]")};
	const char *why = NULL;
	yyjson_doc *doc;
	int rc = json_parse(&doc, entry, "record", e);

	if (rc)
		return rc;
	item.id = json_str(yyjson_doc_get_root(doc), "id");
	rc = b->judge(b->arg, &item, yyjson_doc_get_root(doc), &why, e);
	yyjson_doc_free(doc);
	if (!rc && why)
		rc = err_set(e, ERR_MALFORMED,
			     "record %" PRIu64 " is said to be removed, and "
			     "has to stay: %s",
			     index, why);
	return rc;
}

/* @param out  the bundle without what is gone
 * @param left  how many entries that leaves, @param cut how many it took */
static int cut_entries(struct bundler *b, const struct tile *t, struct span in,
		       struct buf *out, unsigned *left, unsigned *cut,
		       struct err *e)
{
	struct cursor c = cursor_of(in.p, in.n);
	struct span entry;
	unsigned i;
	int rc = 0;

	*left = *cut = 0;
	for (i = 0; !rc && i < t->width; i++) {
		uint64_t index = t->n * TILE_WIDTH + i;
		bool gone = gone_find(&b->gone, index) != NULL;

		if (!bundle_next(&c, &entry))
			return err_set(e, ERR_MALFORMED,
				       "an entry bundle is damaged; gatepost "
				       "ledger verify tells which");
		*left += entry.n && !gone;
		if (gone && entry.n) {
			rc = may_go(b, index, entry, e);
			entry.n = 0;
			++*cut;
		}
		if (!rc)
			rc = bundle_add(out, entry, e);
	}
	return rc;
}

static int remove_bundle(struct bundler *b, const struct tile *t, struct err *e)
{
	char path[TILE_PATH_SIZE];

	tile_files_drop_partial(&b->files, t);
	tile_path(t, path);
	if (unlinkat(b->s.sealed_fd, path, 0) && errno != ENOENT)
		return err_sys(e, "remove sealed/%s", path);
	return 0;
}

static int change_bundle(struct bundler *b, const struct tile *t, uint64_t *n,
			 struct err *e)
{
	struct tile_source source = tile_source_dir(&b->s.sealed_fd);
	struct buf in = BUF_INIT(TILE_MAX_BUNDLE);
	struct buf out = BUF_INIT(TILE_MAX_BUNDLE);
	unsigned left, cut;
	int rc = tile_read(&source, t, &in, e);

	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		goto out; /* gone before */
	}
	if (!rc)
		rc = cut_entries(b, t, span_of(in.data, in.len), &out, &left,
				 &cut, e);
	if (!rc && !left && t->width == TILE_WIDTH)
		rc = remove_bundle(b, t, e);
	else if (!rc && cut)
		rc = tile_files_write(&b->files, t, span_of(out.data, out.len),
				      e);
	if (rc)
		goto out;
	*n += cut > 0;
out:
	buf_release(&in);
	buf_release(&out);
	return rc;
}

/* Those of earlier checkpoints have the same entries. */
static int drop_older(struct bundler *b, const struct tile *t, uint64_t *n,
		      struct err *e)
{
	(void)n;
	(void)e;
	tile_files_drop_partial(&b->files, t);
	return 0;
}

typedef int bundle_visitor(struct bundler *b, const struct tile *t, uint64_t *n,
			   struct err *e);

/* All bundles with entries that are gone. */
static int each_bundle(struct bundler *b, bundle_visitor *visit, uint64_t *n,
		       struct err *e)
{
	uint64_t next = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < b->gone.n; i++) {
		uint64_t at = b->gone.v[i].first / TILE_WIDTH;

		for (at = at < next ? next : at;
		     !rc && at * TILE_WIDTH < b->gone.v[i].end &&
		     at * TILE_WIDTH < b->size;
		     at++) {
			struct tile t = {TILE_ENTRIES, at,
					 tile_width(TILE_ENTRIES, at, b->size)};

			rc = visit(b, &t, n, e);
			next = at + 1;
		}
	}
	return rc;
}

static int change_all(struct bundler *b, uint64_t *n, struct err *e)
{
	int rc = each_bundle(b, change_bundle, n, e);

	if (!rc)
		rc = tile_files_sync(&b->files, e);
	return rc ? rc : each_bundle(b, drop_older, n, e);
}

int retain_sealed(struct ledger *l, retain_judge *judge, void *arg, uint64_t *n,
		  struct err *e)
{
	struct bundler b = {.judge = judge, .arg = arg};
	struct checkpoint_note last;
	int rc = sealer_open_empty(&b.s, l, e);

	*n = 0;
	checkpoint_note_init(&last);
	if (!rc)
		rc = seal_checkpoint_read(l, &last, e);
	if (!rc) {
		b.size = last.at.size;
		b.files.dir_fd = b.s.sealed_fd;
		b.files.file_mode = b.s.file_mode;
		b.files.dir_mode = b.s.dir_mode;
		rc = read_gone(&b, l, e);
	}
	if (!rc)
		rc = change_all(&b, n, e);
	checkpoint_note_release(&last);
	tile_files_release(&b.files);
	gone_release(&b.gone);
	sealer_close(&b.s);
	return rc;
}
