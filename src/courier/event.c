/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/event.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "ledger/persons.h"

enum { SEQUENCE_DIGITS = 20 };

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

int event_record_read(struct event_record *r, struct span json,
		      struct span persons, struct err *e)
{
	int rc = json_parse_in(&r->pool, &r->doc, json, "record", e);

	memset(&r->head, 0, sizeof(r->head));
	r->json = json;
	r->persons = persons;
	r->people = NULL;
	if (rc == ERR_MEMORY)
		return rc;
	if (rc || !yyjson_is_obj(yyjson_doc_get_root(r->doc)))
		return err_set(e, ERR_MALFORMED,
			       "the record is not a JSON object");
	return head_of(r->doc, &r->head, e);
}

void event_record_release(struct event_record *r)
{
	json_pool_release(&r->pool);
	json_pool_release(&r->people_pool);
	memset(r, 0, sizeof(*r));
}

int event_read_head(struct span json, struct event_head *out, struct err *e)
{
	struct event_record r = {.doc = NULL};
	int rc = event_record_read(&r, json, span_str("[]"), e);

	*out = r.head;
	event_record_release(&r);
	return rc;
}

/* RFC 3986, 2.3: what needs no encoding in a path segment. */
static void add_segment(struct buf *out, const char *text)
{
	for (const char *p = text; *p;) {
		char hex[3];
		size_t n = 0;

		while (p[n] && (ascii_alnum(p[n]) || strchr("-._~", p[n])))
			n++;
		buf_add(out, p, n);
		p += n;
		if (!*p)
			break;
		hex_encode(p++, 1, hex);
		buf_addch(out, '%');
		buf_adds(out, hex);
	}
}

int event_source(const char *origin, struct buf *out)
{
	buf_adds(out, "/gatepost/");
	add_segment(out, origin);
	return buf_ok(out) ? 0 : -1;
}

static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] == '"' || text.p[i] == '\\')
			return false;
	return true;
}

static int add_subject(struct buf *out, yyjson_val *subject, struct err *e)
{
	struct span text =
		span_of(yyjson_get_str(subject), yyjson_get_len(subject));
	char *quoted = NULL;

	if (!text.n)
		return 0;
	buf_adds(out, ",\"subject\":");
	if (is_plain(text)) {
		buf_addch(out, '"');
		buf_add(out, text.p, text.n);
		buf_addch(out, '"');
		return 0;
	}
	quoted = yyjson_val_write(subject, 0, NULL);
	if (!quoted)
		return err_nomem(e);
	buf_adds(out, quoted);
	free(quoted);
	return 0;
}

/* Without printf(3), which takes longer than all the rest of the envelope. */
static void add_sequence(struct buf *out, uint64_t index)
{
	char digits[SEQUENCE_DIGITS + 1] = "";

	for (int i = SEQUENCE_DIGITS; i-- > 0; index /= 10)
		digits[i] = (char)('0' + index % 10);
	buf_adds(out, digits);
}

static int add_envelope(const struct event_record *r, const char *origin,
			uint64_t index, struct buf *out, struct err *e)
{
	yyjson_val *subject =
		yyjson_obj_get(yyjson_doc_get_root(r->doc), "repository");
	char time[TIME_RFC3339_SIZE];
	int rc;

	buf_adds(out, "{\"specversion\":\"1.0\",\"id\":\"");
	buf_adds(out, r->head.id);
	buf_adds(out, "\",\"source\":\"");
	event_source(origin, out);
	buf_adds(out, "\",\"type\":\"dev.gatepost.");
	buf_adds(out, r->head.kind);
	buf_adds(out, ".v1\"");
	rc = add_subject(out, subject, e);
	if (r->head.time_ms) {
		time_format(r->head.time_ms, time);
		buf_adds(out, ",\"time\":\"");
		buf_adds(out, time);
		buf_addch(out, '"');
	}
	buf_adds(out, ",\"sequence\":\"");
	add_sequence(out, index);
	buf_adds(out, "\",\"datacontenttype\":\"application/json\","
		      "\"data\":");
	return rc;
}

int event_record_people(struct event_record *r, yyjson_doc **out, struct err *e)
{
	int rc = r->people ? 0
			   : json_parse_in(&r->people_pool, &r->people,
					   r->persons, "persons line", e);

	*out = r->people;
	return rc;
}

int event_record_join(struct event_record *r, struct buf *out, struct err *e)
{
	struct persons_parsed p = {.json = r->json,
				   .line = r->persons,
				   .record = yyjson_doc_get_root(r->doc),
				   .strings = r->pool.mem};
	yyjson_doc *people;
	int rc = event_record_people(r, &people, e);

	p.people = yyjson_doc_get_root(people);
	return rc ? rc : persons_join_parsed(&p, out, e);
}

int event_record_render(struct event_record *r, const char *origin,
			uint64_t index, struct buf *out, struct err *e)
{
	size_t room = out->max - out->len;
	int rc = add_envelope(r, origin, index, out, e);

	if (!rc)
		rc = event_record_join(r, out, e);
	if (!rc && buf_addch(out, '}'))
		rc = err_set(e, ERR_LIMIT, "the event is larger than %zu bytes",
			     room);
	return rc;
}

int event_render(struct span json, struct span persons, const char *origin,
		 uint64_t index, struct buf *out, struct err *e)
{
	struct event_record r = {.doc = NULL};
	int rc = event_record_read(&r, json, persons, e);

	if (!rc)
		rc = event_record_render(&r, origin, index, out, e);
	event_record_release(&r);
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
