/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/statements.h"

#include <string.h>

#include "base/encode.h"
#include "gate/imports.h"
#include "gate/waivers.h"
#include "git/refs.h"
#include "git/walk.h"

static const char follow_up_hint[] =
	"git tag -s with the trailers Follows-up and Repository, pushed "
	"to " FOLLOW_UPS_PREFIX "RECORD/NAME-1";

struct kind {
	const char *prefix, *check, *hint;
	/* Takes over what `s` owns. */
	int (*judge)(struct check_sink *sink, struct statement *s,
		     struct span between, struct err *e);
	size_t max; /* under one name */
};

/* ---- follow-ups ---- */

static const char *follow_up_fault(struct judging *j, struct statement *s,
				   struct span between, struct span *record)
{
	struct span repository;

	if (!statement_value(s, "Follows-up", record) ||
	    !statement_value(s, "Repository", &repository))
		return s->why;
	if (!record->n)
		return "there is no Follows-up trailer at its end";
	if (!span_equal(*record, between))
		return "it follows up another record than its ref's name says";
	if (!repository.n)
		return "there is no Repository trailer at its end";
	if (!statement_is_for(j->in->repository, repository))
		return "it is for another repository";
	return NULL;
}

static int judge_follow_up(struct check_sink *sink, struct statement *s,
			   struct span between, struct err *e)
{
	struct judging *j = sink->j;
	struct span record;
	const char *why = NULL;
	int rc;

	if (s->fault != APPROVAL_OK)
		rc = judging_find(sink, judging_tag_code(s->fault), NULL,
				  follow_up_hint, e, "%s", s->why);
	else if ((why = follow_up_fault(j, s, between, &record)))
		rc = judging_find(sink, "malformed", NULL, follow_up_hint, e,
				  "%s", why);
	else if (!principal_is_human(s->sig.principal, j->in->now))
		rc = judging_find(sink, "not-human", NULL,
				  "a person says what was missing", e,
				  "no bot and no agent follows up an "
				  "emergency");
	else
		rc = 0;
	statement_release(s);
	return rc;
}

/* ---- waivers ---- */

static const char import_hint[] =
	"git approve --import TARGET COMMIT --reason TEXT";
static const char waiver_hint[] =
	"git tag -s with the trailers Waives-rule, Until, Reason, "
	"Compensating-control and Repository, pushed to " WAIVERS_PREFIX
	"RULE/NAME-1";

static int judge_waiver(struct check_sink *sink, struct statement *s,
			struct span between, struct err *e)
{
	struct waiver_fault fault;
	struct waiver w;
	int rc;

	waiver_init(&w);
	w.said = *s;
	waiver_take(&w);
	waiver_judge(sink->j, &w, between, &fault);
	rc = fault.code ? judging_find(sink, fault.code, NULL, waiver_hint, e,
				       "%s", fault.text)
			: waivers_tell_new(sink->j, sink->ref, &w, e);
	waiver_release(&w);
	return rc;
}

/* ---- all kinds ---- */

static const struct kind kinds[] = {
	{FOLLOW_UPS_PREFIX, "follow-up", follow_up_hint, judge_follow_up,
	 STATEMENTS_MAX},
	{IMPORTS_PREFIX, "import", import_hint, import_guard, STATEMENTS_MAX},
	{WAIVERS_PREFIX, "waiver", waiver_hint, judge_waiver, WAIVERS_MAX},
};

static const struct kind *kind_of(const char *ref)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(ref, kinds[i].prefix, strlen(kinds[i].prefix)))
			return &kinds[i];
	return NULL;
}

bool statements_is_ref(const char *ref)
{
	return kind_of(ref) != NULL;
}

int statements_read(struct judging *j, const struct oid *id,
		    struct statement *s, struct err *e)
{
	struct object o;
	int rc = object_read(j->repo, id, STATEMENT_MAX_BYTES, &o, e);

	if (object_is_amiss(rc)) {
		err_clear(e);
		statement_refuse(s, "it cannot be read");
		return 0;
	}
	if (rc)
		return rc;
	if (o.type != OBJECT_TAG)
		statement_refuse(s, "it is no annotated tag");
	else
		rc = statement_read(s, span_of(o.data, o.size), id, j->algo, e);
	object_release(&o);
	return rc;
}

static int count_one(void *ctx, const char *name, const struct oid *id)
{
	size_t *n = ctx;

	(void)name;
	(void)id;
	++*n;
	return *n > WAIVERS_MAX;
}

/* Whoever floods a name with them would keep others' from being read. */
static int judge_number(struct judging *j, const struct kind *k,
			struct span between, struct check_sink *sink,
			struct err *e)
{
	struct buf dir = BUF_INIT(REFS_MAX_NAME);
	size_t n = 0;
	int rc;

	buf_adds(&dir, k->prefix);
	buf_add(&dir, between.p, between.n);
	buf_addch(&dir, '/');
	rc = judging_refs_each(j, dir.data, count_one, &n, e);
	buf_release(&dir);
	if (rc < 0 || n < k->max)
		return rc < 0 ? rc : 0;
	return judging_find(sink, "malformed", NULL, "ask the admin", e,
			    "there are %zu of this kind already", k->max);
}

static int judge(struct judging *j, const struct kind *k, size_t ref,
		 struct span between, struct check_sink *sink, struct err *e)
{
	struct statement s;
	int rc;

	statement_init(&s);
	rc = statements_read(j, &j->refs[ref].update->new_, &s, e);
	if (!rc)
		rc = statement_verify(&s, &j->verifier, e);
	if (rc)
		statement_release(&s);
	else
		rc = k->judge(sink, &s, between, e);
	return rc ? rc : judge_number(j, k, between, sink, e);
}

int statements_guard(struct judging *j, size_t ref, struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	const char *real = refs_in_namespace(r->real);
	const struct kind *k = kind_of(real);
	struct check_sink sink;
	struct span between;

	if (!k)
		return err_set(e, ERR_INTERNAL, "%s holds no statements", real);
	judging_sink_ref(j, ref, k->check, &sink);
	sink.mode = MODE_ENFORCE;
	if (oid_is_null(&r->update->new_))
		return judging_find(&sink, "deleted", NULL, "ask the admin", e,
				    "what was signed here is not deleted by a "
				    "push");
	if (!oid_is_null(&r->old))
		return judging_find(&sink, "moved", NULL, k->hint, e,
				    "what was signed here stays; push a new "
				    "one under a new name");
	if (!statement_ref_ok(real, k->prefix, &between))
		return judging_find(&sink, "malformed", NULL, k->hint, e,
				    "a ref under %s is named "
				    "<what>/<who>-<number>",
				    k->prefix);
	return judge(j, k, ref, between, &sink, e);
}

int statements_report(struct judging *j, const struct statement *s,
		      struct report_tag *out, struct err *e)
{
	char hex[OID_HEX_SIZE], payload[SHA256_HEX_SIZE];
	struct buf raw = BUF_INIT(2 * STATEMENT_MAX_BYTES);
	const struct signature *sig = &s->sig;
	struct span none = {"", 0};
	int rc = 0;

	out->tag = oid_to_hex(&s->tag, hex);
	hex_encode(s->payload, SHA256_SIZE, payload);
	out->payload = payload;
	out->who = REPORT_NO_PERSON;
	out->format = sig->format;
	out->key_type = sig->key_type;
	out->fingerprint = sig->fingerprint;
	if (sig->principal)
		rc = judging_person(j, sig->principal, none, none, none,
				    &out->who, e);
	if (out->counted)
		base64_encode(&raw, s->raw, s->raw_len);
	out->raw = out->counted ? raw.data : NULL;
	if (!rc && !buf_ok(&raw))
		rc = err_nomem(e);
	if (!rc)
		rc = report_add_tag(j->report, out, e);
	buf_release(&raw);
	return rc;
}
