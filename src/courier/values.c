/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "courier/event.h"
#include "policy/sink_var.h"

void values_init(struct values *v)
{
	memset(v, 0, sizeof(*v));
	arena_init(&v->arena, VALUES_MAX_BYTES);
	buf_init(&v->record, EVENT_MAX_BYTES);
	buf_init(&v->event, EVENT_MAX_BYTES);
}

void values_release(struct values *v)
{
	arena_release(&v->arena);
	buf_release(&v->record);
	buf_release(&v->event);
	json_pool_release(&v->pool);
	values_init(v);
}

void values_clear(struct values *v)
{
	memset(v->v, 0, sizeof(v->v));
	arena_clear(&v->arena);
	v->vars = NULL;
	v->plain = NULL;
	v->joined = NULL;
	v->failed = false;
	buf_clear(&v->record);
	buf_clear(&v->event);
}

void values_take_record(struct values *v, yyjson_val *plain)
{
	v->v[TEMPLATE_RECORD] = span_of(v->record.data, v->record.len);
	v->plain = plain;
}

void values_take_event(struct values *v)
{
	v->v[TEMPLATE_EVENT] = span_of(v->event.data, v->event.len);
}

/* `.` and `..` would be ways up, in a URL. */
static bool is_safe(struct span text)
{
	bool dots = true;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!ascii_alnum(c) && c != '.' && c != '_' && c != '-')
			return false;
		dots = dots && c == '.';
	}
	return !dots && text.n <= TEMPLATE_MAX_POINTER;
}

static bool is_number(struct span text)
{
	uint64_t n;

	return text_to_u64(text, UINT64_MAX, &n);
}

int values_set(struct values *v, enum template_name name, struct span text,
	       struct err *e)
{
	unsigned traits = template_traits(name);
	char *copy;

	if (((traits & TRAIT_SAFE) && !is_safe(text)) ||
	    ((traits & TRAIT_NUMBER) && !is_number(text)))
		return err_set(e, ERR_MALFORMED,
			       "an id has a byte that no id may have");
	copy = arena_dup(&v->arena, text);
	if (!copy)
		return err_nomem(e);
	v->v[name] = span_of(copy, text.n);
	return 0;
}

int values_set_number(struct values *v, enum template_name name, uint64_t n,
		      struct err *e)
{
	char text[TEXT_U64_SIZE];

	text_of_u64(n, text);
	return values_set(v, name, span_str(text), e);
}

const char *values_get(const struct values *v, enum template_name name)
{
	return v->v[name].p;
}

/** A value as text and, where it is one, as JSON. */
struct value {
	struct span text;
	bool there, json; /* json: `text` is JSON, and no string */
	char *made;	  /* to be freed */
};

static void of_json(struct value *out, yyjson_val *val)
{
	size_t n = 0;

	if (yyjson_is_str(val)) {
		out->text = span_of(yyjson_get_str(val), yyjson_get_len(val));
		out->there = true;
		return;
	}
	if (!val || yyjson_is_null(val))
		return;
	out->made = yyjson_val_write(val, 0, &n);
	out->text = span_of(out->made, n);
	out->there = out->made != NULL;
	out->json = true;
}

static yyjson_val *joined_root(struct values *v)
{
	struct span text = span_of(v->record.data, v->record.len);

	if (!v->joined && text.n &&
	    json_parse_in(&v->pool, &v->joined, text, "record", NULL))
		v->failed = true;
	return yyjson_doc_get_root(v->joined);
}

/* What joining changes is at or below a member `person` or `people`. */
static yyjson_val *point(struct values *v, struct span pointer)
{
	yyjson_val *val = yyjson_ptr_getn(v->plain, pointer.p, pointer.n);

	if (v->plain && !yyjson_is_ctn(val) &&
	    !memmem(pointer.p, pointer.n, "/pe", 3))
		return val;
	return yyjson_ptr_getn(joined_root(v), pointer.p, pointer.n);
}

static struct value look_up(const struct template_part *part, struct values *v)
{
	struct value out = {.there = false};

	if (part->name == TEMPLATE_VAR) {
		out.there = sink_var_find(v->vars, part->text, &out.text);
	} else if (part->name) {
		out.text = v->v[part->name];
		out.there = out.text.p != NULL;
		out.json = template_traits(part->name) &
			   (TRAIT_JSON | TRAIT_NUMBER);
	} else {
		of_json(&out, point(v, part->text));
	}
	return out;
}

/* RFC 8259, 7; and what a terminal or a script element would take for more
 * than text. */
static bool is_escaped(char c)
{
	unsigned char u = (unsigned char)c;

	return u < ' ' || u == 0x7f || c == '"' || c == '\\' || c == '<';
}

static void add_escape(struct buf *out, char c)
{
	if (c == '"' || c == '\\')
		buf_addf(out, "\\%c", c);
	else if (c == '\n')
		buf_adds(out, "\\n");
	else
		buf_addf(out, "\\u%04x", (unsigned)c);
}

/* What needs nothing done to it. @return how much that was */
static size_t add_plain(struct buf *out, struct span text, bool utf8)
{
	size_t n = 0;

	while (n < text.n && !is_escaped(text.p[n]) &&
	       (utf8 || (unsigned char)text.p[n] < 0x80))
		n++;
	buf_add(out, text.p, n);
	return n;
}

static void add_jsonstr(struct buf *out, struct span text)
{
	struct buf clean = BUF_INIT(VALUES_MAX_BODY);
	size_t i = add_plain(out, text, false);

	if (i == text.n)
		return;
	text_add_utf8(&clean, span_of(text.p + i, text.n - i));
	for (i = 0; i < clean.len; i++) {
		i += add_plain(out, span_of(clean.data + i, clean.len - i),
			       true);
		if (i < clean.len)
			add_escape(out, clean.data[i]);
	}
	if (!buf_ok(&clean))
		out->failed = true;
	buf_release(&clean);
}

/*
 * No markup of a ticketing system gets out of a block of text that it shows
 * as it is, nor calls somebody: every line is indented (Markdown), and
 * behind what may begin a tag (`</pre>`, `{noformat}`, `[code]`) or a
 * mention is a blank.
 */
static void add_jsonpre(struct buf *out, struct span text)
{
	struct buf lines = BUF_INIT(VALUES_MAX_BODY);

	buf_adds(&lines, "    ");
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool begins = !i || !ascii_alnum(text.p[i - 1]);

		buf_addch(&lines, c);
		if (c == '\n' || c == '\r')
			buf_adds(&lines, "    ");
		else if (c == '<' || c == '{' || c == '[' ||
			 (c == '@' && begins))
			buf_addch(&lines, ' ');
	}
	if (buf_ok(&lines))
		add_jsonstr(out, span_of(lines.data, lines.len));
	else
		out->failed = true;
	buf_release(&lines);
}

/* RFC 3986, 2.3 */
static void add_url(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i], hex[3];

		if (ascii_alnum(c) || (c && strchr("-._~", c))) {
			buf_addch(out, c);
			continue;
		}
		hex_encode(&c, 1, hex);
		buf_addf(out, "%%%s", hex);
	}
}

static void add_html(struct buf *out, struct span text)
{
	struct buf clean = BUF_INIT(VALUES_MAX_BODY);

	text_add_utf8(&clean, text);
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.data[i];

		if (strchr("<>&\"'", c) && c)
			buf_addf(out, "&#%d;", c);
		else if (c == '\n' || c == '\t' || (unsigned char)c >= ' ')
			buf_addch(out, c);
	}
	if (!buf_ok(&clean))
		out->failed = true;
	buf_release(&clean);
}

static void add_map(struct buf *out, const struct template_part *part,
		    struct span text)
{
	const struct template_word *other = NULL;

	for (size_t i = 0; i < part->nmap; i++) {
		const struct template_word *w = &part->map[i];

		if (span_is(w->from, "*")) {
			other = w;
		} else if (span_equal(w->from, text)) {
			buf_add(out, w->to.p, w->to.n);
			return;
		}
	}
	if (other)
		buf_add(out, other->to.p, other->to.n);
}

static void add_json(struct buf *out, const struct value *value)
{
	if (value->json) {
		buf_add(out, value->text.p, value->text.n);
		return;
	}
	buf_addch(out, '"');
	add_jsonstr(out, value->text);
	buf_addch(out, '"');
}

static void add_escaped(struct buf *out, enum template_form form,
			const struct value *value)
{
	switch (form) {
	case TEMPLATE_AS_JSON:
		add_json(out, value);
		break;
	case TEMPLATE_AS_JSONSTR:
		add_jsonstr(out, value->text);
		break;
	case TEMPLATE_AS_JSONPRE:
		add_jsonpre(out, value->text);
		break;
	case TEMPLATE_AS_URL:
		add_url(out, value->text);
		break;
	case TEMPLATE_AS_BASE64:
		base64_encode(out, value->text.p, value->text.n);
		break;
	case TEMPLATE_AS_HTML:
		add_html(out, value->text);
		break;
	case TEMPLATE_BARE:
		buf_add(out, value->text.p, value->text.n);
		break;
	case TEMPLATE_AS_MAP:
	case TEMPLATE_LITERAL:
		break;
	}
}

static void add_part(struct buf *out, const struct template_part *part,
		     struct values *v)
{
	struct value value;

	if (part->form == TEMPLATE_LITERAL) {
		buf_add(out, part->text.p, part->text.n);
		return;
	}
	value = look_up(part, v);
	if (part->form == TEMPLATE_AS_MAP) {
		add_map(out, part, value.text);
	} else if (value.there) {
		add_escaped(out, part->form, &value);
	} else if (part->fallback.p) {
		/* checked, or escaped as what it stands for */
		value.text = part->fallback;
		value.json = true;
		add_escaped(out, part->form, &value);
	} else if (part->form == TEMPLATE_AS_JSON) {
		buf_adds(out, "null");
	}
	free(value.made);
}

int values_render(const struct template *t, struct values *v, struct buf *out,
		  struct err *e)
{
	size_t room = out->max - out->len;

	for (size_t i = 0; i < t->n; i++)
		add_part(out, &t->parts[i], v);
	if (v->failed)
		return err_nomem(e);
	if (buf_ok(out))
		return 0;
	return err_set(e, ERR_LIMIT,
		       "what the template makes is larger than %zu bytes",
		       room);
}

int values_render_text(const char *text, enum template_place place,
		       struct values *v, struct buf *out, struct err *e)
{
	struct template t;
	int rc = template_parse(&t, span_str(text), place, e);

	if (!rc)
		rc = values_render(&t, v, out, e);
	template_release(&t);
	return rc;
}
