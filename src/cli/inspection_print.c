/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "cli/inspection.h"
#include "cli/json.h"

enum { COLUMNS = 200 };

/* ---- JSON ---- */

static void add_span(yyjson_mut_doc *doc, yyjson_mut_val *obj, const char *name,
		     struct span s)
{
	struct buf clean = BUF_INIT(64 << 20);

	text_add_utf8(&clean, s);
	yyjson_mut_obj_add_strncpy(doc, obj, name, clean.data, clean.len);
	buf_release(&clean);
}

static void push_span(yyjson_mut_doc *doc, yyjson_mut_val *arr, struct span s)
{
	struct buf clean = BUF_INIT(64 << 20);

	text_add_utf8(&clean, s);
	yyjson_mut_arr_add_strncpy(doc, arr, clean.data, clean.len);
	buf_release(&clean);
}

static void add_trailers(yyjson_mut_doc *doc, yyjson_mut_val *root,
			 const struct trailers *t)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(doc, root, "trailers");
	size_t i;

	for (i = 0; arr && i < t->n; i++) {
		yyjson_mut_val *pair = yyjson_mut_arr_add_arr(doc, arr);

		if (!pair)
			return;
		push_span(doc, pair, t->v[i].key);
		push_span(doc, pair, t->v[i].value);
	}
}

static void add_agents(yyjson_mut_doc *doc, yyjson_mut_val *root,
		       const struct agents_facts *a)
{
	yyjson_mut_val *obj = yyjson_mut_obj_add_obj(doc, root, "agents");
	yyjson_mut_val *seen = yyjson_mut_obj_add_arr(doc, obj, "detected");
	yyjson_mut_val *told = yyjson_mut_obj_add_arr(doc, obj, "declared");
	size_t i;

	for (i = 0; seen && i < a->nseen; i++)
		push_span(doc, seen, span_str(a->seen[i].id));
	for (i = 0; told && i < a->ndeclared; i++) {
		const struct agent_declaration *d = &a->declared[i];

		if (d->none)
			push_span(doc, told, span_str("none"));
		else if (!d->person)
			push_span(doc, told, span_str(d->id ? d->id : d->tool));
	}
}

static void add_paths(yyjson_mut_doc *doc, yyjson_mut_val *root,
		      const struct buf *paths)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(doc, root, "paths");
	struct cursor at = cursor_of(paths->data, paths->len);
	struct span one;

	while (arr && cursor_until(&at, '\0', &one) && one.n > 2) {
		yyjson_mut_val *obj = yyjson_mut_arr_add_obj(doc, arr);

		if (!obj)
			return;
		add_span(doc, obj, "status", span_of(one.p, 1));
		add_span(doc, obj, "path", span_of(one.p + 2, one.n - 2));
	}
}

static void add_signature(yyjson_mut_doc *doc, yyjson_mut_val *root,
			  const struct inspected *it)
{
	const struct signature *s = &it->signature;
	yyjson_mut_val *obj;

	if (!it->is_signed) {
		yyjson_mut_obj_add_null(doc, root, "signature");
		return;
	}
	obj = yyjson_mut_obj_add_obj(doc, root, "signature");
	if (!obj)
		return;
	add_span(doc, obj, "format", span_str(s->format));
	add_span(doc, obj, "status",
		 span_str(signature_status_word(s->status)));
	if (s->principal)
		add_span(doc, obj, "principal", span_str(s->principal->name));
	else
		yyjson_mut_obj_add_null(doc, obj, "principal");
	add_span(doc, obj, "key", span_str(s->fingerprint));
	if (s->status != SIG_GOOD)
		add_span(doc, obj, "why", span_str(s->why));
}

int inspection_json(const struct inspected *it, struct buf *out, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char hex[OID_HEX_SIZE];
	int rc;

	yyjson_mut_doc_set_root(doc, root);
	add_span(doc, root, "id", span_str(oid_to_hex(&it->id, hex)));
	add_span(doc, root, "type", span_str(object_type_name(it->type)));
	if (it->fault.code != FAULT_NONE)
		add_span(doc, root, "fault", span_str(it->fault.text));
	if (it->ok) {
		add_trailers(doc, root, &it->trailers);
		add_agents(doc, root, &it->agents);
		if (it->has_paths)
			add_paths(doc, root, &it->paths);
		else
			yyjson_mut_obj_add_null(doc, root, "paths");
	}
	add_signature(doc, root, it);
	rc = cli_add_json(out, doc, e);
	yyjson_mut_doc_free(doc);
	return rc;
}

/* ---- text ---- */

static void line_span(struct buf *out, const char *label, struct span s)
{
	buf_addf(out, "  %-10s", label);
	text_add_printable(out, s, COLUMNS);
	buf_addch(out, '\n');
}

static void text_paths(const struct buf *paths, struct buf *out)
{
	struct cursor at = cursor_of(paths->data, paths->len);
	struct span one;

	while (cursor_until(&at, '\0', &one))
		line_span(out, "path", one);
}

static void text_agents(const struct agents_facts *a, struct buf *out)
{
	size_t i;

	for (i = 0; i < a->nseen; i++)
		line_span(out, "detected", span_str(a->seen[i].title));
	for (i = 0; i < a->ndeclared; i++)
		line_span(out, "declared", a->declared[i].trailer->value);
}

static void text_signature(const struct inspected *it, struct buf *out)
{
	const struct signature *s = &it->signature;

	if (!it->is_signed)
		return;
	buf_addf(out, "  %-10s%s, %s", "signature",
		 s->format[0] ? s->format : "?",
		 signature_status_word(s->status));
	if (s->principal) {
		buf_adds(out, ", by ");
		text_add_printable(out, span_str(s->principal->name), 80);
	}
	if (s->status != SIG_GOOD) {
		buf_adds(out, ": ");
		text_add_printable(out, span_str(s->why), COLUMNS);
	}
	buf_addch(out, '\n');
}

int inspection_text(const struct inspected *it, struct buf *out, struct err *e)
{
	char hex[OID_HEX_SIZE];
	size_t i;

	buf_addf(out, "%s %s\n", object_type_name(it->type),
		 oid_to_hex(&it->id, hex));
	if (it->fault.code != FAULT_NONE)
		line_span(out, "fault", span_str(it->fault.text));
	for (i = 0; it->ok && i < it->trailers.n; i++) {
		const struct trailer *t = &it->trailers.v[i];

		buf_addf(out, "  %-10s", "trailer");
		text_add_printable(out, t->key, COLUMNS);
		buf_adds(out, ": ");
		text_add_printable(out, t->value, COLUMNS);
		buf_addch(out, '\n');
	}
	if (it->ok) {
		text_agents(&it->agents, out);
		text_paths(&it->paths, out);
	}
	text_signature(it, out);
	return buf_ok(out) ? 0 : err_nomem(e);
}
