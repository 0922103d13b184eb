/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gate/judging.h"

static int add_prefix(const struct judging *j, struct buf *out, struct err *e)
{
	return refs_add_namespace(out, j->in->git_namespace)
		       ? err_set(e, ERR_LIMIT, "GIT_NAMESPACE is too long")
		       : 0;
}

int judging_resolve(struct judging *j, const char *name, struct buf *real,
		    struct oid *id, struct err *e)
{
	struct buf full = BUF_INIT(2 * REFS_MAX_NAME);
	struct buf found = BUF_INIT(2 * REFS_MAX_NAME);
	size_t prefix;
	int rc = add_prefix(j, &full, e);

	prefix = full.len;
	if (!rc && buf_adds(&full, name))
		rc = err_set(e, ERR_LIMIT, "a ref name is too long");
	if (!rc)
		rc = refs_resolve(j->repo, full.data, &found, id, e);
	if (!rc &&
	    (found.len < prefix || memcmp(found.data, full.data, prefix) != 0))
		rc = err_set(e, ERR_MALFORMED,
			     "a symbolic ref leaves the namespace");
	if (!rc && buf_adds(real, found.data + prefix))
		rc = err_nomem(e);
	buf_release(&full);
	buf_release(&found);
	return rc;
}

struct strip {
	size_t prefix;
	refs_fn *fn;
	void *ctx;
};

static int strip_prefix(void *ctx, const char *name, const struct oid *id)
{
	const struct strip *s = ctx;

	return s->fn(s->ctx, name + s->prefix, id);
}

int judging_refs_each(struct judging *j, const char *prefix, refs_fn *fn,
		      void *ctx, struct err *e)
{
	struct buf full = BUF_INIT(2 * REFS_MAX_NAME);
	struct strip s = {.fn = fn, .ctx = ctx};
	int rc = add_prefix(j, &full, e);

	s.prefix = full.len;
	if (!rc && buf_adds(&full, prefix))
		rc = err_set(e, ERR_LIMIT, "a ref name is too long");
	if (!rc)
		rc = refs_each(j->repo, full.data, strip_prefix, &s, e);
	buf_release(&full);
	return rc;
}
