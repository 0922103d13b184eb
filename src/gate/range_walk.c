/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "gate/guard.h"
#include "git/refs.h"

int range_walk_init(struct range_walk *w, struct judging *j, size_t ref,
		    struct err *e)
{
	memset(w, 0, sizeof(*w));
	w->j = j;
	w->ref = ref;
	w->globs = calloc(WALK_MAX_SETS, sizeof(*w->globs));
	w->nglobs = calloc(WALK_MAX_SETS, sizeof(*w->nglobs));
	if (!w->globs || !w->nglobs)
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
	walk_free(w->walk);
}

/* ---- sets of hidden tips ---- */

static bool same_globs(const struct range_walk *w, unsigned set,
		       const char **globs, size_t n)
{
	size_t i;

	if (w->nglobs[set] != n)
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
		if (same_globs(w, s, globs, n)) {
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
	w->nsets++;
	*set = s;
	return 0;
}

/* ---- walking ---- */

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
	if (!text_glob(h->glob, name) || guard_covers(name))
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

	if (rc != ERR_NOT_FOUND && rc != ERR_MALFORMED && rc != ERR_LIMIT)
		return rc;
	judging_sink_ref(j, ref, "object", &sink);
	memcpy(was, e->msg, sizeof(was));
	err_clear(e);
	return judging_find(&sink, rc == ERR_LIMIT ? "too-big" : "malformed",
			    walk_culprit(walk),
			    "git fsck --full names what is broken", e,
			    "history cannot be read: %.300s", was);
}

int range_walk_run(struct range_walk *w, bool *read, struct err *e)
{
	const struct judged_ref *ref = &w->j->refs[w->ref];
	unsigned s;
	int rc = walk_start(w->walk, &ref->update->new_, &w->tip, e);

	*read = false;
	/* In `gatepost check` the clone's own refs are not the server's: the
	 * old value stands for them. */
	for (s = 0; !rc && s < w->nsets; s++)
		rc = w->j->in->trust_old ? walk_hide(w->walk, &ref->old, s, e)
					 : hide_set(w, s, e);
	if (!rc)
		rc = hide_baseline(w, e);
	if (!rc)
		rc = walk_run(w->walk, w->nsets, 0, e);
	if (rc)
		return range_walk_fault(w->j, w->ref, w->walk, rc, e);
	*read = true;
	return 0;
}
