/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "base/uuid.h"
#include "ledger/gone.h"
#include "ledger/sealer.h"
#include "ledger/segment.h"
#include "ledger/tile_write.h"

/* A run over millions of records leaves a checkpoint now and then. */
enum { SEAL_BATCH = 1 << 16, MAX_SUBSTITUTE = 512 };

struct sealing {
	struct sealer s;
	unsigned flags;
	struct tile_writer *w;
	struct seal_report *report;
};

/* --------------------------------------------------------------- resume */

static int resume(struct sealing *g, struct err *e)
{
	const struct checkpoint *last = &g->s.last.at;
	struct err why = {0};
	int rc = tile_writer_new(&g->w, g->s.sealed_fd, g->s.file_mode,
				 g->s.dir_mode, e);

	if (rc || g->flags & SEAL_REBUILD)
		return rc;
	rc = tile_writer_resume(g->w, last->size, &last->root, &why);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED)
		return err_set(e, ERR_MALFORMED,
			       "%s/sealed: %s; gatepost ledger seal --rebuild "
			       "writes the tiles again",
			       g->s.l->dir, why.msg);
	return rc ? err_set(e, rc, "%s", why.msg) : 0;
}

/*
 * Where no state tells how much of the last segment is durable, it is made
 * so: what is under a signature must not be lost in a power failure.
 */
static int settle_tail(struct ledger *l, struct err *e)
{
	struct segment_list list = {0};
	uint64_t durable;
	int fd = -1, rc;

	if (ledger_limit(l, &durable))
		return 0;
	rc = segment_list_read(&list, l->dir_fd, e);
	if (!rc)
		rc = segment_open(l->dir_fd, list.first[list.n - 1], O_RDONLY,
				  &fd, e);
	if (!rc && fdatasync(fd))
		rc = err_sys(e, "sync the last segment");
	file_close(&fd);
	segment_list_release(&list);
	return rc;
}

static int check_size(struct sealing *g, struct err *e)
{
	uint64_t n;
	int rc = ledger_size(g->s.l, &n, e);

	if (rc || n >= g->s.last.at.size)
		return rc;
	return err_set(e, ERR_MALFORMED,
		       "the ledger %s has %" PRIu64 " records, and %" PRIu64
		       " were sealed: some are gone",
		       g->s.l->dir, n, g->s.last.at.size);
}

/* --------------------------------------------------------------- append */

static int commit(struct sealing *g, struct err *e)
{
	uint64_t size = tile_writer_size(g->w);
	bool grown = size > g->s.last.at.size;
	struct merkle_hash root;
	int rc;

	if (size < g->s.last.at.size)
		return 0; /* building again what was sealed */
	rc = grown || g->flags & SEAL_REBUILD ? tile_writer_flush(g->w, e) : 0;
	if (rc)
		return rc;
	if (!grown && sealer_all_signed(&g->s))
		return g->s.unpublished || g->flags & SEAL_REBUILD
			       ? sealer_publish(&g->s, e)
			       : 0;
	tile_writer_root(g->w, &root);
	rc = sealer_sign(&g->s, size, &root, e);
	if (!rc) {
		g->report->after = size;
		g->report->signed_now = true;
	}
	return rc;
}

/* The last sealed record, as it stands in the ledger now. */
static int check_sealed(struct sealing *g, const struct ledger_item *item,
			struct err *e)
{
	struct merkle_hash leaf;

	merkle_leaf(item->json, &leaf);
	if (tile_writer_is_last(g->w, &leaf))
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "the ledger %s: record %" PRIu64
		       " is not the one that was sealed; nothing more is "
		       "sealed: gatepost ledger verify tells what has changed",
		       g->s.l->dir, item->index);
}

/* @param entry  or NULL: there is the hash alone */
static int add_leaf(struct sealing *g, const struct span *entry,
		    const struct merkle_hash *leaf, struct err *e)
{
	const struct checkpoint *last = &g->s.last.at;
	struct merkle_hash root;
	uint64_t size;
	int rc = entry ? tile_writer_add(g->w, *entry, e)
		       : tile_writer_add_hash(g->w, leaf, e);

	size = tile_writer_size(g->w);
	if (!rc && size == last->size) { /* built again */
		tile_writer_root(g->w, &root);
		if (!merkle_equal(&root, &last->root))
			return err_set(e, ERR_MALFORMED,
				       "the ledger %s: the records are not "
				       "those that were sealed",
				       g->s.l->dir);
	}
	if (!rc && size % SEAL_BATCH == 0)
		rc = commit(g, e);
	return rc;
}

static int add_entry(struct sealing *g, struct span entry, struct err *e)
{
	return add_leaf(g, &entry, NULL, e);
}

/* An entry in the place of a record that nobody can read any more. */
static int add_substitute(struct sealing *g, struct err *e)
{
	struct buf json = BUF_INIT(MAX_SUBSTITUTE);
	char id[UUID_TEXT_SIZE], now[TIME_RFC3339_SIZE];
	int64_t ms = time_now_ms();
	int rc = uuid7_make(ms, id, e);

	time_format(ms, now);
	buf_addf(&json,
		 "{\"id\":\"%s\",\"time\":\"%s\",\"kind\":\"break\","
		 "\"reason\":\"record-damaged\",\"index\":%" PRIu64
		 ",\"persons\":[]}",
		 id, now, tile_writer_size(g->w));
	if (!rc)
		rc = buf_ok(&json)
			     ? add_entry(g, span_of(json.data, json.len), e)
			     : err_nomem(e);
	if (!rc)
		g->report->replaced++;
	buf_release(&json);
	return rc;
}

/*
 * Of what retention removed the hashes are still there, and go into the new
 * tiles; that they are the right ones, the root of the last checkpoint says.
 */
static int add_gone(struct sealing *g, uint64_t index, struct err *e)
{
	struct gone_list gone = {0};
	struct tile_tree tiles;
	struct merkle_tree old;
	struct merkle_hash leaf;
	int rc = gone_read(&gone, g->s.l->dir_fd, e);

	if (!rc)
		rc = tile_tree_init(&tiles, tile_source_dir(&g->s.sealed_fd),
				    g->s.last.at.size, e);
	if (rc)
		goto out;
	old = tile_tree_merkle(&tiles);
	while (!rc && tile_writer_size(g->w) < index &&
	       tile_writer_size(g->w) < g->s.last.at.size &&
	       gone_find(&gone, tile_writer_size(g->w))) {
		rc = old.read(old.arg, 0, tile_writer_size(g->w), &leaf, e);
		if (!rc)
			rc = add_leaf(g, NULL, &leaf, e);
	}
	tile_tree_release(&tiles);
out:
	gone_release(&gone);
	return rc;
}

/* Up to the record `index`, records are missing. */
static int fill_gap(struct sealing *g, uint64_t index, struct err *e)
{
	int rc = tile_writer_size(g->w) < index ? add_gone(g, index, e) : 0;

	if (rc)
		return rc;
	if (tile_writer_size(g->w) < index && !(g->flags & SEAL_DAMAGED))
		return err_set(e, ERR_MALFORMED,
			       "the ledger %s: record %" PRIu64
			       " is not there, nothing from there on can be "
			       "sealed",
			       g->s.l->dir, tile_writer_size(g->w));
	while (!rc && tile_writer_size(g->w) < index)
		rc = add_substitute(g, e);
	return rc;
}

static int take_item(struct sealing *g, const struct ledger_item *item,
		     struct err *e)
{
	int rc;

	if (item->index < tile_writer_size(g->w))
		return check_sealed(g, item, e);
	rc = fill_gap(g, item->index, e);
	return rc ? rc : add_entry(g, item->json, e);
}

/* What was sealed has its hashes: that it is gone keeps nothing behind it from
 * being sealed. */
static bool is_passed(const struct sealing *g, const struct ledger_reader *r)
{
	struct ledger_place place;

	if (g->flags & SEAL_REBUILD)
		return false;
	ledger_reader_place(r, &place);
	return place.resumes <= tile_writer_size(g->w);
}

static int append_from(struct sealing *g, struct ledger_reader *r,
		       struct err *e)
{
	struct ledger_item item;
	bool damaged = false;
	uint64_t size;
	int more, rc = 0;

	for (;;) {
		more = ledger_reader_next(r, &item, e);
		if (more == ERR_MALFORMED && is_passed(g, r)) {
			err_clear(e);
			continue;
		}
		if (more == ERR_MALFORMED && g->flags & SEAL_DAMAGED) {
			damaged = true;
			continue;
		}
		if (more != 1)
			break;
		rc = take_item(g, &item, e);
		if (rc)
			return rc;
	}
	if (!more && damaged) {
		rc = ledger_size(g->s.l, &size, e);
		if (!rc)
			rc = fill_gap(g, size, e);
	}
	return rc ? rc : more;
}

static int append_all(struct sealing *g, struct err *e)
{
	uint64_t from = tile_writer_size(g->w);
	struct ledger_reader *r;
	struct err why = {0};
	int rc = ledger_reader_new(&r, g->s.l, from ? from - 1 : 0, e), done;

	if (rc)
		return rc;
	rc = append_from(g, r, &why);
	ledger_reader_free(r);
	if (rc && rc != ERR_MALFORMED)
		return err_set(e, rc, "%s", why.msg);
	/* what stands before the damage is sealed */
	done = commit(g, e);
	return done ? done : rc ? err_set(e, rc, "%s", why.msg) : 0;
}

int seal_run(struct ledger *l, unsigned flags, struct seal_report *out,
	     struct err *e)
{
	struct sealing g = {.flags = flags, .report = out};
	int rc = sealer_open(&g.s, l, flags & SEAL_REBUILD, e);

	*out = (struct seal_report){0};
	if (!rc) {
		out->before = out->after = g.s.last.at.size;
		out->unusable = g.s.keys.unusable;
		rc = settle_tail(l, e);
	}
	if (!rc)
		rc = check_size(&g, e);
	if (!rc)
		rc = resume(&g, e);
	if (!rc)
		rc = append_all(&g, e);
	tile_writer_free(g.w);
	sealer_close(&g.s);
	return rc;
}

int seal_checkpoint_read(struct ledger *l, struct checkpoint_note *out,
			 struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(l->dir, "sealed/checkpoint", path, e);

	checkpoint_note_init(out);
	return rc ? rc : checkpoint_note_read(out, path, e);
}

uint64_t seal_promised(struct ledger *l)
{
	struct note_vkeys keys = {0};
	struct checkpoint_note last;
	struct err why;
	uint64_t size = 0;

	if (!seal_checkpoint_read(l, &last, &why) &&
	    span_is(last.at.origin, l->origin) &&
	    !seal_vkeys_read(l, &keys, &why) &&
	    !note_verify(&last.note, &keys, NULL, &why))
		size = last.at.size;
	note_vkeys_release(&keys);
	checkpoint_note_release(&last);
	return size;
}
