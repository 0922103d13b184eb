/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/retention_refs.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/array.h"
#include "ledger/json.h"
#include "ledger/retain.h"

enum { PIECES_MAX = 1 << 20 };

/* -------------------------------------------------------------- extract */

static bool is_zero(const char *hex)
{
	return strspn(hex, "0") == strlen(hex);
}

static int add_ref(const struct book_ref *ref, struct buf *out, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *o = yyjson_mut_obj(doc), *refs, *one;
	char *text;

	yyjson_mut_doc_set_root(doc, o);
	yyjson_mut_obj_add_str(doc, o, "kind", "outcome");
	yyjson_mut_obj_add_str(doc, o, "repository", ref->repository);
	refs = yyjson_mut_obj_add_arr(doc, o, "refs");
	one = yyjson_mut_arr_add_obj(doc, refs);
	yyjson_mut_obj_add_str(doc, one, "name", ref->name);
	yyjson_mut_obj_add_str(doc, one, "new", ref->at);
	text = yyjson_mut_write(doc, 0, NULL);
	if (text) {
		buf_adds(out, text);
		buf_addch(out, '\n');
	}
	yyjson_mut_doc_free(doc);
	if (!text || !buf_ok(out)) {
		free(text);
		return err_nomem(e);
	}
	free(text);
	return 0;
}

static int read_range(struct ref_book *book, struct ledger *l,
		      const struct gone_range *range, struct err *e)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new(&r, l, range->first, e);

	if (rc)
		return rc;
	while ((rc = ledger_reader_next(r, &item, e)) == 1) {
		if (item.index >= range->end) {
			rc = 0;
			break;
		}
		rc = ref_book_add(book, l, item.json, e);
		if (rc)
			break;
	}
	ledger_reader_free(r);
	return rc;
}

int retention_refs_extract(struct ledger *l, const struct gone_range *range,
			   struct buf *out, struct err *e)
{
	struct ref_book book;
	size_t i;
	int rc;

	ref_book_init(&book);
	rc = read_range(&book, l, range, e);
	for (i = 0; !rc && i < book.nrefs; i++)
		if (!is_zero(book.refs[i].at))
			rc = add_ref(&book.refs[i], out, e);
	ref_book_release(&book);
	return rc;
}

/* ---------------------------------------------------------------- apply */

void retention_refs_release(struct retention_refs *r)
{
	free(r->v);
	*r = (struct retention_refs){0};
}

static int by_first(const void *a, const void *b)
{
	const struct retention_refs_piece *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int take_piece(void *arg, yyjson_val *segment, struct err *e)
{
	struct retention_refs *r = arg;
	struct span hex = json_str(segment, "refs");
	struct retention_refs_piece *p;

	if (hex.n != SHA256_HEX_SIZE - 1)
		return 0;
	if (array_push(&r->v, r->n, &r->cap, PIECES_MAX))
		return err_nomem(e);
	p = &r->v[r->n++];
	p->first = yyjson_get_uint(yyjson_obj_get(segment, "first"));
	memcpy(p->hex, hex.p, hex.n);
	p->hex[hex.n] = '\0';
	return 0;
}

int retention_refs_read(struct retention_refs *r, struct ledger *l,
			struct err *e)
{
	int rc = retain_each_gone(l, take_piece, r, e);

	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_first);
	return rc;
}

static int apply_piece(const struct retention_refs_piece *p,
		       struct ref_book *book, struct ledger *l, struct err *e)
{
	struct buf text = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc = ledger_evidence_get(l, p->hex, &text, e);
	struct cursor c = cursor_of(text.data, text.len);
	struct span line;

	while (!rc && cursor_until(&c, '\n', &line))
		rc = ref_book_add(book, l, line, e);
	buf_release(&text);
	return rc;
}

int retention_refs_apply(struct retention_refs *r, struct ref_book *book,
			 struct ledger *l, uint64_t before, struct err *e)
{
	int rc = 0;

	for (; !rc && r->next < r->n && r->v[r->next].first < before; r->next++)
		rc = apply_piece(&r->v[r->next], book, l, e);
	return rc;
}
