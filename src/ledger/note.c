/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/note.h"

#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "ledger/checkpoint.h"
#include "ledger/note_key.h"

enum { ID_BYTES = 4, TIME_BYTES = 8 };

#define SIGNATURE_START "\xe2\x80\x94 " /* U+2014 */

/* ---------------------------------------------------------------- parse */

static int bad_note(struct err *e, const char *why)
{
	return err_set(e, ERR_MALFORMED, "no signed note: %s", why);
}

static bool clean_text(struct span bytes)
{
	size_t i;

	for (i = 0; i < bytes.n; i++)
		if ((unsigned char)bytes.p[i] < 0x20 && bytes.p[i] != '\n')
			return false;
	return text_is_utf8(bytes);
}

/* Behind the last empty line. */
static bool split(struct span bytes, struct span *text, struct span *rest)
{
	size_t at = bytes.n;

	while (at >= 2 && !(bytes.p[at - 1] == '\n' && bytes.p[at - 2] == '\n'))
		at--;
	if (at < 2)
		return false;
	*text = span_of(bytes.p, at - 1);
	*rest = span_of(bytes.p + at, bytes.n - at);
	return true;
}

static int parse_signature(struct note *n, struct span line, struct err *e)
{
	struct cursor c = cursor_of(line.p, line.n);
	struct note_signature *s = &n->sigs[n->nsigs];
	size_t was = n->raw.len;
	const unsigned char *id;

	if (!cursor_literal(&c, SIGNATURE_START) ||
	    !cursor_until(&c, ' ', &s->name) || !s->name.n ||
	    s->name.n > NOTE_MAX_NAME || memchr(s->name.p, '+', s->name.n))
		return bad_note(e, "a signature line is malformed");
	if (!base64_decode(&n->raw, span_of(c.p, cursor_left(&c))) ||
	    n->raw.len - was <= ID_BYTES)
		return bad_note(e, "a signature is no base64");
	id = (const unsigned char *)n->raw.data + was;
	s->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		(uint32_t)id[2] << 8 | id[3];
	s->bytes = span_of(NULL, n->raw.len - was - ID_BYTES);
	s->line = line;
	n->nsigs++;
	return 0;
}

/* The buffer grew until now, so only now do its bytes have an address. */
static void place_signatures(struct note *n)
{
	const char *p = n->raw.data;
	size_t i;

	for (i = 0; i < n->nsigs; i++) {
		n->sigs[i].bytes.p = p + ID_BYTES;
		p += ID_BYTES + n->sigs[i].bytes.n;
	}
}

int note_parse(struct note *out, struct span bytes, struct err *e)
{
	struct span rest, line;
	struct cursor c;
	int rc = 0;

	out->nsigs = 0;
	out->text = span_of("", 0);
	buf_init(&out->raw, NOTE_MAX);
	if (bytes.n > NOTE_MAX)
		return err_set(e, ERR_LIMIT, "a note of %zu bytes", bytes.n);
	if (!clean_text(bytes))
		return bad_note(e, "it is not plain UTF-8 text");
	if (!split(bytes, &out->text, &rest) || !rest.n)
		return bad_note(e, "it has no signatures");
	for (c = cursor_of(rest.p, rest.n); !rc && cursor_left(&c);) {
		if (!cursor_until(&c, '\n', &line))
			return bad_note(e, "its last line has no end");
		if (out->nsigs == NOTE_MAX_SIGNATURES)
			return err_set(e, ERR_LIMIT,
				       "a note with more than %d signatures",
				       NOTE_MAX_SIGNATURES);
		rc = parse_signature(out, line, e);
	}
	place_signatures(out);
	return rc;
}

void note_release(struct note *n)
{
	buf_release(&n->raw);
	n->nsigs = 0;
}

/* ---------------------------------------------------------------- write */

void note_add_signature(struct buf *out, const char *name, uint32_t id,
			struct span bytes)
{
	struct buf raw = BUF_INIT(NOTE_MAX);
	char head[ID_BYTES] = {(char)(id >> 24), (char)(id >> 16),
			       (char)(id >> 8), (char)id};

	buf_add(&raw, head, sizeof(head));
	buf_add(&raw, bytes.p, bytes.n);
	buf_addf(out, SIGNATURE_START "%s ", name);
	base64_encode(out, raw.data, raw.len);
	buf_addch(out, '\n');
	if (!buf_ok(&raw))
		out->failed = true;
	buf_release(&raw);
}

static void add_u64(struct buf *out, uint64_t n)
{
	int shift;

	for (shift = 56; shift >= 0; shift -= 8)
		buf_addch(out, (char)(n >> shift & 0xff));
}

static void add_short(struct buf *out, struct span s)
{
	buf_addch(out, (char)(unsigned char)s.n);
	buf_add(out, s.p, s.n);
}

/* tlog-cosignature, "ML-DSA-44 signed message", of a whole tree */
static int ml_dsa_message(const char *name, uint64_t seconds, struct span text,
			  struct buf *out, struct err *e)
{
	static const char label[12] = "subtree/v1\n";
	struct checkpoint c;
	int rc = checkpoint_parse(&c, text, e);

	if (rc)
		return rc;
	if (c.origin.n > NOTE_MAX_NAME)
		return err_set(e, ERR_MALFORMED, "an origin too long");
	buf_add(out, label, sizeof(label));
	add_short(out, span_str(name));
	add_u64(out, seconds);
	add_short(out, c.origin);
	add_u64(out, 0);
	add_u64(out, c.size);
	buf_add(out, c.root.b, sizeof(c.root.b));
	return 0;
}

int note_message(enum note_type type, const char *name, uint64_t seconds,
		 struct span text, struct buf *out, struct err *e)
{
	int rc = 0;

	if (type == NOTE_ML_DSA_44)
		rc = ml_dsa_message(name, seconds, text, out, e);
	else if (type == NOTE_COSIGNATURE)
		buf_addf(out, "cosignature/v1\ntime %" PRIu64 "\n", seconds);
	if (!rc && type != NOTE_ML_DSA_44)
		buf_add(out, text.p, text.n);
	return !rc && !buf_ok(out) ? err_nomem(e) : rc;
}

/* --------------------------------------------------------------- verify */

static int bad_signature(const struct note_vkey *k, struct err *e)
{
	return err_set(e, ERR_MALFORMED,
		       "the signature of %s+%08" PRIx32 " does not hold",
		       k->name, k->id);
}

static int verify_one(const struct note *n, const struct note_signature *s,
		      const struct note_vkey *k, struct err *e)
{
	struct buf message = BUF_INIT(NOTE_MAX + 1024);
	struct cursor c = cursor_of(s->bytes.p, s->bytes.n);
	uint64_t seconds = 0;
	size_t want = k->type == NOTE_ML_DSA_44 ? NOTE_ML_DSA_SIGNATURE
						: NOTE_ED25519_SIGNATURE;
	int rc;

	if (k->type != NOTE_ED25519 &&
	    (!cursor_u64(&c, &seconds) || seconds >> 63))
		return bad_signature(k, e);
	if (cursor_left(&c) != want)
		return bad_signature(k, e);
	rc = note_message(k->type, k->name, seconds, n->text, &message, e);
	if (!rc)
		rc = note_key_verify(k, span_of(message.data, message.len),
				     span_of(c.p, want), e);
	buf_release(&message);
	return rc;
}

/* Says who has signed, so that one can tell a key that was replaced from the
 * key of another ledger. */
static int not_signed(const struct note *n, const struct note_vkeys *keys,
		      struct err *e)
{
	struct buf name = BUF_INIT(4 * NOTE_MAX_NAME + 16);
	int rc;

	if (n->nsigs)
		text_add_printable(&name, n->sigs[0].name, NOTE_MAX_NAME);
	rc = err_set(e, ERR_NOT_FOUND, "it is not signed by %s, but by %s+%08x",
		     keys->n == 1 ? "that key" : "any of the keys",
		     name.len ? name.data : "nobody",
		     n->nsigs ? (unsigned)n->sigs[0].id : 0);
	buf_release(&name);
	return rc;
}

int note_verify(const struct note *n, const struct note_vkeys *keys,
		unsigned char *good, struct err *e)
{
	size_t i, k, held = 0;
	int rc, unusable = 0;

	if (good)
		memset(good, 0, keys->n);
	for (i = 0; i < n->nsigs; i++) {
		const struct note_signature *s = &n->sigs[i];

		for (k = 0; k < keys->n; k++) {
			if (s->id != keys->v[k].id ||
			    !span_is(s->name, keys->v[k].name))
				continue;
			rc = verify_one(n, s, &keys->v[k], e);
			if (rc == ERR_CRYPTO) {
				unusable = rc;
				continue;
			}
			if (rc)
				return rc;
			if (good)
				good[k] = 1;
			held++;
		}
	}
	if (held)
		return 0;
	if (unusable)
		return unusable; /* `e` says why */
	return not_signed(n, keys, e);
}
