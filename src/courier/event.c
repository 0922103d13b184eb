/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "ledger/persons.h"

static int parse(yyjson_doc **doc, struct span json, struct err *e)
{
	*doc = yyjson_read(json.p, json.n, 0);
	if (*doc && yyjson_is_obj(yyjson_doc_get_root(*doc)))
		return 0;
	yyjson_doc_free(*doc);
	*doc = NULL;
	return err_set(e, ERR_MALFORMED, "the record is not a JSON object");
}

static struct span member(yyjson_doc *doc, const char *name)
{
	yyjson_val *v = yyjson_obj_get(yyjson_doc_get_root(doc), name);

	return yyjson_is_str(v) ? span_of(yyjson_get_str(v), yyjson_get_len(v))
				: span_str("");
}

static bool is_word(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n < EVENT_MAX_KIND;
}

static int head_of(yyjson_doc *doc, struct event_head *out, struct err *e)
{
	struct span id = member(doc, "id"), kind = member(doc, "kind");

	if (!uuid_is(id))
		return err_set(e, ERR_MALFORMED, "the record has no id");
	if (!is_word(kind))
		return err_set(e, ERR_MALFORMED, "the record has no kind");
	memcpy(out->id, id.p, id.n);
	memcpy(out->kind, kind.p, kind.n);
	if (!time_parse(member(doc, "time"), &out->time_ms))
		out->time_ms = 0;
	return 0;
}

int event_read_head(struct span json, struct event_head *out, struct err *e)
{
	yyjson_doc *doc;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = parse(&doc, json, e);
	if (rc)
		return rc;
	rc = head_of(doc, out, e);
	yyjson_doc_free(doc);
	return rc;
}

/* RFC 3986, 2.3: what needs no encoding in a path segment. */
static void add_segment(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		char hex[3];

		if (ascii_alnum(*p) || strchr("-._~", *p)) {
			buf_addch(out, *p);
			continue;
		}
		hex_encode(p, 1, hex);
		buf_addf(out, "%%%s", hex);
	}
}

int event_source(const char *origin, struct buf *out)
{
	buf_adds(out, "/gatepost/");
	add_segment(out, origin);
	return buf_ok(out) ? 0 : -1;
}

/** Strings borrowed by the document until it is written. */
struct envelope {
	struct buf source, type, sequence, data;
	struct event_head head;
	struct span subject;
	char time[TIME_RFC3339_SIZE];
};

static int fill(struct envelope *v, yyjson_doc *doc, const char *origin,
		uint64_t index, struct err *e)
{
	int rc = head_of(doc, &v->head, e);

	if (rc)
		return rc;
	event_source(origin, &v->source);
	buf_addf(&v->type, "dev.gatepost.%s.v1", v->head.kind);
	buf_addf(&v->sequence, "%020" PRIu64, index);
	v->subject = member(doc, "repository");
	time_format(v->head.time_ms, v->time);
	return buf_ok(&v->source) && buf_ok(&v->type) && buf_ok(&v->sequence)
		       ? 0
		       : err_nomem(e);
}

static yyjson_mut_doc *build(const struct envelope *v)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	bool ok = root != NULL;

	yyjson_mut_doc_set_root(doc, root);
	ok = ok && yyjson_mut_obj_add_str(doc, root, "specversion", "1.0") &&
	     yyjson_mut_obj_add_str(doc, root, "id", v->head.id) &&
	     yyjson_mut_obj_add_str(doc, root, "source", v->source.data) &&
	     yyjson_mut_obj_add_str(doc, root, "type", v->type.data);
	if (ok && v->subject.n)
		ok = yyjson_mut_obj_add_strn(doc, root, "subject", v->subject.p,
					     v->subject.n);
	if (ok && v->head.time_ms)
		ok = yyjson_mut_obj_add_str(doc, root, "time", v->time);
	ok = ok &&
	     yyjson_mut_obj_add_str(doc, root, "sequence", v->sequence.data) &&
	     yyjson_mut_obj_add_str(doc, root, "datacontenttype",
				    "application/json") &&
	     yyjson_mut_obj_add_val(
		     doc, root, "data",
		     yyjson_mut_rawn(doc, v->data.data, v->data.len));
	if (ok)
		return doc;
	yyjson_mut_doc_free(doc);
	return NULL;
}

static int write_event(const struct envelope *v, struct buf *out, struct err *e)
{
	yyjson_mut_doc *doc = build(v);
	char *text = doc ? yyjson_mut_write(doc, 0, NULL) : NULL;
	int rc = 0;

	if (!text)
		rc = err_nomem(e);
	else if (buf_adds(out, text))
		rc = err_set(e, ERR_LIMIT, "the event is larger than %d bytes",
			     EVENT_MAX_BYTES);
	free(text);
	yyjson_mut_doc_free(doc);
	return rc;
}

int event_render(struct span json, struct span persons, const char *origin,
		 uint64_t index, struct buf *out, struct err *e)
{
	struct envelope v = {.source = BUF_INIT(EVENT_MAX_SOURCE),
			     .type = BUF_INIT(EVENT_MAX_KIND + 32),
			     .sequence = BUF_INIT(32),
			     .data = BUF_INIT(EVENT_MAX_BYTES)};
	yyjson_doc *doc;
	int rc = parse(&doc, json, e);

	if (rc)
		return rc;
	rc = fill(&v, doc, origin, index, e);
	if (!rc)
		rc = persons_join(json, persons, &v.data, e);
	if (!rc)
		rc = write_event(&v, out, e);
	buf_release(&v.source);
	buf_release(&v.type);
	buf_release(&v.sequence);
	buf_release(&v.data);
	yyjson_doc_free(doc);
	return rc;
}

/* RFC 9562, 5.8: what is left of the digest is for us to decide. */
void event_name_by_digest(struct span bytes, char out[UUID_TEXT_SIZE])
{
	static const int ends[] = {8, 12, 16, 20, 32};
	unsigned char d[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	size_t i;
	int at = 0;

	sha256_of(bytes.p, bytes.n, d);
	d[6] = (unsigned char)((d[6] & 0x0f) | 0x80);
	d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
	hex_encode(d, sizeof(d), hex);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		while (at < ends[i])
			*out++ = hex[at++];
		*out++ = i + 1 < sizeof(ends) / sizeof(ends[0]) ? '-' : '\0';
	}
}
