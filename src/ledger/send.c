/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/send.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ledger/seal_keys.h"
#include "ledger/send_private.h"

enum {
	ASK_MS = 3600 * 1000, /* whoever asks may be writing what they got */
	MAX_VKEYS = NOTE_MAX_KEYS * NOTE_MAX_VKEY
};

void send_amiss(struct sender *s, const char *fmt, ...)
{
	struct err text;
	va_list ap;

	va_start(ap, fmt);
	err_setv(&text, ERR_MALFORMED, fmt, ap);
	va_end(ap);
	s->ear->amiss(s->ear->arg, text.msg);
}

/* ----------------------------------------------------------- questions */

static int answer_root(struct sender *s, uint64_t size, struct err *e)
{
	struct merkle_tree first = s->stored;
	struct merkle_frontier frontier;
	char hex[SHA256_HEX_SIZE];
	struct merkle_hash root;
	int rc;

	first.size = size;
	rc = merkle_load(&first, &frontier, e);
	if (rc)
		return rc;
	merkle_root(&frontier, &root);
	hex_encode(root.b, sizeof(root.b), hex);
	return wire_putf(&s->w, e, "#root %" PRIu64 " %s\n", size, hex);
}

static int answer(struct sender *s, const char *line, struct err *e)
{
	uint64_t n;

	if (strlen(line) > 5 &&
	    text_to_u64(span_str(line + 5), s->at.at.size, &n)) {
		if (!strncmp(line, "root ", 5))
			return answer_root(s, n, e);
		if (!strncmp(line, "send ", 5))
			return send_records(s, n, e);
	}
	if (!strncmp(line, "anchors ", 8) &&
	    text_to_u64(span_str(line + 8), MERKLE_MAX_SIZE, &n))
		return send_anchors(s, n, e);
	return err_set(e, ERR_MALFORMED, "that is no question");
}

static int answer_all(struct sender *s, struct err *e)
{
	char line[WIRE_MAX_LINE];
	int rc;

	do {
		rc = wire_flush(&s->w, e);
		if (!rc)
			rc = wire_line(&s->w, line, e);
		if (rc == 1)
			rc = answer(s, line, e) ? e->code : 1;
	} while (rc == 1);
	return rc;
}

/* ----------------------------------------------------------------- all */

static int put_part(struct sender *s, const char *name, const struct buf *b,
		    struct err *e)
{
	int rc = wire_putf(&s->w, e, "#%s %zu\n", name, b->len);

	if (!rc)
		rc = wire_put(&s->w, b->data, b->len, e);
	return rc ? rc : wire_put(&s->w, "\n", 1, e);
}

static int greet(struct sender *s, struct err *e)
{
	struct buf text = BUF_INIT(MAX_VKEYS);
	struct note_vkeys keys = {0};
	size_t i;
	int rc = seal_vkeys_read(s->l, &keys, e);

	for (i = 0; !rc && i < keys.n; i++) {
		note_vkey_write(&keys.v[i], &text);
		buf_addch(&text, '\n');
	}
	if (!rc && !buf_ok(&text))
		rc = err_nomem(e);
	if (!rc)
		rc = wire_putf(&s->w, e, WIRE_HELLO "%s\n", s->l->origin);
	if (!rc)
		rc = put_part(s, "vkeys", &text, e);
	if (!rc)
		rc = put_part(s, "checkpoint", &s->at.bytes, e);
	note_vkeys_release(&keys);
	buf_release(&text);
	return rc;
}

static int open_sealed(struct sender *s, struct err *e)
{
	int rc = seal_checkpoint_read(s->l, &s->at, e);

	if (rc == ERR_NOT_FOUND)
		return err_set(e, rc,
			       "the ledger %s was never sealed: gatepost "
			       "ledger key rotate, gatepost ledger seal",
			       s->l->dir);
	if (rc)
		return rc;
	s->sealed_fd = openat(s->l->dir_fd, "sealed",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->sealed_fd < 0)
		return err_sys(e, "open %s/sealed", s->l->dir);
	rc = tile_tree_init(&s->tree, tile_source_dir(&s->sealed_fd),
			    s->at.at.size, e);
	s->stored = tile_tree_merkle(&s->tree);
	return rc;
}

int send_serve(struct ledger *l, int in, int out, const struct send_ear *ear,
	       struct err *e)
{
	struct sender *s = calloc(1, sizeof(*s));
	struct err ignored;
	int rc;

	if (!s)
		return err_nomem(e);
	s->l = l;
	s->ear = ear;
	s->sealed_fd = -1;
	s->bundle_n = UINT64_MAX;
	buf_init(&s->bundle, TILE_MAX_BUNDLE);
	checkpoint_note_init(&s->at);
	rc = wire_init(&s->w, in, out, ASK_MS, e);
	if (!rc)
		rc = open_sealed(s, e);
	if (!rc)
		rc = greet(s, e);
	if (!rc)
		rc = answer_all(s, e);
	if (rc && s->w.data &&
	    !wire_putf(&s->w, &ignored, "#error %s\n", e->msg))
		(void)wire_flush(&s->w, &ignored);
	wire_release(&s->w);
	tile_tree_release(&s->tree);
	file_close(&s->sealed_fd);
	checkpoint_note_release(&s->at);
	buf_release(&s->bundle);
	gone_release(&s->gone);
	free(s);
	return rc;
}
