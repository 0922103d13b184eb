/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/loader.h"

enum { MAX_RULES = 100000, MAX_WHEN = 64 };

int policy_find_area(const struct policy *p, const char *name, size_t *at,
		     struct err *e)
{
	const char *names[64], *near;
	size_t i;

	for (i = 0; i < p->nareas; i++) {
		if (!strcmp(p->areas[i].name, name)) {
			if (at)
				*at = i;
			return 0;
		}
	}
	for (i = 0; i < p->nareas && i < 64; i++)
		names[i] = p->areas[i].name;
	near = text_nearest(name, names, i);
	return err_set(e, ERR_CONFIG, "there is no [area \"%s\"]%s%s%s", name,
		       near ? "; did you mean " : "", near ? near : "",
		       near ? "?" : "");
}

int policy_check_role(const struct policy *p, const char *role, struct err *e)
{
	const char *names[64], *near;
	size_t i, j, n = 0;

	for (i = 0; i < p->people.n; i++) {
		const struct principal *one = &p->people.v[i];

		if (principal_role(one, role))
			return 0;
		for (j = 0; j < one->nroles && n < 64; j++)
			names[n++] = one->roles[j].name;
	}
	near = text_nearest(role, names, n);
	return err_set(e, ERR_CONFIG,
		       "no [principal] has the role \"%s\"%s%s%s", role,
		       near ? "; did you mean " : "", near ? near : "",
		       near ? "?" : "");
}

static int resolve_when_word(struct loader *l, const struct instance *i,
			     struct rule *rule, const char *word)
{
	struct when w = {WHEN_NONE, 0};
	struct err why = {0};

	if (!strcmp(word, "ai-assisted"))
		w.kind = WHEN_AI_ASSISTED;
	else if (!strcmp(word, "merge"))
		w.kind = WHEN_MERGE;
	else if (!strcmp(word, "not-merge"))
		w.kind = WHEN_NOT_MERGE;
	else if (policy_find_area(l->p, word + strlen("area:"), &w.area, &why))
		return loader_mistake(l, i, "when", word, "%s", why.msg);
	else
		w.kind = WHEN_AREA;
	if (array_push(&rule->when, rule->nwhen, &rule->when_cap, MAX_WHEN))
		return err_nomem(l->e);
	rule->when[rule->nwhen++] = w;
	return 0;
}

static int resolve_when(struct loader *l, struct rule *rule)
{
	const struct instance *i = loader_find(l, "rule", rule->name);
	size_t k;
	int rc = 0;

	if (rule->when_words.n > MAX_WHEN)
		return loader_mistake(l, i, "when", NULL,
				      "is given more than %d times", MAX_WHEN);
	for (k = 0; k < rule->when_words.n && !rc; k++)
		rc = resolve_when_word(l, i, rule, rule->when_words.v[k]);
	if (!rc && option_list_has(&rule->when_words, "merge") &&
	    option_list_has(&rule->when_words, "not-merge"))
		rc = loader_mistake(l, i, "when", NULL,
				    "merge and not-merge never hold for one "
				    "and the same commit");
	return rc;
}

/* Roles by which a rule is excused. */
static int resolve_roles(struct loader *l, const struct rule *rule,
			 const char *key, const struct option_list *roles)
{
	const struct instance *i = loader_find(l, "rule", rule->name);
	struct err why = {0};
	size_t k;
	int rc = 0;

	if (roles->n && rule->kind && rule->kind->always)
		return loader_mistake(l, i, key, NULL,
				      "what check = %s asks for holds always",
				      rule->kind->name);
	for (k = 0; !rc && k < roles->n; k++)
		if (policy_check_role(l->p, roles->v[k], &why))
			rc = loader_mistake(l, i, key, roles->v[k], "%s",
					    why.msg);
	return rc;
}

static int resolve_options(struct loader *l, const struct rule *rule)
{
	const struct instance *i = loader_find(l, "rule", rule->name);
	struct err why = {0};

	if (!rule->kind || !rule->kind->resolve || !rule->options ||
	    !rule->kind->resolve(rule->options, l->p, &why))
		return 0;
	return loader_mistake(l, i, NULL, NULL, "%s", why.msg);
}

/* A name in a gate that no rule has. */
static int unknown_rule(struct loader *l, const struct instance *gate,
			const char *name)
{
	const char *names[64], *near;
	size_t i;

	for (i = 0; i < l->p->nrules && i < 64; i++)
		names[i] = l->p->rules[i].name;
	near = text_nearest(name, names, i);
	return loader_mistake(l, gate, "rule", name,
			      "there is no [rule \"%s\"]%s%s%s", name,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : "");
}

static int resolve_gate_rule(struct loader *l, const struct instance *i,
			     struct gate *gate, const char *name, bool *used)
{
	const struct instance *rule = loader_find(l, "rule", name);
	size_t k;

	if (!rule)
		return unknown_rule(l, i, name);
	for (k = 0; k < gate->nrules; k++)
		if (gate->rules[k] == rule->position)
			return loader_mistake(l, i, "rule", name,
					      "\"%s\" is given twice", name);
	if (array_push(&gate->rules, gate->nrules, &gate->rules_cap, MAX_RULES))
		return err_nomem(l->e);
	gate->rules[gate->nrules++] = rule->position;
	used[rule->position] = true;
	return 0;
}

static int resolve_gate(struct loader *l, struct gate *gate, bool *used)
{
	const struct instance *i = loader_find(l, "gate", gate->name);
	size_t k;
	int rc = 0;

	if (loader_has_key(i, "pusher") || loader_has_key(i, "instead-of"))
		return loader_resolve_mirror(l, gate);
	if (!loader_has_key(i, "rule"))
		rc = loader_mistake(l, i, NULL, NULL, "needs rule: %s",
				    "a rule that must be met here");
	if (!rc && !loader_has_key(i, "ref") && !loader_has_key(i, "preview"))
		rc = loader_mistake(l, i, NULL, NULL, "needs ref: %s",
				    "refs that this gate stands before");
	for (k = 0; k < gate->rule_names.n && !rc; k++)
		rc = resolve_gate_rule(l, i, gate, gate->rule_names.v[k], used);
	return rc;
}

static int resolve_gates(struct loader *l)
{
	struct policy *p = l->p;
	bool *used = arena_alloc(&l->arena, p->nrules + 1);
	size_t i;
	int rc = 0;

	if (!used)
		return err_nomem(l->e);
	for (i = 0; i < p->ngates && !rc; i++)
		rc = resolve_gate(l, &p->gates[i], used);
	for (i = 0; i < p->nrules && !rc; i++)
		if (!used[i])
			rc = loader_mistake(
				l, loader_find(l, "rule", p->rules[i].name),
				NULL, NULL,
				"no gate names this rule: it is never asked");
	return rc;
}

/* `src/` means all that is below it. */
static int complete_paths(struct option_list *globs, struct err *e)
{
	size_t i;

	for (i = 0; i < globs->n; i++) {
		size_t n = strlen(globs->v[i]);
		char *longer;

		if (globs->v[i][n - 1] != '/')
			continue;
		longer = realloc(globs->v[i], n + sizeof("**"));
		if (!longer)
			return err_nomem(e);
		memcpy(longer + n, "**", sizeof("**"));
		globs->v[i] = longer;
	}
	return 0;
}

static int resolve_area(struct loader *l, struct area *area)
{
	const struct instance *i = loader_find(l, "area", area->name);
	size_t k;
	int rc = complete_paths(&area->paths, l->e);

	if (!rc)
		rc = complete_paths(&area->exclude, l->e);
	for (k = 0; k < area->owners.n && !rc; k++)
		rc = loader_resolve_owner(l, i, area->owners.v[k]);
	return rc;
}

static int resolve_agents(struct loader *l)
{
	struct policy *p = l->p;
	size_t i;
	int rc = 0;

	for (i = 0; i < p->nregistered && p->agents && !rc; i++) {
		const char *id = p->registered[i].id;
		const char *near;

		if (agents_title(p->agents, id))
			continue;
		near = agents_nearest(p->agents, id);
		rc = loader_mistake(l, loader_find(l, "agent", id), NULL, NULL,
				    "%s knows no such agent%s%s%s",
				    p->agents_path,
				    near ? "; did you mean " : "",
				    near ? near : "", near ? "?" : "");
	}
	return rc;
}

static void copy_limits(struct policy *p)
{
	p->limits = (struct object_limits){
		.message = (size_t)p->limit_message,
		.trailers = (size_t)p->limit_trailers,
		.depth = (size_t)p->limit_depth,
		.parents = (size_t)p->limit_parents,
		.paths = (size_t)p->limit_paths,
		.refs = (size_t)p->limit_refs,
	};
}

int loader_resolve(struct loader *l)
{
	struct policy *p = l->p;
	size_t i;
	int rc = 0;

	copy_limits(p);
	for (i = 0; i < p->nareas && !rc; i++)
		rc = resolve_area(l, &p->areas[i]);
	for (i = 0; i < p->nrules && !rc; i++) {
		rc = resolve_when(l, &p->rules[i]);
		if (!rc)
			rc = resolve_options(l, &p->rules[i]);
		if (!rc)
			rc = resolve_roles(l, &p->rules[i], "emergency",
					   &p->rules[i].emergency);
		if (!rc)
			rc = resolve_roles(l, &p->rules[i], "waiver",
					   &p->rules[i].waiver);
		if (!rc)
			rc = resolve_roles(l, &p->rules[i], "import",
					   &p->rules[i].import);
	}
	if (!rc)
		rc = resolve_gates(l);
	for (i = 0; i < p->nsinks && !rc; i++)
		rc = loader_resolve_sink(l, &p->sinks[i]);
	if (!rc)
		rc = loader_resolve_people(l);
	if (!rc)
		rc = loader_resolve_may(l);
	return rc ? rc : resolve_agents(l);
}
