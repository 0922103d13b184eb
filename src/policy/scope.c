/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scope.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "policy/mirror.h"

enum { MAX_SCOPE = 100000, MAX_COMPONENT = 256, MAX_PATTERN = 1024 };

static bool any_matches(const struct option_list *globs, const char *text)
{
	size_t i;

	for (i = 0; i < globs->n; i++)
		if (text_glob(globs->v[i], text))
			return true;
	return false;
}

bool gate_has_repository(const struct gate *g, const char *repository)
{
	return !g->repos.n || any_matches(&g->repos, repository);
}

static enum policy_mode gate_mode(const struct policy *p, const struct gate *g,
				  enum policy_mode override)
{
	if (override != MODE_UNSET)
		return override;
	return g->mode != MODE_UNSET ? (enum policy_mode)g->mode
				     : (enum policy_mode)p->mode;
}

static int push_position(size_t **v, size_t *n, size_t *cap, size_t value,
			 struct err *e)
{
	if (array_push(v, *n, cap, MAX_SCOPE))
		return err_nomem(e);
	(*v)[(*n)++] = value;
	return 0;
}

/* Unite a gate's rules into `modes` (one for each rule of the policy). */
static void unite(const struct gate *g, enum policy_mode mode,
		  enum policy_mode *modes)
{
	size_t i;

	for (i = 0; i < g->nrules; i++)
		if (modes[g->rules[i]] < mode)
			modes[g->rules[i]] = mode;
}

static int add_gate(struct scope *out, const struct policy *p, size_t at,
		    enum policy_mode override, const char *ref,
		    enum policy_mode *modes, struct err *e)
{
	const struct gate *g = &p->gates[at];
	enum policy_mode mode = gate_mode(p, g, override);

	if (any_matches(&g->refs, ref)) {
		if (out->mode < mode)
			out->mode = mode;
		if (mode != MODE_OFF)
			unite(g, mode, modes);
		return push_position(&out->gates, &out->ngates, &out->gates_cap,
				     at, e);
	}
	if (!any_matches(&g->previews, ref) || mode == MODE_OFF)
		return 0;
	unite(g, MODE_PREVIEW, modes);
	return push_position(&out->previews, &out->npreviews,
			     &out->previews_cap, at, e);
}

static int add_rules(struct scope *out, const enum policy_mode *modes, size_t n,
		     struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (modes[i] == MODE_UNSET)
			continue;
		if (array_push(&out->rules, out->nrules, &out->rules_cap,
			       MAX_SCOPE))
			return err_nomem(e);
		out->rules[out->nrules++] = (struct scope_rule){i, modes[i]};
	}
	return 0;
}

/* A mirror's gate is none for anybody else. */
static bool stands(const struct gate *g, const struct gate *mirror)
{
	return !g->pushers.n &&
	       (!mirror || !option_list_has(&mirror->instead, g->name));
}

/* Nobody reads what a mirror is advised. */
static void leave_to(struct scope *s, const struct gate *mirror)
{
	if (!s->ngates) {
		scope_release(s);
		s->mode = MODE_OFF;
	}
	s->mirror = mirror;
}

int scope_of_ref(struct scope *out, const struct policy *p,
		 enum policy_mode override, const char *repository,
		 const char *ref, struct err *e)
{
	return scope_of_push(out, p, override, repository, ref, NULL, e);
}

int scope_of_push(struct scope *out, const struct policy *p,
		  enum policy_mode override, const char *repository,
		  const char *ref, const struct principal *pusher,
		  struct err *e)
{
	const struct gate *mirror = mirror_of(p, repository, ref, pusher);
	enum policy_mode *modes = calloc(p->nrules + 1, sizeof(*modes));
	size_t i;
	int rc = 0;

	*out = (struct scope){0};
	if (!modes)
		return err_nomem(e);
	for (i = 0; i < p->ngates && !rc; i++)
		if (gate_has_repository(&p->gates[i], repository) &&
		    stands(&p->gates[i], mirror))
			rc = add_gate(out, p, i, override, ref, modes, e);
	if (!rc)
		rc = add_rules(out, modes, p->nrules, e);
	if (rc)
		scope_release(out);
	else if (mirror)
		leave_to(out, mirror);
	free(modes);
	return rc;
}

void scope_release(struct scope *s)
{
	free(s->gates);
	free(s->previews);
	free(s->rules);
	*s = (struct scope){0};
}

static int compare_globs(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool gate_has_rule(const struct gate *g, size_t rule)
{
	size_t i;

	for (i = 0; i < g->nrules; i++)
		if (g->rules[i] == rule)
			return true;
	return false;
}

static int add_globs(const char ***v, size_t *n, size_t *cap,
		     const struct option_list *globs, struct err *e)
{
	size_t i;

	for (i = 0; i < globs->n; i++) {
		if (array_push(v, *n, cap, MAX_SCOPE))
			return err_nomem(e);
		(*v)[(*n)++] = globs->v[i];
	}
	return 0;
}

static size_t sort_globs(const char **v, size_t n)
{
	size_t i, kept = 0;

	if (n)
		qsort(v, n, sizeof(*v), compare_globs);
	for (i = 0; i < n; i++)
		if (!kept || strcmp(v[kept - 1], v[i]))
			v[kept++] = v[i];
	return kept;
}

/* What a mirror brings past a gate that has the rule. */
static int add_spared(const struct policy *p, const char *repository,
		      size_t rule, const char ***v, size_t *n, size_t *cap,
		      struct err *e)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; i < p->ngates && !rc; i++) {
		const struct gate *m = &p->gates[i];
		bool past = false;

		for (k = 0; k < p->ngates && m->pushers.n; k++)
			past |= gate_has_rule(&p->gates[k], rule) &&
				option_list_has(&m->instead, p->gates[k].name);
		if (past && gate_has_repository(m, repository))
			rc = add_globs(v, n, cap, &m->spared, e);
	}
	return rc;
}

bool scope_refs_have(const char *const *globs, size_t n, const char *ref)
{
	bool yes = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (globs[i][0] != MIRROR_SPARED)
			yes |= text_glob(globs[i], ref);
		else if (text_glob(globs[i] + 1, ref))
			return false;
	}
	return yes;
}

int scope_rule_refs(const struct policy *p, enum policy_mode override,
		    const char *repository, size_t rule, enum policy_mode least,
		    const char ***globs, size_t *n, struct err *e)
{
	size_t i, cap = 0;
	int rc = 0;

	*globs = NULL;
	*n = 0;
	for (i = 0; i < p->ngates && !rc; i++) {
		const struct gate *g = &p->gates[i];

		if (gate_has_rule(g, rule) &&
		    gate_has_repository(g, repository) &&
		    gate_mode(p, g, override) >= least)
			rc = add_globs(globs, n, &cap, &g->refs, e);
	}
	if (!rc && *n)
		rc = add_spared(p, repository, rule, globs, n, &cap, e);
	if (rc) {
		free(*globs);
		*globs = NULL;
		*n = 0;
		return rc;
	}
	*n = sort_globs(*globs, *n);
	return 0;
}

/* The bytes before the first that is special in a pattern. */
static size_t literal_prefix(const char *glob)
{
	return strcspn(glob, "*?[\\");
}

/* What stands where the directory of `directory/` and two stars would be: a
 * submodule or a symbolic link is all that the area has. */
static bool is_directory_of(const char *glob, size_t literal, struct span path)
{
	size_t n = strlen(glob);
	char copy[MAX_PATTERN];

	if (n < 4 || strcmp(glob + n - 3, "/**") != 0)
		return false;
	n -= 3;
	if (literal > n)
		return path.n == n && !memcmp(glob, path.p, n);
	if (n >= sizeof(copy))
		return true;
	memcpy(copy, glob, n);
	copy[n] = '\0';
	return text_glob_n(copy, path);
}

static bool glob_has_path(const char *glob, struct span path)
{
	size_t n = literal_prefix(glob);

	/* most paths lie elsewhere, and this says so at once */
	if (path.n + 1 < n || memcmp(glob, path.p, path.n < n ? path.n : n))
		return false;
	return (path.n >= n && text_glob_n(glob, path)) ||
	       is_directory_of(glob, n, path);
}

bool area_has_path(const struct area *a, struct span path)
{
	size_t i;

	for (i = 0; i < a->paths.n; i++)
		if (glob_has_path(a->paths.v[i], path))
			break;
	if (i == a->paths.n)
		return false;
	for (i = 0; i < a->exclude.n; i++)
		if (glob_has_path(a->exclude.v[i], path))
			return false;
	return true;
}

/* Whether one component of a pattern takes one of a path. Quoting and what
 * does not fit here is taken for a match, which only costs time. */
static bool component_may_match(struct span glob, struct span part)
{
	char copy[MAX_COMPONENT];

	if (glob.n >= sizeof(copy) || memchr(glob.p, '\\', glob.n) ||
	    memchr(glob.p, '[', glob.n))
		return true;
	memcpy(copy, glob.p, glob.n);
	copy[glob.n] = '\0';
	return text_glob_n(copy, part);
}

static struct span take_component(struct cursor *c)
{
	struct span out = {c->p, 0};

	if (!cursor_until(c, '/', &out))
		cursor_take(c, cursor_left(c), &out);
	return out;
}

static bool glob_may_be_below(const char *glob, struct span directory)
{
	struct cursor want = cursor_of(glob, strlen(glob));
	struct cursor have = cursor_of(directory.p, directory.n);

	while (cursor_left(&have)) {
		struct span part = take_component(&want);

		if (span_is(part, "**") || memchr(part.p, '[', part.n))
			return true; /* a class may hold a `/` */
		if (!cursor_left(&want) ||
		    !component_may_match(part, take_component(&have)))
			return false;
	}
	return true;
}

bool area_may_be_below(const struct area *a, struct span directory)
{
	size_t i;

	for (i = 0; i < a->paths.n; i++)
		if (glob_may_be_below(a->paths.v[i], directory))
			return true;
	return false;
}
