/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/revoked.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/array.h"
#include "base/sha256.h"
#include "trust/krl.h"
#include "trust/ssh_cert.h"
#include "trust/ssh_key.h"

enum { SHA1_SIZE = 20, ID_AUTHORITY = 4 };

void revoked_init(struct revoked *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->bytes, REVOKED_MAX_BYTES);
}

void revoked_release(struct revoked *r)
{
	buf_release(&r->bytes);
	free(r->v);
	free(r->serials);
	free(r->authorities);
	free(r->heads);
	revoked_init(r);
}

int revoked_add(struct revoked *r, enum revoked_kind kind, struct span bytes,
		struct err *e)
{
	struct revoked_entry entry = {kind, r->bytes.len, bytes.n, 0};

	if (array_push(&r->v, r->n, &r->cap, REVOKED_MAX_ENTRIES) ||
	    buf_add(&r->bytes, bytes.p, bytes.n))
		return err_set(e, ERR_LIMIT,
			       "out of memory, or too many revoked keys");
	r->v[r->n++] = entry;
	if (kind == REVOKED_SHA1)
		r->sha1 = true;
	return 0;
}

const char *revoked_key_fault(struct span blob)
{
	struct cursor c = cursor_of(blob.p, blob.n);
	struct ssh_key key;
	struct span type;
	const char *why;

	switch (ssh_key_parse(&key, blob, &why)) {
	case SSH_KEY_OK:
	case SSH_KEY_WEAK:
		return NULL;
	case SSH_KEY_UNSUPPORTED:
		/* a flipped bit in a type's name must not free its key */
		return key.type || (cursor_string(&c, &type) &&
				    span_is(type, "ssh-dss"))
			       ? NULL
			       : why;
	case SSH_KEY_CERTIFICATE:
		return "a certificate stands where the plain key must";
	case SSH_KEY_MALFORMED:
		break;
	}
	return why;
}

int revoked_add_key(struct revoked *r, struct span blob, struct err *e)
{
	const char *why = revoked_key_fault(blob);

	if (why)
		return err_set(e, ERR_CONFIG,
			       "a revoked key is malformed or not understood: "
			       "%s",
			       why);
	return revoked_add(r, REVOKED_KEY, blob, e);
}

static uint32_t find_authority(const struct revoked *r, struct span blob)
{
	size_t i;

	for (i = 0; i < r->nauthorities; i++)
		if (span_equal(blob,
			       span_of(r->bytes.data + r->authorities[i].at,
				       r->authorities[i].n)))
			return (uint32_t)i + 1;
	return 0;
}

int revoked_add_authority(struct revoked *r, struct span blob,
			  uint32_t *authority, struct err *e)
{
	struct revoked_authority one = {r->bytes.len, blob.n};

	*authority = 0;
	if (blob.n)
		*authority = find_authority(r, blob);
	if (!blob.n || *authority)
		return 0;
	if (array_push(&r->authorities, r->nauthorities, &r->authorities_cap,
		       REVOKED_MAX_AUTHORITIES) ||
	    buf_add(&r->bytes, blob.p, blob.n))
		return err_set(e, ERR_LIMIT,
			       "out of memory, or too many authorities");
	r->authorities[r->nauthorities++] = one;
	*authority = (uint32_t)r->nauthorities;
	return 0;
}

int revoked_add_serials(struct revoked *r, uint32_t authority, uint64_t least,
			uint64_t most, struct err *e)
{
	struct revoked_serials one = {authority, least, most};

	if (array_push(&r->serials, r->nserials, &r->serials_cap,
		       REVOKED_MAX_ENTRIES))
		return err_set(e, ERR_LIMIT,
			       "out of memory, or too many revoked serials");
	r->serials[r->nserials++] = one;
	return 0;
}

/* An id together with the number of its authority. */
static int make_id(struct buf *out, uint32_t authority, struct span id)
{
	const unsigned char number[ID_AUTHORITY] = {
		(unsigned char)(authority >> 24),
		(unsigned char)(authority >> 16),
		(unsigned char)(authority >> 8), (unsigned char)authority};

	buf_add(out, number, sizeof(number));
	return buf_add(out, id.p, id.n);
}

int revoked_add_id(struct revoked *r, uint32_t authority, struct span id,
		   struct err *e)
{
	struct buf whole = BUF_INIT(REVOKED_MAX_BYTES);
	int rc;

	if (make_id(&whole, authority, id))
		rc = err_nomem(e);
	else
		rc = revoked_add(r, REVOKED_ID, span_of(whole.data, whole.len),
				 e);
	buf_release(&whole);
	return rc;
}

static int add_certified(struct revoked *r, struct span blob, struct err *e)
{
	enum ssh_key_fault fault;
	struct ssh_cert cert;
	const char *why;
	int rc;

	ssh_cert_init(&cert);
	rc = ssh_cert_read(&cert, blob, &fault, &why, e);
	if (!rc && fault)
		rc = err_set(e, ERR_CONFIG,
			     "the certificate is not understood (%s); list "
			     "its plain key",
			     why);
	if (!rc)
		rc = revoked_add(r, REVOKED_KEY, cert.key.blob, e);
	ssh_cert_release(&cert);
	return rc;
}

static int read_line(struct revoked *r, struct span line, struct err *e)
{
	struct buf buf = BUF_INIT(SSH_CERT_MAX_BLOB);
	struct cursor c = cursor_of(line.p, line.n);
	const char *wrong;
	struct span type, blob;
	int rc;

	wrong = ssh_key_take(&c, &type, &buf);
	blob = span_of(buf.data, buf.len);
	if (wrong)
		rc = err_set(e, ERR_CONFIG, "%s", wrong);
	else if (ssh_key_type_is_certificate(type))
		rc = add_certified(r, blob, e);
	else
		rc = revoked_add_key(r, blob, e);
	buf_release(&buf);
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

static int compare_serials(const void *x, const void *y)
{
	const struct revoked_serials *a = x, *b = y;

	if (a->authority != b->authority)
		return a->authority < b->authority ? -1 : 1;
	return a->least < b->least ? -1 : a->least > b->least;
}

/* Sort them and make one of those that overlap. */
static void sort_serials(struct revoked *r)
{
	struct revoked_serials *v = r->serials;
	size_t i, n = 0;

	if (!r->nserials)
		return;
	qsort(v, r->nserials, sizeof(*v), compare_serials);
	for (i = 1; i < r->nserials; i++) {
		if (v[i].authority != v[n].authority || v[i].least > v[n].most)
			v[++n] = v[i];
		else if (v[i].most > v[n].most)
			v[n].most = v[i].most;
	}
	r->nserials = n + 1;
}

/* FNV-1a; the list is the admin's, who would not want collisions. */
static size_t hash_of(enum revoked_kind kind, struct span bytes)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)kind;
	size_t i;

	for (i = 0; i < bytes.n; i++)
		hash = (hash ^ (unsigned char)bytes.p[i]) *
		       UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32);
}

static struct span entry_bytes(const struct revoked *r,
			       const struct revoked_entry *entry)
{
	return span_of(r->bytes.data + entry->at, entry->n);
}

static int make_index(struct revoked *r, struct err *e)
{
	size_t room = 8, i;

	while (room < r->n)
		room *= 2;
	free(r->heads);
	r->heads = calloc(room, sizeof(*r->heads));
	if (!r->heads)
		return err_nomem(e);
	r->mask = room - 1;
	for (i = 0; i < r->n; i++) {
		struct revoked_entry *one = &r->v[i];
		size_t hash = hash_of(one->kind, entry_bytes(r, one));

		one->next = r->heads[hash & r->mask];
		r->heads[hash & r->mask] = i + 1;
	}
	return 0;
}

int revoked_read(struct revoked *r, const char *name, struct span content,
		 struct err *e)
{
	int rc;

	/* no entry is longer than what stands for it there */
	if (buf_reserve(&r->bytes, content.n))
		return err_set(e, ERR_LIMIT, "%s: out of memory, or too long",
			       name);
	if (!krl_is(content))
		rc = read_list(r, name, content, e);
	else if (krl_read(r, content, e))
		rc = err_wrap(e, "%s", name);
	else
		rc = 0;
	if (rc)
		return rc;
	sort_serials(r);
	return make_index(r, e);
}

static bool has_entry(const struct revoked *r, enum revoked_kind kind,
		      struct span bytes)
{
	size_t at;

	if (!r->n)
		return false;
	at = r->heads[hash_of(kind, bytes) & r->mask];
	while (at) {
		const struct revoked_entry *one = &r->v[at - 1];

		if (one->kind == kind && span_equal(entry_bytes(r, one), bytes))
			return true;
		at = one->next;
	}
	return false;
}

static int has_sha1(const struct revoked *r, struct span blob, bool *yes,
		    struct err *e)
{
	unsigned char digest[SHA1_SIZE];
	unsigned int n = SHA1_SIZE;

	if (EVP_Digest(blob.p, blob.n, digest, &n, EVP_sha1(), NULL) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_CRYPTO,
			       "libcrypto: no SHA-1, which the list of revoked "
			       "keys uses");
	}
	*yes = has_entry(r, REVOKED_SHA1, span_of(digest, SHA1_SIZE));
	return 0;
}

int revoked_has(const struct revoked *r, struct span blob, bool *yes,
		struct err *e)
{
	unsigned char digest[SHA256_SIZE];

	*yes = has_entry(r, REVOKED_KEY, blob);
	if (*yes || !r->n)
		return 0;
	sha256_of(blob.p, blob.n, digest);
	*yes = has_entry(r, REVOKED_SHA256, span_of(digest, sizeof(digest)));
	return *yes || !r->sha1 ? 0 : has_sha1(r, blob, yes, e);
}

static bool has_serial(const struct revoked *r, uint32_t authority,
		       uint64_t serial)
{
	size_t low = 0, high = r->nserials;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct revoked_serials *one = &r->serials[mid];

		if (one->authority < authority ||
		    (one->authority == authority && one->most < serial))
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nserials && r->serials[low].authority == authority &&
	       r->serials[low].least <= serial;
}

static int has_id(const struct revoked *r, uint32_t authority, struct span id,
		  bool *yes, struct err *e)
{
	struct buf whole = BUF_INIT(REVOKED_MAX_BYTES);
	int rc = make_id(&whole, authority, id) ? err_nomem(e) : 0;

	if (!rc)
		*yes = has_entry(r, REVOKED_ID, span_of(whole.data, whole.len));
	buf_release(&whole);
	return rc;
}

int revoked_has_certificate(const struct revoked *r, struct span authority,
			    uint64_t serial, struct span id, bool *yes,
			    struct err *e)
{
	uint32_t number = find_authority(r, authority);
	int rc = revoked_has(r, authority, yes, e);

	if (rc || *yes)
		return rc;
	*yes = has_serial(r, 0, serial) ||
	       (number && has_serial(r, number, serial));
	if (!*yes)
		rc = has_id(r, 0, id, yes, e);
	if (!rc && !*yes && number)
		rc = has_id(r, number, id, yes, e);
	return rc;
}
