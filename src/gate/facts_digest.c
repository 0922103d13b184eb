/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/facts_digest.h"

#include <string.h>

#include "gate/facts_fault.h"
#include "gate/facts_trees.h"

/* All that a merge is against each parent. What it adds or throws away is a
 * change that somebody brings, and which of them is first is his choice. */
static int merge_digest(struct facts *f, struct judging *j,
			struct object_fault *fault, struct err *e)
{
	unsigned char one[SHA256_SIZE];
	size_t changes, i;
	struct sha256 all;
	int rc = 0;

	sha256_init(&all);
	for (i = 0; !rc && i < f->nparents; i++) {
		rc = tree_diff_digest(j->trees, &j->in->policy->limits,
				      &f->parents[i], &f->commit.tree, one,
				      &changes, fault, e);
		sha256_update(&all, one, sizeof(one));
		if (!rc && !i) {
			f->first_any = changes > 0;
			memcpy(f->first, one, sizeof(one));
		}
		f->digest_any |= !rc && changes > 0;
	}
	sha256_final(&all, f->digest);
	return rc;
}

static int read_digest(struct facts *f, struct judging *j,
		       struct object_fault *fault, struct err *e)
{
	struct oid empty = {.algo = (unsigned char)j->algo};
	size_t changes = 0;
	int rc = facts_parent_trees(f, j, e);

	f->digest_any = false;
	if (!rc && f->known && f->commit.nparents == 1) {
		f->digest_any = f->known->changes > 0;
		memcpy(f->digest, f->known->forth, SHA256_SIZE);
		return 0;
	}
	if (rc || f->facts.merge)
		return rc ? rc : merge_digest(f, j, fault, e);
	rc = tree_diff_digest(j->trees, &j->in->policy->limits,
			      f->nparents ? &f->parents[0] : &empty,
			      &f->commit.tree, f->digest, &changes, fault, e);
	f->digest_any = !rc && changes > 0;
	return rc;
}

int facts_digest(struct facts *f, struct judging *j, struct check_sink *sink,
		 unsigned char out[SHA256_SIZE], bool *any, struct err *e)
{
	struct object_fault fault = {0};
	int rc = 0;

	if (!f->has_digest) {
		rc = read_digest(f, j, &fault, e);
		if (rc)
			rc = facts_fault_diff(f, sink, &fault, rc, e);
	}
	f->has_digest = !rc;
	*any = f->digest_any;
	memcpy(out, f->digest, SHA256_SIZE);
	return rc;
}

/* The login that first brought it; empty when nobody is known. */
static int find_login(struct facts *f, struct judging *j,
		      struct check_sink *sink, struct buf *login, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	unsigned char digest[SHA256_SIZE];
	bool any;
	int rc = facts_digest(f, j, sink, digest, &any, e);

	buf_clear(login);
	if (!rc && any && m)
		rc = m->brought_by(m->ctx, j->in->repository, digest, login, e);
	if (!rc && !login->len && object_is_new(j->repo, &f->facts.id) &&
	    buf_adds(login, j->pusher.login))
		rc = err_nomem(e);
	return rc;
}

int facts_brought_by(struct facts *f, struct judging *j,
		     struct check_sink *sink, const struct principal **who,
		     struct err *e)
{
	struct buf login = BUF_INIT(REPORT_MAX_TEXT);
	int rc = 0;

	if (!f->has_bringer) {
		f->bringer = NULL;
		rc = find_login(f, j, sink, &login, e);
		if (!rc && login.len)
			f->bringer = principals_by_login(
				&j->in->policy->people,
				span_of(login.data, login.len), j->in->now);
	}
	f->has_bringer = !rc;
	*who = f->bringer;
	buf_release(&login);
	return rc;
}
