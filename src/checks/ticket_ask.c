/* SPDX-License-Identifier: Apache-2.0 */
/* What the tickets that a push names are worth. */
#include "checks/ticket.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *code, *word;
} answers[TICKET_N_ANSWERS] = {
	[TICKET_UNASKED] = {"", NULL},
	[TICKET_HOLDS] = {"", "verified"},
	[TICKET_UNKNOWN] = {"unknown", "refused"},
	[TICKET_STATE] = {"state", "refused"},
	[TICKET_WINDOW] = {"window", "refused"},
	[TICKET_NO_BACKOUT] = {"no-backout", "refused"},
	[TICKET_REPOSITORY] = {"repository", "refused"},
	[TICKET_UNREACHABLE] = {"unreachable", "unverified"},
	[TICKET_TOO_MANY] = {"too-many", "refused"},
};

const char *ticket_answer_word(enum ticket_answer a)
{
	return answers[a].word;
}

const char *ticket_answer_code(enum ticket_answer a)
{
	return answers[a].code;
}

enum ticket_answer ticket_answer_of(const char *code)
{
	int i;

	if (!strcmp(code, answers[TICKET_HOLDS].word))
		return TICKET_HOLDS;
	for (i = TICKET_UNKNOWN; i < TICKET_N_ANSWERS; i++)
		if (!strcmp(code, answers[i].code))
			return (enum ticket_answer)i;
	return TICKET_UNASKED;
}

#define LIKE "%s, where TICKET is like %s"

static const char push_hint[] =
	"git push -o " TICKET_OPTION "TICKET, or: git commit --amend --no-edit "
	"--trailer \"Change: TICKET\"";
static const char commit_hint[] =
	"git commit --amend --no-edit --trailer \"Change: TICKET\"";

/* What to do about a ticket that allows nothing. */
static const char *const refused_hints[TICKET_N_ANSWERS] = {
	[TICKET_UNKNOWN] = "name one that exists: ",
	[TICKET_STATE] = "mend the ticket and push again, or name another: ",
	[TICKET_WINDOW] = "push again in its window, or name another: ",
	[TICKET_NO_BACKOUT] = "mend the ticket and push again, or name "
			      "another: ",
	[TICKET_REPOSITORY] = "mend the ticket and push again, or name "
			      "another: ",
	[TICKET_UNREACHABLE] = "push again when the ticketing system answers",
};

static int say(const struct check_ctx *ctx, const char *code,
	       const struct commit_facts *commit, const char *hint,
	       const char *text, struct err *e)
{
	struct finding f = {
		.code = code, .text = text, .hint = hint, .commit = commit};

	return check_find(ctx, &f, e);
}

static int say_missing(const struct check_ctx *ctx,
		       const struct commit_facts *commit, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	const char *base = commit ? commit_hint : push_hint;
	char hint[2 * CHECK_MAX_TEXT];

	/* the usual forms need no explanation */
	if (strcmp(o->pattern_text, PLAN_DEFAULT_TICKETS) != 0)
		snprintf(hint, sizeof(hint), LIKE, base, o->pattern_text);
	else
		snprintf(hint, sizeof(hint), "%s", base);
	return say(ctx, "missing", commit, hint,
		   commit ? "names no ticket"
			  : "no ticket: name the one that this push is for",
		   e);
}

static int say_malformed(const struct check_ctx *ctx,
			 const struct ticket_list *l,
			 const struct commit_facts *commit, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	struct commit_facts named = {.id = l->malformed_at};
	char text[CHECK_MAX_TEXT], hint[2 * CHECK_MAX_TEXT];

	if (!commit && !oid_is_null(&l->malformed_at))
		commit = &named;
	if (l->divided)
		snprintf(text, sizeof(text),
			 "the ticket stands behind a line `---`, where some "
			 "tools stop reading");
	else
		snprintf(text, sizeof(text), "\"%s\" is no ticket's number",
			 l->bad);
	snprintf(hint, sizeof(hint), LIKE,
		 commit && o->scope == TICKET_COMMIT ? commit_hint : push_hint,
		 o->pattern_text);
	return say(ctx, "malformed", commit, hint, text, e);
}

/* ---- asking ---- */

static int put(const struct check_ctx *ctx, const struct ticket_named *t,
	       const struct ticket_said *said, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	const struct ticket_facts facts = {
		.id = t->id,
		.by_option = t->by_option,
		.commit = t->by_option ? NULL : &t->commit,
		.sink = said->answer == TICKET_UNASKED ? NULL : o->lookup,
		.said = said,
	};

	return check_ticket_named(ctx, &facts, e);
}

static int say_refused(const struct check_ctx *ctx,
		       const struct ticket_named *t,
		       const struct ticket_said *said,
		       const struct commit_facts *commit, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	const char *todo = refused_hints[said->answer], *type = "";
	struct commit_facts named = {.id = t->commit};
	char text[CHECK_MAX_TEXT], hint[CHECK_MAX_TEXT];

	if (todo && said->answer != TICKET_UNREACHABLE)
		type = commit && o->scope == TICKET_COMMIT
			       ? commit_hint
			       : "git push -o " TICKET_OPTION "TICKET";
	if (todo)
		snprintf(hint, sizeof(hint), "%s%s", todo, type);
	if (!commit && !t->by_option)
		commit = &named;
	snprintf(text, sizeof(text), "ticket %s: %s", t->id, said->why);
	return say(ctx, ticket_answer_code(said->answer), commit,
		   todo ? hint : NULL, text, e);
}

static int ask(const struct check_ctx *ctx, const struct ticket_named *t,
	       struct ticket_said *said, struct err *e)
{
	memset(said, 0, sizeof(*said));
	return ctx->lookup->ask(ctx->lookup->ctx, ctx->rule, t->id, said, e);
}

/** How the look-ups of one thing have gone. */
struct asked {
	struct ticket_said said[TICKET_MAX_ASKED];
	size_t n;     /* of them, in the order of the list */
	size_t holds; /* which one does; `n`: none */
	bool refused; /* one was found, and allows nothing */
};

static int ask_all(const struct check_ctx *ctx, const struct ticket_list *l,
		   struct asked *a, struct err *e)
{
	int rc = 0;

	a->n = 0;
	a->refused = false;
	while (!rc && a->n < l->n && a->n < TICKET_MAX_ASKED) {
		enum ticket_answer answer;

		rc = ask(ctx, &l->v[a->n], &a->said[a->n], e);
		if (rc)
			return rc;
		answer = a->said[a->n++].answer;
		if (answer == TICKET_HOLDS)
			break;
		a->refused |= answer != TICKET_UNREACHABLE;
	}
	a->holds = a->n && a->said[a->n - 1].answer == TICKET_HOLDS ? a->n - 1
								    : a->n;
	return 0;
}

/* The first in the record is that on which the change is told. */
static int put_all(const struct check_ctx *ctx, const struct ticket_list *l,
		   const struct asked *a, struct err *e)
{
	static const struct ticket_said unasked = {.answer = TICKET_UNASKED};
	size_t i;
	int rc = 0;

	if (a->holds < a->n)
		rc = put(ctx, &l->v[a->holds], &a->said[a->holds], e);
	for (i = 0; !rc && i < l->n; i++)
		if (i >= a->n || i != a->holds)
			rc = put(ctx, &l->v[i],
				 i < a->n ? &a->said[i] : &unasked, e);
	return rc;
}

/* One ticket that allows it is enough. An unanswered question is no way past
 * an answer: where one refuses, all that is said counts. */
static int find_refused(const struct check_ctx *ctx,
			const struct ticket_list *l, const struct asked *a,
			const struct commit_facts *commit, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	size_t i;
	int rc = 0;

	if (a->holds < a->n || (!a->refused && o->unreachable == TICKET_ACCEPT))
		return 0;
	for (i = 0; !rc && i < a->n; i++)
		rc = say_refused(ctx, &l->v[i], &a->said[i], commit, e);
	return rc;
}

int ticket_note(const struct check_ctx *ctx, const struct ticket_list *l,
		struct err *e)
{
	static const struct asked nobody;

	return put_all(ctx, l, &nobody, e);
}

int ticket_judge(const struct check_ctx *ctx, const struct ticket_list *l,
		 const struct commit_facts *commit, struct err *e)
{
	const struct ticket_options *o = ctx->options;
	struct asked asked = {.n = 0};
	int rc = 0;

	if (!l->n)
		return l->malformed ? say_malformed(ctx, l, commit, e)
				    : say_missing(ctx, commit, e);
	if (!o->lookup || ctx->preview || !ctx->lookup)
		return put_all(ctx, l, &asked, e);
	rc = ask_all(ctx, l, &asked, e);
	if (!rc)
		rc = put_all(ctx, l, &asked, e);
	return rc ? rc : find_refused(ctx, l, &asked, commit, e);
}
