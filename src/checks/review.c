/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether enough people other than its authors have approved a change, each
 * with a signature. Everything that does not count is told with its reason.
 */
#include "checks/review.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/check_value.h"

enum {
	MAX_QUORUM = 100,
	MAX_LINES = 32, /* quorum lines of one rule */
	MAX_NAMED = 3,	/* approvals that a text tells of */
	TIP_DIGITS = 12
};

static const char *const bind_words[] = {"diff", "tip", NULL};

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
			people += p->people.v[k].kind == KIND_HUMAN &&
				  (!q->role ||
				   principal_role(&p->people.v[k], q->role));
		if (!rc && people < q->n)
			rc = err_set(e, ERR_CONFIG,
				     "quorum = %u%s%s can never be met: there "
				     "are %zu such people",
				     q->n, q->role ? " of " : "",
				     q->role ? q->role : "", people);
	}
	return rc;
}

/* ---- one line of the quorum ---- */

static size_t count_for(const struct counting *c, const struct quorum *q,
			const struct part_facts *part)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++)
		n += c->v[i].counts && review_fits(c, q, &c->v[i]) &&
		     review_covers(c, part, i);
	return n;
}

/* Every part must have what the line asks for: how many has the one that has
 * fewest? */
static size_t count_least(const struct counting *c, const struct quorum *q)
{
	size_t i, least = SIZE_MAX;

	for (i = 0; i < c->range->nparts; i++) {
		size_t n = count_for(c, q, &c->range->parts[i]);

		if (n < least)
			least = n;
	}
	return c->range->nparts ? least : 0;
}

/* Who signed: a principal, or for want of one what the tag says. */
static void name_approver(const struct verdict_on *v, struct finding *f)
{
	const struct approval *a = v->facts->approval;
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

static void add_reason(const struct counting *c, const struct quorum *q,
		       const struct verdict_on *v, struct finding *f,
		       struct buf *out)
{
	buf_addf(out, "%s{%zu}'s ", f->nwho ? "; " : " (", f->nwho);
	name_approver(v, f);
	if (!v->counts)
		buf_addf(out, "does not count: %s", v->why);
	else if (!review_fits(c, q, v))
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
			bool helps = v->counts && review_fits(c, q, v);

			if (helps == (pass == 1))
				add_reason(c, q, v, f, out);
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

	buf_adds(out, "push it to a branch; a reviewer runs: git approve ");
	text_add_shell(out, span_str(check_ref_short(c->range->ref)));
	buf_addf(out, " %.*s", TIP_DIGITS, oid_to_hex(&c->range->new_, tip));
}

static int ask_quorum(const struct counting *c, const struct quorum *q)
{
	struct buf text = BUF_INIT(CHECK_MAX_TEXT);
	struct buf hint = BUF_INIT(4 * CHECK_MAX_TEXT);
	struct finding f = {.code = "quorum"};
	size_t has = count_least(c, q);
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
	rc = review_judge(&c);
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
