/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gittuf.h"

#include <string.h>

#include "gate/facts_trees.h"
#include "trust/gittuf.h"

enum { MAX_NAME = 16384 };

/* The tip of GITTUF_REF: this push's when it has one. */
static int find_tip(struct judging *j, struct oid *tip, struct err *e)
{
	struct buf real = BUF_INIT(MAX_NAME);
	size_t i;
	int rc = judging_resolve(j, GITTUF_REF, &real, tip, e);

	for (i = 0; !rc && i < j->nrefs; i++)
		if (!strcmp(j->refs[i].real, real.data))
			*tip = j->refs[i].update->new_;
	buf_release(&real);
	return rc;
}

static int read_envelope(struct change *c, struct judging *j,
			 const struct gittuf_move *move, const struct oid *blob,
			 struct err *e)
{
	struct approval found[GITTUF_MAX_SIGNATURES];
	struct object o;
	size_t n = 0, i;
	int rc = object_read(j->repo, blob, GITTUF_MAX_BYTES, &o, e);

	if (rc)
		return rc;
	if (o.type == OBJECT_BLOB)
		rc = gittuf_read(span_of(o.data, o.size), blob, move,
				 &j->verifier, found, &n, e);
	object_release(&o);
	for (i = 0; i < n; i++)
		if (rc)
			approval_release(&found[i]);
		else
			rc = seek_add(&c->seek, APPROVAL_GITTUF, GITTUF_REF,
				      &found[i], e);
	return rc;
}

static int look(struct change *c, struct judging *j,
		const struct gittuf_move *move, const struct oid *tip,
		struct err *e)
{
	struct buf path = BUF_INIT(MAX_NAME);
	struct oid tree, blob;
	unsigned mode;
	int rc = facts_commit_tree(j, tip, &tree, e);

	gittuf_path(move, &path);
	if (!rc)
		rc = tree_lookup(j->trees, &tree, span_of(path.data, path.len),
				 &mode, &blob, e);
	if (!rc && (mode == MODE_BLOB || mode == MODE_EXEC))
		rc = read_envelope(c, j, move, &blob, e);
	buf_release(&path);
	if (!object_is_amiss(rc))
		return rc;
	/* nothing that authorizes anything */
	err_clear(e);
	return 0;
}

int gittuf_find(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	struct gittuf_move move = {.ref = r->real, .from = r->old};
	struct oid tip;
	int rc;

	if (!j->in->policy->accept_gittuf || !c->order.n)
		return 0;
	move.from.algo = (unsigned char)j->algo; /* also of the null id */
	rc = facts_commit_tree(j, &r->tip, &move.to, e);
	if (!rc)
		rc = find_tip(j, &tip, e);
	if (rc || oid_is_null(&tip))
		return rc;
	return look(c, j, &move, &tip, e);
}

void gittuf_match(const struct change *c, const struct approval *a,
		  struct extent *x)
{
	if (a->fault != APPROVAL_OK)
		return;
	x->diff = true;
	x->low = 0;
	x->end = c->order.n;
}
