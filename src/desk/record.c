/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "desk/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

enum { RECORD_FORMAT = 1, HOST_MAX = 256 };

void record_text(struct record *r, yyjson_mut_val *obj, const char *name,
		 const char *value)
{
	struct buf clean = BUF_INIT(LEDGER_MAX_EVIDENCE);

	if (!value)
		return;
	text_add_utf8(&clean, span_str(value));
	if (!buf_ok(&clean) ||
	    !yyjson_mut_obj_add_strncpy(r->doc, obj, name, clean.data,
					clean.len))
		r->failed = true;
	buf_release(&clean);
}

void record_digest(struct record *r, yyjson_mut_val *obj, const char *name,
		   const char *hex)
{
	char text[sizeof("sha256:") + SHA256_HEX_SIZE];

	if (!hex)
		return;
	snprintf(text, sizeof(text), "sha256:%s", hex);
	record_text(r, obj, name, text);
}

void record_number(struct record *r, yyjson_mut_val *obj, const char *name,
		   uint64_t value)
{
	if (!yyjson_mut_obj_add_uint(r->doc, obj, name, value))
		r->failed = true;
}

void record_bool(struct record *r, yyjson_mut_val *obj, const char *name,
		 bool value)
{
	if (!yyjson_mut_obj_add_bool(r->doc, obj, name, value))
		r->failed = true;
}

void record_texts(struct record *r, yyjson_mut_val *obj, const char *name,
		  const char *const *list, size_t n)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(r->doc, obj, name);
	size_t i;

	for (i = 0; arr && i < n; i++)
		if (!yyjson_mut_arr_add_strcpy(r->doc, arr, list[i]))
			arr = NULL;
	if (!arr)
		r->failed = true;
}

yyjson_mut_val *record_object(struct record *r, yyjson_mut_val *arr)
{
	yyjson_mut_val *obj = yyjson_mut_arr_add_obj(r->doc, arr);

	if (!obj)
		r->failed = true;
	return obj;
}

int record_person(struct record *r, const struct report_person *who,
		  size_t *number, struct err *e)
{
	const char *parts[4] = {who->principal, who->name, who->email,
				who->login};
	struct buf clean[4];
	struct person p;
	size_t i;
	int rc;

	for (i = 0; i < 4; i++) {
		buf_init(&clean[i], 16 * REPORT_MAX_TEXT);
		if (parts[i])
			text_add_utf8(&clean[i], span_str(parts[i]));
	}
	p.principal = span_of(clean[0].data, clean[0].len);
	p.name = span_of(clean[1].data, clean[1].len);
	p.email = span_of(clean[2].data, clean[2].len);
	p.login = span_of(clean[3].data, clean[3].len);
	rc = persons_add(r->people, &p, number, e);
	for (i = 0; i < 4; i++)
		buf_release(&clean[i]);
	return rc;
}

/* Those that are theirs now. */
static void add_roles(struct record *r, yyjson_mut_val *obj,
		      const struct principal *p, int64_t now)
{
	yyjson_mut_val *arr = yyjson_mut_obj_add_arr(r->doc, obj, "roles");
	size_t i;

	r->failed |= !arr;
	for (i = 0; arr && i < p->nroles; i++) {
		const char *name = p->roles[i].name;

		if (principal_has_role(p, name, now) &&
		    !yyjson_mut_arr_add_strcpy(r->doc, arr, name))
			r->failed = true;
	}
}

static int add_pusher(struct record *r, const struct pusher *pusher,
		      int64_t now, struct err *e)
{
	const struct principal *p = pusher->principal;
	struct report_person who = {
		.principal = p ? p->name : NULL,
		.login = pusher->login[0] ? pusher->login : NULL,
	};
	yyjson_mut_val *obj = yyjson_mut_obj_add_obj(r->doc, r->root, "pusher");
	size_t number;
	int rc;

	if (!obj)
		return err_nomem(e);
	rc = record_person(r, &who, &number, e);
	if (rc)
		return rc;
	record_number(r, obj, "person", number);
	record_text(r, obj, "how", pusher->how);
	record_bool(r, obj, "known", p != NULL);
	if (p)
		add_roles(r, obj, p, now);
	return 0;
}

static int record_id(struct record *r, const struct record_frame *frame,
		     struct err *e)
{
	if (!frame->id)
		return uuid7_make(frame->now, r->id, e);
	memcpy(r->id, frame->id, UUID_TEXT_SIZE);
	return 0;
}

int record_init(struct record *r, struct ledger *l,
		const struct record_frame *frame, const char *kind,
		struct err *e)
{
	char when[TIME_RFC3339_SIZE], host[HOST_MAX] = "";
	int rc;

	memset(r, 0, sizeof(*r));
	r->ledger = l;
	r->doc = yyjson_mut_doc_new(NULL);
	r->root = r->doc ? yyjson_mut_obj(r->doc) : NULL;
	if (!r->root)
		return err_nomem(e);
	yyjson_mut_doc_set_root(r->doc, r->root);
	rc = persons_new(&r->people, e);
	if (!rc)
		rc = record_id(r, frame, e);
	if (rc)
		return rc;
	time_format(frame->now, when);
	gethostname(host, sizeof(host) - 1);
	record_number(r, r->root, "v", RECORD_FORMAT);
	record_text(r, r->root, "id", r->id);
	record_text(r, r->root, "kind", kind);
	record_text(r, r->root, "time", when);
	record_text(r, r->root, "host", host);
	record_text(r, r->root, "gatepost", PACKAGE_VERSION);
	record_text(r, r->root, "repository", frame->repository);
	if (frame->git_namespace && *frame->git_namespace)
		record_text(r, r->root, "namespace", frame->git_namespace);
	if (frame->policy) {
		record_text(r, r->root, "policy", frame->policy->digest);
		record_text(r, r->root, "signers",
			    frame->policy->signers_digest);
	}
	return frame->pusher ? add_pusher(r, frame->pusher, frame->now, e) : 0;
}

void record_release(struct record *r)
{
	yyjson_mut_doc_free(r->doc);
	persons_free(r->people);
	memset(r, 0, sizeof(*r));
}

/* The record's line and its persons line. @param text  heap; caller frees */
static int finish(struct record *r, char **text, size_t *len, struct buf *line,
		  struct err *e)
{
	struct buf digests = BUF_INIT(LEDGER_MAX_PERSONS);
	int rc = persons_lines(r->people, line, &digests, e);

	*text = NULL;
	if (!rc && (r->failed || !yyjson_mut_obj_add_val(
					 r->doc, r->root, "persons",
					 yyjson_mut_rawn(r->doc, digests.data,
							 digests.len))))
		rc = err_nomem(e);
	if (!rc) {
		*text = yyjson_mut_write(r->doc, 0, len);
		if (!*text)
			rc = err_nomem(e);
	}
	buf_release(&digests);
	return rc;
}

int record_append_at(struct record *r, uint64_t *index, struct err *e)
{
	struct buf line = BUF_INIT(LEDGER_MAX_PERSONS);
	struct ledger_entry entry;
	char *text;
	size_t len = 0;
	int rc = finish(r, &text, &len, &line, e);

	if (!rc) {
		entry.json = span_of(text, len);
		entry.persons = span_of(line.data, line.len);
		rc = ledger_append(r->ledger, &entry, index, e);
	}
	free(text);
	buf_release(&line);
	return rc;
}

int record_append(struct record *r, struct err *e)
{
	uint64_t index;

	return record_append_at(r, &index, e);
}

int record_print(struct record *r, struct buf *out, struct err *e)
{
	struct buf line = BUF_INIT(LEDGER_MAX_PERSONS);
	char *text;
	size_t len = 0;
	int rc = finish(r, &text, &len, &line, e);

	if (!rc)
		rc = persons_join(span_of(text, len),
				  span_of(line.data, line.len), out, e);
	free(text);
	buf_release(&line);
	return rc;
}

int record_evidence(struct record *r, yyjson_mut_val *obj, const char *name,
		    struct span bytes, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	int rc;

	if (!r->ledger)
		return 0;
	rc = ledger_evidence_put(r->ledger, bytes, hex, e);
	if (!rc)
		record_text(r, obj, name, hex);
	return rc;
}

/* One object a line, as the records themselves. */
static int list_to_evidence(struct record *r, yyjson_mut_val *arr,
			    struct buf *out, struct err *e)
{
	yyjson_mut_val *item;
	size_t i, n;

	(void)r;
	yyjson_mut_arr_foreach(arr, i, n, item)
	{
		size_t len;
		char *text = yyjson_mut_val_write(item, 0, &len);

		if (!text)
			return err_nomem(e);
		buf_add(out, text, len);
		buf_addch(out, '\n');
		free(text);
	}
	return buf_ok(out) ? 0
			   : err_set(e, ERR_LIMIT,
				     "a list of the record is too long");
}

static bool fits(yyjson_mut_val *arr)
{
	size_t len = 0;
	char *text;

	if (yyjson_mut_arr_size(arr) > DECISION_LIST_MAX)
		return false;
	text = yyjson_mut_val_write(arr, 0, &len);
	free(text);
	return text && len <= DECISION_LIST_BYTES;
}

int record_list(struct record *r, const char *name, yyjson_mut_val *arr,
		struct err *e)
{
	struct buf lines = BUF_INIT(LEDGER_MAX_EVIDENCE);
	yyjson_mut_val *key, *cite;
	int rc;

	if (!arr)
		return err_nomem(e);
	key = yyjson_mut_strcpy(r->doc, name);
	if (!r->ledger || fits(arr))
		return key && yyjson_mut_obj_add(r->root, key, arr)
			       ? 0
			       : err_nomem(e);
	rc = list_to_evidence(r, arr, &lines, e);
	cite = yyjson_mut_obj(r->doc);
	if (!rc && !cite)
		rc = err_nomem(e);
	if (!rc)
		rc = record_evidence(r, cite, "sha256",
				     span_of(lines.data, lines.len), e);
	buf_release(&lines);
	if (rc)
		return rc;
	record_number(r, cite, "count", yyjson_mut_arr_size(arr));
	buf_init(&lines, 64);
	buf_addf(&lines, "%s_evidence", name);
	key = yyjson_mut_strcpy(r->doc, lines.data);
	buf_release(&lines);
	return key && yyjson_mut_obj_add(r->root, key, cite) ? 0 : err_nomem(e);
}
