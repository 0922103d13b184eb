/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `check = review`. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/time.h"
#include "checks/review.h"
#include "policy/check_value.h"

enum {
	MAX_QUORUM = 100,
	MAX_LINES = 32 /* quorum lines of one rule */
};

static const char *const bind_words[] = {"diff", "tip", "patch", NULL};
static const char *const presence_words[] = {"required", NULL};
static const char *const require_words[] = {"user-verification", NULL};

/* ---- quorum ---- */

static int quorum_form(const char *value, struct err *e)
{
	return err_set(e, ERR_CONFIG,
		       "\"%s\" is neither N nor N of ROLE nor all of ROLE (N "
		       "from 1 to %d; ROLE may be owner), as in `1 of "
		       "security`",
		       value, MAX_QUORUM);
}

/* A word, and the blanks behind it. */
static struct span take_word(struct cursor *c)
{
	struct span word = {c->p, 0};

	while (cursor_left(c) && !ascii_space(*c->p)) {
		c->p++;
		word.n++;
	}
	while (cursor_left(c) && ascii_space(*c->p))
		c->p++;
	return word;
}

static int take_role(struct quorum *q, struct span name, struct err *e)
{
	q->owner = span_is(name, POLICY_OWNER);
	if (q->owner)
		return 0;
	if (memchr(name.p, '=', name.n))
		return err_set(e, ERR_CONFIG,
			       "a comma stands before presence and require, as "
			       "in `1 of security, presence = required`");
	q->role = span_dup(name);
	return q->role ? value_is_word(q->role, e) : err_nomem(e);
}

static int read_people(struct quorum *q, struct span text, const char *value,
		       struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span many = take_word(&c), of = take_word(&c);
	uint64_t n = 0;

	q->all = span_is(many, "all");
	if (!q->all && !text_to_u64(many, MAX_QUORUM, &n))
		return quorum_form(value, e);
	if (!q->all && !n)
		return err_set(e, ERR_CONFIG,
			       "a quorum of 0 asks nobody: leave the rule out "
			       "instead");
	q->n = (unsigned)n;
	if (!of.n && !q->all)
		return 0;
	if (!span_is(of, "of") || !cursor_left(&c))
		return quorum_form(value, e);
	return take_role(q, span_of(c.p, cursor_left(&c)), e);
}

/* `presence = required` or `require = user-verification` */
static int read_proof(struct quorum *q, struct span text, struct err *e)
{
	struct cursor c = cursor_of(text.p, text.n);
	struct span key = {"", 0}, word;

	if (cursor_until(&c, '=', &key))
		key = span_trim(key);
	word = span_trim(span_of(c.p, cursor_left(&c)));
	if (span_is(key, "presence") && span_is(word, presence_words[0]))
		q->proof.presence = true;
	else if (span_is(key, "require") && span_is(word, require_words[0]))
		q->proof.verification = true;
	else
		return err_set(e, ERR_CONFIG,
			       "\"%.*s\" is neither presence = required nor "
			       "require = user-verification",
			       (int)text.n, text.p);
	return 0;
}

static int quorum_read(const char *value, struct quorum *q, struct err *e)
{
	struct cursor c = cursor_of(value, strlen(value));
	struct span part;
	bool more = cursor_until(&c, ',', &part);
	int rc;

	if (!more)
		part = span_str(value);
	rc = read_people(q, span_trim(part), value, e);
	while (!rc && more) {
		more = cursor_until(&c, ',', &part);
		if (!more)
			part = span_of(c.p, cursor_left(&c));
		rc = read_proof(q, span_trim(part), e);
	}
	return rc;
}

static bool same_people(const struct quorum *a, const struct quorum *b)
{
	return a->all == b->all && a->owner == b->owner &&
	       (a->role && b->role ? !strcmp(a->role, b->role)
				   : a->role == b->role);
}

static int quorum_add(struct quorums *all, const struct quorum *q,
		      struct err *e)
{
	size_t i;
	int rc;

	for (i = 0; i < all->n; i++)
		if (same_people(&all->v[i], q) &&
		    all->v[i].proof.presence == q->proof.presence &&
		    all->v[i].proof.verification == q->proof.verification)
			return err_set(e, ERR_CONFIG,
				       "says again how many%s%s approve",
				       q->role || q->owner ? " of " : "",
				       q->owner	 ? POLICY_OWNER
				       : q->role ? q->role
						 : "");
	rc = array_push(&all->v, all->n, &all->cap, MAX_LINES);
	if (rc == -2)
		return err_set(e, ERR_CONFIG, "is given more than %d times",
			       MAX_LINES);
	if (rc)
		return err_nomem(e);
	all->v[all->n++] = *q;
	return 0;
}

static int quorum_parse(const char *value, void *field,
			const struct option_place *at, struct err *e)
{
	struct quorum q = {.line = at->line};
	int rc = quorum_read(value, &q, e);

	if (!rc)
		rc = quorum_add(field, &q, e);
	if (rc)
		free(q.role);
	return rc;
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

/* ---- exclude ---- */

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

const struct option review_table[REVIEW_OPTIONS] = {
	{.name = "quorum",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct review_options, quorums),
	 .required = true,
	 .many = true,
	 .parse = quorum_parse,
	 .release = quorum_release,
	 .help = "how many people must approve: N, N of ROLE or all of ROLE, "
		 "where ROLE may be owner"},
	{.name = "bind",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct review_options, bind),
	 .fallback = "diff",
	 .words = bind_words,
	 .help = "what an approval is for: the change, exactly the commit, or "
		 "what git calls the same patch"},
	{.name = "exclude",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct review_options, excluded),
	 .fallback = "author, brought-by",
	 .words = exclude_words,
	 .many = true,
	 .parse = exclude_parse,
	 .help = "whose approval does not count, beside the authors'"},
	{.name = "presence",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct review_options, presence),
	 .words = presence_words,
	 .help = "whether only signatures with a touch count"},
	{.name = "require",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct review_options, verification),
	 .words = require_words,
	 .help = "whether only those with a PIN or fingerprint count"},
	{.name = "max-age",
	 .type = OPTION_DURATION,
	 .offset = offsetof(struct review_options, max_age),
	 .min = 60,
	 .max = 3650 * TIME_DAY,
	 .help = "how old an approval may be, by its own date"},
};

/* ---- what can never be met ---- */

/* Dates are set aside: a policy is right or wrong whatever day it is. */
static bool ever_asked(const struct quorum *q, const struct area *area,
		       const struct principal *p)
{
	if (p->kind != KIND_HUMAN)
		return false;
	if (area)
		return policy_owns(area, p, INT64_MIN);
	return !q->role || principal_role(p, q->role);
}

static int resolve_people(const struct quorum *q, const struct area *area,
			  const struct policy *p, struct err *e)
{
	const char *of = q->owner ? POLICY_OWNER : q->role;
	size_t i, people = 0;
	char many[16] = "all";

	for (i = 0; i < p->people.n; i++)
		people += ever_asked(q, area, &p->people.v[i]);
	if (people && people >= q->n)
		return 0;
	if (!q->all)
		snprintf(many, sizeof(many), "%u", q->n);
	return err_set(e, ERR_CONFIG,
		       "quorum = %s%s%s (line %u) can never be met%s%s: there "
		       "%s %zu such %s",
		       many, of ? " of " : "", of ? of : "", q->line,
		       area ? " in area " : "", area ? area->name : "",
		       people == 1 ? "is" : "are", people,
		       people == 1 ? "person" : "people");
}

static int resolve_owners(const struct quorum *q, const struct policy *p,
			  struct err *e)
{
	size_t i, owned = 0;
	int rc = 0;

	for (i = 0; i < p->nareas && !rc; i++) {
		if (!p->areas[i].owners.n)
			continue;
		owned++;
		rc = resolve_people(q, &p->areas[i], p, e);
	}
	if (!rc && !owned)
		rc = err_set(e, ERR_CONFIG,
			     "quorum asks owners, and no [area] has an owner");
	return rc;
}

int review_resolve(const void *options, const struct policy *p, struct err *e)
{
	const struct review_options *o = options;
	size_t i;
	int rc = 0;

	for (i = 0; i < o->quorums.n && !rc; i++) {
		const struct quorum *q = &o->quorums.v[i];

		if (q->owner) {
			rc = resolve_owners(q, p, e);
			continue;
		}
		if (q->role)
			rc = policy_check_role(p, q->role, e);
		if (!rc)
			rc = resolve_people(q, NULL, p, e);
	}
	return rc;
}
