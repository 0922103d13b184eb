/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/copy_private.h"
#include "ledger/json.h"
#include "ledger/persons.h"
#include "ledger/seal.h"
#include "ledger/seal_keys.h"
#include "sys/lock.h"

enum { LOCK_WAIT_MS = 1000, MAX_VKEYS = NOTE_MAX_KEYS * NOTE_MAX_VKEY };

/* ----------------------------------------------------------------- open */

static int open_lock(struct copy *c, struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(c->l->dir, "locks/follow", path, e);

	if (!rc)
		rc = lock_open(path, c->l->file_mode, LOCK_WAIT_MS, &c->lock_fd,
			       e);
	return rc == ERR_TIMEOUT
		       ? err_set(e, rc, "%s: another run adds to it now",
				 c->l->dir)
		       : rc;
}

static int open_sealed(struct copy *c, struct err *e)
{
	struct stat st;
	int rc;

	c->sealed_fd = openat(c->l->dir_fd, "sealed",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->sealed_fd < 0 || fstat(c->sealed_fd, &st))
		return err_sys(e, "open %s/sealed", c->l->dir);
	c->sealed_mode = 0200 | (st.st_mode & 0444);
	c->sealed_dir_mode = st.st_mode & (0755 | S_ISGID);
	rc = seal_vkeys_read(c->l, &c->keys, e);
	if (!rc)
		rc = seal_checkpoint_read(c->l, &c->last, e);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		rc = note_verify(&c->last.note, &c->keys, NULL, e);
		if (rc)
			err_wrap(e, "%s/sealed/checkpoint", c->l->dir);
	}
	return rc == ERR_NOT_FOUND ? ERR_MALFORMED : rc;
}

static int open_all(struct copy *c, const char *dir, struct err *e)
{
	int rc = ledger_open(&c->l, dir, LEDGER_READ, e);

	if (!rc)
		rc = open_lock(c, e);
	if (!rc)
		rc = open_sealed(c, e);
	if (!rc)
		rc = tile_tree_init(&c->tree, tile_source_dir(&c->sealed_fd),
				    copy_size(c), e);
	return rc ? rc : copy_undo(c, e);
}

int copy_open(struct copy **out, const char *dir, const char *source,
	      struct span origin, bool bare, struct err *e)
{
	struct copy *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (!c)
		return err_nomem(e);
	c->lock_fd = c->sealed_fd = c->segment_fd = c->incoming_fd = -1;
	checkpoint_note_init(&c->last);
	buf_init(&c->pending, COPY_BUFFER + FRAME_MAX);
	rc = copy_make(dir, source, origin, bare, e);
	if (!rc)
		rc = open_all(c, dir, e);
	if (rc) {
		copy_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

void copy_close(struct copy *c)
{
	struct err ignored;

	if (!c)
		return;
	if (c->begun)
		(void)copy_undo(c, &ignored);
	tile_writer_free(c->w);
	tile_tree_release(&c->tree);
	file_close(&c->segment_fd);
	file_close(&c->incoming_fd);
	file_close(&c->sealed_fd);
	lock_release(&c->lock_fd);
	buf_release(&c->pending);
	gone_release(&c->gone);
	checkpoint_note_release(&c->last);
	note_vkeys_release(&c->keys);
	ledger_close(c->l);
	free(c);
}

/* ----------------------------------------------------------------- look */

uint64_t copy_size(const struct copy *c)
{
	return c->last.at.size;
}

int copy_root(struct copy *c, uint64_t size, struct merkle_hash *out,
	      struct err *e)
{
	return tile_tree_root(&c->tree, size, out, e);
}

const struct note_vkeys *copy_keys(const struct copy *c)
{
	return &c->keys;
}

bool copy_has_note(const struct copy *c, const struct checkpoint_note *n)
{
	return span_equal(span_of(c->last.bytes.data, c->last.bytes.len),
			  span_of(n->bytes.data, n->bytes.len));
}

uint64_t copy_next(const struct copy *c)
{
	return tile_writer_size(c->w);
}

bool copy_has_evidence(const struct copy *c, const char *hex)
{
	return ledger_evidence_has(c->l, hex);
}

/* ------------------------------------------------------------------ add */

static int open_incoming(struct copy *c, struct err *e)
{
	struct buf line = BUF_INIT(64);
	int rc;

	c->incoming_fd = openat(c->l->dir_fd, COPY_INCOMING,
				O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
					O_CLOEXEC | O_NOFOLLOW,
				c->l->file_mode);
	if (c->incoming_fd < 0)
		return ledger_err_write(c->l, "cannot make incoming", e);
	buf_addf(&line, "%" PRIu64 "\n", copy_size(c));
	rc = file_write_all(c->incoming_fd, line.data, line.len, e);
	buf_release(&line);
	return rc;
}

int copy_begin(struct copy *c, struct err *e)
{
	int rc = tile_writer_new(&c->w, c->sealed_fd, c->sealed_mode,
				 c->sealed_dir_mode, e);

	if (!rc && copy_size(c)) {
		rc = tile_writer_resume(c->w, c->last.at.size, &c->last.at.root,
					e);
		if (rc)
			err_wrap(e, "the copy %s is damaged", c->l->dir);
		if (rc == ERR_NOT_FOUND)
			rc = ERR_MALFORMED;
	}
	c->begun = true;
	return rc ? rc : open_incoming(c, e);
}

static int check_record(const char *frame, const struct frame_header *h,
			struct err *e)
{
	struct span json = frame_json(frame, h);
	yyjson_doc *doc;
	int rc = json_parse(&doc, json, "record", e);

	if (rc)
		return rc;
	if (!span_is(json_str(yyjson_doc_get_root(doc), "id"), h->id))
		rc = err_set(e, ERR_MALFORMED, "its first line has another id");
	yyjson_doc_free(doc);
	return rc ? rc : persons_check(json, frame_persons(frame, h), e);
}

int copy_add(struct copy *c, const char *frame, const struct frame_header *h,
	     struct err *e)
{
	int rc = 0;

	if (h->index != copy_next(c) || !frame_intact(frame, h))
		rc = err_set(e, ERR_MALFORMED,
			     "it does not match its "
			     "checksum or its number");
	if (!rc)
		rc = check_record(frame, h, e);
	if (!rc && (c->gap || c->segment_bytes >= LEDGER_SEGMENT_BYTES))
		rc = copy_next_segment(c, e);
	if (!rc)
		rc = tile_writer_add(c->w, frame_json(frame, h), e);
	if (rc)
		return rc;
	c->segment_bytes += frame_size(h);
	if (buf_add(&c->pending, frame, frame_size(h)))
		return err_nomem(e);
	if (c->pending.len < COPY_BUFFER)
		return 0;
	if (file_write_all(c->segment_fd, c->pending.data, c->pending.len,
			   NULL))
		return ledger_err_write(c->l, "cannot write a segment", e);
	buf_clear(&c->pending);
	return 0;
}

int copy_add_hash(struct copy *c, const struct merkle_hash *leaf, struct err *e)
{
	c->gap = true;
	return tile_writer_add_hash(c->w, leaf, e);
}

int copy_add_gone(struct copy *c, const struct gone_range *range, struct err *e)
{
	c->gone_changed = true;
	return gone_add(&c->gone, range, e);
}

int copy_add_evidence(struct copy *c, const char *hex, struct span bytes,
		      struct err *e)
{
	char found[SHA256_HEX_SIZE];

	sha256_hex(bytes.p, bytes.n, found);
	if (strcmp(found, hex) != 0)
		return err_set(e, ERR_MALFORMED,
			       "evidence %s: has another digest (%s)", hex,
			       found);
	if (ledger_evidence_has(c->l, hex))
		return 0;
	found[SHA256_HEX_SIZE - 1] = '\n';
	if (file_write_all(c->incoming_fd, found, SHA256_HEX_SIZE, NULL))
		return ledger_err_write(c->l, "cannot write incoming", e);
	return ledger_evidence_put(c->l, bytes, found, e);
}

/* -------------------------------------------------------------- publish */

static int write_keys(struct copy *c, const struct note_vkeys *keys,
		      struct err *e)
{
	struct buf text = BUF_INIT(MAX_VKEYS);
	char path[FILE_MAX_PATH];
	size_t i;
	int rc = file_join(c->l->dir, "sealed/vkeys", path, e);

	for (i = 0; i < keys->n; i++) {
		note_vkey_write(&keys->v[i], &text);
		buf_addch(&text, '\n');
	}
	if (!rc && !buf_ok(&text))
		rc = err_nomem(e);
	if (!rc)
		rc = file_write_durable(path, text.data, text.len,
					c->sealed_mode, e);
	buf_release(&text);
	return rc;
}

static int check_root(const struct copy *c, const struct checkpoint *at,
		      struct err *e)
{
	struct merkle_hash root;

	tile_writer_root(c->w, &root);
	if (tile_writer_size(c->w) == at->size &&
	    merkle_equal(&root, &at->root))
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "records %" PRIu64 " to %" PRIu64
		       " are not those under the root of the checkpoint",
		       copy_size(c), at->size ? at->size - 1 : 0);
}

static int write_note(struct copy *c, struct checkpoint_note *note,
		      struct err *e)
{
	char path[FILE_MAX_PATH];
	int rc = file_join(c->l->dir, "sealed/checkpoint", path, e);

	if (!rc)
		rc = file_write_durable(path, note->bytes.data, note->bytes.len,
					c->sealed_mode, e);
	if (rc)
		return rc;
	checkpoint_note_release(&c->last);
	c->last = *note;
	checkpoint_note_init(note);
	return 0;
}

int copy_publish(struct copy *c, struct checkpoint_note *note,
		 const struct note_vkeys *keys, struct err *e)
{
	int rc = check_root(c, &note->at, e);

	if (!rc)
		rc = copy_sync_segment(c, e);
	if (!rc)
		rc = tile_writer_flush(c->w, e);
	if (!rc && c->gone_changed)
		rc = gone_write(&c->gone, c->l->dir, c->l->file_mode, e);
	if (!rc)
		rc = write_keys(c, keys, e);
	if (rc)
		return rc;
	/* should this fail, nobody knows which of the two is there; whoever
	 * opens the copy next looks */
	c->begun = false;
	rc = write_note(c, note, e);
	if (rc)
		return rc;
	(void)unlinkat(c->l->dir_fd, COPY_INCOMING, 0);
	tile_tree_release(&c->tree);
	return tile_tree_init(&c->tree, tile_source_dir(&c->sealed_fd),
			      copy_size(c), e);
}
