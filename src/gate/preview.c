/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/preview.h"

#include <stdlib.h>
#include <string.h>

bool preview_is(const struct judging *j, size_t ref)
{
	return ref != REPORT_NO_REF && !j->refs[ref].scope.ngates &&
	       j->refs[ref].scope.npreviews > 0;
}

static int try_ref(struct preview *p, struct judging *j, struct judged_ref *r,
		   const char *name, struct err *e)
{
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	struct oid id = {0};
	int rc = judging_resolve(j, name, &real, &id, e);

	if (rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		/* no ref to be judged for */
		err_clear(e);
		rc = 0;
	} else if (!rc && !oid_is_null(&id)) {
		char *copy = buf_detach(&real, NULL);

		if (copy) {
			*p = (struct preview){r, r->real, r->old};
			r->real = copy;
			r->old = id;
		} else {
			rc = err_nomem(e);
		}
	}
	buf_release(&real);
	return rc;
}

static bool is_name(const char *glob)
{
	return !strpbrk(glob, "*?[\\");
}

int preview_begin(struct preview *p, struct judging *j, size_t ref,
		  struct err *e)
{
	struct judged_ref *r = &j->refs[ref];
	size_t i, k;
	int rc = 0;

	*p = (struct preview){0};
	/* a clone's refs are not the server's */
	if (!preview_is(j, ref) || j->in->trust_old)
		return 0;
	for (i = 0; i < r->scope.npreviews; i++) {
		const struct gate *g =
			&j->in->policy->gates[r->scope.previews[i]];

		for (k = 0; !rc && !p->of && k < g->refs.n; k++)
			if (is_name(g->refs.v[k]))
				rc = try_ref(p, j, r, g->refs.v[k], e);
	}
	return rc;
}

void preview_end(struct preview *p)
{
	if (!p->of)
		return;
	free(p->of->real);
	p->of->real = p->real;
	p->of->old = p->old;
	p->of = NULL;
}
