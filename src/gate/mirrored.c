/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/mirrored.h"

#include <stdlib.h>

#include "base/array.h"
#include "git/object_parse.h"
#include "git/walk.h"

struct counting {
	struct judging *j;
	struct oid *todo;
	size_t n, cap;
};

/* Each commit once a push, whatever the number of refs that reach it. */
static int count_push(struct counting *c, const struct oid *id, struct err *e)
{
	struct judging *j = c->j;

	if (j->nmirrored >= MIRRORED_MAX ||
	    oid_map_get(&j->mirrored, id) != SIZE_MAX ||
	    !object_is_new(j->repo, id))
		return 0;
	if (oid_map_put(&j->mirrored, id, 1) ||
	    array_push(&c->todo, c->n, &c->cap, MIRRORED_MAX))
		return err_nomem(e);
	j->nmirrored++;
	c->todo[c->n++] = *id;
	return 0;
}

static int count_parents(struct counting *c, const struct object *o,
			 struct err *e)
{
	struct commit_links links;
	struct oid parent;
	size_t i;
	int rc = 0;

	if (o->type != OBJECT_COMMIT ||
	    !commit_parse_links(span_of(o->data, o->size), c->j->algo, &links))
		return 0;
	for (i = 0; !rc && i < links.nparents; i++) {
		commit_links_parent(&links, c->j->algo, i, &parent);
		rc = count_push(c, &parent, e);
	}
	return rc;
}

static int count_one(struct counting *c, const struct oid *id, struct err *e)
{
	struct object o;
	int rc = object_read(c->j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (object_is_amiss(rc)) {
		err_clear(e);
		return 0;
	}
	if (rc)
		return rc;
	rc = count_parents(c, &o, e);
	object_release(&o);
	return rc;
}

/* A tag, or what is no commit at all. */
static int find_tip(struct judging *j, const struct oid *id, struct oid *tip,
		    struct err *e)
{
	int rc = judging_peel(j, id, tip, e);

	if (object_is_amiss(rc)) {
		err_clear(e);
		*tip = (struct oid){.algo = (unsigned char)j->algo};
		rc = 0;
	}
	return rc;
}

int mirrored_count(struct judging *j, size_t ref, struct err *e)
{
	const struct ref_update *u = j->refs[ref].update;
	struct counting c = {.j = j};
	struct oid tip;
	int rc;

	if (oid_is_null(&u->new_))
		return 0;
	rc = find_tip(j, &u->new_, &tip, e);
	if (!rc && !oid_is_null(&tip))
		rc = count_push(&c, &tip, e);
	while (!rc && c.n) {
		struct oid id = c.todo[--c.n];

		j->refs[ref].commits++;
		rc = count_one(&c, &id, e);
	}
	free(c.todo);
	return rc;
}
