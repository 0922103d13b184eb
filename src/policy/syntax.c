/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/syntax.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "sys/files.h"

enum {
	MAX_TRUSTED_BYTES = 1 << 20,
	MAX_REPOSITORY_BYTES = 16 << 20,
	MAX_ENTRIES = 500000
};

#define NO_SECTION SIZE_MAX	   /* before the first header */
#define BAD_SECTION (SIZE_MAX - 1) /* behind a header that was a mistake */

/* The files that are being read, from the innermost out. */
struct chain {
	const struct chain *up;
	char real[FILE_MAX_PATH];
	unsigned depth;
};

/*
 * A position in one file. Strings are decoded where they stand: what is
 * written is never longer than what was read, and the byte behind it has been
 * read as well (the last one is the NUL behind the file).
 */
struct reader {
	struct syntax *s;
	struct policy_mistakes *mistakes;
	enum syntax_kind kind;
	const struct chain *chain;
	char *p, *end;
	const char *file;
	unsigned line;	  /* of the next byte */
	unsigned started; /* on which the header or key began */
	int last;	  /* the byte taken last; a newline at the end */
	size_t section;
	struct err *e;
};

static int read_file(struct syntax *s, const char *path, enum syntax_kind kind,
		     const struct chain *up, struct policy_mistakes *mistakes,
		     struct err *e);

static int mistake(struct reader *r, const char *text)
{
	struct option_place at = {r->file, r->started};

	if (policy_mistakes_add(r->mistakes, &at, "%s", text))
		return err_nomem(r->e);
	return 0;
}

/* The next byte; CR LF and the end of the file are a newline. */
static int take(struct reader *r)
{
	if (r->p == r->end)
		return r->last = '\n';
	if (r->p[0] == '\r' && r->end - r->p > 1 && r->p[1] == '\n')
		r->p++;
	if (*r->p == '\n')
		r->line++;
	return r->last = (unsigned char)*r->p++;
}

static bool blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool key_char(int c)
{
	return c < 0x80 && (ascii_alnum((char)c) || c == '-');
}

/* Tell a mistake, and go on behind the line that was being read. */
static int skip_line(struct reader *r, const char *why)
{
	while (r->last != '\n')
		take(r);
	return mistake(r, why);
}

static int push_section(struct reader *r, char *name)
{
	struct syntax *s = r->s;
	char *dot = strchr(name, '.');

	if (dot)
		*dot++ = '\0';
	if (array_push(&s->sections, s->nsections, &s->sections_cap,
		       MAX_ENTRIES))
		return err_nomem(r->e);
	r->section = s->nsections;
	s->sections[s->nsections++] = (struct syntax_section){
		.name = name, .sub = dot, .at = {r->file, r->started}};
	if (!*name)
		return mistake(r, "a section needs a name");
	if (r->kind == SYNTAX_TRUSTED && !strcmp(name, "includeif"))
		return mistake(r, "a policy has no conditional includes "
				  "(includeIf): use include.path");
	return 0;
}

/* From the blank behind `[name` to the end of `"word"]`.
 * @return what is wrong, or NULL */
static const char *take_subsection(struct reader *r, char **w)
{
	while (blank(r->last))
		take(r);
	if (r->last != '"')
		return "a section is written [name] or [name \"word\"]";
	*(*w)++ = '.';
	for (;;) {
		int c = take(r);

		if (c == '"')
			break;
		if (c == '\\')
			c = take(r);
		if (c == '\n')
			return "the quote in the section's name has no end";
		*(*w)++ = (char)c;
	}
	return take(r) == ']' ? NULL : "`]` is missing behind the quote";
}

/* Behind a `[`. */
static int read_header(struct reader *r)
{
	char *name = r->p, *w = name;
	const char *why = NULL;

	r->section = BAD_SECTION;
	while (key_char(take(r)) || r->last == '.')
		*w++ = ascii_lower((char)r->last);
	if (blank(r->last))
		why = take_subsection(r, &w);
	else if (r->last == '\n')
		why = "`]` is missing behind the section's name";
	else if (r->last != ']')
		why = "a section's name has letters, digits, - and . only";
	if (why)
		return skip_line(r, why);
	if (w - name > SYNTAX_MAX_NAME)
		return mistake(r, "this name is too long");
	*w = '\0';
	return push_section(r, name);
}

/* The byte that `\` and the byte taken last stand for; 0: none. */
static char escaped(int c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return (char)c;
	default:
		return 0;
	}
}

/* Go to the end of the line, whose newline is taken next. */
static void skip_comment(struct reader *r)
{
	char *newline = memchr(r->p, '\n', (size_t)(r->end - r->p));

	r->p = newline ? newline : r->end;
}

/* Copy what stands for itself. There is a NUL behind the last byte, and no
 * other. */
static void copy_run(struct reader *r, char **w, bool quoted)
{
	size_t n = strcspn(r->p, quoted ? "\r\n\"\\" : " \t\r\n;#\"\\");

	memmove(*w, r->p, n);
	*w += n;
	r->p += n;
}

/* Behind the `=`. @return what is wrong, or NULL */
static const char *take_value(struct reader *r, char **value)
{
	char *w = r->p, *kept = w; /* `kept`: without blanks at the end */
	bool quoted = false;

	*value = w;
	while (take(r) != '\n') {
		int c = r->last;

		if (blank(c) && !quoted) {
			if (w != *value)
				*w++ = (char)c;
			continue;
		}
		if ((c == ';' || c == '#') && !quoted) {
			skip_comment(r);
			continue;
		}
		if (c == '"') {
			quoted = !quoted;
		} else if (c != '\\') {
			*w++ = (char)c;
			copy_run(r, &w, quoted);
		} else if (take(r) == '\n') {
			r->last = '\\'; /* the value goes on */
		} else {
			*w = escaped(r->last);
			if (!*w++)
				return "only \\\\, \\\", \\n, \\t and \\b are "
				       "known behind a backslash";
		}
		kept = w;
	}
	*kept = '\0';
	if (quoted)
		return "the quote has no end on this line";
	if (kept - *value > SYNTAX_MAX_VALUE)
		return "this value is too long";
	return NULL;
}

/* Whether an include that cannot be followed is passed over. */
static int include_refused(struct reader *r, const char *why)
{
	return r->kind == SYNTAX_REPOSITORY ? 0 : mistake(r, why);
}

static bool in_chain(const struct chain *c, const char *path)
{
	char real[FILE_MAX_PATH];

	if (file_real_path(path, real, NULL))
		return false;
	for (; c; c = c->up)
		if (!strcmp(c->real, real))
			return true;
	return false;
}

static int include(struct reader *r, const char *value)
{
	char dir[FILE_MAX_PATH], path[FILE_MAX_PATH];
	struct err why = {0};
	int rc;

	if (!value || !*value)
		return mistake(r, "include.path needs a file's name");
	if (*value == '~' || *value == '%')
		return include_refused(r, "include.path is absolute or "
					  "relative to this file");
	if (file_parent(r->file, dir, &why) ||
	    file_join(dir, value, path, &why))
		return mistake(r, why.msg);
	if (in_chain(r->chain, path))
		return mistake(r, "this file is being read already: the "
				  "includes go round in a circle");
	if (r->chain->depth == SYNTAX_MAX_DEPTH)
		return mistake(r, "includes are nested more than 10 deep");
	if (r->s->nfiles == SYNTAX_MAX_FILES)
		return mistake(r, "more than 64 files are included");
	rc = read_file(r->s, path, r->kind, r->chain, r->mistakes, &why);
	if (rc == ERR_MEMORY)
		return err_nomem(r->e);
	if (rc == ERR_NOT_FOUND)
		return include_refused(r, why.msg);
	return rc ? mistake(r, why.msg) : 0;
}

static int push_entry(struct reader *r, char *key, char *value)
{
	struct syntax *s = r->s;
	const struct syntax_section *section;

	if (r->section == BAD_SECTION)
		return 0;
	if (r->section == NO_SECTION)
		return mistake(r, "a key stands before the first [section]");
	if (s->nentries == MAX_ENTRIES)
		return err_set(r->e, ERR_LIMIT, "%s: more than %d keys",
			       r->file, MAX_ENTRIES);
	if (array_push(&s->entries, s->nentries, &s->entries_cap, MAX_ENTRIES))
		return err_nomem(r->e);
	s->entries[s->nentries++] =
		(struct syntax_entry){.section = r->section,
				      .key = key,
				      .value = value,
				      .at = {r->file, r->started}};
	section = &s->sections[r->section];
	if (strcmp(section->name, "include") || section->sub)
		return 0;
	if (strcmp(key, "path"))
		return include_refused(r, "include has one key, path");
	return include(r, value);
}

/* A key, whose first letter was taken last. */
static int read_entry(struct reader *r)
{
	char *key = r->p - 1, *w = key, *value = NULL;
	const char *why = NULL;

	do
		*w++ = ascii_lower((char)r->last);
	while (key_char(take(r)));
	while (r->last == ' ' || r->last == '\t')
		take(r);
	if (r->last == '=')
		why = take_value(r, &value);
	else if (r->last != '\n')
		why = "`=` is missing behind the key";
	if (why)
		return skip_line(r, why);
	if (w - key > SYNTAX_MAX_NAME)
		return mistake(r, "this name is too long");
	*w = '\0';
	return push_entry(r, key, value);
}

static int read_all(struct reader *r)
{
	int rc = 0;

	if (r->end - r->p >= 3 && !memcmp(r->p, "\xef\xbb\xbf", 3))
		r->p += 3;
	while (!rc && r->p != r->end) {
		int c = take(r);

		if (c == '\n' || blank(c))
			continue;
		r->started = r->line;
		if (c == '#' || c == ';')
			skip_comment(r);
		else if (c == '[')
			rc = read_header(r);
		else if (c < 0x80 && ascii_alpha((char)c))
			rc = read_entry(r);
		else
			rc = skip_line(r, "neither a [section] nor a key nor "
					  "a comment");
	}
	return rc;
}

/* `bytes` has a NUL behind its `n` bytes and belongs to `s` already. */
static int read_bytes(struct reader *r, char *bytes, size_t n)
{
	char *nul = n ? memchr(bytes, '\0', n) : NULL;
	char *at;

	r->p = bytes;
	r->end = bytes + n;
	r->line = 1;
	r->section = NO_SECTION;
	if (!nul)
		return read_all(r);
	r->started = 1;
	for (at = bytes; at < nul; at++)
		r->started += *at == '\n';
	return mistake(r, "a NUL byte: this is no text file");
}

/* Make `path` and `bytes` belong to `s`; both are freed on error. */
static int keep_file(struct syntax *s, char *path, char *bytes, struct err *e)
{
	if (path && bytes && s->nfiles < SYNTAX_MAX_FILES) {
		s->paths[s->nfiles] = path;
		s->bytes[s->nfiles++] = bytes;
		return 0;
	}
	free(path);
	free(bytes);
	return err_nomem(e);
}

static int read_file(struct syntax *s, const char *path, enum syntax_kind kind,
		     const struct chain *up, struct policy_mistakes *mistakes,
		     struct err *e)
{
	bool ours = kind == SYNTAX_TRUSTED;
	struct buf b =
		BUF_INIT(ours ? MAX_TRUSTED_BYTES : MAX_REPOSITORY_BYTES);
	struct chain here = {.up = up, .depth = up ? up->depth + 1 : 0};
	struct reader r = {.s = s,
			   .mistakes = mistakes,
			   .kind = kind,
			   .chain = &here,
			   .e = e};
	size_t n;
	int rc;

	rc = ours ? file_read_trusted(path, 0, &b, e) : file_read(path, &b, e);
	if (!rc)
		rc = file_real_path(path, here.real, e);
	n = b.len;
	if (!rc)
		rc = keep_file(s, span_dup(span_str(path)),
			       buf_detach(&b, NULL), e);
	buf_release(&b);
	if (rc)
		return rc;
	r.file = s->paths[s->nfiles - 1];
	return read_bytes(&r, s->bytes[s->nfiles - 1], n);
}

int syntax_read(struct syntax *s, const char *path, enum syntax_kind kind,
		struct policy_mistakes *mistakes, struct err *e)
{
	char cwd[FILE_MAX_PATH], absolute[FILE_MAX_PATH];
	int rc;

	if (*path == '/')
		return read_file(s, path, kind, NULL, mistakes, e);
	if (!getcwd(cwd, sizeof(cwd)))
		return err_sys(e, "getcwd");
	rc = file_join(cwd, path, absolute, e);
	return rc ? rc : read_file(s, absolute, kind, NULL, mistakes, e);
}

void syntax_release(struct syntax *s)
{
	size_t i;

	for (i = 0; i < s->nfiles; i++) {
		free(s->paths[i]);
		free(s->bytes[i]);
	}
	free(s->sections);
	free(s->entries);
	*s = (struct syntax){0};
}

static bool stands_for_itself(unsigned char c, bool name)
{
	return c >= 0x20 && c != 0x7f && c != '\\' && !(name && c == '=');
}

static void add_escaped(struct buf *out, const char *text, bool name)
{
	for (;;) {
		const char *from = text;

		while (stands_for_itself((unsigned char)*text, name))
			text++;
		buf_add(out, from, (size_t)(text - from));
		if (!*text)
			return;
		buf_addf(out, "\\x%02x", (unsigned char)*text++);
	}
}

void syntax_add_normal(const struct syntax *s, struct buf *out)
{
	const char *file = NULL;
	size_t i;

	for (i = 0; i < s->nentries; i++) {
		const struct syntax_entry *entry = &s->entries[i];
		const struct syntax_section *in = &s->sections[entry->section];

		if (entry->at.file != file)
			buf_adds(out, "file\n");
		file = entry->at.file;
		buf_adds(out, in->name);
		if (in->sub) {
			buf_addch(out, '.');
			add_escaped(out, in->sub, true);
		}
		buf_addch(out, '.');
		buf_adds(out, entry->key);
		if (entry->value) {
			buf_addch(out, '=');
			add_escaped(out, entry->value, false);
		}
		buf_addch(out, '\n');
	}
}
