/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/remedy.h"

#include <string.h>

#include "base/text.h"

enum { REMEDY_COMMITS = 12, ABBREV = 9 };

/* What may stand between double quotes in a shell, inside a Perl
 * replacement, inside single quotes: no quoting can go wrong with these. */
static bool harmless(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789 ._:+()<>,-")] == '\0';
}

struct remedy {
	const struct report_finding *v[REMEDY_COMMITS];
	size_t n, all;
};

static bool listed(const struct remedy *m, const struct report_finding *f)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!strcmp(m->v[i]->commit, f->commit) &&
		    !strcmp(m->v[i]->trailer, f->trailer))
			return true;
	return false;
}

static void collect(const struct report *r, int weight, struct remedy *m)
{
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != weight || !f->commit || !f->trailer ||
		    !harmless(f->trailer) || listed(m, f))
			continue;
		m->all++;
		if (m->n < REMEDY_COMMITS)
			m->v[m->n++] = f;
	}
}

static bool is_tip(const struct report *r, const struct report_finding *f)
{
	return f->ref < r->nrefs && !strcmp(r->refs[f->ref].new_, f->commit);
}

/* Only the tip, however many trailers it lacks. */
static bool tip_only(const struct report *r, const struct remedy *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (!is_tip(r, m->v[i]))
			return false;
	return true;
}

static void amend(const struct remedy *m, struct buf *out)
{
	size_t i;

	buf_adds(out, "git commit --amend --no-edit");
	for (i = 0; i < m->n; i++)
		buf_addf(out, " --trailer \"%s\"", m->v[i]->trailer);
}

/*
 * The todo list of an interactive rebase names each commit; behind the ones
 * that lack a trailer goes an exec line. Perl comes with git everywhere,
 * and sed -i differs between systems.
 */
static void rebase(const struct remedy *m, struct buf *out)
{
	size_t i;

	buf_adds(out, "GIT_SEQUENCE_EDITOR='perl -i -pe \"");
	for (i = 0; i < m->n; i++)
		buf_addf(out,
			 "s/^(pick %.*s.*)/\\$1\\nexec git commit --amend "
			 "--no-edit --trailer \\\\\\\"%s\\\\\\\"/;",
			 ABBREV - 2, m->v[i]->commit, m->v[i]->trailer);
	buf_addf(out, "\"' git rebase -i --rebase-merges %.*s^", ABBREV,
		 m->v[m->n - 1]->commit);
}

bool remedy_command(const struct report *r, int weight, struct buf *out)
{
	struct remedy m = {.n = 0};

	collect(r, weight, &m);
	if (!m.n)
		return false;
	if (tip_only(r, &m))
		amend(&m, out);
	else
		rebase(&m, out);
	if (m.all > m.n)
		buf_addf(out, "   # then %zu more", m.all - m.n);
	return true;
}
