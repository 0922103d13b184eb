/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "ledger/cited.h"
#include "ledger/frame.h"
#include "ledger/json.h"
#include "ledger/persons.h"
#include "ledger/segment.h"
#include "ledger/verify_private.h"

/* ------------------------------------------------------------- damage */

static const char *frame_word(enum frame_damage d)
{
	switch (d) {
	case FRAME_RECORD_CHANGED:
		return "does not match its checksum";
	case FRAME_PERSONS_CHANGED:
		return "has a persons line that does not match its checksum";
	case FRAME_LINES_CHANGED:
		return "has lines of other lengths than it says";
	case FRAME_WHOLE:
		break;
	}
	return "is damaged";
}

static void say_damaged(struct verify *v, const struct ledger_place *p,
			const char *name, const char *what)
{
	verify_say(v, VERIFY_RECORD, p->index,
		   "%s: record %" PRIu64 " at offset %" PRIu64 " %s", name,
		   p->index, p->offset, what);
}

/*
 * Tell the records that have good first lines, and damage behind them.
 * @return 1 when there was such a record at `p`, which now stands behind it
 */
static int tell_frame(struct verify *v, struct ledger_place *p,
		      const char *name, struct window *w, struct err *e)
{
	enum frame_damage damage;
	struct frame_header h;
	struct span s;
	int rc = segment_look_header(w, p->offset, &h, e);

	if (rc != SEGMENT_FRAME || h.index != p->index)
		return rc < 0 ? rc : 0;
	rc = window_get(w, p->offset, frame_size(&h), &s, e);
	if (rc)
		return rc;
	if (s.n < frame_size(&h)) {
		say_damaged(v, p, name, "is cut off by the end of the file");
	} else {
		damage = frame_look(s.p, &h);
		if (damage == FRAME_WHOLE)
			return 0;
		say_damaged(v, p, name, frame_word(damage));
	}
	p->offset += frame_size(&h);
	p->index++;
	return 1;
}

/* What stands at that offset, if anything, is not that record. */
static int tell_stranger(struct verify *v, const struct ledger_place *p,
			 const char *name, struct window *w, struct err *e)
{
	struct frame_header h;
	int at = segment_look_header(w, p->offset, &h, e);

	if (at < 0)
		return at;
	if (at == SEGMENT_FRAME)
		verify_say(v, VERIFY_RECORD, p->index,
			   "%s: record %" PRIu64 " stands at offset %" PRIu64
			   ", where record %" PRIu64 " should",
			   name, h.index, p->offset, p->index);
	else
		verify_say(v, VERIFY_RECORD, p->index,
			   at == SEGMENT_END
				   ? "%s: ends at offset %" PRIu64
				     ", where record %" PRIu64 " should stand"
				   : "%s: no record begins at offset %" PRIu64
				     ", where record %" PRIu64 " should stand",
			   name, p->offset, p->index);
	return 0;
}

int verify_damage(struct verify *v, struct ledger_place *place, struct err *e)
{
	uint64_t first = place->index;
	char name[SEGMENT_NAME_SIZE];
	struct window w;
	int fd, rc = segment_open(v->l->dir_fd, place->segment, O_RDONLY, &fd,
				  e);

	if (rc)
		return rc;
	segment_name(place->segment, name);
	window_init(&w, fd);
	do
		rc = tell_frame(v, place, name, &w, e);
	while (rc == 1 && place->index < place->resumes);
	if (!rc && place->index == first) {
		rc = tell_stranger(v, place, name, &w, e);
		place->index++;
	}
	window_release(&w);
	file_close(&fd);
	return rc < 0 ? rc : 0;
}

/* ------------------------------------------------------------ evidence */

/* Whether this piece was looked at; if not, it is from now on. */
static bool was_seen(struct verify *v, const unsigned char digest[SHA256_SIZE])
{
	unsigned char *slot =
		v->seen[(digest[0] | digest[1] << 8) % VERIFY_SEEN];

	if (memcmp(slot, digest, SHA256_SIZE) == 0)
		return true;
	memcpy(slot, digest, SHA256_SIZE);
	return false;
}

/** The record whose evidence is looked at. */
struct citing {
	struct verify *v;
	const struct ledger_item *item;
};

static int check_evidence(void *arg, const char *hex, bool list, struct err *e)
{
	const struct citing *by = arg;
	struct verify *v = by->v;
	struct buf out = BUF_INIT(LEDGER_MAX_EVIDENCE);
	unsigned char digest[SHA256_SIZE];
	struct err why;
	int rc;

	(void)list;
	if (!hex_decode(span_str(hex), digest, sizeof(digest)) ||
	    was_seen(v, digest))
		return 0;
	v->report->evidence++;
	rc = ledger_evidence_get(v->l, hex, &out, &why);
	buf_release(&out);
	if (!rc)
		return 0;
	memset(v->seen[(digest[0] | digest[1] << 8) % VERIFY_SEEN], 0,
	       SHA256_SIZE); /* whoever cites it next shall hear of it */
	if (rc != ERR_NOT_FOUND && rc != ERR_MALFORMED && rc != ERR_LIMIT)
		return err_set(e, rc, "%s", why.msg);
	if (rc == ERR_NOT_FOUND &&
	    verify_gone_meanwhile(v, by->item->index, by->item->index + 1))
		return 0;
	verify_say(v, VERIFY_EVIDENCE, by->item->index,
		   "record %" PRIu64 " (%.*s) cites it: %s", by->item->index,
		   (int)by->item->id.n, by->item->id.p, why.msg);
	return 0;
}

/* ------------------------------------------------------------ a record */

static void count_persons(struct verify *v, yyjson_val *people)
{
	yyjson_val *who;
	size_t i, n;

	yyjson_arr_foreach(people, i, n, who)
	{
		v->report->persons++;
		v->report->erased += yyjson_is_null(who);
	}
}

static void say_record(struct verify *v, const struct ledger_item *item,
		       const struct ledger_place *p, enum verify_what what,
		       const char *why)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(p->segment, name);
	verify_say(v, what, item->index,
		   "%s: record %" PRIu64 " (%.*s) at offset %" PRIu64 ": %s",
		   name, item->index, (int)item->id.n, item->id.p, p->offset,
		   why);
}

static int check_persons(struct verify *v, const struct ledger_item *item,
			 const struct ledger_place *place, yyjson_val *record,
			 struct err *e)
{
	yyjson_doc *people;
	struct err why = {0};
	int rc = json_parse_in(&v->persons, &people, item->persons,
			       "persons line", &why);

	if (!rc) {
		count_persons(v, yyjson_doc_get_root(people));
		rc = persons_match(record, yyjson_doc_get_root(people),
				   item->persons, &why);
	}
	if (rc == ERR_MALFORMED)
		say_record(v, item, place, VERIFY_PERSONS, why.msg);
	return rc == ERR_MEMORY ? err_nomem(e) : 0;
}

int verify_record(struct verify *v, const struct ledger_item *item,
		  const struct ledger_place *place, struct err *e)
{
	yyjson_val *record;
	yyjson_doc *doc;
	struct err why = {0};
	int rc = json_parse_in(&v->record, &doc, item->json, "record", &why);

	if (rc == ERR_MALFORMED) {
		say_record(v, item, place, VERIFY_RECORD, why.msg);
		return 0;
	}
	if (rc)
		return err_nomem(e);
	record = yyjson_doc_get_root(doc);
	if (!span_equal(json_str(record, "id"), item->id))
		say_record(v, item, place, VERIFY_RECORD,
			   "its first line has another id");
	rc = check_persons(v, item, place, record, e);
	if (!rc)
		rc = verify_gone_record(v, item, record, e);
	if (rc || v->wish->no_evidence || ledger_is_bare(v->l))
		return rc;
	return cited_visit(record, check_evidence, &(struct citing){v, item},
			   e);
}
