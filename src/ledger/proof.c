/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "ledger/internal.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1\n";

void proof_write_hashes(const struct merkle_proof *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		base64_encode(out, p->h[i].b, sizeof(p->h[i].b));
		buf_addch(out, '\n');
	}
}

/* The hashes of a proof, from any copy of the tiles. */
static int prove_path(const struct tile_source *source, uint64_t size,
		      uint64_t index, struct merkle_proof *out, struct err *e)
{
	struct tile_tree tree;
	struct merkle_tree stored;
	int rc = tile_tree_init(&tree, *source, size, e);

	if (!rc) {
		stored = tile_tree_merkle(&tree);
		rc = merkle_prove_inclusion(&stored, index, out, e);
	}
	tile_tree_release(&tree);
	return rc;
}

int proof_consistency(const struct tile_source *source,
		      const struct checkpoint *older,
		      const struct checkpoint *newer, struct merkle_proof *out,
		      struct err *e)
{
	struct tile_tree tree;
	struct merkle_tree stored;
	int rc;

	out->n = 0;
	if (!span_equal(older->origin, newer->origin))
		return err_set(e, ERR_MALFORMED,
			       "they are of different ledgers");
	if (older->size > newer->size)
		return err_set(e, ERR_MALFORMED,
			       "the newer checkpoint has fewer records: "
			       "%" PRIu64 ", not %" PRIu64,
			       newer->size, older->size);
	rc = tile_tree_init(&tree, *source, newer->size, e);
	if (!rc) {
		stored = tile_tree_merkle(&tree);
		rc = merkle_prove_consistency(&stored, older->size, out, e);
	}
	if (!rc)
		rc = merkle_check_consistency(older->size, &older->root,
					      newer->size, &newer->root, out,
					      e);
	tile_tree_release(&tree);
	return rc;
}

/* ----------------------------------------------------------------- make */

static int read_record(struct ledger *l, uint64_t index, struct buf *out,
		       struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, index, e);

	if (rc)
		return rc;
	rc = ledger_reader_next(r, &item, e);
	if (rc == 1 && item.index == index)
		rc = buf_add(out, item.json.p, item.json.n) ? err_nomem(e) : 0;
	else if (rc >= 0)
		rc = err_set(e, ERR_NOT_FOUND,
			     "the ledger %s has no record %" PRIu64, l->dir,
			     index);
	ledger_reader_free(r);
	return rc;
}

static int take_entry(const struct tile_source *source, uint64_t size,
		      uint64_t index, struct buf *out, struct err *e)
{
	uint64_t n = index / TILE_WIDTH;
	struct tile t = {TILE_ENTRIES, n, tile_width(TILE_ENTRIES, n, size)};
	struct buf bundle = BUF_INIT(TILE_MAX_BUNDLE);
	struct span entry = {0};
	struct cursor c;
	uint64_t at;
	int rc = tile_read(source, &t, &bundle, e);

	c = cursor_of(bundle.data, bundle.len);
	for (at = n * TILE_WIDTH; !rc && at <= index; at++)
		if (!bundle_next(&c, &entry))
			rc = ERR_MALFORMED;
	if (!rc && !entry.n)
		rc = ERR_NOT_FOUND; /* by retention */
	if (!rc && buf_add(out, entry.p, entry.n))
		rc = ERR_MEMORY;
	buf_release(&bundle);
	return rc;
}

/* A record's second copy; find_path() shows whether it is what was sealed. */
static int read_sealed(struct ledger *l, uint64_t size, uint64_t index,
		       struct buf *out)
{
	struct tile_source source;
	struct err e;
	int fd, rc;

	if (index >= size)
		return ERR_NOT_FOUND;
	fd = openat(l->dir_fd, "sealed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYS;
	source = tile_source_dir(&fd);
	buf_clear(out);
	rc = take_entry(&source, size, index, out, &e);
	file_close(&fd);
	return rc;
}

static int check_sealed(struct ledger *l, const struct checkpoint_note *c,
			uint64_t index, struct err *e)
{
	struct note_vkeys keys = {0};
	int rc = 0;

	if (index >= c->at.size)
		rc = err_set(e, ERR_NOT_FOUND,
			     "record %" PRIu64 " is not sealed yet; gatepost "
			     "ledger seal does it",
			     index);
	if (!rc)
		rc = seal_vkeys_read(l, &keys, e);
	if (!rc) {
		rc = note_verify(&c->note, &keys, NULL, e);
		if (rc)
			err_wrap(e, "%s/sealed/checkpoint", l->dir);
	}
	note_vkeys_release(&keys);
	return rc;
}

static int find_path(struct ledger *l, const struct checkpoint *c,
		     struct span record, uint64_t index,
		     struct merkle_proof *path, struct err *e)
{
	int fd =
		openat(l->dir_fd, "sealed", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct tile_source source = tile_source_dir(&fd);
	struct merkle_hash leaf;
	int rc;

	if (fd < 0)
		return err_sys(e, "open %s/sealed", l->dir);
	rc = prove_path(&source, c->size, index, path, e);
	merkle_leaf(record, &leaf);
	if (!rc)
		rc = merkle_check_inclusion(&leaf, index, c->size, path,
					    &c->root, e);
	if (rc)
		err_wrap(e,
			 "the ledger %s: record %" PRIu64
			 " or the tiles are not what was sealed",
			 l->dir, index);
	file_close(&fd);
	return rc == ERR_NOT_FOUND ? ERR_MALFORMED : rc;
}

static int write_proof(uint64_t index, struct span record,
		       const struct merkle_proof *path,
		       const struct checkpoint_note *c, struct buf *out,
		       struct err *e)
{
	buf_adds(out, first_line);
	buf_adds(out, "extra ");
	base64_encode(out, record.p, record.n);
	buf_addf(out, "\nindex %" PRIu64 "\n", index);
	proof_write_hashes(path, out);
	buf_addch(out, '\n');
	buf_add(out, c->bytes.data, c->bytes.len);
	return buf_ok(out) ? 0 : err_nomem(e);
}

/* The record and its path: as it stands in the segments, or, where that is not
 * what was sealed, its second copy. */
static int find_sealed_record(struct ledger *l, const struct checkpoint *c,
			      uint64_t index, struct buf *record,
			      struct merkle_proof *path, bool *restored,
			      struct err *e)
{
	struct err why;
	int rc = read_record(l, index, record, e);

	if (index >= c->size)
		return rc;
	if (!rc)
		rc = find_path(l, c, span_of(record->data, record->len), index,
			       path, e);
	if (rc != ERR_MALFORMED && rc != ERR_NOT_FOUND)
		return rc;
	*restored = !read_sealed(l, c->size, index, record) &&
		    !find_path(l, c, span_of(record->data, record->len), index,
			       path, &why);
	return *restored ? 0 : rc;
}

int proof_make(struct ledger *l, uint64_t index, struct buf *out,
	       bool *restored, struct err *e)
{
	struct buf record = BUF_INIT(LEDGER_MAX_RECORD);
	struct checkpoint_note c;
	struct merkle_proof path;
	int rc = seal_checkpoint_read(l, &c, e);

	*restored = false;
	if (!rc)
		rc = find_sealed_record(l, &c.at, index, &record, &path,
					restored, e);
	if (!rc)
		rc = check_sealed(l, &c, index, e);
	if (!rc)
		rc = write_proof(index, span_of(record.data, record.len), &path,
				 &c, out, e);
	checkpoint_note_release(&c);
	buf_release(&record);
	return rc;
}

/* ---------------------------------------------------------------- check */

void proof_facts_init(struct proof_facts *f)
{
	*f = (struct proof_facts){0};
	buf_init(&f->record, LEDGER_MAX_RECORD);
	checkpoint_note_init(&f->checkpoint);
}

void proof_facts_release(struct proof_facts *f)
{
	buf_release(&f->record);
	checkpoint_note_release(&f->checkpoint);
}

static int no_proof(struct err *e, const char *why)
{
	return err_set(e, ERR_MALFORMED, "no proof: %s", why);
}

static bool take_index(struct cursor *c, uint64_t *out)
{
	struct span word;

	return cursor_literal(c, "index ") && cursor_until(c, '\n', &word) &&
	       (word.n == 1 || (word.n && word.p[0] != '0')) &&
	       text_to_u64(word, MERKLE_MAX_SIZE, out);
}

static int take_hash(struct span line, struct merkle_proof *path, struct err *e)
{
	struct buf raw = BUF_INIT(SHA256_SIZE);
	int rc = 0;

	if (path->n == MERKLE_MAX_PROOF)
		rc = no_proof(e, "it has too many hashes");
	else if (!base64_decode(&raw, line) || raw.len != SHA256_SIZE)
		rc = no_proof(e, "one of its lines is no hash");
	else
		memcpy(path->h[path->n++].b, raw.data, SHA256_SIZE);
	buf_release(&raw);
	return rc;
}

static int take_proof(struct span proof, struct proof_facts *out,
		      struct merkle_proof *path, struct err *e)
{
	struct cursor c = cursor_of(proof.p, proof.n);
	struct buf note = BUF_INIT(NOTE_MAX);
	struct span line;
	int rc = 0;

	path->n = 0;
	if (!cursor_literal(&c, first_line))
		return no_proof(e, "it does not begin as one");
	if (cursor_literal(&c, "extra ") &&
	    (!cursor_until(&c, '\n', &line) ||
	     !base64_decode(&out->record, line)))
		return no_proof(e, "its extra data are not those of a record");
	if (!take_index(&c, &out->index))
		return no_proof(e, "it has no index");
	for (;;) {
		if (!cursor_until(&c, '\n', &line))
			return no_proof(e, "it has no checkpoint");
		if (!line.n)
			break;
		rc = take_hash(line, path, e);
		if (rc)
			return rc;
	}
	if (buf_add(&note, c.p, cursor_left(&c)))
		rc = no_proof(e, "its checkpoint is too long");
	else
		rc = checkpoint_note_take(&out->checkpoint, &note,
					  "the proof's checkpoint", e);
	buf_release(&note);
	return rc;
}

/* The record that is asked about is the one that is proven. */
static int choose_record(struct proof_facts *f, struct span record,
			 struct err *e)
{
	if (!record.n && !f->record.len)
		return err_set(e, ERR_NOT_FOUND,
			       "the proof has no record in it, and none was "
			       "given");
	if (!record.n)
		return 0;
	buf_clear(&f->record);
	return buf_add(&f->record, record.p, record.n)
		       ? err_set(e, ERR_MALFORMED,
				 "that is no record: it is "
				 "too long")
		       : 0;
}

int proof_check(struct span proof, struct span record,
		const struct note_vkeys *keys, struct proof_facts *out,
		struct err *e)
{
	const struct checkpoint *at = &out->checkpoint.at;
	struct merkle_proof path;
	struct merkle_hash leaf;
	int rc = take_proof(proof, out, &path, e);

	if (!rc)
		rc = choose_record(out, record, e);
	if (!rc)
		rc = note_verify(&out->checkpoint.note, keys, NULL, e);
	if (rc)
		return rc;
	merkle_leaf(span_of(out->record.data, out->record.len), &leaf);
	return merkle_check_inclusion(&leaf, out->index, at->size, &path,
				      &at->root, e);
}
