/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ledger/copy.h"
#include "ledger/follow_private.h"
#include "ledger/wire.h"

enum { MAX_VKEYS = NOTE_MAX_KEYS * NOTE_MAX_VKEY };

void follow_report_release(struct follow_report *r)
{
	note_vkeys_release(&r->first);
}

void follow_tell(struct follow *f, const char *fmt, ...)
{
	struct err text;
	va_list ap;

	va_start(ap, fmt);
	err_setv(&text, ERR_MALFORMED, fmt, ap);
	va_end(ap);
	f->wish->tell(f->wish->arg, text.msg);
}

/* ---------------------------------------------------------- what it says */

int follow_line(struct follow *f, char line[WIRE_MAX_LINE], struct err *e)
{
	struct buf text = BUF_INIT(ERR_MAX_MSG);
	int rc = wire_line(&f->w, line, e);

	if (!rc)
		return err_set(e, ERR_MALFORMED, "the stream is cut off");
	if (rc < 0 || strncmp(line, "#error ", 7))
		return rc < 0 ? rc : 0;
	text_add_printable(&text, span_str(line + 7), ERR_MAX_MSG / 2);
	rc = err_set(e, ERR_MALFORMED, "the source says: %s", text.data);
	buf_release(&text);
	return rc;
}

static bool origin_ok(const char *origin)
{
	size_t n = strlen(origin), i;

	for (i = 0; i < n; i++)
		if (origin[i] <= ' ' || origin[i] == '+' || origin[i] > '~')
			return false;
	return n && n <= NOTE_MAX_NAME;
}

static int take_hello(struct follow *f, struct err *e)
{
	char line[WIRE_MAX_LINE];
	int rc = wire_line(&f->w, line, e);

	if (!rc)
		return err_set(e, ERR_SYS, "there was no answer");
	if (rc < 0)
		return rc;
	if (!strncmp(line, "#error ", 7)) {
		follow_tell(f, "the source says: %s", line + 7);
		return err_set(e, ERR_SYS, "it cannot be copied");
	}
	if (strncmp(line, WIRE_HELLO, strlen(WIRE_HELLO)) ||
	    !origin_ok(line + strlen(WIRE_HELLO)))
		return err_set(e, ERR_SYS,
			       "this is not how gatepost ledger send answers");
	f->origin = strdup(line + strlen(WIRE_HELLO));
	return f->origin ? 0 : err_nomem(e);
}

/* `#NAME BYTES`, and so many of them */
static int take_part(struct follow *f, const char *name, struct buf *out,
		     struct err *e)
{
	char line[WIRE_MAX_LINE];
	size_t n = strlen(name);
	uint64_t bytes;
	int rc = follow_line(f, line, e);

	if (rc)
		return rc;
	if (line[0] != '#' || strncmp(line + 1, name, n) ||
	    line[n + 1] != ' ' ||
	    !text_to_u64(span_str(line + n + 2), out->max, &bytes))
		return err_set(e, ERR_MALFORMED,
			       "there is no %s where it should be", name);
	return wire_bytes(&f->w, (size_t)bytes, out, e);
}

static int take_texts(struct follow *f, struct buf *keys, struct buf *note,
		      struct err *e)
{
	int rc;

	if (f->wish->served)
		return follow_served_head(f, keys, note, e);
	rc = take_hello(f, e);
	if (!rc)
		rc = take_part(f, "vkeys", keys, e);
	return rc ? rc : take_part(f, "checkpoint", note, e);
}

/* What is served says nothing else of whose it is. */
static int take_origin(struct follow *f, struct err *e)
{
	f->origin = span_dup(f->note.at.origin);
	if (!f->origin)
		return err_nomem(e);
	if (!origin_ok(f->origin))
		return err_set(e, ERR_MALFORMED,
			       "its checkpoint names no ledger");
	return follow_served_open(f, e);
}

static int take_head(struct follow *f, struct err *e)
{
	struct buf keys = BUF_INIT(MAX_VKEYS), note = BUF_INIT(NOTE_MAX);
	int rc = take_texts(f, &keys, &note, e);

	if (!rc && keys.len &&
	    note_vkeys_parse(&f->named, span_of(keys.data, keys.len), e))
		rc = ERR_MALFORMED;
	if (!rc)
		rc = checkpoint_note_take(&f->note, &note, "checkpoint", e);
	if (!rc && f->wish->served)
		rc = take_origin(f, e);
	if (!rc && !span_is(f->note.at.origin, f->origin))
		rc = err_set(e, ERR_MALFORMED,
			     "its checkpoint is that of another ledger");
	buf_release(&keys);
	buf_release(&note);
	return rc;
}

/* ----------------------------------------------------------------- keys */

static int check_signed(struct follow *f, const struct note_vkeys *keys,
			const char *whose, struct err *e)
{
	int rc = note_verify(&f->note.note, keys, NULL, e);

	if (rc != ERR_NOT_FOUND)
		return rc ? err_wrap(e, "its checkpoint") : 0;
	return err_set(e, ERR_MALFORMED,
		       "its checkpoint is signed by none of %s; where its keys "
		       "were replaced, --key takes the new one",
		       whose);
}

static int believe(struct follow *f, const struct note_vkeys *keys,
		   struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < keys->n; i++)
		rc = note_vkeys_add(&f->keys, &keys->v[i], e);
	return rc;
}

/* Nobody has said whom to believe: those who have signed. */
static int believe_first(struct follow *f, struct err *e)
{
	unsigned char good[NOTE_MAX_KEYS] = {0};
	size_t i;
	int rc = note_verify(&f->note.note, &f->named, good, e);

	if (rc)
		return rc == ERR_NOT_FOUND
			       ? err_set(e, ERR_MALFORMED,
					 "its checkpoint is signed by none of "
					 "its own keys")
			       : rc;
	for (i = 0; !rc && i < f->named.n; i++)
		if (good[i])
			rc = note_vkeys_add(&f->report->first, &f->named.v[i],
					    e);
	return rc ? rc : believe(f, &f->report->first, e);
}

static int choose_keys(struct follow *f, struct err *e)
{
	const struct note_vkeys *kept = copy_keys(f->copy);
	int rc = believe(f, kept, e);

	if (!rc && f->wish->keys)
		return believe(f, f->wish->keys, e);
	if (rc)
		return rc;
	return kept->n ? check_signed(f, kept,
				      "the keys that the copy believes", e)
		       : believe_first(f, e);
}

/* ------------------------------------------------------------ consistency */

static int ask_root(struct follow *f, uint64_t size, struct merkle_hash *out,
		    struct err *e)
{
	char line[WIRE_MAX_LINE], wanted[64];
	struct buf text = BUF_INIT(sizeof(wanted));
	int rc;

	if (f->wish->served)
		return follow_served_root(f, size, out, e);
	rc = wire_putf(&f->w, e, "root %" PRIu64 "\n", size);
	buf_addf(&text, "#root %" PRIu64 " ", size);
	memcpy(wanted, text.data, text.len + 1);
	buf_release(&text);
	if (!rc)
		rc = wire_flush(&f->w, e);
	if (!rc)
		rc = follow_line(f, line, e);
	if (rc)
		return rc;
	if (strncmp(line, wanted, strlen(wanted)) ||
	    !hex_decode(span_str(line + strlen(wanted)), out->b,
			sizeof(out->b)))
		return err_set(e, ERR_MALFORMED, "that is no root");
	return 0;
}

static int same_root(struct follow *f, uint64_t size, bool *same, struct err *e)
{
	struct merkle_hash mine, theirs;
	int rc = copy_root(f->copy, size, &mine, e);

	if (!rc)
		rc = ask_root(f, size, &theirs, e);
	*same = !rc && merkle_equal(&mine, &theirs);
	return rc;
}

/* Somewhere in the first `size` records the two differ: where first? */
static int say_rewritten(struct follow *f, uint64_t size, struct err *e)
{
	uint64_t same = 0, other = size;
	struct merkle_hash own;
	int rc = ask_root(f, f->note.at.size, &own, e);

	if (rc)
		return rc;
	if (!merkle_equal(&own, &f->note.at.root))
		return err_set(e, ERR_MALFORMED,
			       "its tiles are not under the root that it "
			       "signed: gatepost ledger verify there tells "
			       "more");
	while (other - same > 1) {
		uint64_t mid = same + (other - same) / 2;
		bool is_same;

		rc = same_root(f, mid, &is_same, e);
		if (rc)
			return rc;
		if (is_same)
			same = mid;
		else
			other = mid;
	}
	return err_set(e, ERR_MALFORMED,
		       "its history was rewritten: record %" PRIu64
		       " is the first that is not the one that was copied",
		       same);
}

static int say_shorter(struct follow *f, struct err *e)
{
	uint64_t size = f->note.at.size;
	struct merkle_hash mine;
	int rc = copy_root(f->copy, size, &mine, e);

	if (rc)
		return rc;
	if (!merkle_equal(&mine, &f->note.at.root))
		return say_rewritten(f, size, e);
	return err_set(e, ERR_MALFORMED,
		       "it was cut back: it has %" PRIu64
		       " sealed records, and %" PRIu64 " were copied",
		       size, copy_size(f->copy));
}

/* What it has now must begin with what it had. */
static int check_consistent(struct follow *f, struct err *e)
{
	uint64_t size = copy_size(f->copy);
	bool same = true;
	int rc = 0;

	if (f->note.at.size < size)
		return say_shorter(f, e);
	if (size)
		rc = same_root(f, size, &same, e);
	return rc || same ? rc : say_rewritten(f, size, e);
}

/* ------------------------------------------------------------------ all */

static int bring(struct follow *f, struct err *e)
{
	int rc = copy_begin(f->copy, e);

	if (!rc && f->note.at.size > f->report->before)
		rc = f->wish->served ? follow_served_records(f, e)
				     : follow_records(f, e);
	if (!rc)
		rc = copy_publish(f->copy, &f->note, &f->keys, e);
	if (!rc)
		f->report->after = copy_size(f->copy);
	return rc;
}

static int follow(struct follow *f, struct err *e)
{
	const struct follow_wish *wish = f->wish;
	int rc = take_head(f, e);

	/* before there is a directory */
	if (!rc && wish->keys)
		rc = check_signed(f, wish->keys, "the given keys", e);
	if (!rc)
		rc = copy_open(&f->copy, wish->dir, wish->source,
			       span_str(f->origin), wish->served, e);
	if (rc)
		return rc;
	f->report->before = f->report->after = copy_size(f->copy);
	rc = choose_keys(f, e);
	if (!rc)
		rc = check_consistent(f, e);
	if (!rc && !copy_has_note(f->copy, &f->note))
		rc = bring(f, e);
	/* what is served cannot be listed */
	if (!rc && !wish->served)
		rc = follow_anchors(f, e);
	return rc;
}

int follow_run(const struct follow_wish *wish, int in, int out,
	       struct follow_report *report, struct err *e)
{
	struct follow f = {.wish = wish, .report = report};
	int rc;

	*report = (struct follow_report){0};
	checkpoint_note_init(&f.note);
	rc = wire_init(&f.w, in, out, wish->wait_ms, e);
	if (!rc)
		rc = follow(&f, e);
	copy_close(f.copy);
	tile_tree_release(&f.served);
	wire_release(&f.w);
	checkpoint_note_release(&f.note);
	note_vkeys_release(&f.named);
	note_vkeys_release(&f.keys);
	free(f.origin);
	return rc;
}
