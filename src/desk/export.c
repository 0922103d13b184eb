/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "desk/export_private.h"
#include "ledger/lists.h"
#include "ledger/persons.h"

enum { OUT_CHUNK = 64 << 10 };

/* ----------------------------------------------------------- formats */

static const struct export_kind *const kinds[] = {
	[EXPORT_NDJSON] = &export_ndjson, [EXPORT_CSV] = &export_csv,
	[EXPORT_INTOTO] = &export_intoto, [EXPORT_OCSF] = &export_ocsf,
	[EXPORT_OSCAL] = &export_oscal,
};

enum export_format export_format_of(const char *word)
{
	size_t i;

	for (i = EXPORT_NDJSON; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i]->word, word))
			return (enum export_format)i;
	return EXPORT_NONE;
}

bool export_wants_decisions(enum export_format format)
{
	return kinds[format]->decisions;
}

/* ----------------------------------------------------- shared by them */

const char *export_text(yyjson_val *obj, const char *name)
{
	const char *text = yyjson_get_str(yyjson_obj_get(obj, name));

	return text ? text : "";
}

const char *export_person(const struct export_record *r, yyjson_val *number)
{
	static const char *const best[] = {"principal", "login", "email",
					   "name"};
	yyjson_val *who;
	size_t i;

	if (!r->people || !yyjson_is_uint(number))
		return "";
	who = yyjson_arr_get(r->people, yyjson_get_uint(number));
	for (i = 0; i < sizeof(best) / sizeof(best[0]); i++)
		if (*export_text(who, best[i]))
			return export_text(who, best[i]);
	return "";
}

yyjson_val *export_ref(const struct export_record *r, const char *real,
		       size_t *hint)
{
	yyjson_val *refs = r->lists[LIST_REFS], *ref;
	size_t i, n;

	ref = yyjson_arr_get(refs, *hint);
	if (ref && !strcmp(export_text(ref, "real"), real))
		return ref;
	yyjson_arr_foreach(refs, i, n, ref)
	{
		if (!strcmp(export_text(ref, "real"), real)) {
			*hint = i;
			return ref;
		}
	}
	return NULL;
}

int export_line(struct export *x, yyjson_mut_doc *doc, struct err *e)
{
	size_t len = 0;
	char *text = doc ? yyjson_mut_write(doc, 0, &len) : NULL;

	yyjson_mut_doc_free(doc);
	if (!text)
		return err_nomem(e);
	buf_add(&x->out, text, len);
	buf_addch(&x->out, '\n');
	free(text);
	return 0;
}

void export_add_uri(struct buf *out, const char *path)
{
	for (; *path; path++) {
		if (ascii_alnum(*path) || strchr("-._~/@:", *path))
			buf_addch(out, *path);
		else
			buf_addf(out, "%%%02X", (unsigned char)*path);
	}
}

/* ------------------------------------------------------------- a record */

static void record_close(struct export_record *r)
{
	size_t i;

	for (i = 0; i < LIST_COUNT; i++)
		yyjson_doc_free(r->held[i]);
	yyjson_doc_free(r->record_doc);
	yyjson_doc_free(r->people_doc);
}

static int load_lists(const struct export *x, struct export_record *r,
		      struct err *e)
{
	static const char *const names[LIST_COUNT] = {
		"refs", "rules", "findings", "approvals", "provenance"};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < LIST_COUNT; i++)
		rc = ledger_list_load(x->setup.ledger, r->root, names[i],
				      &r->lists[i], &r->held[i], e);
	return rc ? err_wrap(e, "record %s", r->id) : 0;
}

static int record_open(const struct export *x, const struct ledger_item *item,
		       struct export_record *r, struct err *e)
{
	memset(r, 0, sizeof(*r));
	r->item = item;
	memcpy(r->id, item->id.p,
	       item->id.n < sizeof(r->id) ? item->id.n : sizeof(r->id) - 1);
	r->record_doc = yyjson_read(item->json.p, item->json.n, 0);
	r->root = yyjson_doc_get_root(r->record_doc);
	r->people_doc = yyjson_read(item->persons.p, item->persons.n, 0);
	if (!r->root || !r->people_doc)
		return err_set(e, ERR_MALFORMED, "record %s is no JSON", r->id);
	if (!x->setup.unnamed)
		r->people = yyjson_doc_get_root(r->people_doc);
	if (!time_parse(span_str(export_text(r->root, "time")), &r->ms))
		r->ms = 0;
	return load_lists(x, r, e);
}

/* ------------------------------------------------------------------ all */

static int drain(struct export *x, size_t at_least, struct err *e)
{
	int rc = 0;

	if (!buf_ok(&x->out))
		return err_set(e, ERR_LIMIT,
			       "a record is too long to be exported");
	if (x->out.len >= at_least && x->out.len)
		rc = x->setup.sink(x->setup.arg,
				   span_of(x->out.data, x->out.len), e);
	if (x->out.len >= at_least)
		buf_clear(&x->out);
	return rc;
}

int export_new(struct export **out, const struct export_setup *setup,
	       struct err *e)
{
	struct export *x;
	int rc;

	*out = NULL;
	if (setup->format == EXPORT_INTOTO && !setup->key)
		return err_set(e, ERR_USAGE,
			       "statements are signed: name the key");
	x = calloc(1, sizeof(*x));
	if (!x)
		return err_nomem(e);
	x->setup = *setup;
	x->kind = kinds[setup->format];
	buf_init(&x->out, EXPORT_MAX_OUT);
	rc = x->kind->begin ? x->kind->begin(x, e) : 0;
	if (rc) {
		export_free(x);
		return rc;
	}
	*out = x;
	return 0;
}

int export_add(struct export *x, const struct ledger_item *item, struct err *e)
{
	struct export_record r;
	int rc = record_open(x, item, &r, e);

	if (!rc && (!x->kind->decisions ||
		    !strcmp(export_text(r.root, "kind"), "decision")))
		rc = x->kind->add(x, &r, e);
	record_close(&r);
	return rc ? rc : drain(x, OUT_CHUNK, e);
}

int export_end(struct export *x, struct err *e)
{
	int rc = x->kind->end ? x->kind->end(x, e) : 0;

	return rc ? rc : drain(x, 0, e);
}

uint64_t export_left_out(const struct export *x)
{
	return x->left_out;
}

void export_free(struct export *x)
{
	if (!x)
		return;
	export_oscal_free(x);
	buf_release(&x->out);
	free(x);
}

/* --------------------------------------------------------------- NDJSON */

static int add_record(struct export *x, struct export_record *r, struct err *e)
{
	struct buf joined = BUF_INIT(EXPORT_MAX_OUT);
	int rc = 0;

	if (x->setup.unnamed)
		buf_add(&joined, r->item->json.p, r->item->json.n);
	else
		rc = persons_join(r->item->json, r->item->persons, &joined, e);
	buf_add(&x->out, joined.data, joined.len);
	buf_addch(&x->out, '\n');
	buf_release(&joined);
	return rc;
}

const struct export_kind export_ndjson = {.word = "ndjson", .add = add_record};
