/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/memory_fill.h"

#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "ledger/index.h"
#include "ledger/internal.h"
#include "ledger/json.h"
#include "ledger/landings.h"
#include "ledger/lists.h"
#include "ledger/memory.h"
#include "ledger/statements.h"

/** Where lines go, and the record from which they come. */
struct filler {
	struct ledger *l;
	const char *root;
	bool strict; /* missing evidence is an error */
	yyjson_val *record, *people;
	char repository[INDEX_REPOSITORY_SIZE];
	struct span login;
	struct buf *out; /* or NULL: lines go into the index */
	struct err *e;
};

static int put(struct filler *f, const struct index_key *k, struct span value,
	       bool once)
{
	if (!f->out)
		return index_put(f->l, k, value, once, f->e);
	buf_addf(f->out, "%s %s %s ", k->kind, k->repository, k->key);
	buf_add(f->out, value.p, value.n);
	return buf_addch(f->out, '\n') ? err_set(f->e, ERR_LIMIT,
						 "too much to remember of "
						 "records that leave")
				       : 0;
}

static const char *text_of(yyjson_val *o, const char *name)
{
	return yyjson_get_str(yyjson_obj_get(o, name));
}

/* ------------------------------------------------- what a record brought */

static bool accepted(yyjson_val *record)
{
	struct span verdict = json_str(record, "verdict");

	return span_is(verdict, "pass") || span_is(verdict, "warn");
}

static struct span pusher_login(const struct filler *f)
{
	yyjson_val *pusher = yyjson_obj_get(f->record, "pusher");
	yyjson_val *number = yyjson_obj_get(pusher, "person");
	yyjson_val *who = yyjson_arr_get(f->people, yyjson_get_uint(number));

	if (!yyjson_is_uint(number))
		return span_of("", 0);
	if (yyjson_is_null(who))
		return span_str(MEMORY_ERASED);
	return json_str(who, "login");
}

/* Decisions, and what closed an emergency or a revert, which used up
 * approvals, too. */
static bool decides(yyjson_val *record)
{
	struct span kind = json_str(record, "kind");

	return span_is(kind, "decision") || span_is(kind, "emergency") ||
	       span_is(kind, "revert");
}

/* The digits of a member `sha256:…`. */
static bool digest_of(yyjson_val *o, const char *member,
		      char hex[SHA256_HEX_SIZE])
{
	struct span digest = json_str(o, member);
	unsigned char raw[SHA256_SIZE];

	if (!span_starts(digest, "sha256:"))
		return false;
	digest.p += strlen("sha256:");
	digest.n -= strlen("sha256:");
	if (!hex_decode(digest, raw, sizeof(raw)))
		return false;
	memcpy(hex, digest.p, digest.n);
	hex[digest.n] = '\0';
	return true;
}

/* On which gated ref it was accepted. */
static int put_landing(struct filler *f, yyjson_val *refs, yyjson_val *change,
		       const char *hex)
{
	struct memory_landing a = {
		.record = text_of(f->record, "id"),
		.ref = text_of(change, "ref"),
		.commit = text_of(change, "commit"),
		.back = yyjson_is_true(yyjson_obj_get(change, "takes_back")),
	};
	struct index_key k = {f->root, MEMORY_LANDED, "", hex};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	yyjson_val *update;
	size_t i, n;
	int rc;

	if (!a.ref || !a.record)
		return 0;
	yyjson_arr_foreach(refs, i, n, update)
	{
		const char *real = text_of(update, "real");

		if (!real || strcmp(real, a.ref) != 0)
			continue;
		a.old = text_of(update, "old");
		if (a.old && !a.old[strspn(a.old, "0")])
			a.old = NULL;
		a.whole = !a.commit;
		if (!a.commit)
			a.commit = text_of(update, "new");
	}
	memcpy(k.repository, f->repository, sizeof(k.repository));
	rc = memory_landing_value(&a, &value, f->e);
	if (!rc && value.len)
		rc = put(f, &k, span_of(value.data, value.len), false);
	buf_release(&value);
	return rc;
}

static int put_change(struct filler *f, yyjson_val *refs, yyjson_val *change)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k = {f->root, "brought", "", hex};
	int rc;

	if (!digest_of(change, "digest", hex))
		return 0;
	rc = put_landing(f, refs, change, hex);
	if (rc || !f->login.n ||
	    yyjson_is_true(yyjson_obj_get(change, "known")))
		return rc;
	memcpy(k.repository, f->repository, sizeof(k.repository));
	return put(f, &k, f->out ? span_str(MEMORY_ERASED) : f->login, true);
}

/* Without `strict`, evidence that is missing holds nothing. */
static int load_list(struct filler *f, const char *name, yyjson_val **list,
		     yyjson_doc **held)
{
	int rc = ledger_list_load(f->l, f->record, name, list, held, f->e);

	return rc && f->strict ? rc : 0;
}

static int put_brought(struct filler *f)
{
	yyjson_val *list, *change, *refs = NULL;
	yyjson_doc *held, *held_refs = NULL;
	size_t i, n;
	int rc;

	f->login = pusher_login(f);
	rc = load_list(f, "changes", &list, &held);
	if (!rc && list)
		rc = load_list(f, "refs", &refs, &held_refs);
	yyjson_arr_foreach(list, i, n, change)
	{
		if (!rc)
			rc = put_change(f, refs, change);
	}
	yyjson_doc_free(held);
	yyjson_doc_free(held_refs);
	return rc;
}

/* ----------------------------------------------------- what it counted */

static int put_use(struct filler *f, const char *key, struct span ref,
		   struct span new_hex)
{
	struct index_key k = {f->root, "uses", "", key};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc = 0;

	if (!new_hex.n)
		return 0;
	memcpy(k.repository, f->repository, sizeof(k.repository));
	buf_add(&value, new_hex.p, new_hex.n);
	buf_addch(&value, ' ');
	buf_adds(&value, yyjson_get_str(yyjson_obj_get(f->record, "id")));
	buf_addch(&value, ' ');
	buf_add(&value, ref.p, ref.n);
	if (buf_ok(&value))
		rc = put(f, &k, span_of(value.data, value.len), false);
	buf_release(&value);
	return rc;
}

static int put_approval(struct filler *f, yyjson_val *refs,
			yyjson_val *approval)
{
	struct span ref = json_str(approval, "ref");
	char payload[SHA256_HEX_SIZE];
	yyjson_val *update;
	size_t i, n;
	int rc = 0;

	if ((!yyjson_is_true(yyjson_obj_get(approval, "counted")) &&
	     !yyjson_is_str(yyjson_obj_get(approval, "withdrawn_by"))) ||
	    !digest_of(approval, "payload", payload))
		return 0;
	yyjson_arr_foreach(refs, i, n, update)
	{
		if (!rc && span_equal(json_str(update, "real"), ref))
			rc = put_use(f, payload, ref, json_str(update, "new"));
	}
	return rc;
}

/* Of whom nothing is kept when the records go: then it is not carried. */
static int put_counted(struct filler *f, yyjson_val *approval)
{
	yyjson_val *number = yyjson_obj_get(approval, "person");
	struct memory_counted a = {
		.record = text_of(f->record, "id"),
		.ref = text_of(approval, "ref"),
		.tag = text_of(approval, "tag"),
		.tip = text_of(approval, "tip"),
		.key = text_of(approval, "key"),
		.presence = yyjson_is_true(yyjson_obj_get(approval, "presence")),
		.verification =
			yyjson_is_true(yyjson_obj_get(approval, "verification")),
	};
	char digest[SHA256_HEX_SIZE], payload[SHA256_HEX_SIZE];
	struct index_key k = {f->root, MEMORY_COUNTED, "", digest};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc;

	if (f->out || !number || !yyjson_is_uint(number) ||
	    !yyjson_is_true(yyjson_obj_get(approval, "counted")) ||
	    !digest_of(approval, "digest", digest) ||
	    !digest_of(approval, "payload", payload))
		return 0;
	a.payload = payload;
	a.principal = text_of(
		yyjson_arr_get(f->people, yyjson_get_uint(number)),
		"principal");
	if (!a.ref || !a.record || !a.principal || !*a.principal)
		return 0;
	if (!time_parse(json_str(approval, "made"), &a.made))
		a.made = 0;
	if (text_of(approval, "end") &&
	    !time_parse(json_str(approval, "end"), &a.end))
		a.end = 1;
	memcpy(k.repository, f->repository, sizeof(k.repository));
	rc = memory_counted_value(&a, &value, f->e);
	if (!rc && value.len)
		rc = put(f, &k, span_of(value.data, value.len), false);
	buf_release(&value);
	return rc;
}

static int put_uses(struct filler *f)
{
	yyjson_val *approvals, *refs = NULL, *approval;
	yyjson_doc *held, *held_refs = NULL;
	size_t i, n;
	int rc;

	rc = load_list(f, "approvals", &approvals, &held);
	if (!rc && approvals)
		rc = load_list(f, "refs", &refs, &held_refs);
	yyjson_arr_foreach(approvals, i, n, approval)
	{
		if (!rc)
			rc = put_approval(f, refs, approval);
		if (!rc)
			rc = put_counted(f, approval);
	}
	yyjson_doc_free(held);
	yyjson_doc_free(held_refs);
	return rc;
}

/* ------------------------------------------- approvals that are tags */

static int put_approve(struct filler *f, yyjson_val *ref, yyjson_val *digest)
{
	const char *key = yyjson_get_str(digest);
	const char *real = yyjson_get_str(yyjson_obj_get(ref, "real"));
	const char *hex = yyjson_get_str(yyjson_obj_get(ref, "new"));
	struct index_key k = {f->root, "approve", "", key};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	int rc = 0;

	if (!key || strlen(key) < 2 || !real || !hex)
		return 0;
	memcpy(k.repository, f->repository, sizeof(k.repository));
	buf_addf(&value, "%s %s", hex, real);
	if (buf_ok(&value))
		rc = put(f, &k, span_of(value.data, value.len), false);
	buf_release(&value);
	return rc;
}

static int put_approves(struct filler *f)
{
	yyjson_val *refs, *ref, *digest;
	yyjson_doc *held;
	size_t i, n, k, m;
	int rc = load_list(f, "refs", &refs, &held);

	yyjson_arr_foreach(refs, i, n, ref)
	{
		yyjson_val *list = yyjson_obj_get(ref, "approves");

		yyjson_arr_foreach(list, k, m, digest)
		{
			if (!rc)
				rc = put_approve(f, ref, digest);
		}
	}
	yyjson_doc_free(held);
	return rc;
}

/* ------------------------------------- what was said of AI tools */

static int put_said(struct filler *f, const struct index_key *k,
		    struct span value)
{
	return f->out ? put(f, k, value, false)
		      : memory_put_value(f->l, k, value, f->e);
}

static int put_statement(struct filler *f, yyjson_val *o)
{
	char hex[SHA256_HEX_SIZE];
	struct index_key k = {f->root, MEMORY_SAID, "", hex};
	struct buf value = BUF_INIT(INDEX_MAX_LINE);
	struct memory_statement s;
	int rc;

	if (!memory_statement_read(o, "inherited", &s))
		return 0;
	/* what is inherited goes on under the record that first said it */
	s.declared |= s.record && s.trailer;
	if (!s.record)
		s.record = text_of(f->record, "id");
	if (!digest_of(o, "digest", hex))
		return 0;
	memcpy(k.repository, f->repository, sizeof(k.repository));
	rc = memory_statement_value(&s, &value, f->e);
	if (!rc)
		rc = put_said(f, &k, span_of(value.data, value.len));
	buf_release(&value);
	return rc;
}

static int put_statements(struct filler *f, const char *name)
{
	yyjson_val *list, *statement;
	yyjson_doc *held;
	size_t i, n;
	int rc = load_list(f, name, &list, &held);

	yyjson_arr_foreach(list, i, n, statement)
	{
		if (!rc)
			rc = put_statement(f, statement);
	}
	yyjson_doc_free(held);
	return rc;
}

static int put_all(struct filler *f)
{
	int rc = put_brought(f);

	if (!rc)
		rc = put_uses(f);
	if (!rc)
		rc = put_approves(f);
	if (!rc)
		rc = put_statements(f, "provenance");
	return rc ? rc : put_statements(f, "statements");
}

static int put_record(struct filler *f, const struct ledger_item *item)
{
	yyjson_doc *record = NULL, *people = NULL;
	const char *repository;
	int rc = json_parse(&record, item->json, "record", f->e);

	if (!rc)
		rc = json_parse(&people, item->persons, "persons line", f->e);
	f->record = yyjson_doc_get_root(record);
	f->people = yyjson_doc_get_root(people);
	repository = yyjson_get_str(yyjson_obj_get(f->record, "repository"));
	/* what was refused never came to the server */
	if (!rc && repository &&
	    decides(f->record) && accepted(f->record)) {
		index_repository(repository, f->repository);
		rc = put_all(f);
	}
	yyjson_doc_free(record);
	yyjson_doc_free(people);
	return rc;
}

/* ------------------------------------------------------------ all of it */

static int put_records(struct filler *f, uint64_t from, uint64_t end,
		       uint64_t *next)
{
	struct ledger_reader *r;
	struct ledger_item item;
	int rc = ledger_reader_new_unlimited(&r, f->l, from, f->e);

	if (rc)
		return rc;
	while ((rc = ledger_reader_next(r, &item, f->e)) != 0) {
		if (rc == ERR_MALFORMED && !f->strict)
			continue; /* the index is no place to complain */
		if (rc == 1 && item.index >= end) {
			rc = 0;
			break;
		}
		if (rc == 1)
			rc = put_record(f, &item);
		if (rc)
			break;
		*next = item.index + 1;
	}
	ledger_reader_free(r);
	return rc;
}

int memory_fill(struct ledger *l, const char *root, bool strict, uint64_t from,
		uint64_t *next, struct err *e)
{
	struct filler f = {.l = l, .root = root, .strict = strict, .e = e};

	return put_records(&f, from, UINT64_MAX, next);
}

int memory_extract(struct ledger *l, uint64_t from, uint64_t end,
		   struct buf *out, struct err *e)
{
	struct filler f = {
		.l = l, .root = INDEX_LIVE, .strict = true, .out = out, .e = e};
	uint64_t next;

	return put_records(&f, from, end, &next);
}

int memory_put_line(struct ledger *l, const struct index_key *k,
		    struct span value, struct err *e)
{
	if (!strcmp(k->kind, MEMORY_SAID))
		return memory_put_value(l, k, value, e);
	return index_put(l, k, value, !strcmp(k->kind, "brought"), e);
}

static int restore_line(struct ledger *l, const char *root, struct span line,
			struct err *e)
{
	struct cursor c = cursor_of(line.p, line.n);
	char kind[16] = "", key[SHA256_HEX_SIZE] = "";
	struct index_key k = {root, kind, "", key};
	struct span word, repository, digest;

	if (!cursor_until(&c, ' ', &word) || word.n >= sizeof(kind) ||
	    !cursor_until(&c, ' ', &repository) ||
	    repository.n != INDEX_REPOSITORY_SIZE - 1 ||
	    !cursor_until(&c, ' ', &digest) || digest.n < 2 ||
	    digest.n >= sizeof(key))
		return err_set(e, ERR_MALFORMED,
			       "what was kept of removed records makes no "
			       "sense");
	memcpy(kind, word.p, word.n);
	memcpy(k.repository, repository.p, repository.n);
	memcpy(key, digest.p, digest.n);
	return memory_put_line(l, &k, span_of(c.p, cursor_left(&c)), e);
}

int memory_restore(struct ledger *l, const char *root, struct span lines,
		   struct err *e)
{
	struct cursor c = cursor_of(lines.p, lines.n);
	struct span line;
	int rc = 0;

	while (!rc && cursor_until(&c, '\n', &line))
		rc = restore_line(l, root, line, e);
	return rc;
}
