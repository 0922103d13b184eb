/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/carry_picks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/refs.h"
#include "git/walk.h"

void carry_free(struct carry *k)
{
	size_t i;

	if (!k)
		return;
	for (i = 0; i < k->n; i++)
		free(k->v[i].elsewhere);
	for (i = 0; i < k->nrefs; i++)
		free(k->refs[i]);
	free(k->refs);
	free(k->v);
	free(k);
}

/* In the same namespace as the ref that is pushed. */
static int add_ref(struct carry *k, const char *real, const char *name,
		   size_t *cap, struct err *e)
{
	struct buf full = BUF_INIT(2 * REFS_MAX_NAME);
	bool whole = span_starts(span_str(name), "refs/");

	buf_add(&full, real, (size_t)(refs_in_namespace(real) - real));
	buf_addf(&full, "%s%s", whole ? "" : "refs/heads/", name);
	if (!buf_ok(&full) || array_push(&k->refs, k->nrefs, cap, SIZE_MAX)) {
		buf_release(&full);
		return err_nomem(e);
	}
	k->refs[k->nrefs] = buf_detach(&full, NULL);
	if (!k->refs[k->nrefs])
		return err_nomem(e);
	k->nrefs++;
	return 0;
}

/* Each gate before this ref must let it count. */
static bool all_carry(const struct judging *j, const struct scope *s,
		      const char *name)
{
	size_t i, k;

	for (i = 0; i < s->ngates; i++) {
		const struct gate *g = &j->in->policy->gates[s->gates[i]];
		bool has = false;

		for (k = 0; k < g->carry.n; k++)
			has |= !strcmp(g->carry.v[k], name);
		if (!has)
			return false;
	}
	return s->ngates > 0;
}

static int find_refs(struct carry *k, const struct judging *j, size_t ref,
		     struct err *e)
{
	const struct scope *s = &j->refs[ref].scope;
	const struct gate *first;
	size_t i, cap = 0;
	int rc = 0;

	if (!s->ngates)
		return 0;
	first = &j->in->policy->gates[s->gates[0]];
	for (i = 0; !rc && i < first->carry.n; i++)
		if (all_carry(j, s, first->carry.v[i]))
			rc = add_ref(k, j->refs[ref].real, first->carry.v[i],
				     &cap, e);
	return rc;
}

int carry_new(struct carry **out, const struct judging *j, size_t ref,
	      struct err *e)
{
	struct carry *k = calloc(1, sizeof(*k));
	int rc = k ? find_refs(k, j, ref, e) : err_nomem(e);

	*out = NULL;
	if (rc) {
		carry_free(k);
		return rc;
	}
	*out = k;
	return 0;
}

bool carry_is_from(const struct carry *k, const char *ref)
{
	size_t i;

	for (i = 0; i < k->nrefs; i++)
		if (!strcmp(k->refs[i], ref))
			return true;
	return false;
}

static void read_lines(struct carry_commit *v, enum oid_algo algo,
		       struct span text)
{
	static const char words[] = "(cherry picked from commit ";
	size_t n = oid_hex_size(algo);
	const char *end = text.p + text.n, *at = text.p;

	while (v->n < CARRY_MAX_LINES && at < end) {
		at = memmem(at, (size_t)(end - at), words, sizeof(words) - 1);
		if (!at)
			return;
		at += sizeof(words) - 1;
		if ((size_t)(end - at) > n && at[n] == ')' &&
		    oid_from_hex(&v->picked[v->n], algo, span_of(at, n)))
			v->n++;
	}
}

int carry_read(struct carry *k, const struct change *c, struct judging *j,
	       struct err *e)
{
	size_t i;

	k->v = calloc(c->order.n, sizeof(*k->v));
	if (!k->v)
		return err_nomem(e);
	k->n = c->order.n;
	for (i = 0; i < k->n; i++) {
		const struct walk_commit *wc = order_commit(&c->order, i);
		struct object o;
		int rc;

		if (wc->raw.p) {
			read_lines(&k->v[i], j->algo, wc->raw);
		} else {
			rc = object_read(j->repo, &wc->id, WALK_MAX_COMMIT, &o,
					 e);
			if (rc)
				return rc;
			read_lines(&k->v[i], j->algo, span_of(o.data, o.size));
			object_release(&o);
		}
		k->any |= k->v[i].n > 0;
	}
	return 0;
}

bool carry_is_picked(const struct change *c, size_t low, size_t end)
{
	bool any = false;

	for (end = order_bound(&c->order, end); low < end; low++) {
		size_t number = c->order.by_place[low];

		if (c->commits[number].clean)
			continue;
		any = true;
		if (number >= c->carry->n ||
		    c->carry->v[number].state != CARRY_GOOD)
			return false;
	}
	return any;
}
