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
	/* what the last record cites, and is not there yet */
	char (*cited)[SHA256_HEX_SIZE];
	size_t n, cap;
};

/* ------------------------------------------------------------- evidence */

static int cite(void *arg, const char *hex, struct err *e)
{
	struct receiving *r = arg;
	size_t i;

	if (copy_has_evidence(r->f->copy, hex))
		return 0;
	for (i = 0; i < r->n; i++)
		if (!strcmp(r->cited[i], hex))
			return 0;
	if (array_push(&r->cited, r->n, &r->cap, MAX_CITED))
		return err_nomem(e);
	memcpy(r->cited[r->n++], hex, SHA256_HEX_SIZE);
	return 0;
}

/* Whether it is waited for; it is no more. */
static bool uncite(struct receiving *r, const char *hex)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (strcmp(r->cited[i], hex) != 0)
			continue;
		memmove(r->cited[i], r->cited[r->n - 1], SHA256_HEX_SIZE);
		r->n--;
		return true;
	}
	return false;
}

static int check_cited(const struct receiving *r, struct err *e)
{
	if (!r->n)
		return 0;
	return err_set(e, ERR_MALFORMED,
		       "record %" PRIu64
		       " cites evidence %s, which did not come with it",
		       copy_next(r->f->copy) - 1, r->cited[0]);
}

static int take_evidence(struct receiving *r, const char *words, struct err *e)
{
	struct cursor c = cursor_of(words, strlen(words));
	char hex[SHA256_HEX_SIZE];
	uint64_t bytes;
	struct span s;
	int rc;

	if (!cursor_until(&c, ' ', &s) || s.n != SHA256_HEX_SIZE - 1 ||
	    !text_to_u64(span_of(c.p, cursor_left(&c)), LEDGER_MAX_EVIDENCE,
			 &bytes))
		return err_set(e, ERR_MALFORMED, "that is no evidence");
	memcpy(hex, s.p, s.n);
	hex[s.n] = '\0';
	buf_clear(&r->evidence);
	rc = wire_bytes(&r->f->w, (size_t)bytes, &r->evidence, e);
	if (rc || !uncite(r, hex))
		return rc; /* it may be there from an earlier run */
	rc = copy_add_evidence(r->f->copy, hex,
			       span_of(r->evidence.data, r->evidence.len), e);
	return rc ? err_wrap(e, "record %" PRIu64, copy_next(r->f->copy) - 1)
		  : 0;
}

static int take_missing(struct receiving *r, const char *hex, struct err *e)
{
	if (!uncite(r, hex))
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
	yyjson_doc *doc;
	int rc = json_parse(&doc, frame_json(r->frame.data, h), "record", e);

	if (!rc)
		rc = cited_visit(yyjson_doc_get_root(doc), cite, r, e);
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
	if (!rc)
		rc = wire_flush(&f->w, e);
	while (!rc)
		rc = take_one(&r, e);
	buf_release(&r.frame);
	buf_release(&r.evidence);
	free(r.cited);
	return rc == 1 ? 0 : rc;
}
