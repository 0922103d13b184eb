/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/imports.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/refs.h"

struct loading {
	struct imports *to;
	struct err *e;
};

void imports_release(struct imports *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		import_release(&all->v[i].import);
		free(all->v[i].at);
	}
	free(all->v);
	free(all->brought);
	free(all->joins);
	memset(all, 0, sizeof(*all));
}

bool imports_brought(const struct imports *all, size_t at)
{
	return all->brought && all->brought[at];
}

uint32_t imports_joined(const struct imports *all, size_t at)
{
	uint32_t sets = 0;
	size_t i;

	for (i = 0; i < all->njoins; i++)
		if (all->joins[i].at == at)
			sets |= all->joins[i].sets;
	return sets;
}

/* ---- finding them ---- */

static uint32_t all_sets(const struct range_walk *w)
{
	return (uint32_t)((UINT64_C(1) << w->nsets) - 1);
}

/* Where this push brings the commit; SIZE_MAX: it does not. */
static size_t find_tip(const struct range_walk *w, const struct oid *id)
{
	size_t at = walk_find(w->walk, id);
	const struct walk_commit *c;

	if (at == SIZE_MAX)
		return SIZE_MAX;
	c = walk_at(w->walk, at);
	if (!c->reachable || (c->hidden & all_sets(w)) == all_sets(w))
		return SIZE_MAX;
	return at;
}

static bool is_for_ref(const struct imports *all, const struct import *i)
{
	const char *real = all->j->refs[all->ref].real;

	return import_names_ref(i, refs_in_namespace(real));
}

/* Two people: who signs for foreign history, and who brings it in. */
static void judge_pusher(const struct judging *j, const struct import *i,
			 struct import_fault *out)
{
	const struct principal *who = j->pusher.principal;

	if (out->code || j->in->trust_old)
		return;
	if (!who && !*j->pusher.login)
		import_say(out, "pusher",
			   "the server does not know who pushes, so maybe it "
			   "is who signed the import");
	else if (who && who == i->said.sig.principal)
		import_say(out, "pusher",
			   "who signed the import pushes it, too: that is for "
			   "somebody else to do");
}

static void judge(const struct imports *all, struct imported *v,
		  struct span name)
{
	const struct import *i = &v->import;

	import_judge(all->j, i, name, &v->fault);
	if (!v->fault.code && !is_for_ref(all, i))
		import_say(&v->fault, "ref",
			   "the import of %.10s is for another ref", name.p);
	judge_pusher(all->j, i, &v->fault);
}

static int load_one(struct loading *l, struct span name, const char *at,
		    const struct oid *id, size_t tip)
{
	struct imports *all = l->to;
	struct imported *v;
	int rc;

	if (array_push(&all->v, all->n, &all->cap, IMPORTS_MAX))
		return all->n == IMPORTS_MAX ? 1 : err_nomem(l->e);
	v = &all->v[all->n++];
	memset(v, 0, sizeof(*v));
	import_init(&v->import);
	v->tip = tip;
	v->at = strdup(at);
	if (!v->at)
		return err_nomem(l->e);
	rc = statements_read(all->j, id, &v->import.said, l->e);
	if (!rc)
		rc = statement_verify(&v->import.said, &all->j->verifier, l->e);
	if (rc)
		return rc;
	import_take(&v->import, all->j->algo);
	judge(all, v, name);
	return 0;
}

static int has_landed(const struct imports *all, const struct oid *tip,
		      bool *yes, struct err *e)
{
	const struct judged_ref *r = &all->j->refs[all->ref];
	int rc;

	*yes = walk_find(all->walk->walk, tip) != SIZE_MAX;
	if (*yes || oid_is_null(&r->old))
		return 0;
	rc = walk_is_ancestor(all->j->repo, tip, &r->old, yes, e);
	if (!object_is_amiss(rc))
		return rc;
	err_clear(e);
	*yes = true;
	return 0;
}

static int found(void *ctx, const char *ref, const struct oid *id)
{
	struct loading *l = ctx;
	struct imports *all = l->to;
	struct span name;
	struct oid tip;
	size_t at;

	if (all->seen++ == IMPORTS_MAX_REFS)
		return 1;
	if (!statement_ref_ok(refs_in_namespace(ref), IMPORTS_PREFIX, &name) ||
	    !oid_from_hex(&tip, all->j->algo, name))
		return 0;
	at = find_tip(all->walk, &tip);
	if ((at == SIZE_MAX) != all->elsewhere)
		return 0;
	if (all->elsewhere) {
		bool landed = true;
		int rc;

		/* it is no more than an explanation */
		if (all->others++ == IMPORTS_ASKED)
			return 1;
		rc = has_landed(all, &tip, &landed, l->e);

		if (rc || landed)
			return rc;
	}
	return load_one(l, name, ref, id, at);
}

/* Those that come with this very push. */
static int load_pushed(struct loading *l)
{
	const struct judging *j = l->to->j;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < j->nrefs; i++) {
		const struct judged_ref *r = &j->refs[i];

		if (span_starts(span_str(refs_in_namespace(r->real)),
				IMPORTS_PREFIX) &&
		    oid_is_null(&r->old) && !oid_is_null(&r->update->new_))
			rc = found(l, r->real, &r->update->new_);
	}
	return rc;
}

static bool withdraws(const struct imported *w, const struct imported *v)
{
	return w->import.withdrawal && w->import.said.fault == APPROVAL_OK &&
	       oid_equal(&w->import.withdraws, &v->import.said.tag) &&
	       w->import.said.sig.principal == v->import.said.sig.principal;
}

/* What takes one back lies beside it, and is none itself. */
static void settle_withdrawals(struct imports *all)
{
	size_t i, k;

	for (i = 0; i < all->n; i++)
		for (k = 0; k < all->n; k++)
			if (withdraws(&all->v[i], &all->v[k]))
				import_say(&all->v[k].fault, "withdrawn",
					   "the import of %.10s was withdrawn",
					   all->v[k].import.tip_hex.p);
	for (i = 0, k = 0; i < all->n; i++) {
		if (!all->v[i].import.withdrawal) {
			all->v[k++] = all->v[i];
			continue;
		}
		import_release(&all->v[i].import);
		free(all->v[i].at);
	}
	all->n = k;
}

static int load(struct imports *all, struct err *e)
{
	struct loading l = {all, e};
	int rc = judging_refs_each(all->j, IMPORTS_PREFIX, found, &l, e);

	if (rc >= 0)
		rc = load_pushed(&l);
	if (rc >= 0)
		settle_withdrawals(all);
	return rc < 0 ? rc : 0;
}

/* Whether the ref update brings something that is not from here at all. */
static bool brings_roots(const struct range_walk *w)
{
	size_t i;

	for (i = 0; i < walk_count(w->walk); i++) {
		const struct walk_commit *c = walk_at(w->walk, i);

		if (c->reachable && !c->nparents &&
		    (c->hidden & all_sets(w)) != all_sets(w))
			return true;
	}
	return false;
}

int imports_load_others(struct imports *all, struct err *e)
{
	if (all->elsewhere || !brings_roots(all->walk))
		return 0;
	all->elsewhere = true;
	all->seen = 0;
	return load(all, e);
}

/* ---- applying them ---- */

static int apply_one(struct imports *all, struct imported *v, struct err *e)
{
	struct range_walk *w = all->walk;
	struct walk_behind behind = {.fresh = all->brought};
	unsigned s;
	int rc;

	if (v->fault.code || v->tip == SIZE_MAX)
		return 0;
	for (s = 0; s < w->nsets; s++)
		if (import_has_role(all->j, &v->import, w->imports[s]))
			v->sets |= UINT32_C(1) << s;
	if (!v->sets)
		return 0;
	/* what looks at no commit is not asked of these either */
	v->sets |= all_sets(w) & ~w->looks;
	rc = walk_hide_behind(w->walk, v->tip, v->sets, &behind, e);
	v->commits = behind.n;
	v->alone = !behind.touches;
	return rc;
}

static bool some_rule_allows(const struct range_walk *w)
{
	unsigned s;

	for (s = 0; s < w->nsets; s++)
		if (w->imports[s]->n)
			return true;
	return false;
}

int imports_apply(struct imports *all, struct judging *j, size_t ref,
		  struct range_walk *walk, struct err *e)
{
	size_t i;
	int rc;

	memset(all, 0, sizeof(*all));
	all->j = j;
	all->ref = ref;
	all->walk = walk;
	if (!some_rule_allows(walk))
		return 0;
	rc = load(all, e);
	if (rc || !all->n)
		return rc;
	all->brought = calloc(walk_count(walk->walk) + 1, sizeof(bool));
	if (!all->brought)
		return err_nomem(e);
	for (i = 0; !rc && i < all->n; i++)
		rc = apply_one(all, &all->v[i], e);
	return rc ? rc : imports_find_joins(all, e);
}
