/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "gate/guard.h"
#include "git/refs.h"
#include "policy/mirror.h"

enum {
	MAX_SHORT = 1000 /* commits read before other refs are asked after */
};

int range_walk_init(struct range_walk *w, struct judging *j, size_t ref,
		    struct err *e)
{
	memset(w, 0, sizeof(*w));
	w->j = j;
	w->ref = ref;
	w->globs = calloc(WALK_MAX_SETS, sizeof(*w->globs));
	w->nglobs = calloc(WALK_MAX_SETS, sizeof(*w->nglobs));
	w->imports = calloc(WALK_MAX_SETS, sizeof(*w->imports));
	if (!w->globs || !w->nglobs || !w->imports)
		return err_nomem(e);
	return walk_new(&w->walk, j->repo, e);
}

void range_walk_release(struct range_walk *w)
{
	unsigned s;

	for (s = 0; s < w->nsets; s++)
		free(w->globs[s]);
	free(w->globs);
	free(w->nglobs);
	free(w->imports);
	walk_free(w->walk);
}

/* ---- sets of hidden tips ---- */

static bool same_set(const struct range_walk *w, unsigned set,
		     const char **globs, size_t n,
		     const struct option_list *imports)
{
	size_t i;

	if (w->nglobs[set] != n || w->imports[set]->n != imports->n)
		return false;
	for (i = 0; i < imports->n; i++)
		if (strcmp(w->imports[set]->v[i], imports->v[i]) != 0)
			return false;
	for (i = 0; i < n; i++)
		if (strcmp(w->globs[set][i], globs[i]) != 0)
			return false;
	return true;
}

int range_walk_set(struct range_walk *w, size_t rule, enum policy_mode mode,
		   unsigned *set, struct err *e)
{
	const struct engine_input *in = w->j->in;
	const struct option_list *imports = &in->policy->rules[rule].import;
	const char **globs = NULL;
	size_t n = 0;
	unsigned s;
	enum policy_mode least =
		mode == MODE_ENFORCE ? MODE_ENFORCE : MODE_WARN;
	int rc = scope_rule_refs(in->policy, in->override, in->repository, rule,
				 least, &globs, &n, e);

	if (rc)
		return rc;
	for (s = 0; s < w->nsets; s++) {
		if (same_set(w, s, globs, n, imports)) {
			free(globs);
			*set = s;
			return 0;
		}
	}
	if (s == WALK_MAX_SETS) {
		free(globs);
		return err_set(e, ERR_LIMIT,
			       "one ref has rules with more than %d different "
			       "scopes: let gates share their rules",
			       WALK_MAX_SETS);
	}
	w->globs[s] = globs;
	w->nglobs[s] = n;
	w->imports[s] = imports;
	w->nsets++;
	*set = s;
	return 0;
}

/* ---- walking ---- */

/* A ref's own old value bounds what is pushed there, whoever brought it. */
static bool hides(const struct range_walk *w, unsigned set, const char *name)
{
	return !strcmp(name, w->j->refs[w->ref].real) ||
	       scope_refs_have(w->globs[set], w->nglobs[set], name);
}

struct hiding {
	struct range_walk *w;
	unsigned set;
	const char *glob;
	struct err *e;
};

static int hide_ref(void *ctx, const char *name, const struct oid *id)
{
	struct hiding *h = ctx;

	/* a glob may reach refs that no rule judges */
	if (!text_glob(h->glob, name) || guard_covers(name) ||
	    !hides(h->w, h->set, name))
		return 0;
	return walk_hide(h->w->walk, id, h->set, h->e);
}

static int hide_set(struct range_walk *w, unsigned set, struct err *e)
{
	struct buf prefix = BUF_INIT(REFS_MAX_NAME);
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < w->nglobs[set]; i++) {
		struct hiding h = {w, set, w->globs[set][i], e};

		if (*h.glob == MIRROR_SPARED)
			continue;
		buf_clear(&prefix);
		refs_glob_prefix(h.glob, &prefix);
		rc = judging_refs_each(w->j, prefix.data, hide_ref, &h, e);
	}
	buf_release(&prefix);
	return rc;
}

static int hide_baseline(struct range_walk *w, struct err *e)
{
	const struct option_list *base = w->j->in->baseline;
	struct oid id;
	unsigned s;
	size_t i;
	int rc = 0;

	for (i = 0; base && i < base->n; i++) {
		if (!oid_from_hex(&id, w->j->algo, span_str(base->v[i])))
			return err_set(e, ERR_CONFIG,
				       "gatepost.baseline has an id that is "
				       "none of this repository's: %.80s",
				       base->v[i]);
		for (s = 0; !rc && s < w->nsets; s++)
			rc = walk_hide(w->walk, &id, s, e);
	}
	return rc;
}

int range_walk_fault(struct judging *j, size_t ref, const struct walk *walk,
		     int rc, struct err *e)
{
	struct check_sink sink;
	char was[ERR_MAX_MSG];

	if (!object_is_amiss(rc))
		return rc;
	judging_sink_ref(j, ref, "object", &sink);
	memcpy(was, e->msg, sizeof(was));
	err_clear(e);
	return judging_find(&sink, rc == ERR_LIMIT ? "too-big" : "malformed",
			    walk_culprit(walk),
			    "git fsck --full names what is broken", e,
			    "history cannot be read: %.300s", was);
}

/* Whether every rule is enforced on this very ref, so that its old value
 * hides from all of them. */
static bool own_hides(const struct range_walk *w)
{
	const char *real = refs_in_namespace(w->j->refs[w->ref].real);
	unsigned s;

	for (s = 0; s < w->nsets; s++) {
		size_t i = 0;

		while (i < w->nglobs[s] && !text_glob(w->globs[s][i], real))
			i++;
		if (i == w->nglobs[s])
			return false;
	}
	return true;
}

/* Whether no ref of before the push can reach what is left to judge. */
static bool all_new(const struct range_walk *w)
{
	uint32_t all = (uint32_t)((UINT64_C(1) << w->nsets) - 1);
	size_t i;

	for (i = 0; i < walk_count(w->walk); i++) {
		const struct walk_commit *c = walk_at(w->walk, i);

		if (c->reachable && (c->hidden & all) != all &&
		    !object_is_new(w->j->repo, &c->id))
			return false;
	}
	return true;
}

static int hide_own(struct range_walk *w, struct err *e)
{
	const struct judged_ref *ref = &w->j->refs[w->ref];
	unsigned s;
	int rc = 0;

	for (s = 0; !rc && s < w->nsets; s++)
		rc = walk_hide(w->walk, &ref->old, s, e);
	return rc;
}

/**
 * Most pushes add commits that the server has never seen to the ref's own
 * tip. Then nothing else can hide them, however many refs there are.
 * @param done  false: walk again, with all that hides
 */
static int walk_short(struct range_walk *w, bool *done, struct err *e)
{
	const struct judged_ref *ref = &w->j->refs[w->ref];
	int rc;

	*done = false;
	if (w->j->in->trust_old || oid_is_null(&ref->old) ||
	    !object_is_new(w->j->repo, &ref->update->new_) || !own_hides(w))
		return 0;
	rc = walk_start(w->walk, &ref->update->new_, &w->tip, e);
	if (!rc)
		rc = hide_own(w, e);
	if (!rc)
		rc = walk_run(w->walk, w->nsets, MAX_SHORT, e);
	if (!rc && all_new(w)) {
		*done = true;
		return 0;
	}
	walk_reset(w->walk);
	if (rc == ERR_MEMORY)
		return rc;
	err_clear(e);
	return 0;
}

static int walk_whole(struct range_walk *w, struct err *e)
{
	const struct judged_ref *ref = &w->j->refs[w->ref];
	unsigned s;
	int rc = walk_start(w->walk, &ref->update->new_, &w->tip, e);

	/* In `gatepost check` the clone's own refs are not the server's: the
	 * old value stands for them. And no glob names a ref that lies in a
	 * namespace which is not that of the push. */
	if (!rc &&
	    (w->j->in->trust_old ||
	     (refs_in_namespace(ref->real) != ref->real && own_hides(w))))
		rc = hide_own(w, e);
	for (s = 0; !rc && !w->j->in->trust_old && s < w->nsets; s++)
		rc = hide_set(w, s, e);
	if (!rc)
		rc = hide_baseline(w, e);
	return rc ? rc : walk_run(w->walk, w->nsets, 0, e);
}

int range_walk_run(struct range_walk *w, bool *read, struct err *e)
{
	bool done;
	int rc = walk_short(w, &done, e);

	*read = false;
	if (!rc && !done)
		rc = walk_whole(w, e);
	if (rc)
		return range_walk_fault(w->j, w->ref, w->walk, rc, e);
	*read = true;
	return 0;
}
