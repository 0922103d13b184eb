/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts_revert.h"

#include <string.h>

#include "gate/facts_trees.h"

/* The full id in a line `This reverts commit <id>`, as git revert writes it. */
static bool reverted_id(const struct commit *c, struct oid *out)
{
	static const char words[] = "This reverts commit ";
	const char *at =
		memmem(c->message.p, c->message.n, words, sizeof(words) - 1);
	size_t n = oid_hex_size(c->algo);

	if (!at)
		return false;
	at += sizeof(words) - 1;
	return (size_t)(c->message.p + c->message.n - at) >= n &&
	       oid_from_hex(out, c->algo, span_of(at, n));
}

/* Whether the commit of these facts has `id` among its ancestors. */
static int has_ancestor(struct facts *f, struct judging *j,
			const struct oid *id, bool *yes, struct err *e)
{
	*yes = f->walk && walk_shows_ancestor(f->walk, f->at, id);
	return *yes ? 0 : walk_is_ancestor(j->repo, id, &f->facts.id, yes, e);
}

/* The trees that a commit goes from and to; false unless it has one parent. */
static int one_step(struct judging *j, const struct oid *id, struct oid *from,
		    struct oid *to, bool *ok, struct err *e)
{
	struct facts_step step;
	int rc = facts_commit_step(j, id, &step, e);

	*ok = !rc && step.nparents == 1;
	if (!*ok)
		return rc;
	*to = step.tree;
	return facts_commit_tree(j, &step.parent, from, e);
}

int facts_revert(struct facts *f, struct judging *j, struct err *e)
{
	unsigned char there[SHA256_SIZE], back[SHA256_SIZE];
	struct object_fault fault;
	struct oid id, from, to;
	size_t n = 0;
	bool ok = false;
	int rc;

	if (f->commit.nparents != 1 || !reverted_id(&f->commit, &id))
		return 0;
	/* what costs most comes last: to look for it in the history */
	rc = one_step(j, &id, &from, &to, &ok, e);
	if (!rc && ok)
		rc = facts_parent_trees(f, j, e);
	if (!rc && ok)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits, &to,
				      &from, back, &n, &fault, e);
	if (!rc && ok)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits,
				      &f->parents[0], &f->commit.tree, there,
				      &n, &fault, e);
	if (!rc && ok && n && !memcmp(there, back, sizeof(there)))
		rc = has_ancestor(f, j, &id, &f->facts.exact_revert, e);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED) {
		/* it names a commit that is not there: no exact revert */
		err_clear(e);
		return 0;
	}
	return rc;
}
