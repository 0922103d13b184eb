/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one approval counts, and if not, why. */
#include "checks/review.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

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
	if (!f->covers)
		return refuse(v, "is for another change");
	if (!f->matches_tip && c->o->bind == BIND_TIP)
		return refuse(v, "is for an earlier commit of this change");
	if (f->withdrawn_by)
		return refuse(v, "was withdrawn");
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

	for (i = 0; i < v->facts->ncontributors; i++) {
		const struct contributor *q = &v->facts->contributors[i];

		if (q->principal == p)
			how |= (unsigned)q->how & asked;
		if (q->how == BY_BROUGHT && asked & BY_BROUGHT && !q->login.n)
			return refuse(v, "the server does not know who pushes, "
					 "so maybe it is who approves");
	}
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

bool review_covers(const struct counting *c, const struct part_facts *part,
		   size_t approval)
{
	enum cover least = c->o->bind == BIND_TIP ? COVER_TIP : COVER_DIFF;

	return part->covered[approval] >= least;
}

bool review_fits(const struct counting *c, const struct quorum *q,
		 const struct verdict_on *v)
{
	return !q->role || principal_has_role(approval_of(v)->sig.principal,
					      q->role, c->ctx->now);
}

/* Of no use to any of the lines. */
static bool refuse_role(const struct counting *c, struct verdict_on *v)
{
	size_t i;

	for (i = 0; i < c->o->quorums.n; i++)
		if (review_fits(c, &c->o->quorums.v[i], v))
			return false;
	return refuse(v, "lacks the role %.120s", c->o->quorums.v[0].role);
}

int review_judge(struct counting *c)
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
