/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/sealing.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/encode.h"
#include "base/sha256.h"
#include "courier/event.h"
#include "ledger/seal.h"
#include "sys/files.h"

static bool was_sealed(const struct ledger *l)
{
	char path[FILE_MAX_PATH];

	return file_join(ledger_dir(l), "sealed", path, NULL) ||
	       file_is_dir(path);
}

int sealing_limit(struct ledger *l, uint64_t *n, struct err *e)
{
	struct checkpoint_note c;
	uint64_t size;
	int rc = ledger_size(l, &size, e);

	*n = 0;
	if (rc)
		return rc;
	rc = seal_checkpoint_read(l, &c, e);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		/* one that was taken away seals nothing */
		*n = was_sealed(l) ? 0 : size;
		rc = 0;
	} else if (!rc) {
		*n = c.at.size < size ? c.at.size : size;
	}
	checkpoint_note_release(&c);
	return rc;
}

static bool fill_data(yyjson_mut_doc *doc, yyjson_mut_val *data,
		      const struct checkpoint_note *c, const struct buf *note)
{
	struct buf root = BUF_INIT(128);
	bool ok;

	base64_encode(&root, c->at.root.b, sizeof(c->at.root.b));
	ok = yyjson_mut_obj_add_str(doc, data, "kind", "checkpoint") &&
	     yyjson_mut_obj_add_strncpy(doc, data, "origin", c->at.origin.p,
					c->at.origin.n) &&
	     yyjson_mut_obj_add_uint(doc, data, "size", c->at.size) &&
	     yyjson_mut_obj_add_strncpy(doc, data, "root", root.data,
					root.len) &&
	     yyjson_mut_obj_add_strn(doc, data, "note", note->data, note->len);
	buf_release(&root);
	return ok;
}

static char *write_event(const struct checkpoint_note *c,
			 const struct buf *note, const char *id,
			 const struct buf *source)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_val *data = yyjson_mut_obj(doc);
	char *text = NULL;

	yyjson_mut_doc_set_root(doc, root);
	if (root && data &&
	    yyjson_mut_obj_add_str(doc, root, "specversion", "1.0") &&
	    yyjson_mut_obj_add_str(doc, root, "id", id) &&
	    yyjson_mut_obj_add_str(doc, root, "source", source->data) &&
	    yyjson_mut_obj_add_str(doc, root, "type",
				   "dev.gatepost.checkpoint.v1") &&
	    yyjson_mut_obj_add_str(doc, root, "datacontenttype",
				   "application/json") &&
	    fill_data(doc, data, c, note) &&
	    yyjson_mut_obj_add_val(doc, root, "data", data))
		text = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}

/* Cosignatures come while it is being delivered; they are left out. */
int sealing_event(const struct checkpoint_note *c, char id[UUID_TEXT_SIZE],
		  struct buf *out, struct err *e)
{
	struct buf source = BUF_INIT(EVENT_MAX_SOURCE);
	struct buf note = BUF_INIT(NOTE_MAX);
	char *origin = span_dup(c->at.origin), *text = NULL;
	int rc = 0;

	anchor_own_note(c, &note);
	event_name_by_digest(span_of(note.data, note.len), id);
	if (origin && buf_ok(&note) && !event_source(origin, &source))
		text = write_event(c, &note, id, &source);
	if (!text)
		rc = err_nomem(e);
	else if (buf_adds(out, text))
		rc = err_set(e, ERR_LIMIT, "the checkpoint is too long");
	free(text);
	free(origin);
	buf_release(&note);
	buf_release(&source);
	return rc;
}
