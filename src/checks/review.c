/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether enough people other than its authors have approved a change, each
 * with a signature. Everything that does not count is told with its reason.
 */
#include "checks/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "policy/check_value.h"

enum {
	MAX_QUORUM = 100,
	MAX_LINES = 32, /* quorum lines of one rule */
	MAX_NAMED = 3,	/* approvals that a text tells of */
	MAX_WHY = 200,
	TIP_DIGITS = 12
};

enum bind { BIND_NONE = 0, BIND_DIFF, BIND_TIP };
static const char *const bind_words[] = {"diff", "tip", NULL};

/* `N` or `N of ROLE` */
struct quorum {
	unsigned n;
	char *role; /* NULL: anybody */
};

struct quorums {
	struct quorum *v;
	size_t n, cap;
};

struct excluded {
	unsigned how; /* enum contributor_how; authors always */
	bool given;   /* the default is replaced, not added to */
};

struct review_options {
	struct quorums quorums;
	int bind; /* enum bind */
	struct excluded excluded;
};

/* ---- options ---- */

static int quorum_form(const char *value, struct err *e)
{
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is neither N nor N of ROLE (N from 1 to %d), "
		       "as in `1 of security`",
		       value, MAX_QUORUM);
}

static int quorum_read(const char *value, uint64_t *n, const char **role,
		       struct err *e)
{
	size_t digits = strspn(value, "0123456789");
	const char *at = value + digits;

	*role = NULL;
	if (!text_to_u64(span_of(value, digits), MAX_QUORUM, n))
		return quorum_form(value, e);
	if (!*n)
		return err_set(e, ERR_CONFIG,
			       "a quorum of 0 asks nobody: leave the rule out "
			       "instead");
	if (!*at)
		return 0;
	if (strspn(at, " \t") == 0)
		return quorum_form(value, e);
	at += strspn(at, " \t");
	if (strncmp(at, "of", 2) != 0 || strspn(at + 2, " \t") == 0)
		return quorum_form(value, e);
	at += 2 + strspn(at + 2, " \t");
	*role = at;
	return value_is_word(at, e);
}

static int quorum_parse(const char *value, void *field,
			const struct option_place *at, struct err *e)
{
	struct quorums *q = field;
	const char *role;
	uint64_t n;
	size_t i;
	int rc = quorum_read(value, &n, &role, e);

	(void)at;
	if (rc)
		return rc;
	for (i = 0; i < q->n; i++)
		if (role ? q->v[i].role && !strcmp(role, q->v[i].role)
			 : !q->v[i].role)
			return err_set(e, ERR_CONFIG,
				       "says again how many%s%s approve",
				       role ? " of " : "", role ? role : "");
	rc = array_push(&q->v, q->n, &q->cap, MAX_LINES);
	if (rc == -2)
		return err_set(e, ERR_CONFIG, "is given more than %d times",
			       MAX_LINES);
	if (rc)
		return err_nomem(e);
	q->v[q->n] = (struct quorum){.n = (unsigned)n};
	if (role) {
		q->v[q->n].role = span_dup(span_str(role));
		if (!q->v[q->n].role)
			return err_nomem(e);
	}
	q->n++;
	return 0;
}

static void quorum_release(void *field)
{
	struct quorums *q = field;
	size_t i;

	for (i = 0; i < q->n; i++)
		free(q->v[i].role);
	free(q->v);
	*q = (struct quorums){NULL, 0, 0};
}

static const char *const exclude_words[] = {"author", "brought-by", "committer",
					    "pusher", NULL};

static int exclude_word(struct excluded *x, struct span word, struct err *e)
{
	static const unsigned hows[] = {BY_AUTHOR, BY_BROUGHT, BY_COMMITTER,
					BY_PUSHER};
	char *copy = span_dup(word);
	int at;

	if (!copy)
		return err_nomem(e);
	at = option_word(copy, exclude_words, e);
	free(copy);
	if (at < 0)
		return at;
	x->how |= hows[at - 1];
	return 0;
}

static int exclude_parse(const char *value, void *field,
			 const struct option_place *at, struct err *e)
{
	struct excluded *x = field;
	struct cursor c = cursor_of(value, strlen(value));
	struct span word;
	int rc = 0;

	if (!span_trim(span_str(value)).n)
		return err_set(e, ERR_CONFIG, "needs a value");
	if (at->line && !x->given)
		*x = (struct excluded){BY_AUTHOR, true};
	while (!rc && cursor_left(&c)) {
		if (!cursor_until(&c, ',', &word))
			cursor_take(&c, cursor_left(&c), &word);
		rc = exclude_word(x, span_trim(word), e);
	}
	return rc;
}

static const struct option review_table[] = {
	{.name = "quorum",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct review_options, quorums),
	 .required = true,
	 .many = true,
	 .parse = quorum_parse,
	 .release = quorum_release,
	 .help = "how many people must approve: N, or N of ROLE"},
	{.name = "bind",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct review_options, bind),
	 .fallback = "diff",
	 .words = bind_words,
	 .help = "what an approval is for: the change, or exactly the commit"},
	{.name = "exclude",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct review_options, excluded),
	 .fallback = "author, brought-by",
	 .words = exclude_words,
	 .many = true,
	 .parse = exclude_parse,
	 .help = "whose approval does not count, beside the authors'"},
};

/* A quorum that there are too few people for refuses for ever. */
static int review_resolve(const void *options, const struct policy *p,
			  struct err *e)
{
	const struct review_options *o = options;
	size_t i, k;
	int rc = 0;

	for (i = 0; i < o->quorums.n && !rc; i++) {
		const struct quorum *q = &o->quorums.v[i];
		size_t people = 0;

		if (q->role)
			rc = policy_check_role(p, q->role, e);
		for (k = 0; k < p->people.n; k++)
			people +=
				p->people.v[k].kind == KIND_HUMAN &&
				(!q->role ||
				 principal_has_role(&p->people.v[k], q->role));
		if (!rc && people < q->n)
			rc = err_set(e, ERR_CONFIG,
				     "quorum = %u%s%s can never be met: there "
				     "are %zu such people",
				     q->n, q->role ? " of " : "",
				     q->role ? q->role : "", people);
	}
	return rc;
}

/* ---- one approval ---- */

struct verdict_on {
	const struct approval_facts *facts;
	bool counts;
	char why[MAX_WHY]; /* not; reads well behind "does not count: " */
};

struct counting {
	const struct check_ctx *ctx;
	const struct review_options *o;
	const struct range_facts *range;
	struct verdict_on *v; /* one for each approval */
	size_t n;
	struct err *e;
};

static bool refuse(struct verdict_on *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(struct verdict_on *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->why, sizeof(v->why), fmt, ap);
	va_end(ap);
	v->counts = false;
	return true;
}

static const struct approval *approval_of(const struct verdict_on *v)
{
	return v->facts->approval;
}

static bool refuse_signature(struct verdict_on *v)
{
	const struct approval *a = approval_of(v);

	if (a->fault == APPROVAL_UNSIGNED || a->sig.status == SIG_NONE)
		return refuse(v, "is not signed");
	if (a->fault == APPROVAL_MALFORMED)
		return refuse(v, "is malformed: %.150s", a->why);
	switch (a->sig.status) {
	case SIG_GOOD:
		if (a->sig.principal)
			return false;
		return refuse(v, "nobody here has that key");
	case SIG_UNKNOWN_KEY:
		return refuse(v, "nobody here has that key");
	case SIG_EXPIRED:
		return refuse(v, "the key is not valid now");
	case SIG_REVOKED:
		return refuse(v, "the key is revoked");
	case SIG_UNSUPPORTED:
		return refuse(v, "keys of this kind are not accepted");
	case SIG_NONE:
	case SIG_BAD:
	case SIG_MALFORMED:
		break;
	}
	return refuse(v, "the signature does not verify");
}

static bool refuse_person(struct verdict_on *v, int64_t now)
{
	const struct principal *p = approval_of(v)->sig.principal;
	char when[TIME_RFC3339_SIZE];

	if (p->kind == KIND_BOT)
		return refuse(v, "is a bot");
	if (p->kind != KIND_HUMAN)
		return refuse(v, "is no human");
	if (!p->until || now <= p->until)
		return false;
	time_format(p->until, when);
	return refuse(v, "could approve until %.10s", when);
}

static bool refuse_target(const struct counting *c, struct verdict_on *v)
{
	const struct approval_facts *f = v->facts;
	const struct approval *a = f->approval;

	if (!a->ref || strcmp(a->ref, c->range->ref) != 0)
		return refuse(v, "is for %.150s",
			      a->ref ? check_ref_short(a->ref) : "no ref");
	if (!a->repository ||
	    !approval_repository_matches(c->ctx->repository, a->repository))
		return refuse(v, "is for another repository");
	if (!f->matches_tip && !f->matches_diff)
		return refuse(v, "is for another change");
	if (!f->matches_tip && c->o->bind == BIND_TIP)
		return refuse(v, "is for an earlier commit of this change");
	if (f->spent)
		return refuse(v, "is used up by record %.60s",
			      f->spent_by ? f->spent_by : "(unknown)");
	return false;
}

static const char *contribution_words(unsigned how)
{
	if (how & BY_AUTHOR)
		return "wrote part of the change";
	if (how & BY_BROUGHT)
		return "brought the change to the server";
	if (how & BY_COMMITTER)
		return "committed part of the change";
	return "pushes the change";
}

static bool refuse_contributor(const struct counting *c, struct verdict_on *v)
{
	const struct principal *p = approval_of(v)->sig.principal;
	unsigned asked = c->o->excluded.how | BY_AUTHOR, how = 0;
	size_t i;

	for (i = 0; i < c->range->ncontributors; i++)
		if (c->range->contributors[i].principal == p)
			how |= (unsigned)c->range->contributors[i].how & asked;
	return how && refuse(v, "%s", contribution_words(how));
}

/* Two keys of one person are one approval. */
static bool refuse_second(const struct counting *c, size_t at)
{
	const struct principal *p = approval_of(&c->v[at])->sig.principal;
	size_t i;

	for (i = 0; i < at; i++)
		if (c->v[i].counts && approval_of(&c->v[i])->sig.principal == p)
			return refuse(&c->v[at], "approved already");
	return false;
}

static bool fits(const struct quorum *q, const struct verdict_on *v)
{
	return !q->role ||
	       principal_has_role(approval_of(v)->sig.principal, q->role);
}

/* Of no use to any of the lines. */
static bool refuse_role(const struct counting *c, struct verdict_on *v)
{
	size_t i;

	for (i = 0; i < c->o->quorums.n; i++)
		if (fits(&c->o->quorums.v[i], v))
			return false;
	return refuse(v, "lacks the role %.120s", c->o->quorums.v[0].role);
}

static int judge_approvals(struct counting *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->n && !rc; i++) {
		struct verdict_on *v = &c->v[i];

		v->facts = &c->range->approvals[i];
		v->counts = !refuse_signature(v) &&
			    !refuse_person(v, c->ctx->now) &&
			    !refuse_target(c, v) && !refuse_contributor(c, v) &&
			    !refuse_role(c, v) && !refuse_second(c, i);
		rc = check_approval(c->ctx, v->facts, v->counts,
				    v->counts ? NULL : v->why, c->e);
	}
	return rc;
}

/* ---- one line of the quorum ---- */

static size_t count_for(const struct counting *c, const struct quorum *q)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++)
		n += c->v[i].counts && fits(q, &c->v[i]);
	return n;
}

/* Who signed: a principal, or for want of one what the tag says. */
static void name_approver(const struct verdict_on *v, struct finding *f)
{
	const struct approval *a = approval_of(v);
	struct finding_who *who = &f->who[f->nwho++];
	struct span tagger = span_str(a->tagger ? a->tagger : "");
	struct cursor c = cursor_of(tagger.p, tagger.n);
	struct span mail;

	*who = (struct finding_who){.principal = a->sig.principal,
				    .name = {"", 0},
				    .email = {"", 0},
				    .login = {"", 0}};
	if (who->principal)
		return;
	if (!cursor_until(&c, '<', &who->name)) {
		who->name = tagger;
		return;
	}
	who->name = span_trim(who->name);
	if (cursor_until(&c, '>', &mail))
		who->email = mail;
}

static void add_reason(const struct quorum *q, const struct verdict_on *v,
		       struct finding *f, struct buf *out)
{
	buf_addf(out, "%s{%zu}'s ", f->nwho ? "; " : " (", f->nwho);
	name_approver(v, f);
	if (!v->counts)
		buf_addf(out, "does not count: %s", v->why);
	else if (!fits(q, v))
		buf_addf(out, "does not count: lacks the role %.120s", q->role);
	else
		buf_adds(out, "counts");
}

/* Those first that do not count: that is what one can do something about. */
static void add_reasons(const struct counting *c, const struct quorum *q,
			struct finding *f, struct buf *out)
{
	size_t i;
	int pass;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < c->n && f->nwho < MAX_NAMED; i++) {
			const struct verdict_on *v = &c->v[i];
			bool helps = v->counts && fits(q, v);

			if (helps == (pass == 1))
				add_reason(q, v, f, out);
		}
	}
	if (c->n > f->nwho)
		buf_addf(out, "; and %zu more", c->n - f->nwho);
	if (f->nwho)
		buf_addch(out, ')');
}

static void add_command(const struct counting *c, struct buf *out)
{
	char tip[OID_HEX_SIZE];

	buf_adds(out, "a reviewer runs: git approve ");
	text_add_shell(out, span_str(check_ref_short(c->range->ref)));
	buf_addf(out, " %.*s", TIP_DIGITS, oid_to_hex(&c->range->new_, tip));
}

static int ask_quorum(const struct counting *c, const struct quorum *q)
{
	struct buf text = BUF_INIT(CHECK_MAX_TEXT);
	struct buf hint = BUF_INIT(4 * CHECK_MAX_TEXT);
	struct finding f = {.code = "quorum"};
	size_t has = count_for(c, q);
	int rc;

	if (has >= q->n)
		return 0;
	buf_addf(&text, "needs %u approval%s%s%.120s, has %zu", q->n,
		 q->n == 1 ? "" : "s", q->role ? " from " : "",
		 q->role ? q->role : "", has);
	add_reasons(c, q, &f, &text);
	add_command(c, &hint);
	f.text = text.data;
	f.hint = hint.data;
	rc = check_find(c->ctx, &f, c->e);
	buf_release(&text);
	buf_release(&hint);
	return rc;
}

static int review_finish(const struct check_ctx *ctx, void *state,
			 const struct range_facts *range, struct err *e)
{
	struct counting c = {.ctx = ctx,
			     .o = ctx->options,
			     .range = range,
			     .n = range->napprovals,
			     .e = e};
	size_t i;
	int rc;

	(void)state;
	if (!range->matched)
		return 0;
	c.v = calloc(c.n + 1, sizeof(*c.v));
	if (!c.v)
		return err_nomem(e);
	rc = judge_approvals(&c);
	for (i = 0; i < c.o->quorums.n && !rc; i++)
		rc = ask_quorum(&c, &c.o->quorums.v[i]);
	free(c.v);
	return rc;
}

const struct check check_review = {
	.kind = {.name = "review",
		 .options = review_table,
		 .noptions = sizeof(review_table) / sizeof(review_table[0]),
		 .size = sizeof(struct review_options),
		 .resolve = review_resolve},
	.needs = NEED_APPROVALS,
	.finish = review_finish,
};
