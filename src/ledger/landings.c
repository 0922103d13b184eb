/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/landings.h"

#include <inttypes.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"
#include "base/uuid.h"
#include "ledger/index.h"

enum { WORDS_MAX = 10, WORDS_SIZE = INDEX_MAX_LINE };

/** A value's words, of which the last may have blanks. */
struct words {
	char text[WORDS_SIZE];
	char *v[WORDS_MAX];
};

struct visiting {
	memory_landing_fn *landing;
	memory_counted_fn *counted;
	void *ctx;
};

static bool split(struct span value, size_t n, struct words *out)
{
	size_t i;
	char *at = out->text;

	if (value.n >= sizeof(out->text) || memchr(value.p, '\0', value.n))
		return false;
	memcpy(out->text, value.p, value.n);
	out->text[value.n] = '\0';
	for (i = 0; i < n; i++) {
		out->v[i] = at;
		at = i + 1 < n ? strchr(at, ' ') : at + strlen(at);
		if (!at || at == out->v[i])
			return false; /* a torn line */
		if (i + 1 < n)
			*at++ = '\0';
	}
	return true;
}

static const char *or_null(const char *word)
{
	return strcmp(word, "-") != 0 ? word : NULL;
}

static const char *or_dash(const char *s)
{
	return s && *s && !strchr(s, ' ') ? s : "-";
}

static void key_of(const char *kind, const char *repository,
		   const unsigned char digest[SHA256_SIZE],
		   char hex[SHA256_HEX_SIZE], struct index_key *out)
{
	hex_encode(digest, SHA256_SIZE, hex);
	*out = (struct index_key){INDEX_LIVE, kind, "", hex};
	index_repository(repository, out->repository);
}

static int put(struct ledger *l, const char *kind, const char *repository,
	       const char *digest, const struct buf *value, struct err *e)
{
	struct index_key k = {INDEX_LIVE, kind, "", digest};
	unsigned char raw[SHA256_SIZE];

	if (!hex_decode(span_str(digest), raw, sizeof(raw)))
		return err_set(e, ERR_USAGE, "the digest of what landed is off");
	if (!value->len)
		return 0;
	index_repository(repository, k.repository);
	return index_put(l, &k, span_of(value->data, value->len), false, e);
}

/* ---- where a change landed ---- */

enum { LANDING_WORDS = 5 };

/* `<record> <b, w, bw or -> <old or -> <commit or -> <ref>` */
static bool take_landing(void *arg, struct span value)
{
	const struct visiting *v = arg;
	struct words w;
	struct memory_landing a;

	if (!split(value, LANDING_WORDS, &w))
		return false;
	a = (struct memory_landing){
		.record = w.v[0],
		.back = strchr(w.v[1], 'b') != NULL,
		.whole = strchr(w.v[1], 'w') != NULL,
		.old = or_null(w.v[2]),
		.commit = or_null(w.v[3]),
		.ref = w.v[4],
	};
	return v->landing(v->ctx, &a);
}

int memory_landings(const char *ledger_dir, const char *repository,
		    const unsigned char digest[SHA256_SIZE],
		    memory_landing_fn *fn, void *ctx, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k;
	struct visiting v = {.landing = fn, .ctx = ctx};

	key_of(MEMORY_LANDED, repository, digest, hex, &k);
	return index_visit(ledger_dir, &k, take_landing, &v, e);
}

int memory_landing_value(const struct memory_landing *a, struct buf *value,
			 struct err *e)
{
	if (!uuid_is(span_str(a->record)) || !*a->ref)
		return err_set(e, ERR_USAGE, "where a change landed is off");
	if (strlen(a->ref) > MEMORY_MAX_REF)
		return 0;
	buf_addf(value, "%s %s%s%s %s %s %s", a->record, a->back ? "b" : "",
		 a->whole ? "w" : "", a->back || a->whole ? "" : "-",
		 or_dash(a->old), or_dash(a->commit), a->ref);
	return buf_ok(value) ? 0 : err_nomem(e);
}

int memory_put_landing(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_landing *a,
		       struct err *e)
{
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc = memory_landing_value(a, &value, e);

	if (!rc)
		rc = put(l, MEMORY_LANDED, repository, digest, &value, e);
	buf_release(&value);
	return rc;
}

/* ---- which approvals counted ---- */

enum { COUNTED_WORDS = 10 };

static bool take_number(const char *word, int64_t *out)
{
	uint64_t n;

	if (!text_to_u64(span_str(word), INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

/* `<record> <payload> <tag> <tip> <key or -> <made> <end> <p, v, pv or ->
 *  <ref> <principal>` */
static bool take_counted(void *arg, struct span value)
{
	const struct visiting *v = arg;
	struct memory_counted a;
	struct words w;

	if (!split(value, COUNTED_WORDS, &w))
		return false;
	a = (struct memory_counted){
		.record = w.v[0],
		.payload = w.v[1],
		.tag = w.v[2],
		.tip = w.v[3],
		.key = or_null(w.v[4]),
		.presence = strchr(w.v[7], 'p') != NULL,
		.verification = strchr(w.v[7], 'v') != NULL,
		.ref = w.v[8],
		.principal = w.v[9],
	};
	if (!take_number(w.v[5], &a.made) || !take_number(w.v[6], &a.end))
		return false;
	return v->counted(v->ctx, &a);
}

int memory_counted(const char *ledger_dir, const char *repository,
		   const unsigned char digest[SHA256_SIZE],
		   memory_counted_fn *fn, void *ctx, struct err *e)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k;
	struct visiting v = {.counted = fn, .ctx = ctx};

	key_of(MEMORY_COUNTED, repository, digest, hex, &k);
	return index_visit(ledger_dir, &k, take_counted, &v, e);
}

int memory_counted_value(const struct memory_counted *a, struct buf *value,
			 struct err *e)
{
	if (!uuid_is(span_str(a->record)) || !*a->ref || !*a->principal ||
	    a->made < 0 || a->end < 0)
		return err_set(e, ERR_USAGE, "an approval that counted is off");
	if (strlen(a->ref) > MEMORY_MAX_REF)
		return 0;
	buf_addf(value, "%s %s %s %s %s %" PRId64 " %" PRId64 " %s%s%s %s %s",
		 a->record, or_dash(a->payload), or_dash(a->tag),
		 or_dash(a->tip), or_dash(a->key), a->made, a->end,
		 a->presence ? "p" : "", a->verification ? "v" : "",
		 a->presence || a->verification ? "" : "-", a->ref,
		 a->principal);
	return buf_ok(value) ? 0 : err_nomem(e);
}

int memory_put_counted(struct ledger *l, const char *repository,
		       const char *digest, const struct memory_counted *a,
		       struct err *e)
{
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc = memory_counted_value(a, &value, e);

	if (!rc)
		rc = put(l, MEMORY_COUNTED, repository, digest, &value, e);
	buf_release(&value);
	return rc;
}
