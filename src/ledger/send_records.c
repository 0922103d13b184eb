/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ledger/cited.h"
#include "ledger/json.h"
#include "ledger/persons.h"
#include "ledger/send_private.h"

enum { MAX_LISTS = 4 * LEDGER_MAX_EVIDENCE /* of one record */ };

/* ------------------------------------------------------------ evidence */

static unsigned char *seen_slot(struct sender *s,
				const unsigned char digest[SHA256_SIZE])
{
	return s->seen[(digest[0] | digest[1] << 8) % SEND_SEEN];
}

static int put_evidence(struct sender *s, const char *hex,
			const struct buf *bytes, struct err *e)
{
	int rc = wire_putf(&s->w, e, "#evidence %s %zu\n", hex, bytes->len);

	if (!rc)
		rc = wire_put(&s->w, bytes->data, bytes->len, e);
	return rc ? rc : wire_put(&s->w, "\n", 1, e);
}

/* @param named  the text in which others are named; what is in a list is
 *   named by the record, too. NULL: those are not looked for */
static int send_piece(struct sender *s, const char *hex, struct buf *named,
		      struct err *e)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	unsigned char digest[SHA256_SIZE];
	struct err why = {0};
	int rc;

	if (!hex_decode(span_str(hex), digest, sizeof(digest)) ||
	    !memcmp(seen_slot(s, digest), digest, sizeof(digest)))
		return 0;
	rc = ledger_evidence_get(s->l, hex, &bytes, &why);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		send_amiss(s, "%s", why.msg);
		rc = wire_putf(&s->w, e, "#missing %s\n", hex);
	} else if (rc) {
		rc = err_set(e, rc, "%s", why.msg);
	} else {
		rc = put_evidence(s, hex, &bytes, e);
		if (!rc && named && buf_add(named, bytes.data, bytes.len))
			rc = err_nomem(e);
		memcpy(seen_slot(s, digest), digest, sizeof(digest));
	}
	buf_release(&bytes);
	return rc;
}

/* The evidence that is told of, and the text of its lists. */
struct citing {
	struct sender *s;
	struct buf lists;
};

static int send_evidence(void *arg, const char *hex, bool list, struct err *e)
{
	struct citing *c = arg;

	return send_piece(c->s, hex, list ? &c->lists : NULL, e);
}

static bool is_hex(char c)
{
	return ascii_digit(c) || (c >= 'a' && c <= 'f');
}

/* Whatever else is named in a text by 64 digits that stand alone, and is
 * there; what is not there may be no evidence at all. */
static int send_named(struct sender *s, struct span text, struct err *e)
{
	char hex[SHA256_HEX_SIZE] = "";
	size_t i, run = 0;
	int rc = 0;

	for (i = 0; !rc && i <= text.n; i++) {
		if (i < text.n && is_hex(text.p[i])) {
			run++;
			continue;
		}
		if (run == SHA256_HEX_SIZE - 1) {
			memcpy(hex, text.p + i - run, run);
			if (ledger_evidence_has(s->l, hex))
				rc = send_piece(s, hex, NULL, e);
		}
		run = 0;
	}
	return rc;
}

static int send_cited(struct sender *s, struct span json, yyjson_val *record,
		      struct err *e)
{
	struct citing c = {.s = s};
	int rc;

	buf_init(&c.lists, MAX_LISTS);
	rc = cited_visit(record, send_evidence, &c, e);
	if (!rc)
		rc = send_named(s, span_of(c.lists.data, c.lists.len), e);
	if (!rc)
		rc = send_named(s, json, e);
	buf_release(&c.lists);
	return rc;
}

/* ------------------------------------------------------------- records */

static int put_frame(struct sender *s, const struct frame_entry *f,
		     uint64_t index, struct err *e)
{
	char header[FRAME_MAX_HEADER];
	size_t n = frame_header_write(f, index, header);
	int rc = wire_put(&s->w, header, n, e);

	if (!rc)
		rc = wire_put(&s->w, f->json.p, f->json.n, e);
	if (!rc)
		rc = wire_put(&s->w, "\n", 1, e);
	if (!rc)
		rc = wire_put(&s->w, f->persons.p, f->persons.n, e);
	return rc ? rc : wire_put(&s->w, "\n", 1, e);
}

/* @param persons  empty: they are not known, and count as erased */
static int send_record(struct sender *s, uint64_t index, struct span json,
		       struct span persons, struct err *e)
{
	struct buf nobody = BUF_INIT(LEDGER_MAX_PERSONS);
	struct frame_entry f = {.json = json, .persons = persons};
	yyjson_doc *doc;
	yyjson_val *root;
	struct span id;
	int rc = json_parse(&doc, json, "record", e);

	if (rc)
		return rc;
	root = yyjson_doc_get_root(doc);
	id = json_str(root, "id");
	if (!persons.n) {
		persons_write_erased(root, &nobody);
		f.persons = span_of(nobody.data, nobody.len);
	}
	if (!uuid_is(id))
		rc = err_set(e, ERR_MALFORMED, "record %" PRIu64 " has no id",
			     index);
	if (!rc)
		rc = s->ear->show(s->ear->arg, root, s->at.at.size - index, e);
	if (!rc) {
		memcpy(f.id, id.p, id.n);
		frame_entry_sum(&f);
		rc = put_frame(s, &f, index, e);
	}
	if (!rc)
		rc = send_cited(s, json, root, e);
	buf_release(&nobody);
	yyjson_doc_free(doc);
	return rc;
}

/* The entry that was sealed under this number. */
static int sealed_entry(struct sender *s, uint64_t index, struct span *out,
			struct err *e)
{
	uint64_t n = index / TILE_WIDTH;
	struct tile t = {TILE_ENTRIES, n,
			 tile_width(TILE_ENTRIES, n, s->at.at.size)};
	struct cursor c;
	uint64_t i;
	int rc = 0;

	if (s->bundle_n != n) {
		buf_clear(&s->bundle);
		s->bundle_n = UINT64_MAX;
		rc = tile_read(&s->tree.source, &t, &s->bundle, e);
		if (rc)
			return rc;
		s->bundle_n = n;
	}
	c = cursor_of(s->bundle.data, s->bundle.len);
	for (i = 0; i <= index % TILE_WIDTH; i++)
		if (!bundle_next(&c, out))
			return err_set(e, ERR_MALFORMED,
				       "its entry bundle is cut off");
	return 0;
}

static int send_as_sealed(struct sender *s, uint64_t index,
			  const struct merkle_hash *leaf, const char *what,
			  struct err *e)
{
	struct merkle_hash found;
	struct err why = {0};
	struct span entry;
	int rc = sealed_entry(s, index, &entry, &why);

	if (!rc) {
		merkle_leaf(entry, &found);
		if (!merkle_equal(leaf, &found))
			rc = err_set(&why, ERR_MALFORMED,
				     "its sealed entry is damaged, too");
	}
	if (rc)
		return err_set(e, rc == ERR_NOT_FOUND ? ERR_MALFORMED : rc,
			       "record %" PRIu64 " %s, and %s", index, what,
			       why.msg);
	send_amiss(s,
		   "record %" PRIu64
		   " %s: it is sent as it was sealed, without its people",
		   index, what);
	return send_record(s, index, entry, span_of(NULL, 0), e);
}

/* @param item  the record of that number; NULL when it cannot be read */
static int send_one(struct sender *s, uint64_t index,
		    const struct ledger_item *item, struct err *e)
{
	struct merkle_hash leaf, found;
	int rc = s->stored.read(s->stored.arg, 0, index, &leaf, e);

	if (rc)
		return rc;
	if (!item)
		return send_as_sealed(s, index, &leaf, "is damaged or missing",
				      e);
	merkle_leaf(item->json, &found);
	if (!merkle_equal(&leaf, &found))
		return send_as_sealed(s, index, &leaf,
				      "is not the one that was sealed", e);
	return send_record(s, index, item->json, item->persons, e);
}

/* ------------------------------------------------------------ retention */

/* The range that holds this record, if retention took it. */
static int find_gone(struct sender *s, uint64_t index,
		     const struct gone_range **out, struct err *e)
{
	int rc = 0;

	*out = gone_find(&s->gone, index);
	if (!*out) { /* it may have gone just now */
		rc = gone_read(&s->gone, s->l->dir_fd, e);
		*out = gone_find(&s->gone, index);
	}
	if (*out && (*out)->end > s->at.at.size)
		*out = NULL;
	return rc;
}

static int put_hash(struct sender *s, const char *before,
		    const struct merkle_hash *h, struct err *e)
{
	char hex[SHA256_HEX_SIZE];

	hex_encode(h->b, sizeof(h->b), hex);
	return wire_putf(&s->w, e, "%s%s\n", before, hex);
}

static int send_gone(struct sender *s, uint64_t index,
		     const struct gone_range *range, struct err *e)
{
	uint64_t end = range->end;
	struct merkle_hash leaf;
	int rc = wire_putf(&s->w, e, "#gone %" PRIu64 " %" PRIu64, range->first,
			   end);

	if (!rc)
		rc = put_hash(s, " ", &range->root, e);
	for (; !rc && index < end; index++) {
		rc = s->stored.read(s->stored.arg, 0, index, &leaf, e);
		if (!rc)
			rc = put_hash(s, "#hash ", &leaf, e);
	}
	return rc;
}

/* What stands in the place of a record that the reader does not have.
 * @param next  gets the number behind it */
static int send_absent(struct sender *s, uint64_t index, uint64_t *next,
		       struct err *e)
{
	const struct gone_range *range;
	int rc = find_gone(s, index, &range, e);

	if (rc)
		return rc;
	*next = range ? range->end : index + 1;
	return range ? send_gone(s, index, range, e)
		     : send_one(s, index, NULL, e);
}

static int send_from(struct sender *s, struct ledger_reader *r, uint64_t from,
		     struct err *e)
{
	struct ledger_item item = {0};
	struct err why = {0};
	int more = ERR_MALFORMED, rc = 0;

	while (!rc && from < s->at.at.size) {
		while (more == ERR_MALFORMED ||
		       (more == 1 && item.index < from))
			/* behind damage, the next one tells how many are lost
			 */
			more = ledger_reader_next(r, &item, &why);
		if (more < 0)
			return err_set(e, more, "%s", why.msg);
		if (more == 1 && item.index == from)
			rc = send_one(s, from++, &item, e);
		else
			rc = send_absent(s, from, &from, e);
	}
	return rc;
}

int send_records(struct sender *s, uint64_t from, struct err *e)
{
	struct ledger_reader *r;
	int rc = ledger_reader_new(&r, s->l, from, e);

	if (rc)
		return rc;
	rc = send_from(s, r, from, e);
	ledger_reader_free(r);
	return rc ? rc : wire_putf(&s->w, e, "#end\n");
}
