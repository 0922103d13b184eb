/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ledger/follow_private.h"
#include "ledger/json.h"
#include "ledger/persons.h"

enum { STATUS_OK = 200, STATUS_NOT_FOUND = 404, STATUS_GONE = 410 };
enum { MAX_STATUS = 999, MAX_WHY = 1024 };

/* ---------------------------------------------------------------- files */

static int say_why(struct wire *w, const char *path, uint64_t status,
		   size_t bytes, struct err *e)
{
	struct buf why = BUF_INIT(MAX_WHY), clean = BUF_INIT(2 * ERR_MAX_MSG);
	int rc = bytes > MAX_WHY ? err_set(e, ERR_MALFORMED,
					   "%s: so long a reason is none", path)
				 : wire_bytes(w, bytes, &why, e);

	if (!rc && (status == STATUS_NOT_FOUND || status == STATUS_GONE)) {
		rc = err_set(e, ERR_NOT_FOUND, "%s: is missing", path);
	} else if (!rc) {
		text_add_printable(&clean, span_of(why.data, why.len),
				   ERR_MAX_MSG / 2);
		rc = err_set(e, ERR_SYS, "%s: %s", path, clean.data);
	}
	buf_release(&why);
	buf_release(&clean);
	return rc;
}

/* A tile_source. */
static int read_served(void *arg, const char *path, struct buf *out,
		       struct err *e)
{
	struct wire *w = arg;
	char line[WIRE_MAX_LINE];
	struct cursor c;
	uint64_t status, bytes;
	struct span word;
	int rc = wire_putf(w, e, "%s\n", path);

	if (!rc)
		rc = wire_flush(w, e);
	if (!rc)
		rc = wire_line(w, line, e);
	if (rc < 0)
		return rc;
	if (!rc)
		return err_set(e, ERR_SYS, "there was no answer");
	c = cursor_of(line, strlen(line));
	if (!cursor_until(&c, ' ', &word) ||
	    !text_to_u64(word, MAX_STATUS, &status) ||
	    !text_to_u64(span_of(c.p, cursor_left(&c)), TILE_MAX_BUNDLE,
			 &bytes))
		return err_set(e, ERR_SYS, "that is no answer");
	if (status != STATUS_OK)
		return say_why(w, path, status, (size_t)bytes, e);
	if (bytes > out->max - out->len)
		return err_set(e, ERR_MALFORMED, "%s: is too long", path);
	return wire_bytes(w, (size_t)bytes, out, e);
}

static struct tile_source source_of(struct follow *f)
{
	return (struct tile_source){read_served, &f->w};
}

/* What is signed and not there is damage. */
static int needed(int rc)
{
	return rc == ERR_NOT_FOUND ? ERR_MALFORMED : rc;
}

/* ----------------------------------------------------------------- head */

int follow_served_head(struct follow *f, struct buf *keys, struct buf *note,
		       struct err *e)
{
	int rc = read_served(&f->w, "checkpoint", note, e);

	if (rc == ERR_NOT_FOUND)
		return err_set(e, ERR_SYS,
			       "there is no checkpoint: name the URL of what "
			       "is sealed");
	if (!rc)
		rc = read_served(&f->w, "vkeys", keys, e);
	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(e); /* another file than a log has to serve */
	return 0;
}

int follow_served_open(struct follow *f, struct err *e)
{
	return tile_tree_init(&f->served, source_of(f), f->note.at.size, e);
}

int follow_served_root(struct follow *f, uint64_t size, struct merkle_hash *out,
		       struct err *e)
{
	return needed(tile_tree_root(&f->served, size, out, e));
}

/* -------------------------------------------------------------- records */

/* The frame that it has here, with nobody in it. */
static int make_frame(struct span json, uint64_t index, struct buf *out,
		      struct err *e)
{
	struct buf nobody = BUF_INIT(LEDGER_MAX_PERSONS);
	struct frame_entry f = {.json = json};
	char header[FRAME_MAX_HEADER];
	yyjson_doc *doc;
	struct span id;
	int rc = json_parse(&doc, json, "record", e);

	if (rc)
		return rc;
	id = json_str(yyjson_doc_get_root(doc), "id");
	persons_write_erased(yyjson_doc_get_root(doc), &nobody);
	if (!uuid_is(id)) {
		rc = err_set(e, ERR_MALFORMED, "has no id");
	} else if (!buf_ok(&nobody) || memchr(json.p, '\n', json.n)) {
		rc = err_set(e, ERR_MALFORMED, "is no record");
	} else {
		memcpy(f.id, id.p, id.n);
		f.persons = span_of(nobody.data, nobody.len);
		frame_entry_sum(&f);
		buf_clear(out);
		buf_add(out, header, frame_header_write(&f, index, header));
		buf_add(out, json.p, json.n);
		buf_addch(out, '\n');
		buf_add(out, nobody.data, nobody.len);
		if (buf_addch(out, '\n'))
			rc = err_nomem(e);
	}
	yyjson_doc_free(doc);
	buf_release(&nobody);
	return rc;
}

/* The root shows that something is wrong; the hash shows what. */
static int check_leaf(struct follow *f, uint64_t index, struct span entry,
		      struct err *e)
{
	struct merkle_tree tree = tile_tree_merkle(&f->served);
	struct merkle_hash stored, found;
	int rc = needed(tree.read(tree.arg, 0, index, &stored, e));

	if (rc)
		return rc;
	merkle_leaf(entry, &found);
	return merkle_equal(&stored, &found)
		       ? 0
		       : err_set(e, ERR_MALFORMED,
				 "is not the one that was sealed, or was "
				 "taken by retention");
}

static int add_entry(struct follow *f, struct span entry, struct buf *frame,
		     struct err *e)
{
	uint64_t index = copy_next(f->copy);
	struct frame_header h;
	int rc = check_leaf(f, index, entry, e);

	if (!rc)
		rc = make_frame(entry, index, frame, e);
	if (!rc && !frame_header_read(span_of(frame->data, frame->len), &h))
		rc = err_set(e, ERR_MALFORMED, "is no record");
	if (!rc)
		rc = copy_add(f->copy, frame->data, &h, e);
	return rc ? err_wrap(e, "record %" PRIu64, index) : 0;
}

/* @param bundle  its memory is used again */
static int add_bundle(struct follow *f, struct buf *bundle, struct buf *frame,
		      struct err *e)
{
	uint64_t next = copy_next(f->copy), i;
	struct tile t = {.level = TILE_ENTRIES, .n = next / TILE_WIDTH};
	struct tile_source source = source_of(f);
	char path[TILE_PATH_SIZE];
	struct cursor c;
	struct span entry;
	int rc;

	t.width = tile_width(t.level, t.n, f->note.at.size);
	tile_path(&t, path);
	buf_clear(bundle);
	rc = needed(tile_read(&source, &t, bundle, e));
	c = cursor_of(bundle->data, bundle->len);
	for (i = 0; !rc && i < t.width; i++) {
		if (!bundle_next(&c, &entry))
			return err_set(e, ERR_MALFORMED,
				       "%s: has %" PRIu64 " of %u entries",
				       path, i, t.width);
		if (t.n * TILE_WIDTH + i >= next)
			rc = add_entry(f, entry, frame, e);
	}
	if (!rc && cursor_left(&c))
		rc = err_set(e, ERR_MALFORMED,
			     "%s: goes on behind its last entry", path);
	return rc;
}

int follow_served_records(struct follow *f, struct err *e)
{
	struct buf bundle = BUF_INIT(TILE_MAX_BUNDLE);
	struct buf frame = BUF_INIT(FRAME_MAX);
	int rc = 0;

	while (!rc && copy_next(f->copy) < f->note.at.size)
		rc = add_bundle(f, &bundle, &frame, e);
	buf_release(&bundle);
	buf_release(&frame);
	return rc;
}
