/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/uuid.h"
#include "ledger/index.h"

enum { MIN_OID_HEX = 40, MAX_USES = 4096, DIGEST16 = 16 };

static bool is_oid(const char *hex)
{
	unsigned char raw[SHA256_SIZE];
	size_t n = strlen(hex);

	return n >= MIN_OID_HEX && n <= 2 * sizeof(raw) && n % 2 == 0 &&
	       hex_decode(span_of(hex, n), raw, n / 2);
}

static bool is_sha256(const char *hex)
{
	return strlen(hex) == SHA256_HEX_SIZE - 1 && is_oid(hex);
}

/* -------------------------------------------------------------- brought */

struct first {
	struct buf *login;
	bool failed;
};

static bool take_first(void *arg, struct span value)
{
	struct first *f = arg;

	f->failed = buf_add(f->login, value.p, value.n) != 0;
	return true;
}

int memory_brought_by(const char *ledger_dir, const char *repository,
		      const unsigned char digest[SHA256_SIZE],
		      struct buf *login, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k = {INDEX_LIVE, "brought", "", hex};
	struct first f = {.login = login};
	int rc;

	buf_clear(login);
	hex_encode(digest, SHA256_SIZE, hex);
	index_repository(repository, k.repository);
	rc = index_visit(ledger_dir, &k, take_first, &f, e);
	if (!rc && f.failed)
		rc = err_set(e, ERR_LIMIT, "no room for a login");
	return rc;
}

int memory_put_brought(struct ledger *l, const char *repository,
		       const unsigned char digest[SHA256_SIZE],
		       const char *login, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k = {INDEX_LIVE, "brought", "", hex};

	if (!*login)
		return 0;
	hex_encode(digest, SHA256_SIZE, hex);
	index_repository(repository, k.repository);
	return index_put(l, &k, span_str(login), true, e);
}

/* ----------------------------------------------------------------- uses */

struct uses {
	struct memory_use *items;
	size_t n, cap;
	int rc;
};

static void use_release(struct memory_use *u)
{
	free(u->ref);
	free(u->new_hex);
	free(u->record);
}

void memory_uses_free(struct memory_use *uses, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		use_release(&uses[i]);
	free(uses);
}

/* `<new> <record> <ref>` */
static bool take_use(void *arg, struct span value)
{
	struct cursor c = cursor_of(value.p, value.n);
	struct uses *all = arg;
	struct span new_hex, record;
	struct memory_use u;

	if (!cursor_until(&c, ' ', &new_hex) ||
	    !cursor_until(&c, ' ', &record) || !cursor_left(&c))
		return false; /* a torn line */
	all->rc = array_push(&all->items, all->n, &all->cap, MAX_USES);
	if (all->rc)
		return true;
	u.new_hex = span_dup(new_hex);
	u.record = span_dup(record);
	u.ref = span_dup(span_of(c.p, cursor_left(&c)));
	if (!u.new_hex || !u.record || !u.ref) {
		use_release(&u);
		all->rc = -1;
		return true;
	}
	all->items[all->n++] = u;
	return false;
}

int memory_uses(const char *ledger_dir, const char *repository,
		const char *payload, struct memory_use **uses, size_t *n,
		struct err *e)
{
	struct index_key k = {INDEX_LIVE, "uses", "", payload};
	struct uses all = {0};
	int rc;

	*uses = NULL;
	*n = 0;
	if (!is_sha256(payload))
		return err_set(e, ERR_USAGE, "that is no approval's payload");
	index_repository(repository, k.repository);
	rc = index_visit(ledger_dir, &k, take_use, &all, e);
	/* of more than MAX_USES the first are enough for anybody */
	if (!rc && all.rc == -1)
		rc = err_nomem(e);
	if (rc) {
		memory_uses_free(all.items, all.n);
		return rc;
	}
	*uses = all.items;
	*n = all.n;
	return 0;
}

int memory_put_use(struct ledger *l, const char *repository,
		   const char *payload, const struct memory_use *use,
		   struct err *e)
{
	struct index_key k = {INDEX_LIVE, "uses", "", payload};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc;

	if (!is_sha256(payload) || !is_oid(use->new_hex) ||
	    !uuid_is(span_str(use->record)) || !*use->ref)
		return err_set(e, ERR_USAGE, "an approval's use is off");
	index_repository(repository, k.repository);
	buf_addf(&value, "%s %s %s", use->new_hex, use->record, use->ref);
	rc = buf_ok(&value) ? 0
			    : err_set(e, ERR_LIMIT, "a ref's name is too long");
	if (!rc)
		rc = index_put(l, &k, span_of(value.data, value.len), false, e);
	buf_release(&value);
	return rc;
}

/* ------------------------------------------------------------ approvals */

static bool is_digest16(const char *hex)
{
	unsigned char raw[DIGEST16 / 2];

	return strlen(hex) == DIGEST16 &&
	       hex_decode(span_of(hex, DIGEST16), raw, sizeof(raw));
}

struct visiting {
	memory_approval_fn *fn;
	void *ctx;
	bool failed;
};

/* `<id> <ref>` */
static bool take_approval(void *arg, struct span value)
{
	struct cursor c = cursor_of(value.p, value.n);
	struct visiting *v = arg;
	struct memory_approval a;
	char *hex, *ref;
	struct span id;
	bool stop;

	if (!cursor_until(&c, ' ', &id) || !cursor_left(&c))
		return false; /* a torn line */
	hex = span_dup(id);
	ref = span_dup(span_of(c.p, cursor_left(&c)));
	v->failed = !hex || !ref;
	a = (struct memory_approval){ref, hex};
	stop = v->failed || v->fn(v->ctx, &a);
	free(hex);
	free(ref);
	return stop;
}

int memory_approvals(const char *ledger_dir, const char *repository,
		     const char *digest16, memory_approval_fn *fn, void *ctx,
		     struct err *e)
{
	struct index_key k = {INDEX_LIVE, "approve", "", digest16};
	struct visiting v = {fn, ctx, false};
	int rc;

	if (!is_digest16(digest16))
		return err_set(e, ERR_USAGE, "that is no digest's beginning");
	index_repository(repository, k.repository);
	rc = index_visit(ledger_dir, &k, take_approval, &v, e);
	return !rc && v.failed ? err_nomem(e) : rc;
}

int memory_put_approval(struct ledger *l, const char *repository,
			const char *digest16, const struct memory_approval *a,
			struct err *e)
{
	struct index_key k = {INDEX_LIVE, "approve", "", digest16};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc;

	if (!is_digest16(digest16) || !is_oid(a->hex) || !*a->ref)
		return err_set(e, ERR_USAGE, "an approval's ref is off");
	index_repository(repository, k.repository);
	buf_addf(&value, "%s %s", a->hex, a->ref);
	rc = buf_ok(&value) ? 0
			    : err_set(e, ERR_LIMIT, "a ref's name is too long");
	if (!rc)
		rc = index_put(l, &k, span_of(value.data, value.len), false, e);
	buf_release(&value);
	return rc;
}
