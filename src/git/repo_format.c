/* SPDX-License-Identifier: Apache-2.0 */
#include "git/repo_format.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/text.h"
#include "git/small_file.h"

enum { MAX_WORD = 256 };

/* Where the reader is in the file. */
struct reader {
	struct cursor at;
	const char *path;
	unsigned line;
	char section[MAX_WORD]; /* lower case; "" with a subsection */
	char key[MAX_WORD];	/* lower case */
	struct buf value;
	bool has_value;
	bool version_one; /* an extension that format 0 must not have */
	uint64_t version;
	struct repo_format *out;
};

static int bad(struct reader *r, const char *what, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s:%u: %s", r->path, r->line, what);
}

static int peek(const struct reader *r)
{
	return r->at.p < r->at.end ? (unsigned char)*r->at.p : EOF;
}

static int take(struct reader *r)
{
	int c = peek(r);

	if (c != EOF)
		r->at.p++;
	if (c == '\r' && peek(r) == '\n') {
		r->at.p++;
		c = '\n';
	}
	if (c == '\n')
		r->line++;
	return c;
}

static void skip_line(struct reader *r)
{
	int c;

	do
		c = take(r);
	while (c != '\n' && c != EOF);
}

static bool name_char(int c)
{
	return c != EOF && (ascii_alnum((char)c) || c == '-' || c == '.');
}

static int take_name(struct reader *r, char out[MAX_WORD], struct err *e)
{
	size_t n = 0;

	while (name_char(peek(r))) {
		if (n == MAX_WORD - 1)
			return bad(r, "name too long", e);
		out[n++] = ascii_lower((char)take(r));
	}
	out[n] = '\0';
	return 0;
}

/** Behind `[`. Sections with a subsection are of no interest here. */
static int take_section(struct reader *r, struct err *e)
{
	int c, ret = take_name(r, r->section, e);

	if (ret)
		return ret;
	while (peek(r) == ' ' || peek(r) == '\t')
		take(r);
	if (peek(r) == '"') {
		take(r);
		while ((c = take(r)) != '"') {
			if (c == '\\')
				c = take(r);
			if (c == EOF || c == '\n')
				return bad(r, "broken section header", e);
		}
		r->section[0] = '\0';
	}
	if (peek(r) != ']')
		return bad(r, "broken section header", e);
	take(r);
	return 0;
}

/** Behind a backslash in a value. */
static int take_escape(struct reader *r, struct err *e)
{
	int c = take(r);

	switch (c) {
	case '\n':
		return 0;
	case 't':
		c = '\t';
		break;
	case 'n':
		c = '\n';
		break;
	case 'b':
		c = '\b';
		break;
	case '\\':
	case '"':
		break;
	default:
		return bad(r, "unknown escape in a value", e);
	}
	buf_addch(&r->value, (char)c);
	return 0;
}

/** Behind `=`, to the end of the line (or of its continuation). */
static int take_value(struct reader *r, struct err *e)
{
	bool quoted = false;
	size_t keep = 0; /* trailing blanks outside quotes are dropped */
	int c, ret;

	while ((c = take(r)) != EOF && (c != '\n' || quoted)) {
		if (c == '\n')
			break;
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(r);
			break;
		}
		if (c == '\\') {
			ret = take_escape(r, e);
			if (ret)
				return ret;
			keep = r->value.len;
		} else if (c == '"') {
			quoted = !quoted;
			keep = r->value.len;
		} else if (quoted || !ascii_space((char)c) || r->value.len) {
			buf_addch(&r->value, (char)c);
			if (quoted || !ascii_space((char)c))
				keep = r->value.len;
		}
	}
	if (quoted)
		return bad(r, "a quote is not closed", e);
	if (!buf_ok(&r->value))
		return bad(r, "value too long", e);
	buf_truncate(&r->value, keep);
	return 0;
}

static int take_entry(struct reader *r, struct err *e)
{
	int ret = take_name(r, r->key, e);

	buf_clear(&r->value);
	r->has_value = false;
	if (ret)
		return ret;
	while (peek(r) == ' ' || peek(r) == '\t')
		take(r);
	switch (peek(r)) {
	case '=':
		take(r);
		r->has_value = true;
		return take_value(r, e);
	case '#':
	case ';':
	case '\r':
	case '\n':
	case EOF:
		skip_line(r);
		return 0;
	default:
		return bad(r, "broken line", e);
	}
}

static int object_format(struct reader *r, struct err *e)
{
	r->out->algo = oid_algo_of_name(span_of(r->value.data, r->value.len));
	r->version_one = true;
	if (r->out->algo == OID_NONE)
		return bad(r, "extensions.objectformat is not known", e);
	return 0;
}

static int ref_storage(struct reader *r, struct err *e)
{
	struct span value = span_of(r->value.data, r->value.len);

	r->version_one = true;
	if (span_is(value, "files"))
		r->out->refs = REF_STORAGE_FILES;
	else if (span_is(value, "reftable"))
		r->out->refs = REF_STORAGE_REFTABLE;
	else
		return bad(r, "extensions.refstorage is not known", e);
	return 0;
}

static int extension(struct reader *r, struct err *e)
{
	/* What neither changes objects nor refs. */
	static const char *const harmless[] = {
		"noop",		  "preciousobjects", "partialclone",
		"worktreeconfig", "noop-v1",	     "relativeworktrees",
	};
	struct span key = span_str(r->key);
	char text[MAX_WORD + 64];
	size_t i;

	if (span_is(key, "objectformat"))
		return object_format(r, e);
	if (span_is(key, "refstorage"))
		return ref_storage(r, e);
	for (i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (span_is(key, harmless[i]))
			return 0;
	/* Format 0 does not give extensions a meaning. */
	r->version_one = true;
	snprintf(text, sizeof(text), "extension %s is not known", r->key);
	return bad(r, text, e);
}

static int apply_entry(struct reader *r, struct err *e)
{
	if (span_is(span_str(r->section), "extensions"))
		return extension(r, e);
	if (!span_is(span_str(r->section), "core") ||
	    !span_is(span_str(r->key), "repositoryformatversion"))
		return 0;
	if (!r->has_value ||
	    !text_to_u64(span_of(r->value.data, r->value.len), INT_MAX,
			 &r->version) ||
	    r->version > 1)
		return bad(r, "this repository format version is not known", e);
	return 0;
}

static int read_all(struct reader *r, struct err *e)
{
	int c, ret = 0;

	while (!ret && (c = peek(r)) != EOF) {
		if (ascii_space((char)c)) {
			take(r);
		} else if (c == '#' || c == ';') {
			skip_line(r);
		} else if (c == '[') {
			take(r);
			ret = take_section(r, e);
		} else if (ascii_alpha((char)c)) {
			ret = take_entry(r, e);
			if (!ret)
				ret = apply_entry(r, e);
		} else {
			ret = bad(r, "broken line", e);
		}
	}
	return ret;
}

int repo_format_read(const char *commondir, struct repo_format *out,
		     struct err *e)
{
	struct buf text = BUF_INIT(FORMAT_MAX_CONFIG);
	struct reader r = {.line = 1, .out = out};
	char *path = NULL;
	int ret;

	out->algo = OID_SHA1;
	out->refs = REF_STORAGE_FILES;
	buf_init(&r.value, FORMAT_MAX_CONFIG);
	if (asprintf(&path, "%s/config", commondir) < 0)
		return err_nomem(e);
	ret = small_file_read(path, &text, e);
	if (ret == ERR_NOT_FOUND) {
		err_clear(e);
		ret = 0;
	}
	r.path = path;
	r.at = cursor_of(text.data, text.len);
	cursor_literal(&r.at, "\xef\xbb\xbf");
	if (!ret)
		ret = read_all(&r, e);
	if (!ret && r.version_one && r.version < 1)
		ret = err_set(e, ERR_CONFIG,
			      "%s: an extension needs "
			      "core.repositoryformatversion 1",
			      path);
	free(path);
	buf_release(&text);
	buf_release(&r.value);
	return ret;
}
