/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/remedy.h"

#include <string.h>

#include "base/text.h"

enum {
	REMEDY_COMMITS = 12,
	REMEDY_TRAILER = 160, /* bytes; a longer one is nothing to paste */
	ABBREV = 9
};

/* What may stand between double quotes in a shell, inside single quotes: no
 * quoting can go wrong with these. */
static bool harmless(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789 ._:+()<>,-@/=#%&");

	return s[n] == '\0' && n <= REMEDY_TRAILER;
}

struct remedy {
	const struct report_finding *v[REMEDY_COMMITS];
	size_t n, all;
	/* the commits to be signed: the first and the last that the walk met */
	const struct report_finding *newest, *oldest;
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

/* One command works on one branch: that of the first finding. */
static void collect(const struct report *r, int weight, struct remedy *m)
{
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != weight || !f->commit || !f->trailer ||
		    !harmless(f->trailer) || listed(m, f))
			continue;
		m->all++;
		if (m->n < REMEDY_COMMITS && (!m->n || f->ref == m->v[0]->ref))
			m->v[m->n++] = f;
	}
}

/* All of one branch, whatever their number. */
static void collect_unsigned(const struct report *r, int weight,
			     struct remedy *m)
{
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != weight || !f->commit || !f->sign ||
		    (m->n && f->ref != m->v[0]->ref) ||
		    (m->newest && f->ref != m->newest->ref))
			continue;
		if (!m->newest)
			m->newest = f;
		m->oldest = f;
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
	return !m->oldest || is_tip(r, m->oldest);
}

static void amend(const struct remedy *m, struct buf *out)
{
	size_t i;

	buf_adds(out, "git commit --amend --no-edit");
	for (i = 0; i < m->n; i++)
		buf_addf(out, " --trailer \"%s\"", m->v[i]->trailer);
	if (m->newest)
		buf_adds(out, " -S");
}

/* Who commits anew is the committer, and signs as that. */
static void sign_all(const struct remedy *m, struct buf *out)
{
	buf_adds(out, "git rebase --rebase-merges --no-ff -S ");
	if (m->oldest->sign == SIGN_ROOT)
		buf_adds(out, "--root");
	else
		buf_addf(out, "%.*s^", ABBREV, m->oldest->commit);
}

static bool came_before(const struct remedy *m, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(m->v[i]->commit, m->v[at]->commit))
			return true;
	return false;
}

/* All trailers of one commit. */
static void add_case(const struct remedy *m, size_t at, struct buf *out)
{
	size_t i;

	buf_addf(out, "%.*s*) git interpret-trailers --no-divider", ABBREV,
		 m->v[at]->commit);
	for (i = at; i < m->n; i++)
		if (!strcmp(m->v[i]->commit, m->v[at]->commit))
			buf_addf(out, " --trailer \"%s\"", m->v[i]->trailer);
	buf_adds(out, ";; ");
}

static size_t position(const struct report *r, const struct report_finding *f)
{
	return (size_t)(f - r->findings);
}

/*
 * Messages alone are written anew: every tree stays, and so does what a
 * merge resolved by hand, which a rebase would do again or lose. The last
 * finding's commit is the oldest: findings come in the order of the walk.
 */
static void rewrite(const struct report *r, const struct remedy *m,
		    struct buf *out)
{
	const struct report_finding *oldest = m->v[m->n - 1];
	size_t i;

	if (m->oldest && position(r, m->oldest) > position(r, oldest))
		oldest = m->oldest;

	buf_adds(out, "FILTER_BRANCH_SQUELCH_WARNING=1 git filter-branch -f "
		      "--msg-filter 'case $GIT_COMMIT in ");
	for (i = 0; i < m->n; i++)
		if (!came_before(m, i))
			add_case(m, i, out);
	/* ^@ is all parents, so that a root commit will do */
	buf_adds(out, "*) cat;; esac' ");
	if (m->newest)
		buf_adds(out, "--commit-filter 'git commit-tree -S \"$@\"' ");
	buf_addf(out, "-- HEAD --not %.*s^@", ABBREV, oldest->commit);
}

bool remedy_command(const struct report *r, int weight, struct buf *out)
{
	struct remedy m = {.n = 0};

	collect(r, weight, &m);
	collect_unsigned(r, weight, &m);
	if (!m.n && !m.newest)
		return false;
	if (tip_only(r, &m))
		amend(&m, out);
	else if (m.n)
		rewrite(r, &m, out);
	else
		sign_all(&m, out);
	if (m.all > m.n)
		buf_addf(out, "   # then %zu more", m.all - m.n);
	/* a command cut short is worse than none */
	return buf_ok(out);
}
