/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ledger/cited.h"
#include "ledger/follow_private.h"
#include "ledger/json.h"

enum { MAX_CITED = LEDGER_MAX_RECORD / SHA256_HEX_SIZE };

/** The records as they come. */
struct receiving {
	struct follow *f;
	struct buf frame, evidence;
	struct buf named; /* the record, and its lists that are evidence */
	/* what the last record cites, and is not there yet */
	struct waiting {
		char hex[SHA256_HEX_SIZE];
		bool list;
	} * cited;
	size_t n, cap;
};

/* ------------------------------------------------------------- evidence */

static int cite(void *arg, const char *hex, bool list, struct err *e)
{
	struct receiving *r = arg;
	size_t i;

	if (copy_has_evidence(r->f->copy, hex))
		return 0;
	for (i = 0; i < r->n; i++)
		if (!strcmp(r->cited[i].hex, hex))
			return 0;
	if (array_push(&r->cited, r->n, &r->cap, MAX_CITED))
		return err_nomem(e);
	r->cited[r->n].list = list;
	memcpy(r->cited[r->n++].hex, hex, SHA256_HEX_SIZE);
	return 0;
}

/* Whether it is waited for; it is no more. */
static bool uncite(struct receiving *r, const char *hex, bool *list)
{
	size_t i;

	*list = false;
	for (i = 0; i < r->n; i++) {
		if (strcmp(r->cited[i].hex, hex) != 0)
			continue;
		*list = r->cited[i].list;
		r->cited[i] = r->cited[--r->n];
		return true;
	}
	return false;
}

/* Whether the record, or a list of it, has these digits anywhere. */
static bool is_named(const struct receiving *r, const char *hex)
{
	return memmem(r->named.data, r->named.len, hex, SHA256_HEX_SIZE - 1);
}

static int check_cited(const struct receiving *r, struct err *e)
{
	if (!r->n)
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "record %" PRIu64
		       " cites evidence %s, which did not come with it",
		       copy_next(r->f->copy) - 1, r->cited[0].hex);
}

static int take_evidence(struct receiving *r, const char *words, struct err *e)
{
	struct cursor c = cursor_of(words, strlen(words));
	char hex[SHA256_HEX_SIZE];
	uint64_t bytes;
	struct span s;
	bool list;
	int rc;

	if (!cursor_until(&c, ' ', &s) || s.n != SHA256_HEX_SIZE - 1 ||
	    !text_to_u64(span_of(c.p, cursor_left(&c)), LEDGER_MAX_EVIDENCE,
			 &bytes))
		return err_set(e, ERR_MALFORMED, "that is no evidence");
	memcpy(hex, s.p, s.n);
	hex[s.n] = '\0';
	buf_clear(&r->evidence);
	rc = wire_bytes(&r->f->w, (size_t)bytes, &r->evidence, e);
	if (rc || (!uncite(r, hex, &list) && !is_named(r, hex)))
		return rc; /* it may be there from an earlier run */
	if (list && buf_add(&r->named, r->evidence.data, r->evidence.len))
		return err_nomem(e);
	rc = copy_add_evidence(r->f->copy, hex,
			       span_of(r->evidence.data, r->evidence.len), e);
	return rc ? err_wrap(e, "record %" PRIu64, copy_next(r->f->copy) - 1)
		  : 0;
}

static int take_missing(struct receiving *r, const char *hex, struct err *e)
{
	bool list;

	if (!uncite(r, hex, &list))
		return err_set(e, ERR_MALFORMED,
			       "evidence is missing that no record cites");
	r->f->report->missing++;
	follow_tell(r->f,
		    "record %" PRIu64
		    " cites evidence %s, which the source does not have",
		    copy_next(r->f->copy) - 1, hex);
	return 0;
}

/* -------------------------------------------------------------- records */

static int read_frame(struct receiving *r, const char *line,
		      struct frame_header *h, struct err *e)
{
	buf_clear(&r->frame);
	buf_adds(&r->frame, line);
	buf_addch(&r->frame, '\n');
	if (!frame_header_read(span_of(r->frame.data, r->frame.len), h))
		return err_set(e, ERR_MALFORMED, "its first line is none");
	if (h->index >= r->f->note.at.size)
		return err_set(e, ERR_MALFORMED,
			       "it is beyond what the checkpoint covers");
	if (wire_bytes(&r->f->w, h->json_len + 1 + h->persons_len, &r->frame,
		       e))
		return e->code;
	return buf_addch(&r->frame, '\n') ? err_nomem(e) : 0;
}

static int note_cited(struct receiving *r, const struct frame_header *h,
		      struct err *e)
{
	struct span json = frame_json(r->frame.data, h);
	yyjson_doc *doc;
	int rc = json_parse(&doc, json, "record", e);

	if (!rc)
		rc = cited_visit(yyjson_doc_get_root(doc), cite, r, e);
	buf_clear(&r->named);
	if (!rc && buf_add(&r->named, json.p, json.n))
		rc = err_nomem(e);
	yyjson_doc_free(doc);
	return rc;
}

static int take_record(struct receiving *r, const char *line, struct err *e)
{
	uint64_t index = copy_next(r->f->copy);
	struct frame_header h;
	int rc = check_cited(r, e);

	if (rc)
		return rc;
	rc = read_frame(r, line, &h, e);
	if (!rc)
		rc = copy_add(r->f->copy, r->frame.data, &h, e);
	if (!rc)
		rc = note_cited(r, &h, e);
	return rc ? err_wrap(e, "record %" PRIu64, index) : 0;
}

/* ------------------------------------------------------------ retention */

static bool parse_gone(const char *words, struct gone_range *out)
{
	struct cursor c = cursor_of(words, strlen(words));
	struct span first, end;

	return cursor_until(&c, ' ', &first) && cursor_until(&c, ' ', &end) &&
	       text_to_u64(first, UINT64_MAX - 1, &out->first) &&
	       text_to_u64(end, UINT64_MAX - 1, &out->end) &&
	       hex_decode(span_of(c.p, cursor_left(&c)), out->root.b,
			  sizeof(out->root.b));
}

static int take_hashes(struct receiving *r, uint64_t end,
		       struct merkle_hash *root, struct err *e)
{
	struct merkle_frontier part = {0};
	char line[WIRE_MAX_LINE];
	struct merkle_hash leaf;
	int rc = 0;

	while (!rc && copy_next(r->f->copy) < end) {
		rc = follow_line(r->f, line, e);
		if (!rc &&
		    (strncmp(line, "#hash ", 6) ||
		     !hex_decode(span_str(line + 6), leaf.b, sizeof(leaf.b))))
			rc = err_set(e, ERR_MALFORMED,
				     "the hash of record %" PRIu64
				     ", which is gone, is none",
				     copy_next(r->f->copy));
		if (!rc)
			rc = copy_add_hash(r->f->copy, &leaf, e);
		if (!rc)
			merkle_add(&part, &leaf);
	}
	merkle_root(&part, root);
	return rc;
}

/* Of those that the copy has of them it keeps what it has. */
static int take_gone(struct receiving *r, const char *words, struct err *e)
{
	uint64_t next = copy_next(r->f->copy);
	struct gone_range range;
	struct merkle_hash root;
	int rc = check_cited(r, e);

	if (rc)
		return rc;
	if (!parse_gone(words, &range) || range.first > next ||
	    range.end <= next || range.end > r->f->note.at.size)
		return err_set(e, ERR_MALFORMED,
			       "record %" PRIu64
			       " is said to be gone in words that make no "
			       "sense",
			       next);
	rc = take_hashes(r, range.end, &root, e);
	if (rc)
		return rc;
	if (range.first == next && !merkle_equal(&root, &range.root))
		return err_set(e, ERR_MALFORMED,
			       "records %" PRIu64 " to %" PRIu64
			       ", which are gone, have another root than it "
			       "says",
			       next, range.end - 1);
	follow_tell(r->f,
		    "records %" PRIu64 " to %" PRIu64
		    " have left the source: the copy has their hashes alone",
		    next, range.end - 1);
	range.first = next;
	range.root = root;
	return copy_add_gone(r->f->copy, &range, e);
}

/* @return 1 behind the last of them */
static int take_one(struct receiving *r, struct err *e)
{
	char line[WIRE_MAX_LINE];
	int rc = follow_line(r->f, line, e);

	if (rc)
		return rc;
	if (!strncmp(line, FRAME_MAGIC, strlen(FRAME_MAGIC)))
		return take_record(r, line, e);
	if (!strncmp(line, "#evidence ", 10))
		return take_evidence(r, line + 10, e);
	if (!strncmp(line, "#gone ", 6))
		return take_gone(r, line + 6, e);
	if (!strncmp(line, "#missing ", 9))
		return take_missing(r, line + 9, e);
	if (!strcmp(line, "#end"))
		return check_cited(r, e) ? e->code : 1;
	return err_set(e, ERR_MALFORMED,
		       "behind record %" PRIu64 " the stream is damaged",
		       copy_next(r->f->copy) - 1);
}

int follow_records(struct follow *f, struct err *e)
{
	struct receiving r = {.f = f};
	int rc = wire_putf(&f->w, e, "send %" PRIu64 "\n", copy_next(f->copy));

	buf_init(&r.frame, FRAME_MAX);
	buf_init(&r.evidence, LEDGER_MAX_EVIDENCE);
	buf_init(&r.named, 4 * LEDGER_MAX_EVIDENCE);
	if (!rc)
		rc = wire_flush(&f->w, e);
	while (!rc)
		rc = take_one(&r, e);
	buf_release(&r.frame);
	buf_release(&r.evidence);
	buf_release(&r.named);
	free(r.cited);
	return rc == 1 ? 0 : rc;
}
