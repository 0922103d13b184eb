/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/report.h"

#include <stdint.h>
#include <string.h>

#include <yyjson.h>

#include "base/text.h"
#include "checks/check.h"
#include "checks/ticket.h"

/*
 * One table a struct says how its members are written and read: writer and
 * reader cannot drift apart.
 */
enum field_type {
	F_TEXT = 1, /* const char *; `max` says whether it may be NULL */
	F_SIZE,	    /* size_t */
	F_ENUM,	    /* int in 0..max */
	F_BOOL,
	F_LIST,	 /* const char **, NULL-terminated */
	F_NAMED, /* size_t[REPORT_MAX_NAMED] and the count behind it */
	/* size_t, a position in another list (or the largest number, where
	 * `max` says so) */
	F_REF,
	F_RULE,
	F_PERSON
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	int max; /* F_ENUM: largest; F_TEXT, F_REF…: 1: may be absent */
};

#define FIELD(s, m, t, max)                                                    \
	{                                                                      \
#m, t, offsetof(struct s, m), max                              \
	}

static const struct field person_fields[] = {
	FIELD(report_person, principal, F_TEXT, 1),
	FIELD(report_person, name, F_TEXT, 1),
	FIELD(report_person, email, F_TEXT, 1),
	FIELD(report_person, login, F_TEXT, 1),
};
static const struct field ref_fields[] = {
	FIELD(report_ref, name, F_TEXT, 0),
	FIELD(report_ref, real, F_TEXT, 0),
	FIELD(report_ref, old, F_TEXT, 0),
	FIELD(report_ref, new_, F_TEXT, 0),
	FIELD(report_ref, kind, F_ENUM, REF_DELETE),
	FIELD(report_ref, mode, F_ENUM, MODE_ENFORCE),
	FIELD(report_ref, verdict, F_ENUM, VERDICT_ERROR),
	FIELD(report_ref, would, F_ENUM, VERDICT_ERROR),
	FIELD(report_ref, commits, F_SIZE, 0),
	FIELD(report_ref, digest, F_TEXT, 1),
	FIELD(report_ref, gates, F_LIST, 0),
	FIELD(report_ref, mirror, F_TEXT, 1),
	FIELD(report_ref, previews, F_LIST, 0),
	FIELD(report_ref, approves, F_LIST, 0),
};
static const struct field result_fields[] = {
	FIELD(report_result, ref, F_REF, 0),
	FIELD(report_result, rule, F_RULE, 0),
	FIELD(report_result, mode, F_ENUM, MODE_ENFORCE),
	FIELD(report_result, result, F_ENUM, RESULT_NOT_APPLICABLE),
	FIELD(report_result, commits, F_SIZE, 0),
	FIELD(report_result, matched, F_SIZE, 0),
	FIELD(report_result, waived, F_SIZE, 0),
	FIELD(report_result, by_bot, F_SIZE, 0),
	FIELD(report_result, bot, F_TEXT, 1),
	FIELD(report_result, why, F_TEXT, 1),
};
static const struct field finding_fields[] = {
	FIELD(report_finding, ref, F_REF, 1),
	FIELD(report_finding, rule, F_RULE, 1),
	FIELD(report_finding, check, F_TEXT, 0),
	FIELD(report_finding, code, F_TEXT, 0),
	FIELD(report_finding, commit, F_TEXT, 1),
	FIELD(report_finding, subject, F_TEXT, 1),
	FIELD(report_finding, author, F_PERSON, 1),
	FIELD(report_finding, text, F_TEXT, 0),
	FIELD(report_finding, hint, F_TEXT, 1),
	FIELD(report_finding, trailer, F_TEXT, 1),
	FIELD(report_finding, sign, F_ENUM, SIGN_ROOT),
	FIELD(report_finding, weight, F_ENUM, WEIGHT_REJECT),
	FIELD(report_finding, who, F_NAMED, 0),
};
static const struct field evidence_fields[] = {
	FIELD(report_evidence, ref, F_REF, 0),
	FIELD(report_evidence, rule, F_RULE, 0),
	FIELD(report_evidence, kind, F_TEXT, 0),
	FIELD(report_evidence, commit, F_TEXT, 1),
	FIELD(report_evidence, text, F_TEXT, 0),
	FIELD(report_evidence, who, F_PERSON, 1),
};
static const struct field provenance_fields[] = {
	FIELD(report_provenance, commit, F_TEXT, 0),
	FIELD(report_provenance, author, F_PERSON, 1),
	FIELD(report_provenance, agent, F_TEXT, 1),
	FIELD(report_provenance, model, F_TEXT, 1),
	FIELD(report_provenance, session, F_TEXT, 1),
	FIELD(report_provenance, detected, F_BOOL, 0),
	FIELD(report_provenance, declared, F_BOOL, 0),
	FIELD(report_provenance, how, F_TEXT, 0),
	FIELD(report_provenance, trailer, F_TEXT, 1),
	FIELD(report_provenance, inherited, F_TEXT, 1),
	FIELD(report_provenance, digest, F_TEXT, 1),
};
static const struct field approval_fields[] = {
	FIELD(report_approval, ref, F_REF, 0),
	FIELD(report_approval, rule, F_RULE, 1),
	FIELD(report_approval, at, F_TEXT, 0),
	FIELD(report_approval, tag, F_TEXT, 0),
	FIELD(report_approval, payload, F_TEXT, 0),
	FIELD(report_approval, made, F_TEXT, 1),
	FIELD(report_approval, who, F_PERSON, 1),
	FIELD(report_approval, format, F_TEXT, 1),
	FIELD(report_approval, key_type, F_TEXT, 1),
	FIELD(report_approval, fingerprint, F_TEXT, 1),
	FIELD(report_approval, presence, F_BOOL, 0),
	FIELD(report_approval, verification, F_BOOL, 0),
	FIELD(report_approval, counted, F_BOOL, 0),
	FIELD(report_approval, why, F_TEXT, 1),
	FIELD(report_approval, raw, F_TEXT, 1),
	FIELD(report_approval, kind, F_TEXT, 0),
	FIELD(report_approval, covers, F_SIZE, 0),
	FIELD(report_approval, withdrawn, F_TEXT, 1),
	FIELD(report_approval, withdrawal, F_TEXT, 1),
	FIELD(report_approval, others, F_LIST, 0),
	FIELD(report_approval, digest, F_TEXT, 1),
	FIELD(report_approval, tip, F_TEXT, 1),
	FIELD(report_approval, end, F_TEXT, 1),
	FIELD(report_approval, carried, F_TEXT, 1),
	FIELD(report_approval, from, F_TEXT, 1),
};
static const struct field signature_fields[] = {
	FIELD(report_signature, ref, F_REF, 1),
	FIELD(report_signature, rule, F_RULE, 1),
	FIELD(report_signature, of, F_ENUM, SIGNED_PUSH),
	FIELD(report_signature, who, F_PERSON, 1),
	FIELD(report_signature, format, F_TEXT, 0),
	FIELD(report_signature, key_type, F_TEXT, 0),
	FIELD(report_signature, fingerprint, F_TEXT, 0),
	FIELD(report_signature, presence, F_BOOL, 0),
	FIELD(report_signature, verification, F_BOOL, 0),
	FIELD(report_signature, count, F_SIZE, 0),
	FIELD(report_signature, objects, F_TEXT, 1),
};
static const struct field certificate_fields[] = {
	FIELD(report_certificate, state, F_ENUM, PUSH_CERT_NONCE),
	FIELD(report_certificate, status, F_ENUM, SIG_UNSUPPORTED),
	FIELD(report_certificate, who, F_PERSON, 1),
	FIELD(report_certificate, format, F_TEXT, 0),
	FIELD(report_certificate, key_type, F_TEXT, 0),
	FIELD(report_certificate, fingerprint, F_TEXT, 0),
	FIELD(report_certificate, presence, F_BOOL, 0),
	FIELD(report_certificate, verification, F_BOOL, 0),
	FIELD(report_certificate, nonce, F_TEXT, 1),
	FIELD(report_certificate, why, F_TEXT, 0),
	FIELD(report_certificate, raw, F_TEXT, 0),
};
static const struct field change_fields[] = {
	FIELD(report_change, commit, F_TEXT, 1),
	FIELD(report_change, digest, F_TEXT, 0),
	FIELD(report_change, ref, F_REF, 1),
	FIELD(report_change, known, F_BOOL, 0),
	FIELD(report_change, back, F_BOOL, 0),
};
static const struct field revert_fields[] = {
	FIELD(report_revert, ref, F_REF, 0),
	FIELD(report_revert, commit, F_TEXT, 0),
	FIELD(report_revert, undoes, F_TEXT, 0),
	FIELD(report_revert, record, F_TEXT, 0),
	FIELD(report_revert, whole, F_BOOL, 0),
	FIELD(report_revert, review, F_BOOL, 0),
	FIELD(report_revert, deadline, F_TEXT, 0),
	FIELD(report_revert, who, F_PERSON, 1),
};
static const struct field statement_fields[] = {
	FIELD(report_statement, commit, F_TEXT, 0),
	FIELD(report_statement, commits, F_SIZE, 0),
	FIELD(report_statement, digest, F_TEXT, 0),
	FIELD(report_statement, agent, F_TEXT, 1),
	FIELD(report_statement, model, F_TEXT, 1),
	FIELD(report_statement, session, F_TEXT, 1),
	FIELD(report_statement, trailer, F_TEXT, 1),
	FIELD(report_statement, declared, F_BOOL, 0),
	FIELD(report_statement, none, F_BOOL, 0),
};
static const struct field emergency_fields[] = {
	FIELD(report_emergency, ref, F_REF, 0),
	FIELD(report_emergency, who, F_PERSON, 1),
	FIELD(report_emergency, how, F_TEXT, 0),
	FIELD(report_emergency, ticket, F_TEXT, 0),
	FIELD(report_emergency, reason, F_TEXT, 0),
	FIELD(report_emergency, deadline, F_TEXT, 0),
	FIELD(report_emergency, excused, F_SIZE, 0),
};
static const struct field tag_fields[] = {
	FIELD(report_tag, kind, F_ENUM, STATEMENT_IMPORT),
	FIELD(report_tag, ref, F_REF, 1),
	FIELD(report_tag, rule, F_RULE, 1),
	FIELD(report_tag, at, F_TEXT, 0),
	FIELD(report_tag, tag, F_TEXT, 0),
	FIELD(report_tag, payload, F_TEXT, 0),
	FIELD(report_tag, who, F_PERSON, 1),
	FIELD(report_tag, format, F_TEXT, 0),
	FIELD(report_tag, key_type, F_TEXT, 0),
	FIELD(report_tag, fingerprint, F_TEXT, 0),
	FIELD(report_tag, counted, F_BOOL, 0),
	FIELD(report_tag, why, F_TEXT, 1),
	FIELD(report_tag, raw, F_TEXT, 1),
	FIELD(report_tag, created, F_BOOL, 0),
	FIELD(report_tag, commits, F_SIZE, 0),
	FIELD(report_tag, until, F_TEXT, 1),
	FIELD(report_tag, reason, F_TEXT, 1),
	FIELD(report_tag, control, F_TEXT, 1),
	FIELD(report_tag, refs, F_LIST, 0),
	FIELD(report_tag, paths, F_LIST, 0),
	FIELD(report_tag, tip, F_TEXT, 1),
	FIELD(report_tag, files, F_SIZE, 0),
};
static const struct field ticket_fields[] = {
	FIELD(report_ticket, ref, F_REF, 0),
	FIELD(report_ticket, rule, F_RULE, 0),
	FIELD(report_ticket, id, F_TEXT, 0),
	FIELD(report_ticket, from, F_TEXT, 0),
	FIELD(report_ticket, commit, F_TEXT, 1),
	FIELD(report_ticket, sink, F_TEXT, 1),
	FIELD(report_ticket, answer, F_ENUM, TICKET_N_ANSWERS - 1),
	FIELD(report_ticket, state, F_TEXT, 1),
	FIELD(report_ticket, asked, F_TEXT, 1),
	FIELD(report_ticket, why, F_TEXT, 1),
};
static const struct field report_fields[] = {
	FIELD(report, verdict, F_ENUM, VERDICT_ERROR),
	FIELD(report, would, F_ENUM, VERDICT_ERROR),
	FIELD(report, mode, F_ENUM, MODE_ENFORCE),
	FIELD(report, commits, F_SIZE, 0),
	FIELD(report, nfindings_all, F_SIZE, 0),
	FIELD(report, nevidence_all, F_SIZE, 0),
	FIELD(report, pusher, F_TEXT, 1),
	FIELD(report, sandbox, F_TEXT, 1),
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- writing ---- */

static yyjson_mut_val *text_value(yyjson_mut_doc *doc, const char *s)
{
	struct buf b;
	yyjson_mut_val *v;

	if (!s)
		return yyjson_mut_null(doc);
	buf_init(&b, 3 * REPORT_MAX_BYTES);
	text_add_utf8(&b, span_str(s));
	v = buf_ok(&b) ? yyjson_mut_strncpy(doc, b.data, b.len) : NULL;
	buf_release(&b);
	return v;
}

static yyjson_mut_val *list_value(yyjson_mut_doc *doc, const char **list)
{
	yyjson_mut_val *arr = yyjson_mut_arr(doc);

	for (; arr && list && *list; list++)
		yyjson_mut_arr_append(arr, text_value(doc, *list));
	return arr;
}

static yyjson_mut_val *named_value(yyjson_mut_doc *doc, const size_t *who)
{
	yyjson_mut_val *arr = yyjson_mut_arr(doc);
	size_t i;

	/* the count stands behind the array: see struct report_finding */
	for (i = 0; arr && i < who[REPORT_MAX_NAMED]; i++)
		yyjson_mut_arr_add_uint(doc, arr, who[i]);
	return arr;
}

_Static_assert(offsetof(struct report_finding, nwho) ==
		       offsetof(struct report_finding, who) +
			       REPORT_MAX_NAMED * sizeof(size_t),
	       "F_NAMED reads the count behind the array");

static yyjson_mut_val *member_value(yyjson_mut_doc *doc, const struct field *f,
				    const char *at)
{
	switch (f->type) {
	case F_TEXT:
		return text_value(doc, *(const char *const *)(const void *)at);
	case F_ENUM:
		return yyjson_mut_int(doc, *(const int *)(const void *)at);
	case F_BOOL:
		return yyjson_mut_bool(doc, *(const bool *)(const void *)at);
	case F_LIST:
		return list_value(doc, *(const char **const *)(const void *)at);
	case F_NAMED:
		return named_value(doc, (const size_t *)(const void *)at);
	case F_SIZE:
	case F_REF:
	case F_RULE:
	case F_PERSON:
		return yyjson_mut_uint(doc, *(const size_t *)(const void *)at);
	}
	return NULL;
}

static yyjson_mut_val *struct_value(yyjson_mut_doc *doc, const struct field *f,
				    size_t n, const void *from)
{
	yyjson_mut_val *obj = yyjson_mut_obj(doc);
	size_t i;

	for (i = 0; obj && i < n; i++) {
		yyjson_mut_val *v = member_value(
			doc, &f[i], (const char *)from + f[i].offset);

		if (!v || !yyjson_mut_obj_add_val(doc, obj, f[i].name, v))
			return NULL;
	}
	return obj;
}

static bool add_array(yyjson_mut_doc *doc, yyjson_mut_val *root,
		      const char *name, const struct field *f, size_t nf,
		      const void *from, size_t n, size_t size)
{
	yyjson_mut_val *arr = yyjson_mut_arr(doc);
	size_t i;

	for (i = 0; arr && i < n; i++)
		if (!yyjson_mut_arr_append(
			    arr, struct_value(doc, f, nf,
					      (const char *)from + i * size)))
			return false;
	return arr && yyjson_mut_obj_add_val(doc, root, name, arr);
}

#define ADD(list, fields)                                                      \
	add_array(doc, root, #list, fields, COUNT(fields), r->list,            \
		  r->n##list, sizeof(r->list[0]))

int report_write(const struct report *r, struct buf *out, struct err *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root;
	char *text = NULL;
	size_t len = 0;

	if (!doc)
		return err_nomem(e);
	root = struct_value(doc, report_fields, COUNT(report_fields), r);
	if (root && ADD(persons, person_fields) && ADD(refs, ref_fields) &&
	    ADD(results, result_fields) && ADD(findings, finding_fields) &&
	    ADD(evidence, evidence_fields) &&
	    ADD(provenance, provenance_fields) &&
	    ADD(approvals, approval_fields) &&
	    ADD(signatures, signature_fields) &&
	    ADD(certificates, certificate_fields) &&
	    ADD(changes, change_fields) && ADD(statements, statement_fields) &&
	    ADD(emergencies, emergency_fields) &&
	    ADD(reverts, revert_fields) && ADD(tags, tag_fields) &&
	    ADD(tickets, ticket_fields)) {
		yyjson_mut_doc_set_root(doc, root);
		text = yyjson_mut_write(doc, 0, &len);
	}
	yyjson_mut_doc_free(doc);
	if (!text)
		return err_nomem(e);
	buf_add(out, text, len);
	free(text);
	return buf_ok(out) ? 0
			   : err_set(e, ERR_LIMIT, "the report is too large");
}

/* ---- reading ---- */

struct reading {
	struct report *r;
	size_t nrules;
};

static bool read_text(struct reading *in, yyjson_val *v, bool absent_ok,
		      const char **at)
{
	*at = NULL;
	if (yyjson_is_null(v))
		return absent_ok;
	if (!yyjson_is_str(v) || strlen(yyjson_get_str(v)) != yyjson_get_len(v))
		return false;
	*at = arena_strdup(&in->r->arena, yyjson_get_str(v));
	return *at != NULL;
}

static bool read_list(struct reading *in, yyjson_val *v, const char ***at)
{
	size_t i, n = yyjson_arr_size(v);
	yyjson_val *item;

	if (!yyjson_is_arr(v) || n > REPORT_MAX_ITEMS)
		return false;
	*at = arena_alloc(&in->r->arena, (n + 1) * sizeof(**at));
	if (!*at)
		return false;
	yyjson_arr_foreach(v, i, n, item)
	{
		if (!read_text(in, item, false, &(*at)[i]))
			return false;
	}
	return true;
}

static bool read_position(yyjson_val *v, size_t n, bool absent_ok, size_t *at)
{
	uint64_t u = yyjson_get_uint(v);

	if (!yyjson_is_uint(v) || u > SIZE_MAX)
		return false;
	*at = (size_t)u;
	return *at < n || (absent_ok && *at == SIZE_MAX);
}

static bool read_named(struct reading *in, yyjson_val *v, size_t *who)
{
	size_t i, n = yyjson_arr_size(v);
	yyjson_val *item;

	if (!yyjson_is_arr(v) || n > REPORT_MAX_NAMED)
		return false;
	yyjson_arr_foreach(v, i, n, item)
	{
		if (!read_position(item, in->r->npersons, true, &who[i]))
			return false;
	}
	who[REPORT_MAX_NAMED] = n;
	return true;
}

static bool read_enum(yyjson_val *v, int max, int *at)
{
	uint64_t u = yyjson_get_uint(v);

	if (!yyjson_is_uint(v) || u > (uint64_t)max)
		return false;
	*at = (int)u;
	return true;
}

static bool read_member(struct reading *in, yyjson_val *v,
			const struct field *f, void *at)
{
	switch (f->type) {
	case F_TEXT:
		return read_text(in, v, f->max, at);
	case F_ENUM:
		return read_enum(v, f->max, at);
	case F_BOOL:
		*(bool *)at = yyjson_get_bool(v);
		return yyjson_is_bool(v);
	case F_LIST:
		return read_list(in, v, at);
	case F_NAMED:
		return read_named(in, v, at);
	case F_SIZE:
		return read_position(v, SIZE_MAX, false, at);
	case F_REF:
		return read_position(v, in->r->nrefs, f->max, at);
	case F_RULE:
		return read_position(v, in->nrules, f->max, at);
	case F_PERSON:
		return read_position(v, in->r->npersons, f->max, at);
	}
	return false;
}

static bool read_struct(struct reading *in, yyjson_val *obj,
			const struct field *f, size_t n, void *to)
{
	size_t i;

	if (!yyjson_is_obj(obj))
		return false;
	for (i = 0; i < n; i++) {
		yyjson_val *v = yyjson_obj_get(obj, f[i].name);

		if (!v || !read_member(in, v, &f[i], (char *)to + f[i].offset))
			return false;
	}
	return true;
}

static bool read_array(struct reading *in, yyjson_val *root, const char *name,
		       const struct field *f, size_t nf, void *items,
		       size_t *count, size_t size)
{
	yyjson_val *arr = yyjson_obj_get(root, name), *item;
	size_t i, n = yyjson_arr_size(arr);
	size_t most =
		f == finding_fields ? REPORT_MAX_FINDINGS : REPORT_MAX_ITEMS;
	char *v;

	if (!yyjson_is_arr(arr) || n > most)
		return false;
	v = calloc(n + 1, size);
	if (!v)
		return false;
	memcpy(items, &v, sizeof(v));
	yyjson_arr_foreach(arr, i, n, item)
	{
		if (!read_struct(in, item, f, nf, v + i * size))
			return false;
	}
	*count = n;
	return true;
}

#define READ(list, fields)                                                     \
	read_array(&in, root, #list, fields, COUNT(fields), &r->list,          \
		   &r->n##list, sizeof(r->list[0]))

/* Persons and refs come first: the others' positions are checked against
 * them. */
static bool read_all(struct report *r, yyjson_val *root, size_t nrules)
{
	struct reading in = {r, nrules};

	return read_struct(&in, root, report_fields, COUNT(report_fields), r) &&
	       READ(persons, person_fields) && READ(refs, ref_fields) &&
	       READ(results, result_fields) && READ(findings, finding_fields) &&
	       READ(evidence, evidence_fields) &&
	       READ(provenance, provenance_fields) &&
	       READ(approvals, approval_fields) &&
	       READ(signatures, signature_fields) &&
	       READ(certificates, certificate_fields) &&
	       READ(changes, change_fields) &&
	       READ(emergencies, emergency_fields) &&
	       READ(reverts, revert_fields) && READ(tags, tag_fields) &&
	       READ(statements, statement_fields) &&
	       READ(tickets, ticket_fields);
}

int report_read(struct report *r, struct span json, size_t nrules,
		struct err *e)
{
	yyjson_doc *doc;
	bool ok;

	report_init(r);
	if (json.n > 2 * (size_t)REPORT_MAX_BYTES)
		return err_set(e, ERR_LIMIT, "the judge's report is too large");
	doc = yyjson_read(json.p, json.n, 0);
	ok = doc && read_all(r, yyjson_doc_get_root(doc), nrules);
	yyjson_doc_free(doc);
	if (ok)
		return 0;
	report_release(r);
	return err_set(e, ERR_MALFORMED,
		       "the judge's report could not be understood");
}
