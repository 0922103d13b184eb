/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a push says how to go back: some commit of it gives a plan, and
 * each new step of a database has its undo. Both are held against the tree
 * that is pushed, not against the one in which a commit first had them.
 */
#include "checks/rollback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

enum {
	MAX_PLANS = 1000, /* trailers remembered of one ref update */
	MAX_STEPS = 1000, /* added paths likewise */
	MAX_VALUE = 1000  /* bytes of a value that are remembered */
};

static const char *const plan_keys[] = {"Rollback-plan", "Rollback",
					"Backout-plan"};

struct undo_choice {
	bool off;
	bool given;	   /* the default is replaced, not added to */
	uint32_t selected; /* bit i: undo_tools[i] */
};

struct rollback_options {
	struct plan_tickets *tickets;
	struct undo_choice undo;
};

/* ---- options ---- */

static int tickets_parse(const char *value, void *field,
			 const struct option_place *at, struct err *e)
{
	struct plan_tickets **into = field, *tickets;
	int rc;

	(void)at;
	if (!*value)
		return err_set(e, ERR_CONFIG, "needs a value");
	rc = plan_tickets_new(&tickets, value, e);
	if (rc)
		return rc;
	plan_tickets_free(*into);
	*into = tickets;
	return 0;
}

static void tickets_release(void *field)
{
	struct plan_tickets **tickets = field;

	plan_tickets_free(*tickets);
	*tickets = NULL;
}

static int undo_word(struct undo_choice *u, const char *word, struct err *e)
{
	int at = option_word(word, undo_words, e);

	if (at < 0)
		return at;
	if (at == UNDO_AUTO)
		u->selected = UINT32_MAX;
	else if (at == UNDO_OFF)
		u->off = true;
	else
		u->selected |= 1U << (at - UNDO_FIRST_TOOL);
	if (u->off && u->selected)
		return err_set(e, ERR_CONFIG, "off stands alone");
	return 0;
}

static int undo_parse(const char *value, void *field,
		      const struct option_place *at, struct err *e)
{
	struct undo_choice *u = field;
	struct cursor c = cursor_of(value, strlen(value));
	struct span word;
	int rc = 0;

	if (!span_trim(span_str(value)).n)
		return err_set(e, ERR_CONFIG, "needs a value");
	if (at->line && !u->given)
		*u = (struct undo_choice){.given = true};
	while (!rc && cursor_left(&c)) {
		char *copy;

		if (!cursor_until(&c, ',', &word))
			cursor_take(&c, cursor_left(&c), &word);
		copy = span_dup(span_trim(word));
		rc = copy ? undo_word(u, copy, e) : err_nomem(e);
		free(copy);
	}
	return rc;
}

static const struct option rollback_table[] = {
	{.name = "ticket-pattern",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct rollback_options, tickets),
	 .fallback = PLAN_DEFAULT_TICKETS,
	 .parse = tickets_parse,
	 .release = tickets_release,
	 .help = "extended regular expression for a ticket's number"},
	{.name = "undo",
	 .type = OPTION_CUSTOM,
	 .offset = offsetof(struct rollback_options, undo),
	 .fallback = "auto",
	 .words = undo_words,
	 .many = true,
	 .parse = undo_parse,
	 .help = "tools whose new steps need an undo script"},
};

/* ---- what the commits bring ---- */

static void forget_plans(struct rollback_state *s, size_t keep)
{
	while (s->nplans > keep)
		free(s->plans[--s->nplans].value);
}

static void rollback_release(void *opaque)
{
	struct rollback_state *s = opaque;

	forget_plans(s, 0);
	free(s->plans);
	while (s->nsteps)
		free(s->steps[--s->nsteps].path);
	free(s->steps);
}

static bool is_plan_key(struct span key)
{
	size_t i;

	for (i = 0; i < sizeof(plan_keys) / sizeof(plan_keys[0]); i++)
		if (span_is_nocase(key, plan_keys[i]))
			return true;
	return false;
}

static int add_plan(struct rollback_state *s, const struct given *plan,
		    struct span value, struct err *e)
{
	struct given *g;
	int rc = array_push(&s->plans, s->nplans, &s->plans_cap, MAX_PLANS);

	if (rc == -2) {
		s->more_plans = true;
		return 0;
	}
	if (rc)
		return err_nomem(e);
	g = &s->plans[s->nplans];
	*g = *plan;
	if (value.n > MAX_VALUE) {
		/* no path is that long */
		if (g->kind == PLAN_PATH)
			g->kind = PLAN_SHORT;
		value.n = MAX_VALUE;
	}
	g->value = span_dup(value);
	if (!g->value)
		return err_nomem(e);
	s->nplans++;
	return 0;
}

static int rollback_commit(const struct check_ctx *ctx, void *opaque,
			   const struct commit_facts *facts, bool matched,
			   struct err *e)
{
	const struct rollback_options *o = ctx->options;
	struct rollback_state *s = opaque;
	struct given plan = {.commit = facts->id};
	size_t before = s->nplans, i;
	int rc = 0;

	(void)matched; /* any commit may give the plan */
	if (!facts->trailers)
		return err_set(e, ERR_INTERNAL, "a message was not read");
	for (i = 0; i < facts->trailers->n && !s->more_plans && !rc; i++) {
		const struct trailer *t = &facts->trailers->v[i];

		if (!is_plan_key(t->key))
			continue;
		plan.kind = plan_classify(t->value, o->tickets);
		plan.divided = facts->divided &&
			       !trailers_same_for(facts->trailers,
						  facts->divided, t->key);
		rc = add_plan(s, &plan, span_trim(t->value), e);
	}
	/* plans of a commit count together or not at all */
	if (s->more_plans)
		forget_plans(s, before);
	return rc;
}

static int add_step(struct rollback_state *s, size_t tool, struct span path,
		    struct err *e)
{
	size_t i;
	int rc;

	for (i = 0; i < s->nsteps; i++)
		if (s->steps[i].tool == tool && span_is(path, s->steps[i].path))
			return 0;
	rc = array_push(&s->steps, s->nsteps, &s->steps_cap, MAX_STEPS);
	if (rc == -2) {
		s->more_steps = true;
		return 0;
	}
	if (rc)
		return err_nomem(e);
	s->steps[s->nsteps] = (struct step){tool, span_dup(path)};
	if (!s->steps[s->nsteps].path)
		return err_nomem(e);
	s->nsteps++;
	return 0;
}

static int rollback_path(const struct check_ctx *ctx, void *opaque,
			 const struct path_change *change, struct err *e)
{
	const struct rollback_options *o = ctx->options;
	struct rollback_state *s = opaque;
	size_t i;
	int rc = 0;

	if (change->status != 'A' || s->more_steps)
		return 0;
	for (i = 0; i < undo_tools_count && !rc; i++)
		if (o->undo.selected & 1U << i &&
		    undo_tools[i].is_step(change->path))
			rc = add_step(s, i, change->path, e);
	return rc;
}

/* ---- the undo scripts ---- */

static void add_undo_hint(const struct undo_answer *answer, struct buf *out)
{
	bool there = answer->found.len > 0;
	struct span path =
		there ? span_of(answer->found.data, answer->found.len)
		      : span_of(answer->wanted.data, answer->wanted.len);

	if (path.n > ROLLBACK_MAX_SHOWN) {
		buf_adds(out, "write an undo script, git add it, git commit");
		return;
	}
	buf_addf(out, "%s what undoes it, then: git add ",
		 there ? "write into it" : "write");
	text_add_shell(out, path);
	buf_adds(out, " && git commit -m \"Undo script\"");
}

static int say_no_undo(const struct rollback_asking *a, const struct step *step,
		       const struct undo_answer *answer)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	char text[CHECK_MAX_TEXT];
	int rc;

	add_undo_hint(answer, &hint);
	if (answer->state == UNDO_ABSENT)
		snprintf(text, sizeof(text), "%.*s has no undo script %.*s",
			 ROLLBACK_MAX_SHOWN, step->path, ROLLBACK_MAX_SHOWN,
			 answer->wanted.data);
	else if (answer->state == UNDO_EMPTY)
		snprintf(text, sizeof(text),
			 "%.*s, the undo script of %.*s, does nothing",
			 ROLLBACK_MAX_SHOWN, answer->found.data,
			 ROLLBACK_MAX_SHOWN, step->path);
	else
		snprintf(text, sizeof(text),
			 "the undo script of %.*s is too large to look at",
			 ROLLBACK_MAX_SHOWN, step->path);
	rc = rollback_say(a, "no-undo", NULL, hint.data, text);
	buf_release(&hint);
	return rc;
}

static int say_more_undo(const struct rollback_asking *a, size_t more)
{
	char text[CHECK_MAX_TEXT];

	snprintf(text, sizeof(text), "%zu more new steps have no undo script",
		 more);
	return rollback_say(a, "no-undo", NULL, NULL, text);
}

static int ask_undo(const struct rollback_asking *a)
{
	struct undo_budget budget = {UNDO_MAX_READ, UNDO_MAX_ENTRIES};
	struct undo_answer answer;
	size_t i, found = 0;
	int rc = 0;

	undo_answer_init(&answer);
	for (i = 0; i < a->s->nsteps && !rc; i++) {
		const struct step *step = &a->s->steps[i];

		rc = undo_look(&undo_tools[step->tool], a->range->tree,
			       span_str(step->path), &budget, &answer, a->e);
		if (rc || answer.state == UNDO_GONE ||
		    answer.state == UNDO_THERE)
			continue;
		if (++found <= ROLLBACK_MAX_TOLD)
			rc = say_no_undo(a, step, &answer);
	}
	undo_answer_release(&answer);
	if (!rc && found > ROLLBACK_MAX_TOLD)
		rc = say_more_undo(a, found - ROLLBACK_MAX_TOLD);
	if (!rc && a->s->more_steps)
		rc = rollback_say(
			a, "no-undo", NULL, "push them in parts",
			"too many new database steps to look for the undo of "
			"each");
	return rc;
}

static int rollback_finish(const struct check_ctx *ctx, void *opaque,
			   const struct range_facts *range, struct err *e)
{
	const struct rollback_asking a = {ctx, opaque, range, e};
	int rc;

	if (!range->matched)
		return 0;
	if (!range->tree)
		return err_set(e, ERR_INTERNAL, "the pushed tree is not there");
	rc = rollback_ask_plan(&a);
	return rc ? rc : ask_undo(&a);
}

const struct check check_rollback = {
	.kind = {.name = "rollback",
		 .options = rollback_table,
		 .noptions = sizeof(rollback_table) / sizeof(rollback_table[0]),
		 .size = sizeof(struct rollback_options)},
	.excuses_reverts = true,
	.needs = NEED_MESSAGE | NEED_PATHS | NEED_TREE,
	.state_size = sizeof(struct rollback_state),
	.commit = rollback_commit,
	.path = rollback_path,
	.finish = rollback_finish,
	.release = rollback_release,
};
