/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/webhook.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/text.h"
#include "sys/files.h"

enum { ED25519_SEED = 32, ED25519_PAIR = 64, ED25519_SIGNATURE = 64 };

void webhook_keys_wipe(struct webhook_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

static bool length_fits(const struct webhook_key *k)
{
	if (k->scheme == WEBHOOK_V1A)
		return k->n == ED25519_SEED || k->n == ED25519_PAIR;
	return k->n >= WEBHOOK_MIN_SECRET && k->n <= WEBHOOK_MAX_SECRET;
}

static int parse_key(struct webhook_key *k, struct span word, struct err *e)
{
	struct buf raw = BUF_INIT(WEBHOOK_MAX_SECRET);
	struct cursor c = cursor_of(word.p, word.n);
	int rc = 0;

	if (cursor_literal(&c, "whsec_"))
		k->scheme = WEBHOOK_V1;
	else if (cursor_literal(&c, "whsk_"))
		k->scheme = WEBHOOK_V1A;
	else
		return err_set(e, ERR_CONFIG,
			       "a secret begins with whsec_ or whsk_");
	/* All at once: growing would leave copies behind. */
	if (buf_reserve(&raw, WEBHOOK_MAX_SECRET))
		return err_nomem(e);
	if (base64_decode(&raw, span_of(c.p, cursor_left(&c)))) {
		k->n = raw.len;
		memcpy(k->bytes, raw.data, raw.len);
	}
	explicit_bzero(raw.data, raw.cap);
	buf_release(&raw);
	if (!length_fits(k))
		rc = err_set(e, ERR_CONFIG,
			     "a secret is the base64 of %d to %d bytes after "
			     "whsec_, of %d or %d after whsk_",
			     WEBHOOK_MIN_SECRET, WEBHOOK_MAX_SECRET,
			     ED25519_SEED, ED25519_PAIR);
	return rc;
}

static bool next_word(struct span *text, struct span *word)
{
	*text = span_trim(*text);
	*word = span_of(text->p, 0);
	while (word->n < text->n && !ascii_space(text->p[word->n]))
		word->n++;
	*text = span_of(text->p + word->n, text->n - word->n);
	return word->n > 0;
}

int webhook_keys_parse(struct webhook_keys *out, struct span text,
		       struct err *e)
{
	struct span word;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	while (!rc && next_word(&text, &word)) {
		if (out->n == WEBHOOK_MAX_KEYS)
			rc = err_set(e, ERR_CONFIG, "more than %d secrets",
				     WEBHOOK_MAX_KEYS);
		else
			rc = parse_key(&out->v[out->n++], word, e);
	}
	if (!rc && !out->n)
		rc = err_set(e, ERR_CONFIG, "no secret in it");
	if (rc)
		webhook_keys_wipe(out);
	return rc;
}

static int read_all(int fd, char *bytes, size_t room, size_t *n)
{
	*n = 0;
	while (*n < room) {
		ssize_t got = read(fd, bytes + *n, room - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		*n += (size_t)got;
	}
	return 0;
}

int webhook_keys_read(struct webhook_keys *out, const char *path, struct err *e)
{
	char text[WEBHOOK_MAX_FILE + 1];
	size_t n;
	int fd, rc;

	memset(out, 0, sizeof(*out));
	rc = file_open_trusted(path, FILE_SECRET, &fd, e);
	if (rc)
		return rc;
	if (read_all(fd, text, sizeof(text), &n))
		rc = err_sys(e, "%s", path);
	else if (n > WEBHOOK_MAX_FILE)
		rc = err_set(e, ERR_CONFIG, "%s: larger than %d bytes", path,
			     WEBHOOK_MAX_FILE);
	else if (webhook_keys_parse(out, span_of(text, n), e))
		rc = err_wrap(e, "%s", path);
	explicit_bzero(text, sizeof(text));
	file_close(&fd);
	return rc;
}

static int sign_hmac(const struct webhook_key *k, struct span bytes,
		     struct buf *out, struct err *e)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!HMAC(EVP_sha256(), k->bytes, (int)k->n,
		  (const unsigned char *)bytes.p, bytes.n, mac, &n) ||
	    n != SHA256_SIZE)
		return err_set(e, ERR_CRYPTO, "cannot sign with HMAC-SHA256");
	base64_encode(out, mac, n);
	return 0;
}

static int sign_ed25519(const struct webhook_key *k, struct span bytes,
			struct buf *out, struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
						     k->bytes, ED25519_SEED);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[ED25519_SIGNATURE];
	size_t n = sizeof(sig);
	int rc = 0;

	if (!key || !ctx ||
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &n, (const unsigned char *)bytes.p,
			   bytes.n) != 1) {
		rc = err_set(e, ERR_CRYPTO, "cannot sign with Ed25519");
	} else {
		base64_encode(out, sig, n);
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return rc;
}

int webhook_key_sign(const struct webhook_key *k, struct span bytes,
		     struct buf *out, struct err *e)
{
	return k->scheme == WEBHOOK_V1A ? sign_ed25519(k, bytes, out, e)
					: sign_hmac(k, bytes, out, e);
}

static int sign_with(const struct webhook_key *k, struct span bytes,
		     struct buf *out, struct err *e)
{
	if (out->len)
		buf_addch(out, ' ');
	buf_adds(out, k->scheme == WEBHOOK_V1A ? "v1a," : "v1,");
	return webhook_key_sign(k, bytes, out, e);
}

int webhook_sign(const struct webhook_keys *keys, const char *id,
		 int64_t timestamp, struct span body, struct buf *out,
		 struct err *e)
{
	struct buf bytes = BUF_INIT(body.n + 128);
	int rc = 0;

	buf_addf(&bytes, "%s.%" PRId64 ".", id, timestamp);
	buf_add(&bytes, body.p, body.n);
	if (!buf_ok(&bytes))
		rc = err_nomem(e);
	for (size_t i = 0; !rc && i < keys->n; i++)
		rc = sign_with(&keys->v[i], span_of(bytes.data, bytes.len), out,
			       e);
	if (!rc && !buf_ok(out))
		rc = err_nomem(e);
	buf_release(&bytes);
	return rc;
}
