/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who, and to whom an area is given. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/check_value.h"
#include "policy/loader.h"

/* Something by which a principal is known. */
struct handle {
	const char *value;
	struct span key; /* what must be unique */
	size_t principal;
};

static int compare_handles(const void *left, const void *right)
{
	const struct handle *a = left, *b = right;
	size_t i, n = a->key.n < b->key.n ? a->key.n : b->key.n;

	for (i = 0; i < n; i++) {
		char x = ascii_lower(a->key.p[i]), y = ascii_lower(b->key.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	if (a->key.n != b->key.n)
		return a->key.n < b->key.n ? -1 : 1;
	if (a->principal != b->principal)
		return a->principal < b->principal ? -1 : 1;
	return 0;
}

static int say_shared(struct loader *l, const char *key,
		      const struct handle *first, const struct handle *second)
{
	const struct principal *people = l->p->people.v;
	const struct instance *one, *two;
	struct option_place at;

	one = loader_find(l, "principal", people[first->principal].name);
	two = loader_find(l, "principal", people[second->principal].name);
	at = loader_place(l, one, key, first->value);
	return loader_mistake(l, two, key, second->value,
			      "\"%s\" is %s's already (%s:%u)", second->value,
			      one->name, at.file, at.line);
}

/* Two people with one and the same e-mail, login or key: who is it? */
static int find_shared(struct loader *l, const char *key, struct handle *v,
		       size_t n)
{
	size_t k;
	int rc = 0;

	if (n)
		qsort(v, n, sizeof(*v), compare_handles);
	for (k = 1; k < n && !rc; k++)
		if (text_equal_nocase(v[k].key, v[k - 1].key) &&
		    v[k].principal != v[k - 1].principal)
			rc = say_shared(l, key, &v[k - 1], &v[k]);
	return rc;
}

/* A name with an `@` may be meant as an address, where either may stand. */
static size_t collect_emails(const struct principals *p, struct handle *v)
{
	size_t i, j, n = 0;

	for (i = 0; i < p->n; i++) {
		for (j = 0; j < p->v[i].nemails; j++) {
			const char *mail = p->v[i].emails[j];
			struct span key = email_account(span_str(mail));

			v[n++] = (struct handle){
				mail, key.n ? key : span_str(mail), i};
		}
		if (strchr(p->v[i].name, '@'))
			v[n++] = (struct handle){p->v[i].name,
						 span_str(p->v[i].name), i};
	}
	return n;
}

static size_t collect_logins(const struct principals *p, struct handle *v)
{
	size_t i, j, n = 0;

	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->v[i].nlogins; j++)
			v[n++] =
				(struct handle){p->v[i].logins[j],
						span_str(p->v[i].logins[j]), i};
	return n;
}

static size_t collect_keys(const struct principals *p, struct handle *v)
{
	size_t i, j, n = 0;

	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->v[i].nopenpgp; j++)
			v[n++] = (struct handle){p->v[i].openpgp[j],
						 span_str(p->v[i].openpgp[j]),
						 i};
	return n;
}

int loader_resolve_people(struct loader *l)
{
	const struct principals *p = &l->p->people;
	size_t i, most = 1;
	struct handle *v;
	int rc;

	for (i = 0; i < p->n; i++)
		most += 1 + p->v[i].nemails + p->v[i].nlogins +
			p->v[i].nopenpgp;
	v = arena_alloc(&l->arena, most * sizeof(*v));
	if (!v)
		return err_nomem(l->e);
	rc = find_shared(l, "email", v, collect_emails(p, v));
	if (!rc)
		rc = find_shared(l, "login", v, collect_logins(p, v));
	if (!rc)
		rc = find_shared(l, "openpgp", v, collect_keys(p, v));
	return rc;
}

bool policy_owns(const struct area *a, const struct principal *p, int64_t at)
{
	static const char role[] = VALUE_ROLE;
	size_t i;

	for (i = 0; i < a->owners.n; i++) {
		const char *owner = a->owners.v[i];

		if (strncmp(owner, role, sizeof(role) - 1)
			    ? !strcmp(owner, p->name)
			    : principal_has_role(p, owner + sizeof(role) - 1,
						 at))
			return true;
	}
	return false;
}

static int unknown_owner(struct loader *l, const struct instance *area,
			 const char *name)
{
	const struct principals *p = &l->p->people;
	const char *names[64], *near;
	size_t i;

	for (i = 0; i < p->n && i < 64; i++)
		names[i] = p->v[i].name;
	near = text_nearest(name, names, i);
	return loader_mistake(l, area, "owner", name,
			      "there is no [principal \"%s\"]%s%s%s", name,
			      near ? "; did you mean " : "", near ? near : "",
			      near ? "?" : "");
}

int loader_resolve_owner(struct loader *l, const struct instance *area,
			 const char *owner)
{
	static const char role[] = VALUE_ROLE;
	const struct instance *who = loader_find(l, "principal", owner);
	struct err why = {0};

	if (!strncmp(owner, role, sizeof(role) - 1)) {
		if (!policy_check_role(l->p, owner + sizeof(role) - 1, &why))
			return 0;
		return loader_mistake(l, area, "owner", owner, "%s", why.msg);
	}
	if (!who)
		return unknown_owner(l, area, owner);
	if (l->p->people.v[who->position].kind != KIND_HUMAN)
		return loader_mistake(l, area, "owner", owner,
				      "%s is no human, and could never approve",
				      owner);
	return 0;
}
