/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/may.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/glob.h"
#include "base/text.h"
#include "policy/check_value.h"
#include "policy/loader.h"

enum { MAY_MAX_KINDS = 64, MAY_MAX_CHECKS = 64 };

#define BY_DEFAULT "provenance"
#define NOTHING "none"

/* ---- reading ---- */

static int add_word(struct principal_words *w, struct span word, struct err *e)
{
	if (array_push(&w->v, w->n, &w->cap, OPTION_MAX_VALUES))
		return err_nomem(e);
	w->v[w->n] = span_dup(word);
	if (!w->v[w->n])
		return err_nomem(e);
	w->n++;
	return 0;
}

static bool has_word(const struct principal_words *w, const char *word)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (!strcmp(w->v[i], word))
			return true;
	return false;
}

/* Several may stand in one line, with commas between them. */
int may_parse(const char *value, void *field, const struct option_place *at,
	      struct err *e)
{
	struct principal_may *m = field;
	int rc = 0;

	(void)at;
	m->given = true;
	while (!rc && *(value += strspn(value, ", \t"))) {
		struct span word = {value, strcspn(value, ", \t")};

		if (m->checks.n == MAY_MAX_CHECKS)
			return err_set(e, ERR_CONFIG, "names too many checks");
		rc = add_word(&m->checks, word, e);
		value += word.n;
	}
	return rc;
}

int may_parse_ref(const char *value, void *field, const struct option_place *at,
		  struct err *e)
{
	int rc = option_check_glob(value, e);

	(void)at;
	if (!rc)
		rc = value_is_ref_glob(value, e);
	return rc ? rc : add_word(field, span_str(value), e);
}

/* `src/` means all that is below it. */
static int add_directory(struct principal_words *w, const char *value,
			 struct err *e)
{
	struct buf b = BUF_INIT(8192);
	int rc;

	buf_addf(&b, "%s**", value);
	rc = buf_ok(&b) ? add_word(w, span_of(b.data, b.len), e) : err_nomem(e);
	buf_release(&b);
	return rc;
}

int may_parse_path(const char *value, void *field,
		   const struct option_place *at, struct err *e)
{
	size_t n = strlen(value);
	int rc = option_check_glob(value, e);

	(void)at;
	if (!rc)
		rc = value_is_path_glob(value, e);
	if (rc)
		return rc;
	if (n && value[n - 1] == '/')
		return add_directory(field, value, e);
	return add_word(field, span_str(value), e);
}

int may_parse_repo(const char *value, void *field,
		   const struct option_place *at, struct err *e)
{
	int rc = option_check_glob(value, e);

	(void)at;
	return rc ? rc : add_word(field, span_str(value), e);
}

/* ---- what cannot work ---- */

static const struct rule_kind *kind_named(const struct loader *l,
					  const char *name)
{
	size_t i;

	for (i = 0; i < l->nkinds; i++)
		if (!strcmp(l->kinds[i]->name, name))
			return l->kinds[i];
	return NULL;
}

static int unknown_check(struct loader *l, const struct instance *i,
			 const char *name)
{
	const char *names[MAY_MAX_KINDS], *near;
	size_t k;

	for (k = 0; k < l->nkinds && k < MAY_MAX_KINDS - 1; k++)
		names[k] = l->kinds[k]->name;
	names[k++] = NOTHING;
	near = text_nearest(name, names, k);
	return loader_mistake(l, i, "may", NULL,
			      "there is no check \"%s\"%s%s%s", name,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : "");
}

static int check_named(struct loader *l, const struct instance *i,
		       const struct principal_may *m, const char *name)
{
	const struct rule_kind *kind = kind_named(l, name);

	if (!strcmp(name, NOTHING))
		return m->checks.n == 1
			       ? 0
			       : loader_mistake(l, i, "may", NULL,
						NOTHING " stands alone");
	if (!l->kinds)
		return 0;
	if (!kind)
		return unknown_check(l, i, name);
	if (kind->always)
		return loader_mistake(l, i, "may", NULL,
				      "what check = %s asks for holds always",
				      name);
	return 0;
}

/* Everywhere is said by `**`, not by saying nothing. */
static int check_bounds(struct loader *l, const struct instance *i,
			const struct principal_may *m)
{
	int rc = 0;

	if (has_word(&m->checks, NOTHING))
		return 0;
	if (!m->refs.n)
		rc = loader_mistake(l, i, "may", NULL,
				    "needs may-ref beside it: refs where it "
				    "holds");
	if (!rc && !m->paths.n)
		rc = loader_mistake(l, i, "may", NULL,
				    "needs may-path beside it: all that such "
				    "a commit may change");
	return rc;
}

static int resolve_one(struct loader *l, const struct principal *p)
{
	const struct principal_may *m = &p->may;
	const struct instance *i = loader_find(l, "principal", p->name);
	size_t k;
	int rc;

	if (!m->given && !m->refs.n && !m->paths.n && !m->repos.n)
		return 0;
	if (!m->given)
		return loader_mistake(l, i, NULL, NULL,
				      "says where its commits are excused, and "
				      "not from what: needs may");
	if (p->kind != KIND_BOT)
		return loader_mistake(l, i, "may", NULL,
				      "is for kind = bot: people and agents "
				      "are excused from nothing");
	if (!m->checks.n)
		return loader_mistake(l, i, "may", NULL, "names no check");
	rc = check_bounds(l, i, m);
	for (k = 0; !rc && k < m->checks.n; k++)
		rc = check_named(l, i, m, m->checks.v[k]);
	return rc;
}

int loader_resolve_may(struct loader *l)
{
	const struct principals *all = &l->p->people;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < all->n; i++)
		rc = resolve_one(l, &all->v[i]);
	return rc;
}

/* ---- asking ---- */

bool may_has_check(const struct principal *p, const char *check)
{
	if (p->kind != KIND_BOT)
		return false;
	return p->may.given ? has_word(&p->may.checks, check)
			    : !strcmp(check, BY_DEFAULT);
}

static bool any_matches(const struct principal_words *globs, struct span text)
{
	size_t i;

	for (i = 0; i < globs->n; i++)
		if (text_glob_n(globs->v[i], text))
			return true;
	return false;
}

bool may_has_repository(const struct principal *p, const char *repository)
{
	return !p->may.repos.n ||
	       any_matches(&p->may.repos, span_str(repository));
}

bool may_has_ref(const struct principal *p, const char *ref)
{
	return !p->may.given || any_matches(&p->may.refs, span_str(ref));
}

bool may_has_path(const struct principal *p, struct span path)
{
	return !p->may.given || any_matches(&p->may.paths, path);
}

void may_describe(const struct principal *p, struct buf *out)
{
	size_t i;

	buf_addf(out, "bot %s: may = ", p->name);
	if (!p->may.given)
		buf_adds(out, BY_DEFAULT " (by default)");
	for (i = 0; i < p->may.checks.n; i++)
		buf_addf(out, "%s%s", i ? ", " : "", p->may.checks.v[i]);
}
