/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/mirror.h"

#include <string.h>

#include "base/glob.h"
#include "base/text.h"
#include "policy/loader.h"
#include "policy/scope.h"

enum { MAX_NAMES = 64, MAX_GLOB = 8192 };

/* ---- reading ---- */

static int check_pusher(struct loader *l, const struct instance *i,
			const char *name)
{
	const struct principals *all = &l->p->people;
	const struct instance *who = loader_find(l, "principal", name);
	const char *names[MAX_NAMES], *near;
	size_t k;

	if (who && all->v[who->position].kind == KIND_BOT)
		return 0;
	if (who)
		return loader_mistake(l, i, "pusher", name,
				      "%s is no bot: what people and agents "
				      "push is judged",
				      name);
	for (k = 0; k < all->n && k < MAX_NAMES; k++)
		names[k] = all->v[k].name;
	near = text_nearest(name, names, k);
	return loader_mistake(l, i, "pusher", name,
			      "there is no [principal \"%s\"]%s%s%s", name,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : "");
}

static int check_instead(struct loader *l, const struct instance *i,
			 const char *name)
{
	const struct policy *p = l->p;
	const struct instance *other = loader_find(l, "gate", name);
	const char *names[MAX_NAMES], *near;
	size_t k;

	if (other && p->gates[other->position].pushers.n)
		return loader_mistake(l, i, "instead-of", name,
				      "%s is for a mirror, too: nothing is "
				      "asked there",
				      name);
	if (other)
		return 0;
	for (k = 0; k < p->ngates && k < MAX_NAMES; k++)
		names[k] = p->gates[k].name;
	near = text_nearest(name, names, k);
	return loader_mistake(l, i, "instead-of", name,
			      "there is no [gate \"%s\"]%s%s%s", name,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : "");
}

static int check_keys(struct loader *l, const struct instance *i,
		      const struct gate *gate)
{
	if (!loader_has_key(i, "pusher"))
		return loader_mistake(l, i, "instead-of", NULL,
				      "needs pusher beside it: who mirrors");
	if (gate->mode != MODE_OFF)
		return loader_mistake(l, i, "pusher", NULL,
				      "needs mode = off beside it: such a gate "
				      "is for who mirrors, and asks nothing");
	if (loader_has_key(i, "rule"))
		return loader_mistake(l, i, "rule", NULL,
				      "a gate with pusher asks nothing");
	if (loader_has_key(i, "preview"))
		return loader_mistake(l, i, "preview", NULL,
				      "a gate with pusher advises nobody");
	if (!loader_has_key(i, "ref"))
		return loader_mistake(l, i, NULL, NULL,
				      "needs ref: refs that are mirrored");
	return 0;
}

static int add_spared(struct gate *gate, struct err *e)
{
	struct buf b = BUF_INIT(MAX_GLOB);
	size_t k;
	int rc = 0;

	for (k = 0; !rc && k < gate->refs.n; k++) {
		buf_clear(&b);
		buf_addf(&b, "%c%s", MIRROR_SPARED, gate->refs.v[k]);
		rc = buf_ok(&b) ? option_list_add(&gate->spared, b.data,
						  gate->refs.lines[k], e)
				: err_nomem(e);
	}
	buf_release(&b);
	return rc;
}

int loader_resolve_mirror(struct loader *l, struct gate *gate)
{
	const struct instance *i = loader_find(l, "gate", gate->name);
	size_t k;
	int rc = check_keys(l, i, gate);

	for (k = 0; !rc && k < gate->pushers.n; k++)
		rc = check_pusher(l, i, gate->pushers.v[k]);
	for (k = 0; !rc && k < gate->instead.n; k++)
		rc = check_instead(l, i, gate->instead.v[k]);
	return rc ? rc : add_spared(gate, l->e);
}

/* ---- asking ---- */

bool mirror_has_ref(const struct gate *g, const char *repository,
		    const char *ref)
{
	size_t i;

	if (!g->pushers.n || !gate_has_repository(g, repository))
		return false;
	for (i = 0; i < g->refs.n; i++)
		if (text_glob(g->refs.v[i], ref))
			return true;
	return false;
}

const struct gate *mirror_of(const struct policy *p, const char *repository,
			     const char *ref, const struct principal *pusher)
{
	size_t i;

	if (!pusher || pusher->kind != KIND_BOT)
		return NULL;
	for (i = 0; i < p->ngates; i++) {
		const struct gate *g = &p->gates[i];

		if (option_list_has(&g->pushers, pusher->name) &&
		    mirror_has_ref(g, repository, ref))
			return g;
	}
	return NULL;
}
