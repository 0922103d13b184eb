/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the plans that commits give hold in the pushed tree. */
#include "checks/rollback.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "git/tree_name.h"

int rollback_say(const struct rollback_asking *a, const char *code,
		 const struct given *plan, const char *hint, const char *text)
{
	struct commit_facts facts = {.commit = NULL};
	struct finding f = {.code = code, .text = text, .hint = hint};

	if (plan) {
		facts.id = plan->commit;
		f.commit = &facts;
	}
	return check_find(a->ctx, &f, a->e);
}

static const char plan_hint[] =
	"git commit --amend --no-edit --trailer \"Rollback-plan: PLAN\"   # "
	"revert, a ticket, a URL, a file of the repository or a sentence";

/* What is wrong with a path as a plan; NULL: nothing. */
static int look_at_path(const struct rollback_asking *a, const char *path,
			const char **wrong)
{
	const struct check_tree *tree = a->range->tree;
	unsigned mode = 0;
	uint64_t size = 0;
	int rc;

	*wrong = "is no path in the repository";
	if (!tree_path_ok(span_str(path)))
		return 0;
	*wrong = "is not in what is pushed";
	rc = tree->lookup(tree->engine, span_str(path), &mode, &size, a->e);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		err_clear(a->e);
		return 0;
	}
	if (rc)
		return rc;
	if (mode != MODE_BLOB && mode != MODE_EXEC)
		*wrong = "is no file in what is pushed";
	else
		*wrong = size ? NULL : "is empty";
	return 0;
}

static int look_at_plan(const struct rollback_asking *a,
			const struct given *plan, const char **wrong)
{
	*wrong = NULL;
	if (plan->divided) {
		*wrong = "stands behind a line `---`, where some tools stop "
			 "reading";
		return 0;
	}
	switch (plan->kind) {
	case PLAN_PATH:
		return look_at_path(a, plan->value, wrong);
	case PLAN_REVERT:
	case PLAN_URL:
	case PLAN_TICKET:
	case PLAN_TEXT:
		return 0;
	case PLAN_SHORT:
		*wrong = "does not say enough";
		return 0;
	case PLAN_NONE:
	case PLAN_PLACEHOLDER:
		break;
	}
	*wrong = "is no plan";
	return 0;
}

/* The plans of one commit count if all of them hold. */
static size_t end_of_commit(const struct rollback_state *s, size_t from)
{
	size_t i = from;

	while (i < s->nplans &&
	       oid_equal(&s->plans[i].commit, &s->plans[from].commit))
		i++;
	return i;
}

static int look_at_commit(const struct rollback_asking *a, size_t from,
			  size_t to, bool *holds)
{
	const char *wrong = NULL;
	size_t i;
	int rc = 0;

	for (i = from; i < to && !rc && !wrong; i++)
		rc = look_at_plan(a, &a->s->plans[i], &wrong);
	*holds = !rc && !wrong;
	return rc;
}

static int tell_plans(const struct rollback_asking *a, size_t from, size_t to,
		      size_t *told)
{
	int rc = 0;

	for (; from < to && *told < ROLLBACK_MAX_TOLD && !rc; from++, ++*told) {
		const struct given *plan = &a->s->plans[from];
		struct commit_facts facts = {.id = plan->commit};

		rc = check_evidence(a->ctx, "plan", &facts, plan->value, a->e);
	}
	return rc;
}

static int say_bad_plan(const struct rollback_asking *a,
			const struct given *plan, const char *wrong)
{
	bool path = plan->kind == PLAN_PATH && !plan->divided;
	struct buf hint = BUF_INIT(4 * CHECK_MAX_TEXT);
	char text[CHECK_MAX_TEXT];
	const char *code = path ? "path-missing" : "placeholder";
	int rc;

	if (path && tree_path_ok(span_str(plan->value))) {
		buf_adds(&hint, "git add ");
		text_add_shell(&hint, span_str(plan->value));
		buf_adds(&hint, " && git commit --amend --no-edit");
	} else {
		buf_adds(&hint, "git commit --amend   # the last paragraph "
				"needs Rollback-plan: revert, a ticket, a URL, "
				"a file of the repository or a sentence");
	}
	snprintf(text, sizeof(text), "rollback plan \"%.*s\" %s",
		 ROLLBACK_MAX_SHOWN, plan->value, wrong);
	rc = rollback_say(a, plan->divided ? "missing" : code, plan, hint.data,
			  text);
	buf_release(&hint);
	return rc;
}

static int say_bad_plans(const struct rollback_asking *a)
{
	size_t i, told = 0;
	int rc = 0;

	for (i = 0; i < a->s->nplans && told < ROLLBACK_MAX_TOLD && !rc; i++) {
		const char *wrong;

		rc = look_at_plan(a, &a->s->plans[i], &wrong);
		if (rc || !wrong)
			continue;
		told++;
		rc = say_bad_plan(a, &a->s->plans[i], wrong);
	}
	return rc;
}

int rollback_ask_plan(const struct rollback_asking *a)
{
	size_t from, to, told = 0;
	bool any = false;
	int rc = 0;

	for (from = 0; from < a->s->nplans && !rc; from = to) {
		bool holds;

		to = end_of_commit(a->s, from);
		rc = look_at_commit(a, from, to, &holds);
		if (rc || !holds)
			continue;
		any = true;
		rc = tell_plans(a, from, to, &told);
	}
	if (rc || any)
		return rc;
	if (a->s->more_plans && !a->s->nplans)
		return rollback_say(a, "placeholder", NULL, plan_hint,
				    "too many rollback plans in one commit");
	return a->s->nplans
		       ? say_bad_plans(a)
		       : rollback_say(
				 a, "missing", NULL, plan_hint,
				 "no rollback plan: say in one commit how to "
				 "go back");
}
