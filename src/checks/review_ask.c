/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one line of a quorum lacks in one part of a change, and why what was
 * given is not enough.
 */
#include "checks/review.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	MAX_NAMED = 3,	/* approvals that a text tells of */
	MAX_MISSED = 4, /* people of whom it tells that they have not */
	TIP_DIGITS = 12
};
_Static_assert(MAX_NAMED + MAX_MISSED <= CHECK_MAX_WHO, "all can be named");

/* One line, for one area if it asks owners, over one part. */
struct asking {
	struct counting *c;
	const struct ask *ask;
	size_t part;
	size_t needed, has;
	const struct principal *missed[MAX_MISSED];
	size_t nmissed; /* all of them */
	struct finding f;
	size_t reasons;
};

static const struct part_facts *part_of(const struct asking *a)
{
	return &a->c->range->parts[a->part];
}

static const struct area *area_of(const struct asking *a)
{
	return &a->c->ctx->policy->areas[a->ask->area];
}

static bool helps(const struct asking *a, size_t i)
{
	const struct verdict_on *v = &a->c->v[i];

	return v->counts && review_covers(a->c, i, a->part) &&
	       review_fit(a->c, a->ask, v) == FIT_GOOD;
}

/* ---- how many ---- */

/* Marks those whose approvals are of use. */
static size_t count_people(const struct asking *a)
{
	struct counting *c = a->c;
	size_t i, n = 0;

	c->mark++;
	for (i = 0; i < c->n; i++)
		n += helps(a, i) &&
		     review_mark(c, c->v[i].facts->approval->sig.principal);
	return n;
}

/* Who contributed to a part: at the least to whatever holds all of it. */
static void mark_contributors(const struct asking *a)
{
	const struct range_facts *range = a->c->range;
	const struct contributor *people = range->contributors;
	size_t i, n = range->ncontributors, least = range->matched + 1;

	for (i = 0; i < range->napprovals; i++) {
		const struct approval_facts *f = &range->approvals[i];

		if (!part_of(a)->covered[i] || f->covers >= least)
			continue;
		least = f->covers;
		people = f->contributors;
		n = f->ncontributors;
	}
	a->c->mark++;
	for (i = 0; i < n; i++)
		if (review_excludes(a->c, &people[i]))
			review_mark(a->c, people[i].principal);
}

static bool has_approved(const struct asking *a, const struct principal *p)
{
	size_t i;

	for (i = 0; i < a->c->n; i++)
		if (a->c->v[i].facts->approval->sig.principal == p &&
		    helps(a, i))
			return true;
	return false;
}

/* `all of`: whoever is asked today and had no part in it. */
static void count_all(struct asking *a)
{
	const struct principals *people = &a->c->ctx->policy->people;
	size_t i;

	mark_contributors(a);
	for (i = 0; i < people->n; i++) {
		const struct principal *p = &people->v[i];

		if (!principal_is_human(p, a->c->ctx->now) ||
		    !review_asks_of(a->c, a->ask, p) || !review_mark(a->c, p))
			continue;
		a->needed++;
		if (has_approved(a, p)) {
			a->has++;
		} else {
			if (a->nmissed < MAX_MISSED)
				a->missed[a->nmissed] = p;
			a->nmissed++;
		}
	}
}

static bool is_met(struct asking *a)
{
	if (a->ask->q->all) {
		count_all(a);
		return a->needed && a->has == a->needed;
	}
	a->needed = a->ask->q->n;
	a->has = count_people(a);
	return a->has >= a->needed;
}

/* ---- in words ---- */

static struct finding_who *name_somebody(struct asking *a)
{
	struct finding_who *who = &a->f.who[a->f.nwho++];

	*who = (struct finding_who){
		.name = {"", 0}, .email = {"", 0}, .login = {"", 0}};
	return who;
}

static void add_part(struct asking *a, struct buf *out)
{
	size_t before = part_of(a)->commits - 1;

	if (a->c->range->nparts > 1 && before)
		buf_addf(out, "with %zu commit%s before it: ", before,
			 before == 1 ? "" : "s");
}

static void add_from(const struct asking *a, struct buf *out)
{
	const struct quorum *q = a->ask->q;
	bool one = !q->all && q->n == 1;

	if (!q->owner && !q->role)
		return;
	buf_adds(out, " from ");
	if (q->all)
		buf_adds(out, q->owner ? "all " : "all of ");
	if (q->owner)
		buf_addf(out, "%s of %.120s", one ? "an owner" : "owners",
			 area_of(a)->name);
	else
		buf_addf(out, "%.120s", q->role);
}

static void add_missed(struct asking *a, struct buf *out)
{
	size_t i;

	for (i = 0; i < a->nmissed && i < MAX_MISSED; i++) {
		buf_addf(out, "%s{%zu}", i ? ", " : "; missing: ", a->f.nwho);
		name_somebody(a)->principal = a->missed[i];
	}
	if (a->nmissed > MAX_MISSED)
		buf_addf(out, " and %zu more", a->nmissed - MAX_MISSED);
}

static void add_need(struct asking *a, struct buf *out)
{
	const struct ask *ask = a->ask;
	bool all = ask->q->all;

	buf_adds(out, "needs ");
	if (all)
		buf_adds(out, "approvals");
	else
		buf_addf(out, "%u approval%s", ask->q->n,
			 ask->q->n == 1 ? "" : "s");
	add_from(a, out);
	if (ask->proof.verification)
		buf_adds(out, " with a PIN or fingerprint");
	else if (ask->proof.presence)
		buf_adds(out, " with a touch");
	if (all && !a->needed)
		buf_adds(out, ", and nobody is left who could give one");
	else if (all)
		buf_addf(out, ", has %zu of %zu", a->has, a->needed);
	else
		buf_addf(out, ", has %zu", a->has);
	if (all)
		add_missed(a, out);
}

/* Who signed: a principal, or for want of one what the tag says. */
static void name_approver(struct asking *a, const struct approval *approval)
{
	struct finding_who *who = name_somebody(a);
	const char *text = approval->tagger ? approval->tagger : "";
	struct span tagger = span_str(text), mail;
	struct cursor c = cursor_of(tagger.p, tagger.n);

	who->principal = approval->sig.principal;
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

static const char *kind_words(enum approval_kind kind)
{
	switch (kind) {
	case APPROVAL_MERGE:
		return "'s merge";
	case APPROVAL_GITTUF:
		return "'s authorization";
	case APPROVAL_NONE:
	case APPROVAL_CARRIED:
	case APPROVAL_TAG:
		break;
	}
	return "'s";
}

static void add_reason(struct asking *a, size_t i, struct buf *out)
{
	const struct verdict_on *v = &a->c->v[i];
	char why[REVIEW_MAX_WHY];

	buf_addf(out, "%s{%zu}%s ", a->reasons++ ? "; " : " (", a->f.nwho,
		 kind_words(v->facts->kind));
	name_approver(a, v->facts->approval);
	if (!v->counts) {
		if (strncmp(v->why, REVIEW_LAPSED, strlen(REVIEW_LAPSED)) != 0)
			buf_adds(out, "does not count: ");
		buf_adds(out, v->why);
	} else if (!review_covers(a->c, i, a->part)) {
		buf_adds(out, "does not count: is for an earlier commit of "
			      "this change");
	} else if (review_fit(a->c, a->ask, v) != FIT_GOOD) {
		review_misfit(a->c, a->ask, v, why);
		buf_addf(out, "does not count: %s", why);
	} else {
		buf_adds(out, "counts");
	}
}

/* What is for another part is no matter of this one. */
static bool is_told(const struct asking *a, size_t i)
{
	return a->c->range->nparts == 1 || part_of(a)->covered[i] ||
	       !a->c->range->approvals[i].covers;
}

/* One person's second of which nothing else is to be said: told once. */
static bool is_repeated(const struct asking *a, size_t i)
{
	const struct verdict_on *v = a->c->v;
	size_t j;

	for (j = 0; j < i; j++)
		if (is_told(a, j) && !v[j].counts && !v[i].counts &&
		    v[j].facts->approval->sig.principal &&
		    v[j].facts->approval->sig.principal ==
			    v[i].facts->approval->sig.principal &&
		    !strcmp(v[j].why, v[i].why))
			return true;
	return false;
}

/* Those first that do not count: that is what one can do something about. */
static void add_reasons(struct asking *a, struct buf *out)
{
	const struct counting *c = a->c;
	size_t i, told = 0;
	int pass;

	for (i = 0; i < c->n; i++)
		told += is_told(a, i) && !is_repeated(a, i);
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < c->n && a->reasons < MAX_NAMED; i++)
			if (is_told(a, i) && !is_repeated(a, i) &&
			    helps(a, i) == (pass == 1))
				add_reason(a, i, out);
	if (told > a->reasons)
		buf_addf(out, "; and %zu more", told - a->reasons);
	if (c->claimed)
		buf_addf(out, "%s%s %s trailer does not count",
			 a->reasons ? "; " : " (",
			 *c->claimed == 'A' ? "an" : "a", c->claimed);
	if (a->reasons || c->claimed)
		buf_addch(out, ')');
}

static void add_command(const struct asking *a, struct buf *out)
{
	const struct range_facts *range = a->c->range;
	const struct oid *tip = &range->new_;
	char hex[OID_HEX_SIZE];

	if (range->nparts > 1)
		tip = &part_of(a)->newest;
	if (!a->c->ctx->preview)
		buf_adds(out, "push it to a branch; ");
	buf_adds(out, "a reviewer ");
	if (a->ask->proof.verification)
		buf_adds(out, "with a security key that asks for a PIN "
			      "(ssh-keygen -t ed25519-sk -O verify-required) ");
	else if (a->ask->proof.presence)
		buf_adds(out,
			 "with a security key (ssh-keygen -t ed25519-sk) ");
	buf_adds(out, "runs: git approve ");
	text_add_shell(out, span_str(check_ref_short(range->ref)));
	buf_addf(out, " %.*s", TIP_DIGITS, oid_to_hex(tip, hex));
}

static int tell(struct asking *a)
{
	struct commit_facts newest = {.id = part_of(a)->newest};
	struct buf text = BUF_INIT(2 * CHECK_MAX_TEXT);
	struct buf hint = BUF_INIT(4 * CHECK_MAX_TEXT);
	int rc;

	a->f.code = "quorum";
	if (a->c->range->nparts > 1)
		a->f.commit = &newest;
	add_part(a, &text);
	add_need(a, &text);
	add_reasons(a, &text);
	if (a->c->range->bounded && a->c->range->napprovals)
		buf_adds(&text, "; too much at once to look for each part: "
				"push one after the other");
	if (a->c->range->no_patches && a->c->o->bind == BIND_PATCH)
		buf_adds(&text, "; git on this server is too old for bind = "
				"patch, which takes 2.39");
	add_command(a, &hint);
	a->f.text = text.data;
	a->f.hint = hint.data;
	rc = check_find(a->c->ctx, &a->f, a->c->e);
	buf_release(&text);
	buf_release(&hint);
	return rc;
}

int review_ask(struct counting *c, const struct ask *ask, size_t part)
{
	struct asking a = {.c = c, .ask = ask, .part = part};

	if (!review_wants(c, ask, part) || is_met(&a))
		return 0;
	return tell(&a);
}
