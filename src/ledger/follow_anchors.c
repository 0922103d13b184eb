/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ledger/anchors.h"
#include "ledger/follow_private.h"

static bool take_number(struct cursor *c, uint64_t max, uint64_t *n)
{
	struct span word;

	return (cursor_until(c, ' ', &word) ||
		cursor_take(c, cursor_left(c), &word)) &&
	       text_to_u64(word, max, n);
}

/** What a line announces. */
struct announced {
	char name[ANCHOR_MAX_NAME + 1];
	uint64_t size, note, stamp; /* bytes: no stamp is a witness's */
};

static bool parse(const char *line, bool stamped, struct announced *out)
{
	struct cursor c = cursor_of(line, strlen(line));
	struct span name;

	*out = (struct announced){.size = 0};
	if (!cursor_until(&c, ' ', &name) || name.n > ANCHOR_MAX_NAME)
		return false;
	memcpy(out->name, name.p, name.n);
	if (!anchor_name_is(out->name) ||
	    (stamped && !take_number(&c, MERKLE_MAX_SIZE, &out->size)) ||
	    !take_number(&c, NOTE_MAX, &out->note) || !out->note)
		return false;
	return !stamped ||
	       (take_number(&c, TIMESTAMP_MAX, &out->stamp) && out->stamp);
}

static int take_anchor(struct follow *f, const char *line, bool stamped,
		       struct err *e)
{
	struct buf bytes = BUF_INIT(NOTE_MAX), stamp = BUF_INIT(TIMESTAMP_MAX);
	struct checkpoint_note note;
	struct announced a;
	int rc = 0;

	checkpoint_note_init(&note);
	if (!parse(line, stamped, &a))
		rc = err_set(e, ERR_MALFORMED,
			     "what others vouch for is said in words that make "
			     "no sense");
	if (!rc)
		rc = wire_bytes(&f->w, (size_t)a.note, &bytes, e);
	if (!rc && stamped)
		rc = wire_bytes(&f->w, (size_t)a.stamp, &stamp, e);
	if (!rc)
		rc = checkpoint_note_take(&note, &bytes, a.name, e);
	if (!rc && stamped && note.at.size != a.size)
		rc = err_set(e, ERR_MALFORMED,
			     "a time stamp of %s is of other records than it "
			     "says",
			     a.name);
	if (!rc)
		rc = copy_put_anchor(f->copy, a.name, &note,
				     stamped ? &stamp : NULL, e);
	checkpoint_note_release(&note);
	buf_release(&stamp);
	buf_release(&bytes);
	return rc;
}

/* @return 1 behind the last of them */
static int take_one(struct follow *f, const char *line, struct err *e)
{
	if (!strncmp(line, "#witness ", 9))
		return take_anchor(f, line + 9, false, e);
	if (!strncmp(line, "#timestamp ", 11))
		return take_anchor(f, line + 11, true, e);
	if (!strcmp(line, "#end"))
		return 1;
	return err_set(e, ERR_MALFORMED,
		       "what others vouch for is damaged in the stream");
}

/* An older source knows no such question; all else has been copied.
 * @return 1 then */
static int take_first(struct follow *f, char line[WIRE_MAX_LINE], struct err *e)
{
	int rc = wire_line(&f->w, line, e);

	if (rc == 1 && !strncmp(line, "#error ", 7)) {
		follow_tell(f,
			    "no witnesses and time stamps are copied: the "
			    "source says: %s",
			    line + 7);
		return 1;
	}
	if (!rc)
		return err_set(e, ERR_MALFORMED, "the stream is cut off");
	return rc < 0 ? rc : take_one(f, line, e);
}

int follow_anchors(struct follow *f, struct err *e)
{
	char line[WIRE_MAX_LINE];
	int n, rc = wire_putf(&f->w, e, "anchors %" PRIu64 "\n",
			      copy_stamped(f->copy));

	if (!rc)
		rc = wire_flush(&f->w, e);
	if (!rc)
		rc = take_first(f, line, e);
	for (n = 1; !rc; n++) {
		rc = n > ANCHOR_MAX_FILES
			     ? err_set(e, ERR_LIMIT, "more than %d time stamps",
				       ANCHOR_MAX_FILES)
			     : follow_line(f, line, e);
		if (!rc)
			rc = take_one(f, line, e);
	}
	return rc == 1 ? 0 : rc;
}
