/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Compares trailers_parse with what git printed for real commits. The corpus
 * is gzipped JSON, an object a line: `id`, `object` (the raw commit in
 * base64) and `trailers` (the lines of `%(trailers:only,unfold)`, which git
 * prints in UTF-8 whatever the commit's encoding).
 *
 * Prints a TAP line and exits 0 when all agree and every commit is well
 * formed, 1 when not, 77 when there is no corpus.
 */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>
#include <zlib.h>

#include "base/text.h"
#include "git/object_parse.h"
#include "git/trailers.h"

enum { MAX_LINE = 64 << 20, SHOWN = 20, CHUNK = 1 << 16, REASONS = 64 };

struct reason {
	char text[FAULT_MAX_TEXT];
	size_t n;
};

struct tally {
	size_t commits, trailers, encoded, mismatches, faults;
	struct reason reasons[REASONS];
	size_t nreasons;
};

/* One line without its LF. @return false at the end, exits when broken */
static bool read_line(gzFile in, struct buf *line)
{
	char chunk[CHUNK];

	buf_clear(line);
	while (gzgets(in, chunk, sizeof(chunk))) {
		size_t n = strlen(chunk);

		if (buf_add(line, chunk, n) < 0) {
			printf("Bail out! a line is too long\n");
			exit(1);
		}
		if (chunk[n - 1] == '\n') {
			buf_truncate(line, line->len - 1);
			return true;
		}
	}
	if (!gzeof(in)) {
		printf("Bail out! the corpus cannot be read\n");
		exit(1);
	}
	return line->len > 0;
}

/* As git does: the bytes as they are when they cannot be converted. */
static void add_converted(struct buf *out, struct span message,
			  struct span encoding)
{
	char *name = span_dup(encoding), *in = span_dup(message), *to;
	size_t left = message.n, room = 4 * message.n;
	char *from = in;
	iconv_t cd = iconv_open("UTF-8", name);

	buf_reserve(out, room);
	to = out->data;
	if (cd == (iconv_t)-1 || !buf_ok(out) ||
	    iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		buf_add(out, message.p, message.n);
	else
		out->len = (size_t)(to - out->data);
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	free(name);
	free(in);
}

static void count_fault(struct tally *t, const struct object_fault *fault)
{
	char text[FAULT_MAX_TEXT];
	size_t i, n = strcspn(fault->text, "\"");

	t->faults++;
	memcpy(text, fault->text, n);
	text[n] = '\0';
	for (i = 0; i < t->nreasons; i++)
		if (strcmp(t->reasons[i].text, text) == 0)
			break;
	if (i == REASONS)
		return;
	if (i == t->nreasons) {
		memcpy(t->reasons[i].text, text, n + 1);
		t->nreasons++;
	}
	t->reasons[i].n++;
}

/* The lines that git would print. */
static void render(const struct trailers *parsed, struct buf *out)
{
	struct span s;
	size_t i;

	for (i = 0; i < parsed->n; i++) {
		s = parsed->v[i].key;
		text_add_utf8(out, s);
		buf_adds(out, ": ");
		s = parsed->v[i].value;
		text_add_utf8(out, s);
		buf_addch(out, '\n');
	}
}

static void expected(yyjson_val *lines, struct buf *out)
{
	yyjson_val *line;
	size_t i, n;

	yyjson_arr_foreach(lines, i, n, line)
	{
		buf_add(out, yyjson_get_str(line), yyjson_get_len(line));
		buf_addch(out, '\n');
	}
}

static void compare(struct tally *t, const char *id,
		    const struct trailers *parsed, yyjson_val *lines)
{
	struct buf ours = BUF_INIT(MAX_LINE), gits = BUF_INIT(MAX_LINE);

	render(parsed, &ours);
	expected(lines, &gits);
	t->trailers += parsed->n;
	if (!buf_ok(&ours) || !buf_ok(&gits) || ours.len != gits.len ||
	    memcmp(ours.data, gits.data, ours.len) != 0) {
		if (t->mismatches++ < SHOWN)
			printf("# %s: git printed\n%s# read here\n%s", id,
			       gits.data, ours.data);
	}
	buf_release(&ours);
	buf_release(&gits);
}

static void judge(struct tally *t, const char *id, struct span raw,
		  yyjson_val *lines, struct trailers *parsed)
{
	struct buf converted = BUF_INIT(MAX_LINE);
	struct object_fault fault;
	struct commit c;
	struct err e;

	t->commits++;
	commit_parse(raw, OID_SHA1, NULL, &c, &fault);
	if (fault.code != FAULT_NONE)
		count_fault(t, &fault);
	if (fault.code == FAULT_MALFORMED || fault.code == FAULT_TOO_BIG) {
		printf("# %s: %s\n", id, fault.text);
		return;
	}
	if (fault.code == FAULT_ENCODING) {
		t->encoded++;
		add_converted(&converted, c.message, c.encoding);
		c.message = span_of(converted.data, converted.len);
	}
	if (trailers_parse(parsed, c.message, TRAILERS_NO_DIVIDER, SIZE_MAX,
			   &e) < 0) {
		printf("# %s: %s\n", id, e.msg);
		t->mismatches++;
	} else {
		compare(t, id, parsed, lines);
	}
	buf_release(&converted);
}

static void judge_line(struct tally *t, const struct buf *line,
		       struct trailers *parsed)
{
	yyjson_doc *doc = yyjson_read(line->data, line->len, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	yyjson_val *object = yyjson_obj_get(root, "object");
	const char *id = yyjson_get_str(yyjson_obj_get(root, "id"));
	struct buf raw = BUF_INIT(MAX_LINE);

	if (!id || !yyjson_is_str(object) ||
	    !base64_decode(&raw, span_of(yyjson_get_str(object),
					 yyjson_get_len(object)))) {
		printf("# a line that cannot be read\n");
		t->mismatches++;
	} else {
		judge(t, id, span_of(raw.data, raw.len),
		      yyjson_obj_get(root, "trailers"), parsed);
	}
	buf_release(&raw);
	yyjson_doc_free(doc);
}

static void report(const struct tally *t)
{
	size_t i;

	printf("# %zu commits, %zu trailers, %zu re-encoded, %zu mismatches, "
	       "%zu faults\n",
	       t->commits, t->trailers, t->encoded, t->mismatches, t->faults);
	for (i = 0; i < t->nreasons; i++)
		printf("# %zu times: %s\n", t->reasons[i].n,
		       t->reasons[i].text);
}

int main(int argc, char **argv)
{
	struct buf line = BUF_INIT(MAX_LINE);
	static struct tally tally;
	struct trailers parsed;
	gzFile in;

	if (argc != 2) {
		printf("usage: trailers_corpus CORPUS.ndjson.gz\n");
		return 77;
	}
	in = gzopen(argv[1], "rb");
	if (!in) {
		printf("# %s: %s\n", argv[1], strerror(errno));
		return 77;
	}
	trailers_init(&parsed);
	while (read_line(in, &line))
		judge_line(&tally, &line, &parsed);
	gzclose(in);
	trailers_release(&parsed);
	buf_release(&line);
	report(&tally);
	return tally.commits && !tally.mismatches && !tally.faults ? 0 : 1;
}
