/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust_mutate [-t SECONDS] [-s SIGNERS] [-r REVOKED] [-k] [-x AUTHORITIES]
 *	[-l LISTS] PAYLOAD DIR COUNT SIGNATURE…
 *
 * For t3001-ssh-differential.sh: COUNT changed copies of each signature,
 * written to DIR as N.sig; for each a line `N change status why` on standard
 * output, as signature_verify has it at that time. With -k the signatures stay
 * and COUNT changed copies of REVOKED are written as N.krl; `error` is the
 * status when one cannot be read. The same in every run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "sys/files.h"
#include "trust/signature.h"

enum { MAX_BYTES = 262144 };

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
	bool cms = span_starts(span_str(text->data), "-----BEGIN SIGNED");
	const char *label = cms ? "SIGNED MESSAGE" : "SSH SIGNATURE";
	size_t i;

	if (!width)
		width = cms ? 64 : 70;
	buf_clear(text);
	base64_encode(&joined, blob->data, blob->len);
	buf_addf(text, "-----BEGIN %s-----%s", label, eol);
	for (i = 0; i < joined.len; i += width)
		buf_addf(text, "%.*s%s", (int)width, joined.data + i, eol);
	buf_addf(text, "-----END %s-----%s", label, eol);
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
	size_t width = 0;

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
	struct signers_spec spec;
	struct signers *signers; /* NULL: could not be loaded */
	struct principals people;
	struct buf payload;
	const char *dir;
	int64_t at;
	struct err why;
};

static void load(struct setting *s)
{
	struct buf normal = BUF_INIT(1 << 24);

	s->signers = NULL;
	signers_load(&s->signers, &s->spec, &normal, &s->why);
	buf_release(&normal);
}

static void report(struct setting *s, struct span text, const char *how,
		   size_t n)
{
	const struct verifier v = {
		.signers = s->signers, .people = &s->people, .at = s->at};
	struct signature got;
	struct err e;

	if (!s->signers) {
		printf("%zu %s error %s\n", n, how, s->why.msg);
		return;
	}
	if (signature_verify(&v, span_of(s->payload.data, s->payload.len),
			     text, &got, &e))
		fail(&e);
	printf("%zu %s %s %s\n", n, how, signature_status_word(got.status),
	       got.why);
}

static void put(const struct setting *s, const struct buf *b, size_t n,
		const char *suffix, char path[FILE_MAX_PATH])
{
	struct err e;

	snprintf(path, FILE_MAX_PATH, "%s/%zu.%s", s->dir, n, suffix);
	if (file_write(path, b->data, b->len, 0644, &e))
		fail(&e);
}

static void change_signature(struct setting *s, const char *path, size_t i,
			     size_t n)
{
	struct buf text = BUF_INIT(MAX_BYTES);
	const struct change *how;
	char name[FILE_MAX_PATH];
	struct err e;

	if (file_read(path, &text, &e))
		fail(&e);
	how = mutate(&text, i);
	put(s, &text, n, "sig", name);
	report(s, span_of(text.data, text.len), how->name, n);
	buf_release(&text);
}

/* The changes that are inside of armour are for any bytes. */
static void change_list(struct setting *s, const char *path, size_t i, size_t n)
{
	struct buf list = BUF_INIT(MAX_BYTES), text = BUF_INIT(MAX_BYTES);
	const struct change *how = &changes[i % NCHANGES];
	const char *whole = s->spec.ssh_revoked;
	char name[FILE_MAX_PATH];
	struct err e;

	if (file_read(whole, &list, &e) || file_read(path, &text, &e))
		fail(&e);
	how->change(&list);
	put(s, &list, n, "krl", name);
	s->spec.ssh_revoked = name;
	load(s);
	report(s, span_of(text.data, text.len), how->name, n);
	signers_free(s->signers);
	s->spec.ssh_revoked = whole;
	buf_release(&list);
	buf_release(&text);
}

static void read_options(struct setting *s, int argc, char **argv,
			 bool *change_lists)
{
	int c;

	while ((c = getopt(argc, argv, "t:s:r:kx:l:")) != -1) {
		if (c == 't')
			s->at = 1000 * (int64_t)strtoll(optarg, NULL, 10);
		else if (c == 's')
			s->spec.ssh = optarg;
		else if (c == 'r')
			s->spec.ssh_revoked = optarg;
		else if (c == 'x')
			s->spec.x509_ca = optarg;
		else if (c == 'l')
			s->spec.x509_crl = optarg;
		else if (c == 'k')
			*change_lists = true;
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	char name[] = "alice", mail[] = "alice@example.com";
	char *mails[] = {mail};
	struct principal alice = {.name = name, .emails = mails, .nemails = 1};
	struct setting s = {.people = {.v = &alice, .n = 1}, .at = 1};
	bool change_lists = false;
	size_t i, n = 0, count;
	struct err e;

	if (argc < 2)
		return 77; /* run by itself it is no test: skipped */
	read_options(&s, argc, argv, &change_lists);
	if (argc - optind < 4)
		return 2;
	s.dir = argv[optind + 1];
	count = strtoul(argv[optind + 2], NULL, 10);
	buf_init(&s.payload, MAX_BYTES);
	if (file_read(argv[optind], &s.payload, &e))
		fail(&e);
	if (!change_lists)
		load(&s);
	for (optind += 3; optind < argc; optind++)
		for (i = 0; i < count; i++)
			(change_lists ? change_list : change_signature)(
				&s, argv[optind], i, n++);
	if (!change_lists)
		signers_free(s.signers);
	buf_release(&s.payload);
	return 0;
}
