/* SPDX-License-Identifier: Apache-2.0 */
/* Whether one approval counts, and if not, why. */
#include "checks/review.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum { MAX_AHEAD_MS = 3600 * 1000 /* of this server's clock */ };

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

	if (a->fault == APPROVAL_MALFORMED && a->why[0])
		return refuse(v, "is malformed: %.150s", a->why);
	if (a->fault == APPROVAL_UNSIGNED || a->sig.status == SIG_NONE)
		return refuse(v, "is not signed");
	if (a->fault == APPROVAL_MALFORMED)
		return refuse(v, "is malformed");
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
	if (p->kind == KIND_AGENT)
		return refuse(v, "is an AI agent");
	if (p->kind != KIND_HUMAN)
		return refuse(v, "is no human");
	if (!p->until || now <= p->until)
		return false;
	time_format(p->until, when);
	return refuse(v, "could approve until %.10s", when);
}

enum { MAX_OLDER = 40 /* bytes of a path; its end says most */ };

static bool refuse_lapsed(struct verdict_on *v)
{
	const struct approval_facts *f = v->facts;
	struct buf text = BUF_INIT(REVIEW_MAX_WHY);
	size_t i, n = f->nolder < APPROVAL_OLDER_NAMED ? f->nolder
						       : APPROVAL_OLDER_NAMED;

	buf_adds(&text, REVIEW_LAPSED);
	for (i = 0; i < n; i++) {
		const char *path = f->older[i];
		size_t size = strlen(path);

		if (i)
			buf_adds(&text, i + 1 == f->nolder ? " and " : ", ");
		if (size > MAX_OLDER) {
			buf_adds(&text, "...");
			path += size - (MAX_OLDER - 3);
		}
		/* a brace would stand for somebody's name */
		for (; *path; path++)
			buf_addch(&text, *path == '{' ? '(' : *path);
	}
	if (f->nolder > n)
		buf_addf(&text, " and %zu more", f->nolder - n);
	refuse(v, "%s", text.data ? text.data : REVIEW_LAPSED "file");
	buf_release(&text);
	return true;
}

/* Which of several things it could be for, it is for. */
static bool refuse_change(const struct counting *c, struct verdict_on *v)
{
	const struct approval_facts *f = v->facts;

	if (v->first < v->end)
		return false;
	if (f->covers && c->o->bind == BIND_TIP)
		return refuse(v, "is for an earlier commit of this change");
	if (f->covers)
		return refuse(v, "is for the same patch of other files than "
				 "these (bind = diff)");
	if (f->nolder)
		return refuse_lapsed(v);
	return refuse(v, "is for another change");
}

/* A merge names what it approves by having it for a parent. */
static bool refuse_place(const struct counting *c, struct verdict_on *v)
{
	const struct approval *a = approval_of(v);

	if (v->facts->kind == APPROVAL_MERGE)
		return false;
	if (a->withdrawal)
		return refuse(v, "takes an approval back");
	if (!approval_names_ref(a, c->range->ref))
		return refuse(v, "is for %.150s",
			      a->ref ? check_ref_short(a->ref) : "no ref");
	/* gittuf's form says for what, never where */
	if (v->facts->kind == APPROVAL_GITTUF)
		return false;
	if (!a->repository ||
	    !approval_repository_matches(c->ctx->repository, a->repository))
		return refuse(v, "is for another repository");
	return false;
}

static bool refuse_target(const struct counting *c, struct verdict_on *v)
{
	const struct approval_facts *f = v->facts;

	if (refuse_place(c, v) || refuse_change(c, v))
		return true;
	if (f->withdrawn_by)
		return refuse(v, "was withdrawn");
	if (f->spent)
		return refuse(v, "is used up by record %.60s",
			      f->spent_by ? f->spent_by : "(unknown)");
	return false;
}

static bool refuse_older(struct verdict_on *v, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t n = seconds / units[i].seconds;

		if (seconds % units[i].seconds == 0)
			return refuse(v, "is older than %" PRId64 " %s%s", n,
				      units[i].name, n == 1 ? "" : "s");
	}
	return refuse(v, "is older than %" PRId64 " seconds", seconds);
}

/* Unused tags go when they are that old, and what has withdrawn one with it:
 * then the tag must not come back. */
static int64_t most_age(const struct counting *c, const struct verdict_on *v)
{
	int64_t keep = c->ctx->policy->approval_keep;

	if ((v->facts->kind == APPROVAL_TAG ||
	     v->facts->kind == APPROVAL_CARRIED) &&
	    (!c->o->max_age || keep < c->o->max_age))
		return keep;
	return c->o->max_age;
}

static bool refuse_time(const struct counting *c, struct verdict_on *v)
{
	const struct approval *a = approval_of(v);
	int64_t now = c->ctx->now, most = most_age(c, v);
	char when[TIME_RFC3339_SIZE];

	if (a->has_end && now > a->end) {
		time_format(a->end, when);
		return refuse(v, "expired on %.10s", when);
	}
	if (most && !a->made)
		return refuse(v, "has no date");
	if (most && a->made > now + MAX_AHEAD_MS)
		return refuse(v, "is dated in the future");
	if (most && a->made < now - most * 1000)
		return refuse_older(v, most);
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

static unsigned excluded_how(const struct counting *c)
{
	return c->o->excluded.how | BY_AUTHOR;
}

bool review_excludes(const struct counting *c, const struct contributor *by)
{
	return by->principal && (unsigned)by->how & excluded_how(c);
}

static bool refuse_contributor(const struct counting *c, struct verdict_on *v)
{
	const struct principal *p = approval_of(v)->sig.principal;
	unsigned how = 0;
	size_t i;

	for (i = 0; i < v->facts->ncontributors; i++) {
		const struct contributor *q = &v->facts->contributors[i];

		if (q->principal == p)
			how |= (unsigned)q->how & excluded_how(c);
		if (q->how == BY_BROUGHT && excluded_how(c) & BY_BROUGHT &&
		    !q->login.n)
			return refuse(v, "the server does not know who pushes, "
					 "so maybe it is who approves");
	}
	if (!how && v->facts->untold && excluded_how(c) & BY_BROUGHT)
		return refuse(v, "does not show who brought what is squashed "
				 "here");
	return how && refuse(v, "%s", contribution_words(how));
}

/* ---- of what use it is ---- */

bool review_covers(const struct counting *c, size_t approval, size_t part)
{
	enum cover least = COVER_DIFF;

	if (c->o->bind != BIND_DIFF)
		least = c->o->bind == BIND_TIP ? COVER_TIP : COVER_PATCH;

	return c->range->parts[part].covered[approval] >= least;
}

bool review_wants(const struct counting *c, const struct ask *ask, size_t part)
{
	return !ask->q->owner || c->range->parts[part].areas[ask->area];
}

bool review_asks_of(const struct counting *c, const struct ask *ask,
		    const struct principal *p)
{
	const struct policy *policy = c->ctx->policy;

	if (ask->q->owner)
		return policy_owns(&policy->areas[ask->area], p, c->ctx->now);
	return !ask->q->role ||
	       principal_has_role(p, ask->q->role, c->ctx->now);
}

enum fit review_fit(const struct counting *c, const struct ask *ask,
		    const struct verdict_on *v)
{
	const struct signature *sig = &approval_of(v)->sig;

	if (!review_asks_of(c, ask, sig->principal))
		return FIT_OTHER;
	if ((ask->proof.presence || ask->proof.verification) && !sig->presence)
		return FIT_UNTOUCHED;
	if (ask->proof.verification && !sig->verification)
		return FIT_UNVERIFIED;
	return FIT_GOOD;
}

static void describe_other(const struct counting *c, const struct ask *ask,
			   const struct principal *p, char out[REVIEW_MAX_WHY])
{
	const struct role *role;
	char when[TIME_RFC3339_SIZE];

	if (ask->q->owner) {
		snprintf(out, REVIEW_MAX_WHY, "is no owner of %.120s",
			 c->ctx->policy->areas[ask->area].name);
		return;
	}
	role = principal_role(p, ask->q->role);
	if (role) {
		time_format(role->until, when);
		snprintf(out, REVIEW_MAX_WHY, "had the role %.120s until %.10s",
			 ask->q->role, when);
	} else {
		snprintf(out, REVIEW_MAX_WHY, "lacks the role %.120s",
			 ask->q->role);
	}
}

void review_misfit(const struct counting *c, const struct ask *ask,
		   const struct verdict_on *v, char out[REVIEW_MAX_WHY])
{
	switch (review_fit(c, ask, v)) {
	case FIT_UNTOUCHED:
		snprintf(out, REVIEW_MAX_WHY, "was made without a touch (%s)",
			 ask->proof.presence ? "presence = required"
					     : "require = user-verification");
		return;
	case FIT_UNVERIFIED:
		snprintf(out, REVIEW_MAX_WHY,
			 "was made without a PIN or fingerprint (require = "
			 "user-verification)");
		return;
	case FIT_OTHER:
		describe_other(c, ask, approval_of(v)->sig.principal, out);
		return;
	case FIT_NONE:
	case FIT_GOOD:
		break;
	}
	snprintf(out, REVIEW_MAX_WHY, "is not asked for");
}

static bool wanted_somewhere(const struct counting *c, const struct ask *ask,
			     const struct verdict_on *v)
{
	size_t part;

	for (part = v->first; part < v->end; part++)
		if (review_wants(c, ask, part))
			return true;
	return false;
}

/* Of no use to any of the lines: what comes nearest is told. */
static bool refuse_use(const struct counting *c, struct verdict_on *v)
{
	const struct ask *nearest = NULL;
	enum fit best = FIT_NONE;
	size_t i;

	for (i = 0; i < c->nasks; i++) {
		enum fit fit = FIT_NONE;

		if (wanted_somewhere(c, &c->asks[i], v))
			fit = review_fit(c, &c->asks[i], v);
		if (fit == FIT_GOOD)
			return false;
		if (fit > best) {
			best = fit;
			nearest = &c->asks[i];
		}
	}
	if (!nearest)
		return refuse(v, "nobody is asked: no area that has owners "
				 "is changed");
	review_misfit(c, nearest, v, v->why);
	v->counts = false;
	return true;
}

/* ---- among the others ---- */

/* Two keys of one person are one approval, unless one says more. */
static bool refuse_second(const struct counting *c, struct verdict_on *v)
{
	const struct signature *sig = &approval_of(v)->sig;
	const struct verdict_on *u;

	for (u = c->v; u < v; u++) {
		const struct signature *other = &approval_of(u)->sig;

		if (u->counts && other->principal == sig->principal &&
		    u->first <= v->first && u->end >= v->end &&
		    other->presence >= sig->presence &&
		    other->verification >= sig->verification)
			return refuse(v, "approved already, and another of "
					 "theirs counts");
	}
	return false;
}

static bool crosses(const struct verdict_on *a, const struct verdict_on *b)
{
	return (a->first < b->first && b->first < a->end && a->end < b->end) ||
	       (b->first < a->first && a->first < b->end && b->end < a->end);
}

/* Each of two that overlap may be right, and yet nobody has seen what lies
 * between them as it will be: the wider one counts. */
static void settle_crossing(struct counting *c)
{
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		for (k = 0; k < c->n && c->v[i].counts; k++) {
			struct verdict_on *a = &c->v[i], *b = &c->v[k];
			size_t wide_a = a->end - a->first;
			size_t wide_b = b->end - b->first;

			if (b->counts && crosses(a, b) &&
			    (wide_b > wide_a || (wide_b == wide_a && k < i)))
				refuse(a, "covers a part of what another "
					  "approval covers, and more: one for "
					  "all of it is needed");
		}
	}
}

static void find_parts(const struct counting *c, size_t approval)
{
	struct verdict_on *v = &c->v[approval];
	size_t part;

	for (part = 0; part < c->range->nparts; part++) {
		if (!review_covers(c, approval, part))
			continue;
		if (v->first == v->end)
			v->first = part;
		v->end = part + 1;
	}
}

int review_judge(struct counting *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->n; i++) {
		struct verdict_on *v = &c->v[i];

		v->facts = &c->range->approvals[i];
		find_parts(c, i);
		v->counts = !refuse_signature(v) &&
			    !refuse_person(v, c->ctx->now) &&
			    !refuse_target(c, v) && !refuse_time(c, v) &&
			    !refuse_contributor(c, v) && !refuse_use(c, v) &&
			    !refuse_second(c, v);
	}
	settle_crossing(c);
	for (i = 0; i < c->n && !rc; i++)
		rc = check_approval(c->ctx, c->v[i].facts, c->v[i].counts,
				    c->v[i].counts ? NULL : c->v[i].why, c->e);
	return rc;
}
