/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/asks.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/time.h"
#include "courier/place.h"
#include "ledger/json.h"
#include "ledger/search.h"
#include "sys/files.h"

#define ASKS_FILE ".asks.json"

void asks_release(struct asks *a)
{
	free(a->v);
	*a = (struct asks){.next = 0};
}

static int add(struct asks *a, const struct ask *one, struct err *e)
{
	if (array_push(&a->v, a->n, &a->cap, ASKS_MAX))
		return err_nomem(e);
	a->v[a->n++] = *one;
	return 0;
}

void asks_drop(struct asks *a, size_t i)
{
	memmove(&a->v[i], &a->v[i + 1], (a->n - i - 1) * sizeof(*a->v));
	a->n--;
	a->changed = true;
}

void asks_put_last(struct asks *a, size_t i)
{
	struct ask one = a->v[i];

	asks_drop(a, i);
	a->v[a->n++] = one;
}

int64_t asks_oldest(const struct asks *a)
{
	int64_t oldest = 0;

	for (size_t i = 0; i < a->n; i++)
		if (!oldest || a->v[i].pushed < oldest)
			oldest = a->v[i].pushed;
	return oldest;
}

/* ---- the file ---- */

static bool take_id(struct span id, char out[UUID_TEXT_SIZE])
{
	if (!uuid_is(id))
		return false;
	memcpy(out, id.p, id.n);
	out[id.n] = '\0';
	return true;
}

static int read_list(yyjson_val *root, struct asks *a, struct err *e)
{
	yyjson_val *list = yyjson_obj_get(root, "waiting"), *o;
	size_t i, n;
	int rc = 0;

	yyjson_arr_foreach(list, i, n, o)
	{
		struct ask one = {
			.index = yyjson_get_uint(yyjson_obj_get(o, "index")),
			.pushed = yyjson_get_sint(yyjson_obj_get(o, "pushed"))};

		if (!rc && i < ASKS_MAX && take_id(json_str(o, "id"), one.id))
			rc = add(a, &one, e);
	}
	return rc;
}

static int read_root(yyjson_val *root, struct asks *a, struct err *e)
{
	if (yyjson_get_uint(yyjson_obj_get(root, "format")) != ASKS_FORMAT)
		return 0;
	a->next = a->saved = yyjson_get_uint(yyjson_obj_get(root, "next"));
	a->attempts = yyjson_get_uint(yyjson_obj_get(root, "attempts"));
	a->next_attempt = yyjson_get_sint(yyjson_obj_get(root, "next_attempt"));
	return read_list(root, a, e);
}

int asks_load(struct asks *out, const char *ledger_dir, const char *sink,
	      struct err *e)
{
	struct buf text = BUF_INIT(ASKS_MAX_FILE);
	char path[FILE_MAX_PATH];
	yyjson_doc *doc = NULL;
	int rc = place_file(ledger_dir, sink, ASKS_FILE, path, e);

	*out = (struct asks){.next = 0};
	if (!rc)
		rc = file_read(path, &text, e);
	if (rc == ERR_NOT_FOUND || rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		doc = yyjson_read(text.data, text.len, 0);
		rc = read_root(yyjson_doc_get_root(doc), out, e);
	}
	yyjson_doc_free(doc);
	buf_release(&text);
	return rc;
}

static bool write_list(yyjson_mut_doc *doc, yyjson_mut_val *root,
		       const struct asks *a)
{
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, root, "waiting");
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < a->n; i++) {
		yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);

		ok = yyjson_mut_obj_add_str(doc, o, "id", a->v[i].id) &&
		     yyjson_mut_obj_add_uint(doc, o, "index", a->v[i].index) &&
		     yyjson_mut_obj_add_sint(doc, o, "pushed", a->v[i].pushed);
	}
	return ok;
}

static char *render(const struct asks *a)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char *text = NULL;

	yyjson_mut_doc_set_root(doc, root);
	if (yyjson_mut_obj_add_uint(doc, root, "format", ASKS_FORMAT) &&
	    yyjson_mut_obj_add_uint(doc, root, "next", a->next) &&
	    yyjson_mut_obj_add_uint(doc, root, "attempts", a->attempts) &&
	    yyjson_mut_obj_add_sint(doc, root, "next_attempt",
				    a->next_attempt) &&
	    write_list(doc, root, a))
		text = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}

int asks_save(struct asks *a, const char *ledger_dir, const char *sink,
	      struct err *e)
{
	char path[FILE_MAX_PATH], *text = NULL;
	int rc = place_make(ledger_dir, e);

	if (!rc)
		rc = place_file(ledger_dir, sink, ASKS_FILE, path, e);
	if (!rc && !(text = render(a)))
		rc = err_nomem(e);
	if (!rc)
		rc = file_write_durable(path, text, strlen(text),
					place_file_mode(ledger_dir), e);
	free(text);
	if (!rc) {
		a->changed = false;
		a->saved = a->next;
	}
	return rc;
}

/* ---- the ledger ---- */

static void drop_answered(struct asks *a, struct span question)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!span_is(question, a->v[i].id))
			continue;
		asks_drop(a, i);
		return;
	}
}

/* @return 1 when there is no room for it */
static int take_record(struct asks *a, const struct ledger_item *item,
		       const char *sink, struct err *e)
{
	struct ask one = {.index = item->index};
	yyjson_doc *doc = NULL;
	yyjson_val *root;
	int rc = json_parse(&doc, item->json, "record", e);

	if (rc)
		return rc;
	root = yyjson_doc_get_root(doc);
	if (!span_is(json_str(root, "lookup"), "unverified")) {
		drop_answered(a, json_str(root, "question"));
	} else if (span_is(json_str(root, "sink"), sink) &&
		   take_id(item->id, one.id) &&
		   time_parse(json_str(root, "time"), &one.pushed)) {
		rc = a->n == ASKS_MAX ? 1 : add(a, &one, e);
		a->changed = true;
	}
	yyjson_doc_free(doc);
	return rc;
}

/* A ledger that was put back from a backup ends before. */
static int begin(struct asks *a, struct ledger *l, uint64_t *end, struct err *e)
{
	int rc = ledger_size(l, end, e);

	if (!rc && a->next > *end) {
		asks_release(a);
		a->changed = true;
	}
	return rc;
}

int asks_read_on(struct asks *a, struct ledger *l, const char *sink,
		 struct err *e)
{
	const struct ledger_query q = {.kind = "ticket"};
	struct ledger_search *s = NULL;
	struct ledger_item item;
	uint64_t end;
	int rc = begin(a, l, &end, e);

	if (rc || a->next == end)
		return rc;
	rc = ledger_search_new(&s, l, &q, a->next, end, e);
	while (!rc) {
		rc = ledger_search_next(s, &item, e);
		if (rc == 0) {
			a->next = end;
			break;
		}
		if (rc == 1) {
			rc = take_record(a, &item, sink, e);
			a->next = item.index + (rc != 1);
		}
		if (rc == ERR_MALFORMED) {
			err_clear(e);
			rc = 0;
		}
	}
	ledger_search_free(s);
	return rc < 0 ? rc : 0;
}

int asks_look(struct asks *out, struct ledger *l, const char *sink,
	      struct err *e)
{
	int rc = asks_load(out, ledger_dir(l), sink, e);

	return rc ? rc : asks_read_on(out, l, sink, e);
}
