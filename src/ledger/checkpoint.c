/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "sys/files.h"

static int bad(struct err *e, const char *why)
{
	return err_set(e, ERR_MALFORMED, "no checkpoint: %s", why);
}

static bool take_root(struct span line, struct merkle_hash *out)
{
	struct buf raw = BUF_INIT(SHA256_SIZE);
	bool ok = base64_decode(&raw, line) && raw.len == SHA256_SIZE;

	if (ok)
		memcpy(out->b, raw.data, SHA256_SIZE);
	buf_release(&raw);
	return ok;
}

int checkpoint_parse(struct checkpoint *out, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;

	*out = (struct checkpoint){0};
	if (!cursor_until(&c, '\n', &out->origin) || !out->origin.n)
		return bad(e, "it has no origin");
	if (!cursor_until(&c, '\n', &line) ||
	    (line.n > 1 && line.p[0] == '0') ||
	    !text_to_u64(line, MERKLE_MAX_SIZE, &out->size))
		return bad(e, "its second line is no size");
	if (!cursor_until(&c, '\n', &line) || !take_root(line, &out->root))
		return bad(e, "its third line is no hash");
	while (cursor_left(&c))
		if (!cursor_until(&c, '\n', &line) || !line.n)
			return bad(e, "an extension line is empty");
	return 0;
}

void checkpoint_write(const struct checkpoint *c, struct buf *out)
{
	buf_add(out, c->origin.p, c->origin.n);
	buf_addf(out, "\n%" PRIu64 "\n", c->size);
	base64_encode(out, c->root.b, sizeof(c->root.b));
	buf_addch(out, '\n');
}

void checkpoint_note_init(struct checkpoint_note *c)
{
	*c = (struct checkpoint_note){0};
	buf_init(&c->bytes, NOTE_MAX);
	buf_init(&c->note.raw, NOTE_MAX);
}

void checkpoint_note_release(struct checkpoint_note *c)
{
	note_release(&c->note);
	buf_release(&c->bytes);
}

int checkpoint_note_take(struct checkpoint_note *out, struct buf *from,
			 const char *what, struct err *e)
{
	int rc;

	checkpoint_note_init(out);
	out->bytes = *from;
	buf_init(from, from->max);
	rc = note_parse(&out->note, span_of(out->bytes.data, out->bytes.len),
			e);
	if (!rc)
		rc = checkpoint_parse(&out->at, out->note.text, e);
	return rc ? err_wrap(e, "%s", what) : 0;
}

int checkpoint_note_read(struct checkpoint_note *out, const char *path,
			 struct err *e)
{
	struct buf bytes = BUF_INIT(NOTE_MAX);
	int rc;

	checkpoint_note_init(out);
	rc = file_read(path, &bytes, e);
	if (!rc)
		rc = checkpoint_note_take(out, &bytes, path, e);
	buf_release(&bytes);
	return rc;
}
