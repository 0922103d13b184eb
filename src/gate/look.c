/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/look.h"

#include <stdlib.h>

#include "base/array.h"
#include "gate/facts.h"
#include "gate/joined.h"
#include "gate/range_walk.h"
#include "gate/told.h"
#include "git/refs.h"
#include "git/walk.h"
#include "trust/import.h"

/*
 * Outside of every gate nothing is judged, so no refs bound the walk: it ends
 * where the commits end that came with the push.
 */
struct look {
	struct judging *j;
	struct oid *todo;
	size_t n, cap;
	struct oid_map seen;
	bool tell; /* what they say, and who brought them */
};

static int look_push(struct look *l, const struct oid *id, struct err *e)
{
	if (oid_map_get(&l->seen, id) != SIZE_MAX ||
	    !object_is_new(l->j->repo, id))
		return 0;
	if (oid_map_put(&l->seen, id, 1) ||
	    array_push(&l->todo, l->n, &l->cap, SIZE_MAX / sizeof(*id)))
		return err_nomem(e);
	l->todo[l->n++] = *id;
	return 0;
}

static int look_commit(struct look *l, struct facts *f, struct check_sink *sink,
		       const struct oid *id, struct err *e)
{
	const struct walk_commit at = {.id = *id};
	struct oid parent;
	size_t i;
	bool ok;
	int rc;

	rc = facts_read(f, l->j, sink, NULL, &at, &ok, e);
	if (rc || !ok)
		return rc;
	if (l->tell && l->j->wants_memory)
		rc = facts_message(f, l->j, sink, e);
	if (!rc && l->tell && (l->j->wants_changes || l->j->wants_memory))
		rc = told_commit(l->j, f, sink, e);
	for (i = 0; !rc && i < f->commit.nparents; i++) {
		commit_parent(&f->commit, i, &parent);
		rc = look_push(l, &parent, e);
	}
	return rc;
}

int look_judge(struct judging *j, size_t ref, struct err *e)
{
	struct look l = {.j = j};
	struct check_sink sink;
	struct walk *w = NULL;
	struct facts f;
	struct oid tip;
	int rc;

	judging_sink_ref(j, ref, "object", &sink);
	/* foreign history is nobody's change here, and may be long */
	l.tell = !span_starts(span_str(refs_in_namespace(j->refs[ref].real)),
			      IMPORTS_PREFIX);
	facts_init(&f);
	rc = walk_new(&w, j->repo, e);
	if (!rc)
		rc = walk_start(w, &j->refs[ref].update->new_, &tip, e);
	if (rc && w)
		rc = range_walk_fault(j, ref, w, rc, e);
	else if (!rc && !oid_is_null(&tip))
		rc = look_push(&l, &tip, e);
	while (!rc && l.n) {
		struct oid id = l.todo[--l.n];

		j->refs[ref].commits++;
		rc = look_commit(&l, &f, &sink, &id, e);
	}
	if (!rc && l.tell && j->refs[ref].commits)
		rc = joined_look(j, ref, e);
	walk_free(w);
	facts_release(&f);
	free(l.todo);
	oid_map_release(&l.seen);
	return rc;
}
