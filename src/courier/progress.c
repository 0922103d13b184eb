/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/progress.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/text.h"
#include "courier/place.h"
#include "sys/files.h"

/* FIELD_LATER: a FIELD_U64 that older files lack. */
enum field_type {
	FIELD_NONE = 0,
	FIELD_U64,
	FIELD_LATER,
	FIELD_MS,
	FIELD_STATUS
};

static bool is_u64(enum field_type t)
{
	return t == FIELD_U64 || t == FIELD_LATER;
}

/** The numbers of the file; the two tables of names are one. */
static const struct field {
	const char *name;
	enum field_type type;
	size_t offset;
} fields[] = {
	{"next", FIELD_U64, offsetof(struct progress, next)},
	{"attempts", FIELD_U64, offsetof(struct progress, attempts)},
	{"next_attempt", FIELD_MS, offsetof(struct progress, next_attempt)},
	{"failing_since", FIELD_MS, offsetof(struct progress, failing_since)},
	{"sent", FIELD_U64, offsetof(struct progress, sent)},
	{"retried", FIELD_U64, offsetof(struct progress, retried)},
	{"parked", FIELD_U64, offsetof(struct progress, parked)},
	{"last_success", FIELD_MS, offsetof(struct progress, last_success)},
	{"last_index", FIELD_U64, offsetof(struct progress, last_index)},
	{"error_time", FIELD_MS, offsetof(struct progress, error_time)},
	{"error_status", FIELD_STATUS, offsetof(struct progress, error_status)},
	{"parked_time", FIELD_MS, offsetof(struct progress, parked_time)},
	{"parked_status", FIELD_STATUS,
	 offsetof(struct progress, parked_status)},
	{"checkpoint", FIELD_LATER, offsetof(struct progress, checkpoint)},
};

enum { N_FIELDS = sizeof(fields) / sizeof(*fields) };

static bool read_field(yyjson_val *root, const struct field *f,
		       struct progress *p)
{
	yyjson_val *v = yyjson_obj_get(root, f->name);
	char *at = (char *)p + f->offset;
	uint64_t n = yyjson_get_uint(v);

	if (!v && f->type == FIELD_LATER)
		return true;
	if (!yyjson_is_uint(v) || (!is_u64(f->type) && n > INT64_MAX))
		return false;
	if (is_u64(f->type))
		memcpy(at, &n, sizeof(n));
	else if (f->type == FIELD_MS)
		memcpy(at, &(int64_t){(int64_t)n}, sizeof(int64_t));
	else
		memcpy(at, &(long){(long)n}, sizeof(long));
	return true;
}

static uint64_t field_value(const struct field *f, const struct progress *p)
{
	const char *at = (const char *)p + f->offset;
	uint64_t n;
	int64_t ms;
	long status;

	if (is_u64(f->type)) {
		memcpy(&n, at, sizeof(n));
		return n;
	}
	if (f->type == FIELD_MS) {
		memcpy(&ms, at, sizeof(ms));
		return ms < 0 ? 0 : (uint64_t)ms;
	}
	memcpy(&status, at, sizeof(status));
	return status < 0 ? 0 : (uint64_t)status;
}

static bool read_text(yyjson_val *root, const char *name, char *out, size_t cap)
{
	yyjson_val *v = yyjson_obj_get(root, name);

	if (!yyjson_is_str(v) || yyjson_get_len(v) >= cap)
		return false;
	memcpy(out, yyjson_get_str(v), yyjson_get_len(v));
	return true;
}

static void read_refusals(yyjson_val *root, struct progress *p)
{
	yyjson_val *list = yyjson_obj_get(root, "refusals"), *o;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, o)
	{
		struct refusal_count *r = &p->refusals[p->nrefusals];

		if (p->nrefusals == PROGRESS_MAX_REFUSALS)
			break;
		r->count = yyjson_get_uint(yyjson_obj_get(o, "count"));
		r->last_index = yyjson_get_uint(yyjson_obj_get(o, "index"));
		r->closed = yyjson_is_true(yyjson_obj_get(o, "closed"));
		if (read_text(o, "key", r->key, sizeof(r->key)) &&
		    read_text(o, "named", r->named, sizeof(r->named)) &&
		    read_text(o, "day", r->day, sizeof(r->day)) &&
		    read_text(o, "first", r->first, sizeof(r->first)) &&
		    read_text(o, "last", r->last, sizeof(r->last)))
			p->nrefusals++;
	}
}

static bool write_refusals(yyjson_mut_doc *doc, yyjson_mut_val *root,
			   const struct progress *p)
{
	yyjson_mut_val *list;

	if (!p->nrefusals)
		return true;
	list = yyjson_mut_obj_add_arr(doc, root, "refusals");
	for (size_t i = 0; i < p->nrefusals; i++) {
		const struct refusal_count *r = &p->refusals[i];
		yyjson_mut_val *o = yyjson_mut_arr_add_obj(doc, list);

		if (!yyjson_mut_obj_add_str(doc, o, "key", r->key) ||
		    !yyjson_mut_obj_add_str(doc, o, "named", r->named) ||
		    !yyjson_mut_obj_add_str(doc, o, "day", r->day) ||
		    !yyjson_mut_obj_add_str(doc, o, "first", r->first) ||
		    !yyjson_mut_obj_add_str(doc, o, "last", r->last) ||
		    !yyjson_mut_obj_add_uint(doc, o, "count", r->count) ||
		    !yyjson_mut_obj_add_uint(doc, o, "index", r->last_index) ||
		    !yyjson_mut_obj_add_bool(doc, o, "closed", r->closed))
			return false;
	}
	return true;
}

static int read_fields(yyjson_val *root, struct progress *p, struct err *e)
{
	uint64_t format = yyjson_get_uint(yyjson_obj_get(root, "format"));
	bool ok = true;

	if (format > PROGRESS_FORMAT)
		return err_set(e, ERR_CONFIG,
			       "written by a newer gatepost: refusing to go "
			       "on from it");
	for (size_t i = 0; i < N_FIELDS; i++)
		ok = ok && read_field(root, &fields[i], p);
	ok = ok && read_text(root, "error", p->error, sizeof(p->error)) &&
	     read_text(root, "parked_id", p->parked_id, sizeof(p->parked_id)) &&
	     read_text(root, "last_id", p->last_id, sizeof(p->last_id));
	read_refusals(root, p);
	p->proven = yyjson_is_true(yyjson_obj_get(root, "proven"));
	if (!ok || format != PROGRESS_FORMAT)
		return err_set(e, ERR_MALFORMED,
			       "not a delivery cursor; set it aside to send "
			       "every record again");
	return 0;
}

int progress_load(struct progress *out, const char *ledger_dir,
		  const char *sink, struct err *e)
{
	return progress_load_as(out, ledger_dir, sink, ".json", e);
}

int progress_load_as(struct progress *out, const char *ledger_dir,
		     const char *name, const char *suffix, struct err *e)
{
	struct buf text = BUF_INIT(PROGRESS_MAX_FILE);
	char path[FILE_MAX_PATH];
	yyjson_doc *doc;
	int rc = place_file(ledger_dir, name, suffix, path, e);

	memset(out, 0, sizeof(*out));
	if (rc)
		return rc;
	rc = file_read(path, &text, e);
	if (rc == ERR_NOT_FOUND) {
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		doc = yyjson_read(text.data, text.len, 0);
		if (read_fields(yyjson_doc_get_root(doc), out, e))
			rc = err_wrap(e, "%s", path);
		yyjson_doc_free(doc);
	}
	buf_release(&text);
	return rc;
}

static char *write_fields(const struct progress *p, const char *sink)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	bool ok =
		yyjson_mut_obj_add_uint(doc, root, "format", PROGRESS_FORMAT) &&
		yyjson_mut_obj_add_str(doc, root, "sink", sink) &&
		yyjson_mut_obj_add_bool(doc, root, "proven", p->proven) &&
		yyjson_mut_obj_add_str(doc, root, "error", p->error) &&
		yyjson_mut_obj_add_str(doc, root, "parked_id", p->parked_id) &&
		yyjson_mut_obj_add_str(doc, root, "last_id", p->last_id);
	char *text = NULL;

	for (size_t i = 0; i < N_FIELDS; i++)
		ok = ok && yyjson_mut_obj_add_uint(doc, root, fields[i].name,
						   field_value(&fields[i], p));
	ok = ok && write_refusals(doc, root, p);
	yyjson_mut_doc_set_root(doc, root);
	if (ok)
		text = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}

int progress_save(const struct progress *p, const char *ledger_dir,
		  const char *sink, struct err *e)
{
	return progress_save_as(p, ledger_dir, sink, ".json", e);
}

int progress_save_as(const struct progress *p, const char *ledger_dir,
		     const char *name, const char *suffix, struct err *e)
{
	char path[FILE_MAX_PATH];
	char *text;
	int rc = place_file(ledger_dir, name, suffix, path, e);

	if (rc)
		return rc;
	text = write_fields(p, name);
	rc = text ? file_write_durable(path, text, strlen(text),
				       place_file_mode(ledger_dir), e)
		  : err_nomem(e);
	free(text);
	return rc;
}

void progress_fail(struct progress *p, int64_t now, long status,
		   const char *text)
{
	struct buf line = BUF_INIT(PROGRESS_MAX_ERROR - 1);

	text_add_printable(&line, span_str(text), PROGRESS_MAX_COLUMNS);
	memcpy(p->error, line.data, line.len + 1);
	buf_release(&line);
	p->error_time = now;
	p->error_status = status;
	if (!p->failing_since)
		p->failing_since = now;
}
