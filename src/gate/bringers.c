/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/bringers.h"

#include <stdint.h>
#include <string.h>

#include "gate/named.h"
#include "gate/patches.h"
#include "git/walk.h"

/* Where nobody is known: this push brings it, or it came when nobody looked. A
 * change without a bringer would let that person approve it; an empty login
 * stands for who cannot be told from an approver. */
static int add_pusher(struct change *c, const struct judging *j, uint32_t to,
		      struct err *e)
{
	struct span none = {"", 0}, login = span_str(j->pusher.login);

	if (!login.n && j->in->trust_old)
		return 0;
	return people_add(&c->people, j, none, login, BY_BROUGHT, to, e);
}

/* One commit of the branch: who wrote and brought it contributed. */
static int add_squashed(struct change *c, struct judging *j, struct facts *f,
			struct check_sink *sink, uint32_t branch, struct err *e)
{
	bool any, known;
	int rc = people_add_bringer(&c->people, j, f, sink, branch, &known,
				    &any, e);

	if (!rc && !known)
		rc = add_pusher(c, j, branch, e);
	if (rc || !any)
		return rc;
	return people_add_authors(&c->people, j, &f->commit, false, branch, e);
}

static int add_branch(struct change *c, struct judging *j, size_t ref,
		      const struct approval *a, uint32_t branch, bool *known,
		      struct err *e)
{
	struct check_sink sink;
	struct walk *w = NULL;
	struct facts f;
	struct oid peeled;
	size_t i;
	int rc = walk_new(&w, j->repo, e);

	*known = true;
	judging_sink_ref(j, ref, "object", &sink);
	/* these commits are not what is pushed */
	sink.mode = MODE_PREVIEW;
	facts_init(&f);
	if (!rc)
		rc = walk_start(w, &a->target, &peeled, e);
	if (!rc)
		rc = walk_hide(w, &j->refs[ref].old, 0, e);
	if (!rc && !oid_is_null(&a->base))
		rc = walk_hide(w, &a->base, 0, e);
	if (!rc)
		rc = walk_run(w, 1, CHANGE_MAX_SQUASHED, e);
	for (i = 0; !rc && *known && i < walk_count(w); i++) {
		const struct walk_commit *at = walk_at(w, i);

		if (!at->reachable || at->hidden)
			continue;
		rc = facts_read(&f, j, &sink, w, at, known, e);
		if (!rc && *known)
			rc = add_squashed(c, j, &f, &sink, branch, e);
	}
	facts_release(&f);
	walk_free(w);
	return rc;
}

static int branch_digest(struct judging *j, size_t ref,
			 const struct approval *a,
			 unsigned char out[SHA256_SIZE], bool *has,
			 struct err *e)
{
	struct object_fault fault = {0};
	struct oid from, to;
	size_t changes = 0;
	int rc;

	if (oid_is_null(&a->base))
		return change_digest_between(j, &j->refs[ref].old, &a->target,
					     out, has, &fault, e);
	*has = false;
	rc = named_trees(j, a, &from, &to, e);
	if (!rc)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits, &from,
				      &to, out, &changes, &fault, e);
	*has = !rc && changes;
	return rc;
}

/* The tag may claim any digest: that of the branch itself decides. */
static int read_branch(struct change *c, struct judging *j, size_t ref,
		       size_t approval, bool *known, struct err *e)
{
	const struct approval *a = &c->seek.approvals[approval];
	unsigned char digest[SHA256_SIZE];
	bool has;
	int rc;

	*known = false;
	if (c->nbranches++ >= CHANGE_MAX_BRANCHES)
		return 0;
	rc = branch_digest(j, ref, a, digest, &has, e);
	has &= !rc && !memcmp(digest, a->digest, SHA256_SIZE);
	if (has && c->extents[approval].patch)
		rc = patches_check_branch(c, j, ref, a, &has, e);
	if (!rc && has)
		rc = add_branch(c, j, ref, a, PEOPLE_BRANCH(approval), known,
				e);
	if (object_is_amiss(rc)) {
		/* not a branch that tells anything */
		err_clear(e);
		*known = false;
		rc = 0;
	}
	return rc;
}

static bool is_unsure(const struct change *c, const struct extent *x)
{
	size_t i;

	for (i = x->low; i < order_bound(&c->order, x->end); i++)
		if (c->commits[c->order.by_place[i]].unsure)
			return true;
	return false;
}

static bool same(const struct extent *a, const struct extent *b)
{
	return a->low == b->low && a->end == b->end;
}

/* An approval tells by its content: one that names the commits themselves
 * names no branch. */
static bool may_tell(const struct change *c, size_t i)
{
	const struct extent *x = &c->extents[i];

	return (x->diff || x->patch) && !extent_is_named(x) &&
	       is_unsure(c, x) && c->seek.approvals[i].fault == APPROVAL_OK;
}

/* Of what one does not tell by itself, any other of the same commits may. */
static void share(struct change *c, struct extent *x)
{
	size_t i;

	for (i = 0; i < c->seek.n && x->branch == SIZE_MAX; i++)
		if (c->extents[i].branch == i && same(x, &c->extents[i]))
			x->branch = i;
}

/*
 * Its own branch comes first: the authors that another one's branch names may
 * be anybody's invention, and must not take its approval from somebody.
 */
int bringers_settle(struct change *c, struct judging *j, size_t ref,
		    struct err *e)
{
	size_t i;
	bool known;
	int rc = 0;

	for (i = 0; !rc && i < c->seek.n; i++) {
		if (!may_tell(c, i))
			continue;
		rc = read_branch(c, j, ref, i, &known, e);
		if (known)
			c->extents[i].branch = i;
	}
	for (i = 0; !rc && i < c->seek.n; i++)
		share(c, &c->extents[i]);
	return rc ? rc : add_pusher(c, j, PEOPLE_UNSURE, e);
}
