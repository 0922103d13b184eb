/* SPDX-License-Identifier: Apache-2.0 */
#include "git/trailers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

enum {
	MAX_MESSAGE = 64 << 20, /* bytes, whatever the caller allows */
	MAX_TRAILERS = 1 << 24	/* whatever the caller allows */
};

/*
 * The text that is read: up to the first NUL. git-interpret-trailers(1) adds
 * the LF that a last line may lack, git-log(1) does not; this makes a
 * difference for lines that are recognised together with their LF.
 */
struct text {
	const char *p, *end;
	bool complete;
};

/* git's idea of white space: neither VT nor FF. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v' && c != '\f');
}

static bool is_blank(struct span line)
{
	size_t i;

	for (i = 0; i < line.n; i++)
		if (!is_space(line.p[i]))
			return false;
	return true;
}

static bool is_comment(struct span line)
{
	return line.n && line.p[0] == '#';
}

static struct span trim(struct span s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_space(s.p[0]))
		s.p++, s.n--;
	return s;
}

/* The line that begins at `p`, without its LF; *next is behind that. */
static struct span line_at(const char *p, const char *end, const char **next)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	*next = lf ? lf + 1 : end;
	return span_of(p, (size_t)((lf ? lf : end) - p));
}

/* The line that ends at `end`, its LF included if it has one. */
static struct span line_before(const char *start, const char *end)
{
	const char *last = end[-1] == '\n' ? end - 1 : end, *p = last;

	while (p > start && p[-1] != '\n')
		p--;
	return span_of(p, (size_t)(last - p));
}

/* Whether the line, which must have its LF, is `want`. */
static bool is_whole(const struct text *t, struct span line, const char *want)
{
	return (t->complete || line.p + line.n < t->end) && span_is(line, want);
}

/* Where a patch begins, as for git-am(1): `---` and white space. */
static const char *find_divider(const struct text *t)
{
	const char *p = t->p, *next;
	struct span line;

	for (; p < t->end; p = next) {
		line = line_at(p, t->end, &next);
		if (!span_starts(line, "---"))
			continue;
		if (line.n > 3 ? is_space(line.p[3]) : is_whole(t, line, "---"))
			return p;
	}
	return t->end;
}

/*
 * Comments, empty lines and an old list of conflicts at the end are not part
 * of a message, nor is anything behind a scissors line. As in git, what makes
 * up the whole message is not dropped from its very first line on.
 */
static const char *find_end(const struct text *t, const char *end)
{
	static const char scissors[] =
		"# ------------------------ >8 ------------------------";
	const char *dropped = NULL, *p = t->p, *next;
	bool conflicts = false;
	struct span line;

	for (; p < end; p = next) {
		bool drop;

		line = line_at(p, end, &next);
		if (is_comment(line) && is_whole(t, line, scissors))
			break;
		drop = is_comment(line) || (line.n == 0);
		if (!drop && is_whole(t, line, "Conflicts:"))
			drop = conflicts = true;
		if (drop) {
			if (!dropped && p != t->p)
				dropped = p;
		} else if (dropped && !(conflicts && line.p[0] == '\t')) {
			dropped = NULL;
			conflicts = false;
		}
	}
	return dropped ? dropped : p;
}

/* The blank line behind the first paragraph, which never holds trailers. */
static const char *find_title_end(const char *p, const char *end)
{
	const char *next;

	for (; p < end; p = next) {
		struct span line = line_at(p, end, &next);

		if (!is_comment(line) && is_blank(line))
			break;
	}
	return p;
}

/* Length of a key with the blanks behind it, up to its `:`; 0: no key. */
static size_t separator_at(struct span line)
{
	bool blanks = false;
	size_t i;

	for (i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c == ':')
			return i;
		if (!blanks && (ascii_alnum(c) || c == '-'))
			continue;
		if (i == 0 || (c != ' ' && c != '\t'))
			break;
		blanks = true;
	}
	return 0;
}

/* What git itself writes. */
static bool is_recognised(struct span line)
{
	return span_starts(line, "Signed-off-by: ") ||
	       span_starts(line, "(cherry picked from commit ");
}

/* How many lines of each kind the last paragraph has. */
struct tally {
	size_t trailers, others;
	size_t indented; /* continuations if a trailer stands above them */
	bool recognised;
};

static void tally_line(struct tally *t, struct span line)
{
	if (is_comment(line)) {
		t->others += t->indented;
		t->indented = 0;
	} else if (is_recognised(line) || separator_at(line)) {
		t->recognised |= is_recognised(line);
		t->trailers++;
		t->indented = 0;
	} else if (line.n && is_space(line.p[0])) {
		t->indented++;
	} else {
		t->others += t->indented + 1;
		t->indented = 0;
	}
}

static bool tally_is_block(const struct tally *t)
{
	size_t others = t->others + t->indented;

	return (t->recognised && t->trailers * 3 >= others) ||
	       (t->trailers && others == 0);
}

/* The block of trailers in [title, end), or `end` when there is none. */
static const char *find_block(const char *start, const char *title,
			      const char *end)
{
	struct tally tally = {0};
	const char *p = end, *below;
	bool only_blank = true;
	struct span line;

	while (p > start) {
		below = p;
		line = line_before(start, p);
		p = line.p;
		if (p < title)
			break;
		if (!is_comment(line) && is_blank(line)) {
			if (only_blank)
				continue;
			return tally_is_block(&tally) ? below : end;
		}
		only_blank = only_blank && is_comment(line);
		tally_line(&tally, line);
	}
	return end;
}

void trailers_init(struct trailers *t)
{
	memset(t, 0, sizeof(*t));
	buf_init(&t->folded, MAX_MESSAGE);
}

void trailers_release(struct trailers *t)
{
	free(t->v);
	buf_release(&t->folded);
	trailers_init(t);
}

/*
 * Join the lines of a value: each LF with the white space behind it becomes
 * one blank. `room` is what is left of the message, so that the buffer is
 * sized once and the spans into it stay valid.
 */
static int unfold(struct buf *folded, struct span *value, size_t room)
{
	const char *p = value->p, *end = p + value->n, *next;
	size_t start;

	if (!memchr(p, '\n', value->n))
		return 0;
	if (folded->len == 0 && buf_reserve(folded, room) < 0)
		return -1;
	start = folded->len;
	while (p < end) {
		struct span line = line_at(p, end, &next);

		buf_add(folded, line.p, line.n);
		if (next == end)
			break;
		buf_addch(folded, ' ');
		for (p = next; p < end && is_space(*p);)
			p++;
	}
	*value = trim(span_of(folded->data + start, folded->len - start));
	return buf_ok(folded) ? 0 : -1;
}

/* A trailer and the lines that continue it, from `p` on. */
static const char *take_value(const char *p, const char *end)
{
	const char *next;

	do
		line_at(p, end, &next);
	while ((p = next) < end && is_space(*p));
	return p;
}

static int read_block(struct trailers *t, const char *p, const char *end,
		      size_t max, struct err *e)
{
	const char *next;

	for (; p < end; p = next) {
		struct span line = line_at(p, end, &next);
		size_t sep = separator_at(line);
		struct trailer *new_;

		if (sep == 0)
			continue;
		next = take_value(p, end);
		if (t->n >= max)
			return err_set(e, ERR_LIMIT, "more than %zu trailers",
				       max);
		if (array_push(&t->v, t->n, &t->cap, MAX_TRAILERS) < 0)
			return err_nomem(e);
		new_ = &t->v[t->n++];
		new_->key = trim(span_of(p, sep));
		new_->value = trim(
			span_of(p + sep + 1, (size_t)(next - p) - sep - 1));
		if (unfold(&t->folded, &new_->value, (size_t)(end - p)) < 0)
			return err_nomem(e);
	}
	return 0;
}

/* git-log(1) leaves blank lines at the start out; git-interpret-trailers(1)
 * reads them, as the end of an empty title. */
static void skip_blank_lines(struct text *t)
{
	const char *next;

	while (t->p < t->end && is_blank(line_at(t->p, t->end, &next)))
		t->p = next;
}

int trailers_parse(struct trailers *t, struct span message,
		   enum trailers_mode mode, size_t max, struct err *e)
{
	struct text text = {message.p, message.p, false};
	const char *nul, *end, *block;

	t->n = 0;
	buf_clear(&t->folded);
	if (message.n == 0)
		return 0;
	if (message.n > MAX_MESSAGE)
		return err_set(e, ERR_LIMIT, "a message of %zu bytes",
			       message.n);
	nul = memchr(message.p, '\0', message.n);
	text.end = nul ? nul : message.p + message.n;
	text.complete = mode == TRAILERS_DIVIDER && !nul;
	if (mode == TRAILERS_DIVIDER) {
		end = find_divider(&text);
	} else {
		skip_blank_lines(&text);
		end = text.end;
	}
	end = find_end(&text, end);
	block = find_block(text.p, find_title_end(text.p, end), end);
	if (max > MAX_TRAILERS)
		max = MAX_TRAILERS;
	return read_block(t, block, end, max, e);
}

const struct trailer *trailers_find(const struct trailers *t, const char *key,
				    size_t *i)
{
	while (*i < t->n) {
		const struct trailer *at = &t->v[(*i)++];

		if (span_is_nocase(at->key, key))
			return at;
	}
	return NULL;
}

static const struct trailer *next_of(const struct trailers *t, struct span key,
				     size_t *i)
{
	while (*i < t->n) {
		const struct trailer *at = &t->v[(*i)++];

		if (text_equal_nocase(at->key, key))
			return at;
	}
	return NULL;
}

bool trailers_same_for(const struct trailers *a, const struct trailers *b,
		       struct span key)
{
	const struct trailer *x, *y;
	size_t i = 0, j = 0;

	do {
		x = next_of(a, key, &i);
		y = next_of(b, key, &j);
		if (!x || !y)
			return !x && !y;
	} while (span_equal(x->value, y->value));
	return false;
}
