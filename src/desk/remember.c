/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/remember.h"

#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ledger/landings.h"
#include "ledger/memory.h"
#include "ledger/statements.h"

/* The engine hands its context through as a plain pointer. */
static int ask_brought_by(void *ctx, const char *repository,
			  const unsigned char digest[SHA256_SIZE],
			  struct buf *login, struct err *e)
{
	return memory_brought_by(ctx, repository, digest, login, e);
}

static int ask_uses(void *ctx, const char *repository, const char *payload,
		    engine_use_fn *fn, void *fn_ctx, struct err *e)
{
	struct memory_use *uses = NULL;
	size_t n = 0, i;
	int rc = memory_uses(ctx, repository, payload, &uses, &n, e);

	for (i = 0; !rc && i < n; i++) {
		struct engine_use u = {uses[i].ref, uses[i].new_hex,
				       uses[i].record};

		if (fn(fn_ctx, &u))
			break;
	}
	memory_uses_free(uses, n);
	return rc;
}

struct filed {
	engine_filed_fn *fn;
	void *ctx;
	int rc;
};

static bool tell_filed(void *ctx, const struct memory_approval *a)
{
	struct filed *f = ctx;

	f->rc = f->fn(f->ctx, a->ref, a->hex);
	return f->rc != 0;
}

static int ask_filed(void *ctx, const char *repository, const char *digest16,
		     engine_filed_fn *fn, void *fn_ctx, struct err *e)
{
	struct filed f = {fn, fn_ctx, 0};
	int rc = memory_approvals(ctx, repository, digest16, tell_filed, &f, e);

	return rc ? rc : f.rc;
}

struct hearing {
	engine_statement_fn *fn;
	void *ctx;
};

static bool tell_statement(void *ctx, const struct memory_statement *s)
{
	struct hearing *h = ctx;
	const struct engine_statement out = {
		s->record,  s->agent,	 s->model, s->session,
		s->trailer, s->declared, s->none};

	return h->fn(h->ctx, &out) != 0;
}

static int ask_statements(void *ctx, const char *repository,
			  const unsigned char digest[SHA256_SIZE],
			  engine_statement_fn *fn, void *fn_ctx, struct err *e)
{
	struct hearing h = {fn, fn_ctx};

	return memory_statements(ctx, repository, digest, tell_statement, &h,
				 e);
}

static bool ask_any_statements(void *ctx, const char *repository)
{
	return memory_has_statements(ctx, repository);
}

struct landing {
	engine_landing_fn *landed;
	engine_counted_fn *counted;
	void *ctx;
};

/* What has no time has not landed. */
static bool tell_landing(void *ctx, const struct memory_landing *a)
{
	struct landing *l = ctx;
	struct engine_landing out = {
		.record = a->record,
		.ref = a->ref,
		.commit = a->commit,
		.old = a->old,
		.back = a->back,
		.whole = a->whole,
	};

	return uuid7_time(span_str(a->record), &out.when) &&
	       l->landed(l->ctx, &out) != 0;
}

static int ask_landings(void *ctx, const char *repository,
			const unsigned char digest[SHA256_SIZE],
			engine_landing_fn *fn, void *fn_ctx, struct err *e)
{
	struct landing l = {.landed = fn, .ctx = fn_ctx};

	return memory_landings(ctx, repository, digest, tell_landing, &l, e);
}

static bool tell_counted(void *ctx, const struct memory_counted *a)
{
	struct landing *l = ctx;
	const struct engine_counted out = {
		.record = a->record,
		.ref = a->ref,
		.principal = a->principal,
		.payload = a->payload,
		.tag = a->tag,
		.tip = a->tip,
		.key = a->key,
		.made = a->made,
		.end = a->end,
		.presence = a->presence,
		.verification = a->verification,
	};

	return l->counted(l->ctx, &out) != 0;
}

static int ask_counted(void *ctx, const char *repository,
		       const unsigned char digest[SHA256_SIZE],
		       engine_counted_fn *fn, void *fn_ctx, struct err *e)
{
	struct landing l = {.counted = fn, .ctx = fn_ctx};

	return memory_counted(ctx, repository, digest, tell_counted, &l, e);
}

void remember_memory(const char *dir, struct engine_memory *out)
{
	union {
		const char *borrowed;
		void *ctx;
	} u = {dir};

	*out = (struct engine_memory){
		.ctx = u.ctx,
		.brought_by = ask_brought_by,
		.uses = ask_uses,
		.filed = ask_filed,
		.statements = ask_statements,
		.has_statements = ask_any_statements,
		.landings = ask_landings,
		.counted = ask_counted,
	};
}

/* The null id stands for nothing. */
static const char *or_null(const char *hex)
{
	return hex[strspn(hex, "0")] ? hex : NULL;
}

/* An approval of exactly a change, by somebody who is known. */
static int put_counted(struct ledger *l, const char *repository,
		       const struct report *r, const struct report_approval *a,
		       const char *record, struct err *e)
{
	struct memory_counted c = {
		.record = record,
		.ref = r->refs[a->ref].real,
		.payload = a->payload,
		.tag = a->tag,
		.tip = a->tip,
		.key = a->fingerprint,
		.presence = a->presence,
		.verification = a->verification,
	};

	if (!a->counted || !a->digest || a->who >= r->npersons)
		return 0;
	c.principal = r->persons[a->who].principal;
	if (!c.principal || !*c.principal)
		return 0;
	if (a->made && !time_parse(span_str(a->made), &c.made))
		c.made = 0;
	if (a->end && !time_parse(span_str(a->end), &c.end))
		c.end = 1;
	return memory_put_counted(l, repository, a->digest, &c, e);
}

static int put_change(struct ledger *l, const char *repository,
		      const char *login, const struct report *r,
		      const struct report_change *c, const char *record,
		      struct err *e)
{
	struct memory_landing landing = {.record = record, .back = c->back};
	unsigned char digest[SHA256_SIZE];
	int rc = 0;

	if (!c->digest || !hex_decode(span_str(c->digest), digest, SHA256_SIZE))
		return 0;
	if (*login && !c->known)
		rc = memory_put_brought(l, repository, digest, login, e);
	if (rc || c->ref == REPORT_NO_REF)
		return rc;
	landing.ref = r->refs[c->ref].real;
	landing.old = or_null(r->refs[c->ref].old);
	landing.whole = !c->commit;
	landing.commit = c->commit ? c->commit : r->refs[c->ref].new_;
	return memory_put_landing(l, repository, c->digest, &landing, e);
}

static int put_provenance(struct ledger *l, const char *repository,
			  const struct report_provenance *p, const char *record,
			  struct err *e)
{
	const struct memory_statement s = {
		.record = p->inherited ? p->inherited : record,
		.agent = p->agent,
		.model = p->model,
		.session = p->session,
		.trailer = p->trailer,
		.declared = p->declared || (p->inherited && p->trailer),
	};

	if (!p->digest || !p->agent)
		return 0;
	return memory_put_statement(l, repository, p->digest, &s, e);
}

static int put_statement(struct ledger *l, const char *repository,
			 const struct report_statement *p, const char *record,
			 struct err *e)
{
	const struct memory_statement s = {
		.record = record,
		.agent = p->agent,
		.model = p->model,
		.session = p->session,
		.trailer = p->trailer,
		.declared = p->declared,
		.none = p->none,
	};

	return memory_put_statement(l, repository, p->digest, &s, e);
}

static int put_statements(struct ledger *l, const char *repository,
			  const struct report *r, const char *record,
			  struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < r->nprovenance; i++)
		rc = put_provenance(l, repository, &r->provenance[i], record,
				    e);
	for (i = 0; !rc && i < r->nstatements; i++)
		rc = put_statement(l, repository, &r->statements[i], record, e);
	return rc;
}

static int put_approves(struct ledger *l, const char *repository,
			const struct report_ref *ref, struct err *e)
{
	const struct memory_approval a = {ref->real, ref->new_};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && ref->approves && ref->approves[i]; i++)
		rc = memory_put_approval(l, repository, ref->approves[i], &a,
					 e);
	return rc;
}

int remember_push(struct ledger *l, const char *repository, const char *login,
		  const struct report *report, const char *record,
		  struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < report->nchanges; i++)
		rc = put_change(l, repository, login, report,
				&report->changes[i], record, e);
	if (!rc)
		rc = put_statements(l, repository, report, record, e);
	for (i = 0; !rc && i < report->nrefs; i++)
		rc = put_approves(l, repository, &report->refs[i], e);
	for (i = 0; !rc && i < report->napprovals; i++) {
		const struct report_approval *a = &report->approvals[i];
		const struct report_ref *ref = &report->refs[a->ref];
		union {
			const char *borrowed;
			char *text;
		} real = {ref->real}, tip = {ref->new_}, id = {record};
		struct memory_use use = {real.text, tip.text, id.text};

		/* what was taken back must not count for the same again */
		if (a->counted || a->withdrawn)
			rc = memory_put_use(l, repository, a->payload, &use, e);
		if (!rc)
			rc = put_counted(l, repository, report, a, record, e);
	}
	return rc;
}
