/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether enough people other than its authors have approved a change, each
 * with a signature. Everything that does not count is told with its reason.
 */
#include "checks/review.h"

#include <stdlib.h>

#include "base/text.h"

enum { MAX_CLAIMS = 100 /* recorded of one range */ };

/* The second is what hosts write into merges of what was approved there. */
static const char *const claim_keys[] = {"Reviewed-by", "Approved-by"};

enum { CLAIM_KEYS = sizeof(claim_keys) / sizeof(claim_keys[0]) };

struct review_state {
	size_t claims;
	const char *claimed; /* the first key of them, or NULL */
};

/* ---- who is said to have reviewed ---- */

/* `Name <mail>`, or whatever it is. */
static int tell_claim(const struct check_ctx *ctx,
		      const struct commit_facts *facts, const char *key,
		      struct span value, struct err *e)
{
	struct finding_who who = {
		.name = value, .email = {"", 0}, .login = {"", 0}};
	struct cursor c = cursor_of(value.p, value.n);
	struct span name, mail;

	if (cursor_until(&c, '<', &name) && cursor_until(&c, '>', &mail)) {
		who.name = span_trim(name);
		who.email = span_trim(mail);
		who.principal = principals_by_email(&ctx->policy->people,
						    who.email, ctx->now);
	}
	return check_evidence_of(ctx, "claim", facts, key, &who, e);
}

static int tell_claims(const struct check_ctx *ctx, struct review_state *s,
		       const struct commit_facts *facts,
		       const struct trailers *trailers, struct err *e)
{
	const struct trailer *t;
	size_t i, k;
	int rc = 0;

	for (k = 0; k < CLAIM_KEYS; k++) {
		const char *key = claim_keys[k];

		i = 0;
		while (!rc && (t = trailers_find(trailers, key, &i))) {
			if (!s->claimed)
				s->claimed = key;
			if (s->claims++ < MAX_CLAIMS)
				rc = tell_claim(ctx, facts, key, t->value, e);
		}
	}
	return rc;
}

static bool may_claim(struct span message)
{
	size_t k;

	for (k = 0; k < CLAIM_KEYS; k++)
		if (text_find_nocase(message, span_str(claim_keys[k])))
			return true;
	return false;
}

/* Few commits have any: a message without the word is not read for them. */
static int review_commit(const struct check_ctx *ctx, void *state,
			 const struct commit_facts *facts, bool matched,
			 struct err *e)
{
	struct span message = facts->commit->message;
	struct trailers t;
	int rc;

	if (!matched || !may_claim(message))
		return 0;
	if (facts->trailers)
		return tell_claims(ctx, state, facts, facts->trailers, e);
	trailers_init(&t);
	rc = trailers_parse(&t, message, TRAILERS_NO_DIVIDER,
			    ctx->policy->limits.trailers, e);
	if (rc == ERR_LIMIT) {
		/* claims too many to read; none of them would count */
		err_clear(e);
		rc = 0;
	} else if (!rc) {
		rc = tell_claims(ctx, state, facts, &t, e);
	}
	trailers_release(&t);
	return rc;
}

/* ---- what is asked ---- */

bool review_mark(struct counting *c, const struct principal *p)
{
	size_t at = (size_t)(p - c->ctx->policy->people.v);

	if (c->marks[at] == c->mark)
		return false;
	c->marks[at] = c->mark;
	return true;
}

static struct ask ask_of(const struct review_options *o, const struct quorum *q)
{
	return (struct ask){
		.q = q,
		.proof = {.presence = q->proof.presence || o->presence,
			  .verification =
				  q->proof.verification || o->verification}};
}

/* One for each line; of a line of owners one for each area that has some. */
static size_t list_asks(const struct counting *c, struct ask *out)
{
	const struct policy *p = c->ctx->policy;
	size_t i, k, n = 0;

	for (i = 0; i < c->o->quorums.n; i++) {
		struct ask ask = ask_of(c->o, &c->o->quorums.v[i]);

		if (!ask.q->owner)
			out[n++] = ask;
		for (k = 0; ask.q->owner && k < p->nareas; k++) {
			ask.area = k;
			if (p->areas[k].owners.n)
				out[n++] = ask;
		}
	}
	return n;
}

static int judge(struct counting *c, struct ask *asks)
{
	size_t part, i;
	int rc;

	c->nasks = list_asks(c, asks);
	c->asks = asks;
	rc = review_judge(c);
	for (part = 0; part < c->range->nparts && !rc; part++)
		for (i = 0; i < c->nasks && !rc; i++)
			rc = review_ask(c, &asks[i], part);
	return rc;
}

static int review_finish(const struct check_ctx *ctx, void *state,
			 const struct range_facts *range, struct err *e)
{
	const struct review_state *s = state;
	const struct review_options *o = ctx->options;
	const struct policy *p = ctx->policy;
	struct counting c = {.ctx = ctx,
			     .o = o,
			     .range = range,
			     .n = range->napprovals,
			     .claimed = s->claimed,
			     .e = e};
	struct ask *asks;
	int rc;

	if (!range->matched)
		return 0;
	if (!range->nparts)
		return err_set(e, ERR_INTERNAL,
			       "nothing to be approved is "
			       "told of what matched");
	c.v = calloc(c.n + 1, sizeof(*c.v));
	c.marks = calloc(p->people.n + 1, sizeof(*c.marks));
	asks = calloc(o->quorums.n * (p->nareas + 1), sizeof(*asks));
	if (c.v && c.marks && asks)
		rc = judge(&c, asks);
	else
		rc = err_nomem(e);
	free(c.v);
	free(c.marks);
	free(asks);
	return rc;
}

static unsigned review_needs(const void *options)
{
	const struct review_options *o = options;

	return o->bind == BIND_PATCH ? NEED_APPROVALS | NEED_PATCH
				     : NEED_APPROVALS;
}

const struct check check_review = {
	.kind = {.name = "review",
		 .options = review_table,
		 .noptions = REVIEW_OPTIONS,
		 .size = sizeof(struct review_options),
		 .resolve = review_resolve},
	.excuses_reverts = true,
	.needs = NEED_APPROVALS | NEED_PATCH,
	.needs_of = review_needs,
	.state_size = sizeof(struct review_state),
	.commit = review_commit,
	.finish = review_finish,
};
