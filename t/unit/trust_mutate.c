/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_mutate SIGNERS PAYLOAD DIR COUNT SIGNATURE…
 *
 * For t3001-ssh-differential.sh: COUNT changed copies of each signature,
 * written to DIR as N.sig; for each a line `N change status why` on standard
 * output, as signature_verify has it. The same in every run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "sys/files.h"
#include "trust/signature.h"

enum { MAX_BYTES = 65536, RECEIVED_MS = 1 };

static uint64_t seed = 0x9e3779b97f4a7c15;

static size_t random_below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return n ? (size_t)(seed % n) : 0;
}

static void fail(const struct err *e)
{
	fprintf(stderr, "trust_mutate: %s\n", e->msg);
	exit(2);
}

/* --- changes of bytes, whatever they are ---------------------------------- */

static void flip_bit(struct buf *b)
{
	b->data[random_below(b->len)] ^= (char)(1 << random_below(8));
}

static void delete_bytes(struct buf *b)
{
	size_t at = random_below(b->len), n = 1 + random_below(4);

	if (n > b->len - at)
		n = b->len - at;
	memmove(b->data + at, b->data + at + n, b->len - at - n);
	buf_truncate(b, b->len - n);
}

static void insert_bytes(struct buf *b)
{
	static const char odd[] = "\0\1\xff\n\r =-A/";
	size_t at = random_below(b->len + 1), rest = b->len - at;

	buf_addch(b, 0);
	memmove(b->data + at + 1, b->data + at, rest);
	b->data[at] = odd[random_below(sizeof(odd) - 1)];
}

static void cut_end(struct buf *b)
{
	buf_truncate(b, random_below(b->len));
}

static void append_bytes(struct buf *b)
{
	static const char *const tails[] = {"\n", " ", "x", "\r\n",
					    "-----END SSH SIGNATURE-----\n"};

	buf_adds(b, tails[random_below(5)]);
}

static void duplicate_run(struct buf *b)
{
	size_t at = random_below(b->len), n = random_below(b->len - at);
	char *copy = malloc(n + 1);

	if (!copy)
		exit(2);
	memcpy(copy, b->data + at, n);
	buf_add(b, copy, n);
	free(copy);
}

static void leave(struct buf *b)
{
	(void)b;
}

/* --- the armour ------------------------------------------------------------
 */

static void unarmour(const struct buf *text, struct buf *blob)
{
	struct cursor c = cursor_of(text->data, text->len);
	struct buf joined = BUF_INIT(MAX_BYTES);
	struct span line;

	while (cursor_line(&c, &line))
		if (line.n && line.p[0] != '-')
			buf_add(&joined, line.p, line.n);
	if (!base64_decode(blob, span_of(joined.data, joined.len)))
		exit(2);
	buf_release(&joined);
}

static void armour(const struct buf *blob, struct buf *text, size_t width,
		   const char *eol)
{
	struct buf joined = BUF_INIT(MAX_BYTES);
	size_t i;

	buf_clear(text);
	base64_encode(&joined, blob->data, blob->len);
	buf_addf(text, "-----BEGIN SSH SIGNATURE-----%s", eol);
	for (i = 0; i < joined.len; i += width)
		buf_addf(text, "%.*s%s", (int)width, joined.data + i, eol);
	buf_addf(text, "-----END SSH SIGNATURE-----%s", eol);
	buf_release(&joined);
}

static const struct change {
	const char *name;
	void (*change)(struct buf *b);
	bool inside; /* of the armour */
} changes[] = {
	{"none", leave, false},
	{"text-flip", flip_bit, false},
	{"text-delete", delete_bytes, false},
	{"text-insert", insert_bytes, false},
	{"text-cut", cut_end, false},
	{"text-append", append_bytes, false},
	{"text-duplicate", duplicate_run, false},
	{"rewrap", leave, true},
	{"blob-flip", flip_bit, true},
	{"blob-flip", flip_bit, true},
	{"blob-flip", flip_bit, true},
	{"blob-delete", delete_bytes, true},
	{"blob-insert", insert_bytes, true},
	{"blob-cut", cut_end, true},
	{"blob-append", append_bytes, true},
	{"blob-duplicate", duplicate_run, true},
};
enum { NCHANGES = sizeof(changes) / sizeof(changes[0]) };

static const struct change *mutate(struct buf *text, size_t i)
{
	const struct change *how = &changes[i % NCHANGES];
	struct buf blob = BUF_INIT(MAX_BYTES);
	size_t width = 70;

	if (!how->inside) {
		how->change(text);
		return how;
	}
	unarmour(text, &blob);
	how->change(&blob);
	if (how->change == leave)
		width = 60 + random_below(24);
	armour(&blob, text, width, random_below(8) ? "\n" : "\r\n");
	buf_release(&blob);
	return how;
}

struct setting {
	struct signers *signers;
	struct principals people;
	struct buf payload;
	const char *dir;
};

static void one(const struct setting *s, const char *path, size_t i, size_t n)
{
	struct buf text = BUF_INIT(MAX_BYTES);
	struct signature got;
	const struct change *how;
	char name[FILE_MAX_PATH];
	struct err e;

	if (file_read(path, &text, &e))
		fail(&e);
	how = mutate(&text, i);
	snprintf(name, sizeof(name), "%s/%zu.sig", s->dir, n);
	if (file_write(name, text.data, text.len, 0644, &e) ||
	    signature_verify(s->signers, &s->people,
			     span_of(s->payload.data, s->payload.len),
			     span_of(text.data, text.len), RECEIVED_MS, &got,
			     &e))
		fail(&e);
	printf("%zu %s %s %s\n", n, how->name,
	       signature_status_word(got.status), got.why);
	buf_release(&text);
}

int main(int argc, char **argv)
{
	char name[] = "alice", mail[] = "alice@example.com";
	char *mails[] = {mail};
	struct principal alice = {.name = name, .emails = mails, .nemails = 1};
	struct setting s = {.people = {.v = &alice, .n = 1}};
	struct buf normal = BUF_INIT(MAX_BYTES);
	struct signers_spec spec = {0};
	size_t i, n = 0, count;
	struct err e;
	int sig;

	if (argc < 6)
		return 77; /* run by itself it is no test: skipped */
	spec.ssh = argv[1];
	s.dir = argv[3];
	count = strtoul(argv[4], NULL, 10);
	buf_init(&s.payload, MAX_BYTES);
	if (signers_load(&s.signers, &spec, &normal, &e) ||
	    file_read(argv[2], &s.payload, &e))
		fail(&e);
	for (sig = 5; sig < argc; sig++)
		for (i = 0; i < count; i++)
			one(&s, argv[sig], i, n++);
	signers_free(s.signers);
	buf_release(&s.payload);
	buf_release(&normal);
	return 0;
}
