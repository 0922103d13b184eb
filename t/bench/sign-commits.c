/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sign-commits make TYPE N SIGNERS   on standard output: a pack with N commits
 *     in a row, signed with SSH keys of that type as git signs them. SIGNERS
 *     gets the allowed_signers of their keys (dev0@example.com and so on); the
 *     last line of standard error is the id of the newest commit.
 * sign-commits rate TYPE N           N times what `openssl speed` repeats to
 *     measure verifying with that type, in libcrypto alone. Prints wall clock
 *     and processor time of one, in microseconds.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/encode.h"

enum {
	DEVELOPERS = 4,
	MAX_TEXT = 1 << 20,
	MAX_SIG = 1024,
	ARMOUR_WIDTH = 70,
	SHA1_SIZE = 20,
	OBJECT_COMMIT = 1, /* as packs number them */
	OBJECT_TREE = 2,
	OBJECT_BLOB = 3,
};

static const struct type {
	const char *name;      /* on the command line */
	const char *evp;       /* as libcrypto has it */
	const char *curve;     /* or NULL */
	unsigned bits;	       /* of RSA */
	const char *key, *sig; /* as SSH names them */
	const char *digest;    /* of what is signed; NULL: its own */
} types[] = {
	{"ed25519", "ED25519", NULL, 0, "ssh-ed25519", "ssh-ed25519", NULL},
	{"ecdsa-p256", "EC", "P-256", 0, "ecdsa-sha2-nistp256",
	 "ecdsa-sha2-nistp256", "SHA256"},
	{"ecdsa-p384", "EC", "P-384", 0, "ecdsa-sha2-nistp384",
	 "ecdsa-sha2-nistp384", "SHA384"},
	{"ecdsa-p521", "EC", "P-521", 0, "ecdsa-sha2-nistp521",
	 "ecdsa-sha2-nistp521", "SHA512"},
	{"rsa-2048", "RSA", NULL, 2048, "ssh-rsa", "rsa-sha2-512", "SHA512"},
	{"rsa-3072", "RSA", NULL, 3072, "ssh-rsa", "rsa-sha2-512", "SHA512"},
	{"rsa-4096", "RSA", NULL, 4096, "ssh-rsa", "rsa-sha2-512", "SHA512"},
};

static void die(const char *what)
{
	fprintf(stderr, "sign-commits: %s\n", what);
	exit(2);
}

static void must(int ok, const char *what)
{
	if (ok != 1)
		die(what);
}

static EVP_PKEY *generate(const struct type *t)
{
	EVP_PKEY *key = NULL;

	if (t->curve)
		key = EVP_PKEY_Q_keygen(NULL, NULL, t->evp, t->curve);
	else if (t->bits)
		key = EVP_PKEY_Q_keygen(NULL, NULL, t->evp, (size_t)t->bits);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, t->evp);
	must(key != NULL, "cannot make a key");
	return key;
}

/* ---- SSH's forms (RFC 4251, 5) ---- */

static void put_u32(struct buf *b, size_t v)
{
	char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8),
			 (char)v};

	buf_add(b, bytes, sizeof(bytes));
}

static void put_string(struct buf *b, const void *bytes, size_t n)
{
	put_u32(b, n);
	buf_add(b, bytes, n);
}

static void put_text(struct buf *b, const char *text)
{
	put_string(b, text, strlen(text));
}

static void put_number(struct buf *b, const BIGNUM *v)
{
	unsigned char bytes[MAX_SIG];
	size_t n = (size_t)BN_num_bytes(v);

	/* a zero byte for the sign, as soon as the first bit is set */
	bytes[0] = 0;
	BN_bn2bin(v, bytes + 1);
	if (bytes[1] & 0x80)
		put_string(b, bytes, n + 1);
	else
		put_string(b, bytes + 1, n);
}

static void put_public(struct buf *b, const struct type *t, EVP_PKEY *key)
{
	unsigned char point[256];
	BIGNUM *v = NULL;
	size_t n = 0;

	put_text(b, t->key);
	if (t->bits) {
		must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &v),
		     "exponent");
		put_number(b, v);
		must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &v),
		     "modulus");
		put_number(b, v);
		BN_free(v);
		return;
	}
	must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
					     point, sizeof(point), &n),
	     "public key");
	if (t->curve)
		put_text(b, strrchr(t->key, '-') + 1);
	put_string(b, point, n);
}

/* ---- signatures ---- */

static size_t sign(const struct type *t, EVP_PKEY *key, const struct buf *text,
		   unsigned char out[MAX_SIG])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = MAX_SIG;

	must(EVP_DigestSignInit_ex(ctx, NULL, t->digest, NULL, NULL, key, NULL),
	     "EVP_DigestSignInit_ex");
	must(EVP_DigestSign(ctx, out, &n, (unsigned char *)text->data,
			    text->len),
	     "EVP_DigestSign");
	EVP_MD_CTX_free(ctx);
	return n;
}

static void put_signature(struct buf *b, const struct type *t,
			  const unsigned char *sig, size_t n)
{
	struct buf inner = BUF_INIT(MAX_SIG);
	ECDSA_SIG *pair = NULL;

	put_text(&inner, t->sig);
	if (t->curve) {
		struct buf two = BUF_INIT(MAX_SIG);

		pair = d2i_ECDSA_SIG(NULL, &sig, (long)n);
		must(pair != NULL, "an ECDSA signature");
		put_number(&two, ECDSA_SIG_get0_r(pair));
		put_number(&two, ECDSA_SIG_get0_s(pair));
		put_string(&inner, two.data, two.len);
		buf_release(&two);
		ECDSA_SIG_free(pair);
	} else {
		put_string(&inner, sig, n);
	}
	put_string(b, inner.data, inner.len);
	buf_release(&inner);
}

/* The armoured signature of a commit, folded as a header. */
static void add_signature(struct buf *out, const struct type *t, EVP_PKEY *key,
			  const struct buf *commit)
{
	unsigned char digest[EVP_MAX_MD_SIZE], sig[MAX_SIG];
	struct buf blob = BUF_INIT(MAX_TEXT), text = BUF_INIT(MAX_TEXT);
	size_t n, at;

	must(EVP_Q_digest(NULL, "SHA512", NULL, commit->data, commit->len,
			  digest, &n),
	     "SHA512");
	buf_adds(&blob, "SSHSIG");
	put_text(&blob, "git");
	put_text(&blob, "");
	put_text(&blob, "sha512");
	put_string(&blob, digest, n);
	n = sign(t, key, &blob, sig);

	buf_clear(&blob);
	buf_adds(&blob, "SSHSIG");
	put_u32(&blob, 1);
	{
		struct buf public = BUF_INIT(MAX_TEXT);

		put_public(&public, t, key);
		put_string(&blob, public.data, public.len);
		buf_release(&public);
	}
	put_text(&blob, "git");
	put_text(&blob, "");
	put_text(&blob, "sha512");
	put_signature(&blob, t, sig, n);
	base64_encode(&text, blob.data, blob.len);
	buf_adds(out, "gpgsig -----BEGIN SSH SIGNATURE-----\n");
	for (at = 0; at < text.len; at += ARMOUR_WIDTH)
		buf_addf(out, " %.*s\n", ARMOUR_WIDTH, text.data + at);
	buf_adds(out, " -----END SSH SIGNATURE-----\n");
	buf_release(&blob);
	buf_release(&text);
}

/* ---- the pack ---- */

static EVP_MD_CTX *pack_sum;

static void emit(const void *bytes, size_t n)
{
	must(EVP_DigestUpdate(pack_sum, bytes, n), "SHA1");
	if (fwrite(bytes, 1, n, stdout) != n)
		die("cannot write the pack");
}

static void emit_object(unsigned type, const struct buf *b,
			unsigned char id[SHA1_SIZE])
{
	static const char *const names[] = {"", "commit", "tree", "blob"};
	unsigned char head[16], small[65536];
	uLongf room = sizeof(small);
	size_t n = 0, left = b->len >> 4, got;
	struct buf whole = BUF_INIT(MAX_TEXT);

	head[n] = (unsigned char)(type << 4 | (b->len & 15));
	for (; left; left >>= 7) {
		head[n++] |= 0x80;
		head[n] = left & 0x7f;
	}
	emit(head, n + 1);
	must(compress2(small, &room, (Bytef *)b->data, b->len, 1) == Z_OK,
	     "compress2");
	emit(small, room);
	buf_addf(&whole, "%s %zu", names[type], b->len);
	buf_addch(&whole, '\0');
	buf_add(&whole, b->data, b->len);
	must(EVP_Q_digest(NULL, "SHA1", NULL, whole.data, whole.len, id, &got),
	     "SHA1");
	buf_release(&whole);
}

static void begin_pack(unsigned objects)
{
	struct buf head = BUF_INIT(MAX_TEXT);

	pack_sum = EVP_MD_CTX_new();
	must(EVP_DigestInit_ex2(pack_sum, EVP_sha1(), NULL), "SHA1");
	buf_adds(&head, "PACK");
	put_u32(&head, 2);
	put_u32(&head, objects);
	emit(head.data, head.len);
	buf_release(&head);
}

static void end_pack(void)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n;

	must(EVP_DigestFinal_ex(pack_sum, sum, &n), "SHA1");
	if (fwrite(sum, 1, n, stdout) != n || fflush(stdout))
		die("cannot write the pack");
}

/* A tree with one file, and the file. */
static void emit_tree(int which, unsigned char id[SHA1_SIZE])
{
	struct buf b = BUF_INIT(MAX_TEXT);

	buf_addf(&b, "content %d\n", which);
	emit_object(OBJECT_BLOB, &b, id);
	buf_clear(&b);
	buf_adds(&b, "100644 file");
	buf_addch(&b, '\0');
	buf_add(&b, id, SHA1_SIZE);
	emit_object(OBJECT_TREE, &b, id);
	buf_release(&b);
}

static void emit_commit(const struct type *t, EVP_PKEY *key, unsigned i,
			const unsigned char tree[SHA1_SIZE],
			unsigned char id[SHA1_SIZE])
{
	struct buf b = BUF_INIT(MAX_TEXT), head = BUF_INIT(MAX_TEXT);
	struct buf body = BUF_INIT(MAX_TEXT);
	char hex[2 * SHA1_SIZE + 1];
	unsigned who = i % DEVELOPERS, when = 1700000000 + i;

	hex_encode(tree, SHA1_SIZE, hex);
	buf_addf(&head, "tree %s\n", hex);
	hex_encode(id, SHA1_SIZE, hex);
	if (i)
		buf_addf(&head, "parent %s\n", hex);
	buf_addf(&head,
		 "author dev%u <dev%u@example.com> %u +0000\n"
		 "committer dev%u <dev%u@example.com> %u +0000\n",
		 who, who, when, who, who, when);
	buf_addf(&body,
		 "\nChange number %u\n\n"
		 "This says why, in a line or two of text, as people do who\n"
		 "write messages for those who read them later.\n",
		 i);
	buf_add(&b, head.data, head.len);
	buf_add(&b, body.data, body.len);
	add_signature(&head, t, key, &b);
	buf_add(&head, body.data, body.len);
	if (!buf_ok(&head))
		die("out of memory");
	emit_object(OBJECT_COMMIT, &head, id);
	buf_release(&b);
	buf_release(&head);
	buf_release(&body);
}

static void write_signers(const struct type *t, EVP_PKEY **keys,
			  const char *path)
{
	FILE *f = fopen(path, "w");
	unsigned i;

	if (!f)
		die("cannot write the list of signers");
	for (i = 0; i < DEVELOPERS; i++) {
		struct buf blob = BUF_INIT(MAX_TEXT), text = BUF_INIT(MAX_TEXT);

		put_public(&blob, t, keys[i]);
		base64_encode(&text, blob.data, blob.len);
		fprintf(f, "dev%u@example.com %s %s\n", i, t->key, text.data);
		buf_release(&blob);
		buf_release(&text);
	}
	if (fclose(f))
		die("cannot write the list of signers");
}

static void make(const struct type *t, unsigned n, const char *signers)
{
	unsigned char tree[2][SHA1_SIZE], id[SHA1_SIZE] = {0};
	char hex[2 * SHA1_SIZE + 1];
	EVP_PKEY *keys[DEVELOPERS];
	unsigned i;

	for (i = 0; i < DEVELOPERS; i++)
		keys[i] = generate(t);
	write_signers(t, keys, signers);
	begin_pack(n + 4);
	emit_tree(0, tree[0]);
	emit_tree(1, tree[1]);
	for (i = 0; i < n; i++)
		emit_commit(t, keys[i % DEVELOPERS], i, tree[i % 2], id);
	end_pack();
	hex_encode(id, SHA1_SIZE, hex);
	fprintf(stderr, "%s\n", hex);
}

/* ---- what `openssl speed` does ---- */

/* Wall clock and processor time of this process, microseconds. */
struct spent {
	double wall, processor;
};

static double micros(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void begin(struct spent *s)
{
	s->wall = micros(CLOCK_MONOTONIC);
	s->processor = micros(CLOCK_PROCESS_CPUTIME_ID);
}

static void say_spent(const struct spent *s, unsigned n)
{
	printf("%.3f %.3f\n", (micros(CLOCK_MONOTONIC) - s->wall) / n,
	       (micros(CLOCK_PROCESS_CPUTIME_ID) - s->processor) / n);
}

static void rate_eddsa(EVP_PKEY *key, unsigned n)
{
	unsigned char text[20] = {0}, sig[MAX_SIG];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof(sig);
	struct spent spent;
	unsigned i;

	must(EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL),
	     "EVP_DigestSignInit_ex");
	must(EVP_DigestSign(ctx, sig, &len, text, sizeof(text)),
	     "EVP_DigestSign");
	EVP_MD_CTX_free(ctx);
	ctx = EVP_MD_CTX_new();
	begin(&spent);
	for (i = 0; i < n; i++) {
		must(EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key,
					     NULL),
		     "EVP_DigestVerifyInit_ex");
		must(EVP_DigestVerify(ctx, sig, len, text, sizeof(text)),
		     "EVP_DigestVerify");
	}
	say_spent(&spent, n);
	EVP_MD_CTX_free(ctx);
}

static void rate_hashed(const struct type *t, EVP_PKEY *key, unsigned n)
{
	size_t hash = t->bits ? 36 : 20, len = MAX_SIG;
	unsigned char digest[36] = {1}, sig[MAX_SIG];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	struct spent spent;
	unsigned i;

	must(EVP_PKEY_sign_init(ctx), "EVP_PKEY_sign_init");
	must(EVP_PKEY_sign(ctx, sig, &len, digest, hash), "EVP_PKEY_sign");
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	must(EVP_PKEY_verify_init(ctx), "EVP_PKEY_verify_init");
	begin(&spent);
	for (i = 0; i < n; i++)
		must(EVP_PKEY_verify(ctx, sig, len, digest, hash),
		     "EVP_PKEY_verify");
	say_spent(&spent, n);
	EVP_PKEY_CTX_free(ctx);
}

static void rate(const struct type *t, unsigned n)
{
	EVP_PKEY *key = generate(t);

	if (t->digest)
		rate_hashed(t, key, n);
	else
		rate_eddsa(key, n);
	EVP_PKEY_free(key);
}

static const struct type *type_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	die("no such type of key");
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "make"))
		make(type_named(argv[2]), (unsigned)strtoul(argv[3], NULL, 10),
		     argv[4]);
	else if (argc == 4 && !strcmp(argv[1], "rate"))
		rate(type_named(argv[2]), (unsigned)strtoul(argv[3], NULL, 10));
	else
		die("usage: sign-commits make TYPE N SIGNERS | rate TYPE N");
	return 0;
}
