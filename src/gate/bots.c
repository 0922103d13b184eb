/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/bots.h"

#include <stdio.h>
#include <string.h>

#include "gate/facts_digest.h"
#include "gate/facts_trees.h"
#include "git/refs.h"
#include "policy/may.h"

bool bots_ask(const struct policy *p, const char *check)
{
	size_t i;

	for (i = 0; i < p->people.n; i++)
		if (may_has_check(&p->people.v[i], check))
			return true;
	return false;
}

/* A preview that takes the ref for none of its gate's. */
static bool is_itself(const struct judging *j, size_t ref)
{
	return !strcmp(j->refs[ref].real, j->refs[ref].update->name);
}

void bots_init(struct bots *b, struct judging *j, size_t ref, const char *check,
	       enum policy_mode mode)
{
	*b = (struct bots){
		.j = j,
		.ref = ref,
		.check = check,
		.asks = j->has_bots && bots_ask(j->in->policy, check),
		.whoever = !strcmp(check, "provenance"),
		.everywhere = mode == MODE_PREVIEW && is_itself(j, ref),
	};
}

static void note(struct bots *b, enum bots_fault why,
		 const struct principal *bot, const struct facts *f,
		 struct span path)
{
	struct bots_told *t = &b->faults[why];

	if (t->bot)
		return;
	t->bot = bot;
	t->commit = f->facts.id;
	if (path.n > BOTS_MAX_TEXT)
		path.n = BOTS_MAX_TEXT;
	memcpy(t->path, path.n ? path.p : "", path.n);
}

static const struct principal *author_of(const struct bots *b,
					 const struct facts *f)
{
	return principals_by_email(&b->j->in->policy->people,
				   f->commit.author.mail, b->j->in->now);
}

/* Anybody can write a bot's address: it is only told that this is nothing. */
static void see_author(struct bots *b, const struct facts *f)
{
	const struct principal *author = author_of(b, f);

	if (author && author != b->j->pusher.principal && author->may.given &&
	    may_has_check(author, b->check))
		note(b, BOTS_LOGIN, author, f, span_of("", 0));
}

struct seeking {
	const struct principal *bot;
	struct span outside;
	char path[BOTS_MAX_TEXT];
};

static int see_path(void *ctx, const struct path_change *change)
{
	struct seeking *s = ctx;

	if (s->outside.n || may_has_path(s->bot, change->path))
		return 0;
	s->outside = change->path;
	if (s->outside.n > sizeof(s->path))
		s->outside.n = sizeof(s->path);
	memcpy(s->path, s->outside.p, s->outside.n);
	s->outside.p = s->path;
	return 0;
}

/* What a merge throws away shows in no path: only one that changes nothing
 * can be within paths. */
static int see_paths(struct bots *b, struct facts *f, struct check_sink *sink,
		     const struct principal *bot, bool *yes, struct err *e)
{
	struct seeking s = {.bot = bot, .outside = {"", 0}};
	int rc;

	if (f->facts.merge) {
		*yes = f->facts.changes_nothing;
		if (!*yes)
			note(b, BOTS_MERGE, bot, f, s.outside);
		return 0;
	}
	rc = facts_paths(f, b->j, sink, see_path, &s, e);
	*yes = !rc && !s.outside.n;
	if (s.outside.n)
		note(b, BOTS_PATH, bot, f, s.outside);
	return rc;
}

static bool is_place(const struct bots *b, const struct principal *bot)
{
	const struct judged_ref *r = &b->j->refs[b->ref];

	return may_has_repository(bot, b->j->in->repository) &&
	       (b->everywhere || may_has_ref(bot, refs_in_namespace(r->real)));
}

/* The bot has brought it, or nobody but this very push of the bot's. */
static int see_commit(struct bots *b, struct facts *f, struct check_sink *sink,
		      const struct principal *bot, bool *yes, struct err *e)
{
	const struct principal *author = author_of(b, f);
	struct span none = {"", 0};

	if (!bot->may.given) {
		*yes = true;
		return 0;
	}
	if (author && author->kind == KIND_HUMAN)
		note(b, BOTS_AUTHOR, bot, f, none);
	else if (!is_place(b, bot))
		note(b, BOTS_REF, bot, f, none);
	else
		return see_paths(b, f, sink, bot, yes, e);
	return 0;
}

/* Whose excuse is to be looked at. */
static int find_bot(struct bots *b, struct facts *f, struct check_sink *sink,
		    const struct principal **bot, struct err *e)
{
	const struct principal *pusher = b->j->pusher.principal, *brought;
	bool its_push = pusher && may_has_check(pusher, b->check);
	int rc;

	*bot = NULL;
	if (!b->whoever && !its_push)
		return 0;
	rc = facts_brought_by(f, b->j, sink, &brought, e);
	if (rc || (brought && brought == pusher && its_push)) {
		*bot = brought;
	} else if (b->whoever && brought && may_has_check(brought, b->check)) {
		*bot = brought;
	} else if (its_push && pusher->may.given) {
		note(b, BOTS_BROUGHT, pusher, f, span_of("", 0));
	}
	return rc;
}

int bots_excuse(struct bots *b, struct facts *f, struct check_sink *sink,
		bool *yes, struct err *e)
{
	const struct principal *bot;
	int rc;

	*yes = false;
	if (!b->asks)
		return 0;
	rc = find_bot(b, f, sink, &bot, e);
	if (rc)
		return rc;
	if (bot)
		rc = see_commit(b, f, sink, bot, yes, e);
	else
		see_author(b, f);
	if (!rc && *yes) {
		b->commits++;
		b->bot = bot;
	}
	return rc;
}

/* ---- telling ---- */

static const char *fault_code(enum bots_fault why)
{
	switch (why) {
	case BOTS_LOGIN:
		return "login";
	case BOTS_BROUGHT:
		return "brought";
	case BOTS_AUTHOR:
		return "author";
	case BOTS_REF:
		return "ref";
	case BOTS_PATH:
		return "path";
	case BOTS_MERGE:
	case BOTS_FINE:
	case BOTS_FAULTS:
		break;
	}
	return "merge";
}

static const char *hint_of(enum bots_fault why)
{
	switch (why) {
	case BOTS_LOGIN:
		return "let the bot push it, or meet the rule";
	case BOTS_BROUGHT:
		return "who brought it meets the rule";
	case BOTS_AUTHOR:
		return "who wrote it meets the rule";
	case BOTS_REF:
	case BOTS_PATH:
		return "meet the rule, or ask the admin about this bot's "
		       "section in the policy";
	case BOTS_MERGE:
	case BOTS_FINE:
	case BOTS_FAULTS:
		break;
	}
	return "meet the rule, or rebase";
}

static void add_reason(const struct bots *b, enum bots_fault why,
		       const struct bots_told *t, char *out, size_t size)
{
	switch (why) {
	case BOTS_BROUGHT:
		snprintf(out, size, "others brought this change first");
		break;
	case BOTS_AUTHOR:
		snprintf(out, size, "a person wrote this");
		break;
	case BOTS_REF:
		snprintf(out, size, "not for %.*s here", BOTS_MAX_TEXT,
			 b->j->refs[b->ref].real);
		break;
	case BOTS_PATH:
		snprintf(out, size, "not in %s", t->path);
		break;
	case BOTS_MERGE:
		snprintf(out, size, "this merge changes something by itself");
		break;
	case BOTS_LOGIN:
	case BOTS_FINE:
	case BOTS_FAULTS:
		*out = '\0';
		break;
	}
}

static int tell(const struct bots *b, enum bots_fault why,
		struct check_sink *sink, struct err *e)
{
	const struct bots_told *t = &b->faults[why];
	char reason[2 * BOTS_MAX_TEXT];

	if (why == BOTS_LOGIN)
		return judging_find(sink, fault_code(why), &t->commit,
				    hint_of(why), e,
				    "says that the bot %.60s wrote it; only "
				    "what that bot's own login pushes is "
				    "excused",
				    t->bot->name);
	add_reason(b, why, t, reason, sizeof(reason));
	return judging_find(sink, fault_code(why), &t->commit, hint_of(why), e,
			    "the bot %.60s is excused from %s, but %s",
			    t->bot->name, b->check, reason);
}

int bots_finish(const struct bots *b, const struct check_sink *rule,
		struct err *e)
{
	struct check_sink sink = *rule;
	size_t why;
	int rc = 0;

	if (!rule->found ||
	    judging_weight(rule->mode, rule->level) != WEIGHT_REJECT)
		return 0;
	sink.check = "bot";
	for (why = 0; !rc && why < BOTS_FAULTS; why++)
		if (b->faults[why].bot)
			rc = tell(b, (enum bots_fault)why, &sink, e);
	return rc;
}
