/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/landings.h"

#include <string.h>

#include "base/encode.h"
#include "base/uuid.h"
#include "ledger/index.h"

struct visiting {
	memory_landing_fn *fn;
	void *ctx;
};

/* `<record> <ref>` */
static bool take(void *arg, struct span value)
{
	struct cursor c = cursor_of(value.p, value.n);
	struct buf ref = BUF_INIT(INDEX_MAX_LINE);
	struct visiting *v = arg;
	char record[UUID_TEXT_SIZE];
	struct memory_landing a = {.record = record};
	struct span id;
	bool stop = false;

	if (!cursor_until(&c, ' ', &id) || id.n >= sizeof(record) ||
	    !cursor_left(&c) || buf_add(&ref, c.p, cursor_left(&c))) {
		buf_release(&ref);
		return false; /* a torn line */
	}
	memcpy(record, id.p, id.n);
	record[id.n] = '\0';
	a.ref = ref.data;
	stop = v->fn(v->ctx, &a);
	buf_release(&ref);
	return stop;
}

int memory_landings(const char *ledger_dir, const char *repository,
		    const unsigned char digest[SHA256_SIZE],
		    memory_landing_fn *fn, void *ctx, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k = {INDEX_LIVE, MEMORY_LANDED, "", hex};
	struct visiting v = {fn, ctx};

	hex_encode(digest, SHA256_SIZE, hex);
	index_repository(repository, k.repository);
	return index_visit(ledger_dir, &k, take, &v, e);
}

int memory_put_landing(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_landing *a,
		       struct err *e)
{
	struct index_key k = {INDEX_LIVE, MEMORY_LANDED, "", digest};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	unsigned char raw[SHA256_SIZE];
	int rc;

	if (!hex_decode(span_str(digest), raw, sizeof(raw)) ||
	    !uuid_is(span_str(a->record)) || !*a->ref)
		return err_set(e, ERR_USAGE, "where a change landed is off");
	if (strlen(a->ref) > MEMORY_MAX_REF)
		return 0;
	index_repository(repository, k.repository);
	buf_addf(&value, "%s %s", a->record, a->ref);
	rc = buf_ok(&value) ? 0 : err_nomem(e);
	if (!rc)
		rc = index_put(l, &k, span_of(value.data, value.len), false, e);
	buf_release(&value);
	return rc;
}
