/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/judging.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "checks/ticket.h"
#include "git/walk.h"

enum { SUBJECT_BYTES = 200 };

enum weight judging_weight(enum policy_mode mode, enum rule_level level)
{
	switch (mode) {
	case MODE_ENFORCE:
		return level == LEVEL_WARN ? WEIGHT_WARN : WEIGHT_REJECT;
	case MODE_WARN:
		return WEIGHT_WARN;
	case MODE_PREVIEW:
		return WEIGHT_ADVICE;
	case MODE_UNSET:
	case MODE_OFF:
		break;
	}
	return WEIGHT_NONE;
}

void judging_sink_ref(struct judging *j, size_t ref, const char *check,
		      struct check_sink *out)
{
	*out = (struct check_sink){
		.j = j,
		.ref = ref,
		.rule = REPORT_NO_RULE,
		.check = check,
		.mode = j->refs[ref].mode,
		.level = LEVEL_REJECT,
	};
}

void judging_sink_push(struct judging *j, const char *check,
		       struct check_sink *out)
{
	enum policy_mode mode = j->house;
	size_t i;

	for (i = 0; i < j->nrefs; i++)
		if (j->refs[i].mode > mode)
			mode = j->refs[i].mode;
	*out = (struct check_sink){
		.j = j,
		.ref = REPORT_NO_REF,
		.rule = REPORT_NO_RULE,
		.check = check,
		.mode = mode,
		.level = LEVEL_REJECT,
	};
}

const char *judging_fault_code(enum object_fault_code code)
{
	switch (code) {
	case FAULT_ENCODING:
		return "encoding";
	case FAULT_NUL:
		return "nul";
	case FAULT_TOO_BIG:
		return "too-big";
	case FAULT_NONE:
	case FAULT_MALFORMED:
		break;
	}
	return "malformed";
}

const char *judging_tag_code(enum approval_fault fault)
{
	switch (fault) {
	case APPROVAL_UNSIGNED:
		return "unsigned";
	case APPROVAL_UNKNOWN_KEY:
		return "unknown-key";
	case APPROVAL_OK:
	case APPROVAL_MALFORMED:
		break;
	}
	return "malformed";
}

int judging_pass_over(int rc, struct err *e)
{
	if (!object_is_amiss(rc))
		return rc;
	err_clear(e);
	return 0;
}

int judging_peel(struct judging *j, const struct oid *id, struct oid *commit,
		 struct err *e)
{
	struct walk *w = NULL;
	int rc = walk_new(&w, j->repo, e);

	if (!rc)
		rc = walk_start(w, id, commit, e);
	walk_free(w);
	return rc;
}

/* NULL for an empty span, so that "not known" stays distinct. */
static int optional(struct judging *j, struct span s, const char **out,
		    struct err *e)
{
	*out = NULL;
	if (!s.n)
		return 0;
	if (s.n > REPORT_MAX_TEXT)
		s.n = REPORT_MAX_TEXT;
	*out = arena_dup(&j->report->arena, s);
	return *out ? 0 : err_nomem(e);
}

int judging_person(struct judging *j, const struct principal *principal,
		   struct span name, struct span email, struct span login,
		   size_t *number, struct err *e)
{
	struct report_person p = {0};
	int rc;

	*number = REPORT_NO_PERSON;
	if (principal)
		p.principal = principal->name;
	rc = optional(j, name, &p.name, e);
	if (!rc)
		rc = optional(j, email, &p.email, e);
	if (!rc)
		rc = optional(j, login, &p.login, e);
	if (rc)
		return rc;
	return report_add_person(j->report, &p, number, e);
}

int judging_ident(struct judging *j, const struct ident *who, size_t *number,
		  struct err *e)
{
	const struct principal *p = principals_by_email(&j->in->policy->people,
							who->mail, j->in->now);
	struct span none = {"", 0};

	return judging_person(j, p, who->name, who->mail, none, number, e);
}

static int named_people(struct judging *j, const struct finding *f,
			struct report_finding *out, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < f->nwho && i < REPORT_MAX_NAMED; i++) {
		const struct finding_who *w = &f->who[i];

		rc = judging_person(j, w->principal, w->name, w->email,
				    w->login, &out->who[i], e);
		out->nwho++;
	}
	return rc;
}

/* The most bytes, up to `max`, that end with a whole character of UTF-8. */
static size_t whole_characters(struct span s, size_t max)
{
	size_t n = max;

	while (n && max - n < 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static struct span subject_of(const struct commit *c)
{
	struct cursor at = cursor_of(c->message.p, c->message.n);
	struct span line;

	while (cursor_line(&at, &line)) {
		line = span_trim(line);
		if (line.n > SUBJECT_BYTES)
			line.n = whole_characters(line, SUBJECT_BYTES);
		if (line.n)
			return line;
	}
	return span_of("", 0);
}

static int describe_commit(struct judging *j, const struct commit *c,
			   struct report_finding *out, struct err *e)
{
	int rc = optional(j, subject_of(c), &out->subject, e);

	if (rc)
		return rc;
	return judging_ident(j, &c->author, &out->author, e);
}

/* What a check says at the end of a range names commits by their id alone. */
static int describe_by_id(struct judging *j, const struct oid *id,
			  struct report_finding *out, struct err *e)
{
	struct object_fault fault = {0};
	struct err ignored = {0};
	struct commit c;
	struct object o;
	int rc = 0;

	if (object_read(j->repo, id, WALK_MAX_COMMIT, &o, &ignored))
		return 0; /* that it cannot be read is the finding */
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), j->algo,
			 &j->in->policy->limits, &c, &fault))
		rc = describe_commit(j, &c, out, e);
	object_release(&o);
	return rc;
}

static void worse(int *verdict, int than)
{
	if (than > *verdict)
		*verdict = than;
}

/* Every finding weighs, also those that the report has no room for. */
static void weigh(struct check_sink *s, enum weight weight)
{
	struct judging *j = s->j;
	int v = VERDICT_PASS, would;

	if (weight == WEIGHT_REJECT)
		v = VERDICT_REJECT;
	else if (weight == WEIGHT_WARN || weight == WEIGHT_EXCUSED)
		v = VERDICT_WARN;
	would = v == VERDICT_WARN && s->level == LEVEL_REJECT ? VERDICT_REJECT
							      : v;
	worse(&j->verdict, v);
	worse(&j->would, would);
	worse(s->ref == REPORT_NO_REF ? &j->whole : &j->refs[s->ref].verdict,
	      v);
	worse(s->ref == REPORT_NO_REF ? &j->whole_would
				      : &j->refs[s->ref].would,
	      would);
}

static int sign_again(const struct finding *f)
{
	const struct commit *c = f->commit ? f->commit->commit : NULL;

	if (!f->sign || !f->commit)
		return SIGN_NOT;
	return c && !c->nparents ? SIGN_ROOT : SIGN_COMMIT;
}

static int weight_of(struct check_sink *s)
{
	enum weight w = judging_weight(s->mode, s->level);

	if (w != WEIGHT_REJECT || !s->excuse)
		return (int)w;
	s->excused++;
	return WEIGHT_EXCUSED;
}

static int put_finding(const struct check_ctx *ctx, const struct finding *f,
		       struct err *e)
{
	struct check_sink *s = ctx->sink;
	char hex[OID_HEX_SIZE];
	struct report_finding out = {
		.ref = s->ref,
		.rule = s->rule,
		.check = s->check,
		.code = f->code,
		.author = REPORT_NO_PERSON,
		.text = f->text,
		.hint = f->hint,
		.trailer = f->trailer,
		.sign = sign_again(f),
		.weight = weight_of(s),
	};
	int rc;

	s->found++;
	weigh(s, (enum weight)out.weight);
	/* many refs may each bring what is too much already: count it alone */
	if (!report_keeps_finding(s->j->report, out.weight))
		return report_add_finding(s->j->report, &out, e);
	rc = named_people(s->j, f, &out, e);
	if (!rc && f->commit) {
		out.commit = oid_to_hex(&f->commit->id, hex);
		rc = f->commit->commit
			     ? describe_commit(s->j, f->commit->commit, &out, e)
			     : describe_by_id(s->j, &f->commit->id, &out, e);
	}
	if (rc)
		return rc;
	return report_add_finding(s->j->report, &out, e);
}

int judging_find(struct check_sink *s, const char *code,
		 const struct oid *commit, const char *hint, struct err *e,
		 const char *fmt, ...)
{
	struct check_ctx ctx = {.sink = s};
	struct commit_facts facts = {0};
	struct finding f = {.code = code, .hint = hint};
	char text[REPORT_MAX_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f.text = text;
	if (commit) {
		facts.id = *commit;
		f.commit = &facts;
	}
	return put_finding(&ctx, &f, e);
}

static int put_evidence(const struct check_ctx *ctx, const char *kind,
			const struct commit_facts *commit, const char *text,
			const struct finding_who *who, struct err *e)
{
	struct judging *j = ctx->sink->j;
	char hex[OID_HEX_SIZE];
	struct report_evidence out = {
		.ref = ctx->sink->ref,
		.rule = ctx->sink->rule,
		.kind = kind,
		.commit = commit ? oid_to_hex(&commit->id, hex) : NULL,
		.text = text,
		.who = REPORT_NO_PERSON,
	};
	int rc = 0;

	if (who && j->report->nevidence < REPORT_MAX_EVIDENCE)
		rc = judging_person(j, who->principal, who->name, who->email,
				    who->login, &out.who, e);
	return rc ? rc : report_add_evidence(j->report, &out, e);
}

static int approval_bytes(struct judging *j, const struct oid *tag,
			  struct buf *out, struct err *e)
{
	struct object o;
	int rc = object_read(j->repo, tag, APPROVAL_MAX_BYTES, &o, e);

	if (rc)
		return rc;
	base64_encode(out, o.data, o.size);
	object_release(&o);
	return buf_ok(out) ? 0 : err_nomem(e);
}

static const char *kind_word(enum approval_kind kind)
{
	switch (kind) {
	case APPROVAL_TAG:
		return "tag";
	case APPROVAL_MERGE:
		return "merge";
	case APPROVAL_GITTUF:
		return "gittuf";
	case APPROVAL_CARRIED:
		return "carried";
	case APPROVAL_NONE:
		break;
	}
	return "none";
}

/* Tags go when the change has landed; a commit stays, of whatever size. */
static int keep_bytes(struct judging *j, const struct approval_facts *a,
		      struct buf *out, struct err *e)
{
	if (a->kind == APPROVAL_MERGE || a->kind == APPROVAL_CARRIED)
		return 0;
	return approval_bytes(j, &a->approval->tag, out, e);
}

static void tell_withdrawal(const struct judged_ref *r,
			    const struct approval_facts *a,
			    struct report_approval *out, char hex[OID_HEX_SIZE])
{
	if (!a->withdrawn_by || !a->covers ||
	    !approval_names_ref(a->approval, r->real))
		return;
	out->withdrawn = a->withdrawn_by;
	out->withdrawal = oid_to_hex(&a->withdrawal, hex);
}

/* The refs that it is for beside this one; until it has landed there, too, it
 * stays. */
static void list_others(const struct approval *a, const char *ref,
			const char *out[APPROVAL_MAX_REFS + 1])
{
	size_t n = 0, i;

	if (a->ref && strcmp(a->ref, ref) != 0)
		out[n++] = a->ref;
	for (i = 0; i < APPROVAL_MAX_REFS && a->more[i]; i++)
		if (strcmp(a->more[i], ref) != 0)
			out[n++] = a->more[i];
	out[n] = NULL;
}

struct approval_texts {
	char digest[SHA256_HEX_SIZE], tip[OID_HEX_SIZE], end[TIME_RFC3339_SIZE];
};

/* What may be carried to another ref some day; and from where it was. */
static void tell_change(const struct approval_facts *a,
			struct report_approval *out, struct approval_texts *of)
{
	const struct approval *given = a->approval;

	out->carried = a->carried;
	out->from = a->from;
	if (a->kind != APPROVAL_TAG || !a->by_diff || !given->has_digest)
		return;
	hex_encode(given->digest, SHA256_SIZE, of->digest);
	out->digest = of->digest;
	out->tip = oid_to_hex(&given->target, of->tip);
	if (!given->has_end)
		return;
	time_format(given->end, of->end);
	out->end = of->end;
}

static int put_approval(const struct check_ctx *ctx,
			const struct approval_facts *a, bool counted,
			const char *why, struct err *e)
{
	struct judging *j = ctx->sink->j;
	const struct signature *sig = &a->approval->sig;
	struct span none = {"", 0};
	char hex[OID_HEX_SIZE], payload[SHA256_HEX_SIZE], by[OID_HEX_SIZE];
	char made[TIME_RFC3339_SIZE];
	struct approval_texts of;
	const char *others[APPROVAL_MAX_REFS + 1];
	struct report_approval out = {
		.ref = ctx->sink->ref,
		.rule = ctx->sink->rule,
		.at = a->ref,
		.tag = oid_to_hex(&a->approval->tag, hex),
		.payload = payload,
		.who = REPORT_NO_PERSON,
		.format = sig->format[0] ? sig->format : NULL,
		.key_type = sig->key_type[0] ? sig->key_type : NULL,
		.fingerprint = sig->fingerprint[0] ? sig->fingerprint : NULL,
		.presence = sig->presence,
		.verification = sig->verification,
		.counted = counted,
		.why = why,
		.kind = kind_word(a->kind),
		.covers = a->covers,
		.others = others,
	};
	struct buf raw = BUF_INIT(2 * APPROVAL_MAX_BYTES);
	int rc = 0;

	/* an approval that was only looked at must not be used up */
	if (ctx->sink->mode == MODE_PREVIEW)
		return 0;
	hex_encode(a->approval->payload, SHA256_SIZE, payload);
	list_others(a->approval, j->refs[out.ref].real, others);
	if (a->approval->made) {
		time_format(a->approval->made, made);
		out.made = made;
	}
	tell_withdrawal(&j->refs[out.ref], a, &out, by);
	tell_change(a, &out, &of);
	if (sig->principal)
		rc = judging_person(j, sig->principal, none, none, none,
				    &out.who, e);
	if (!rc && counted) {
		rc = keep_bytes(j, a, &raw, e);
		out.raw = raw.data;
	}
	if (!rc)
		rc = report_add_approval(j->report, &out, e);
	buf_release(&raw);
	return rc;
}

static int put_signature(const struct check_ctx *ctx, enum signed_thing of,
			 const struct oid *id, const struct signature *sig,
			 struct err *e)
{
	struct span none = {"", 0};
	char hex[OID_HEX_SIZE];
	struct report_signature out = {
		.ref = ctx->sink->ref,
		.rule = ctx->sink->rule,
		.of = of,
		.format = sig->format,
		.key_type = sig->key_type,
		.fingerprint = sig->fingerprint,
		.presence = sig->presence,
		.verification = sig->verification,
		.count = 1,
		.objects = id ? oid_to_hex(id, hex) : NULL,
	};
	int rc = judging_person(ctx->sink->j, sig->principal, none, none, none,
				&out.who, e);

	return rc ? rc : report_add_signature(ctx->sink->j->report, &out, e);
}

static int put_ticket(const struct check_ctx *ctx, const struct ticket_facts *t,
		      struct err *e)
{
	const struct ticket_said *said = t->said;
	char hex[OID_HEX_SIZE], asked[TIME_RFC3339_SIZE];
	struct report_ticket out = {
		.ref = ctx->sink->ref,
		.rule = ctx->sink->rule,
		.id = t->id,
		.from = t->by_option ? "push-option" : "trailer",
		.commit = t->commit ? oid_to_hex(t->commit, hex) : NULL,
		.sink = t->sink,
		.answer = (int)said->answer,
		.state = said->state[0] ? said->state : NULL,
		.why = said->why[0] ? said->why : NULL,
	};

	if (ctx->sink->mode == MODE_PREVIEW)
		return 0;
	if (said->asked) {
		time_format(said->asked, asked);
		out.asked = asked;
	}
	return report_add_ticket(ctx->sink->j->report, &out, e);
}

const struct check_sink_ops judging_ops = {
	.find = put_finding,
	.evidence = put_evidence,
	.approval = put_approval,
	.signature = put_signature,
	.ticket = put_ticket,
};
