/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/revoked.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/array.h"
#include "base/sha256.h"
#include "trust/krl.h"
#include "trust/ssh_key.h"

enum { SHA1_SIZE = 20 };

void revoked_init(struct revoked *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->bytes, REVOKED_MAX_BYTES);
}

void revoked_release(struct revoked *r)
{
	buf_release(&r->bytes);
	free(r->v);
	revoked_init(r);
}

int revoked_add(struct revoked *r, enum revoked_kind kind, struct span bytes,
		struct err *e)
{
	struct revoked_entry entry = {kind, r->bytes.len, bytes.n};

	if (array_push(&r->v, r->n, &r->cap, REVOKED_MAX_ENTRIES) ||
	    buf_add(&r->bytes, bytes.p, bytes.n))
		return err_set(e, ERR_LIMIT,
			       "out of memory, or too many revoked keys");
	r->v[r->n++] = entry;
	return 0;
}

int revoked_add_key(struct revoked *r, struct span blob, struct err *e)
{
	enum ssh_key_fault fault;
	struct ssh_key key;
	const char *why;

	fault = ssh_key_parse(&key, blob, &why);
	/* a form that no signature can have would never match */
	if (fault == SSH_KEY_MALFORMED)
		return err_set(e, ERR_CONFIG, "a revoked key is malformed: %s",
			       why);
	if (fault == SSH_KEY_CERTIFICATE)
		return err_set(e, ERR_CONFIG,
			       "a certificate is revoked by its serial or id "
			       "in a KRL; list the plain key to revoke that");
	return revoked_add(r, REVOKED_KEY, blob, e);
}

static int read_line(struct revoked *r, struct span line, struct err *e)
{
	struct buf blob = BUF_INIT(SSH_KEY_MAX_BLOB);
	struct cursor c = cursor_of(line.p, line.n);
	const char *wrong;
	struct span type;
	int rc;

	wrong = ssh_key_take(&c, &type, &blob);
	if (wrong)
		rc = err_set(e, ERR_CONFIG, "%s", wrong);
	else
		rc = revoked_add_key(r, span_of(blob.data, blob.len), e);
	buf_release(&blob);
	return rc;
}

static int read_list(struct revoked *r, const char *name, struct span text,
		     struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span line;
	unsigned number = 0;

	while (cursor_line(&c, &line)) {
		number++;
		line = span_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (read_line(r, line, e))
			return err_wrap(e, "%s:%u", name, number);
	}
	return 0;
}

int revoked_read(struct revoked *r, const char *name, struct span content,
		 struct err *e)
{
	if (!krl_is(content))
		return read_list(r, name, content, e);
	if (krl_read(r, content, e))
		return err_wrap(e, "%s", name);
	return 0;
}

/* Digests of the key that is looked for, made when first needed. */
struct wanted {
	struct span blob;
	unsigned char sha1[SHA1_SIZE], sha256[SHA256_SIZE];
	bool have_sha1, have_sha256;
};

static int want_sha1(struct wanted *w, struct err *e)
{
	unsigned int n = SHA1_SIZE;

	if (w->have_sha1)
		return 0;
	if (EVP_Digest(w->blob.p, w->blob.n, w->sha1, &n, EVP_sha1(), NULL) !=
	    1) {
		ERR_clear_error();
		return err_set(e, ERR_CRYPTO,
			       "libcrypto: no SHA-1, which the list of revoked "
			       "keys uses");
	}
	w->have_sha1 = true;
	return 0;
}

static int is_wanted(const struct revoked *r, const struct revoked_entry *entry,
		     struct wanted *w, bool *yes, struct err *e)
{
	struct span have = span_of(r->bytes.data + entry->at, entry->n);

	switch (entry->kind) {
	case REVOKED_KEY:
		*yes = span_equal(have, w->blob);
		return 0;
	case REVOKED_SHA1:
		if (want_sha1(w, e))
			return ERR_CRYPTO;
		*yes = span_equal(have, span_of(w->sha1, SHA1_SIZE));
		return 0;
	case REVOKED_SHA256:
		if (!w->have_sha256)
			sha256_of(w->blob.p, w->blob.n, w->sha256);
		w->have_sha256 = true;
		*yes = span_equal(have, span_of(w->sha256, SHA256_SIZE));
		return 0;
	case REVOKED_NONE:
		break;
	}
	return err_set(e, ERR_INTERNAL, "a revocation of no kind");
}

int revoked_has(const struct revoked *r, struct span blob, bool *yes,
		struct err *e)
{
	struct wanted w = {.blob = blob};
	size_t i;
	int rc;

	*yes = false;
	for (i = 0; i < r->n && !*yes; i++) {
		rc = is_wanted(r, &r->v[i], &w, yes, e);
		if (rc)
			return rc;
	}
	return 0;
}
