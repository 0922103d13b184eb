/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/tree_view.h"

static int view_lookup(void *engine, struct span path, unsigned *mode,
		       uint64_t *size, struct err *e)
{
	struct tree_view *v = engine;
	enum object_type type;
	struct oid id;
	int rc = tree_lookup(v->j->trees, &v->tree, path, mode, &id, e);

	*size = 0;
	if (rc || *mode == MODE_TREE || *mode == MODE_GITLINK)
		return rc;
	return object_stat(v->j->repo, &id, &type, size, e);
}

static int view_blob(void *engine, struct span path, size_t max,
		     struct buf *out, struct err *e)
{
	struct tree_view *v = engine;
	struct object o;
	struct oid id;
	unsigned mode;
	int rc = tree_lookup(v->j->trees, &v->tree, path, &mode, &id, e);

	if (rc)
		return rc;
	rc = object_read(v->j->repo, &id, max, &o, e);
	if (rc)
		return rc;
	if (o.type != OBJECT_BLOB)
		rc = err_set(e, ERR_NOT_FOUND, "not a file");
	else if (buf_add(out, o.data, o.size))
		rc = err_set(e, ERR_LIMIT, "the file is too large");
	object_release(&o);
	return rc;
}

static int view_list(void *engine, struct span directory, tree_list_fn *fn,
		     void *ctx, struct err *e)
{
	struct tree_view *v = engine;

	return tree_list(v->j->trees, &v->tree, directory, fn, ctx, e);
}

void tree_view_init(struct tree_view *v, struct judging *j)
{
	*v = (struct tree_view){
		.j = j,
		.check =
			{
				.engine = v,
				.lookup = view_lookup,
				.blob = view_blob,
				.list = view_list,
			},
	};
}
