/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/principals.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void free_strings(char **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

static void free_roles(struct role *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

static void free_may(struct principal_may *m)
{
	free_strings(m->checks.v, m->checks.n);
	free_strings(m->repos.v, m->repos.n);
	free_strings(m->refs.v, m->refs.n);
	free_strings(m->paths.v, m->paths.n);
}

void principals_release(struct principals *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		struct principal *one = &p->v[i];

		free(one->name);
		free_strings(one->emails, one->nemails);
		free_strings(one->logins, one->nlogins);
		free_strings(one->openpgp, one->nopenpgp);
		free_roles(one->roles, one->nroles);
		free_may(&one->may);
	}
	free(p->v);
	*p = (struct principals){0};
}

struct span email_account(struct span mail)
{
	static const char noreply[] = "@users.noreply.github.com";
	const size_t tail = sizeof(noreply) - 1;
	struct span number = {mail.p, 0};

	if (mail.n <= tail ||
	    !span_is_nocase(span_of(mail.p + mail.n - tail, tail), noreply))
		return span_of(NULL, 0);
	while (number.n < mail.n && ascii_digit(mail.p[number.n]))
		number.n++;
	if (!number.n || mail.p[number.n] != '+' || span_is(number, "41898282"))
		return span_of(NULL, 0);
	return number;
}

bool email_same(struct span a, struct span b)
{
	struct span x, y;

	if (!a.n || !b.n)
		return false;
	if (text_equal_nocase(a, b))
		return true;
	x = email_account(a);
	y = email_account(b);
	return x.n && span_equal(x, y);
}

static bool ended(const struct principal *p, int64_t now)
{
	return p->until && p->until < now;
}

const struct principal *principals_by_name(const struct principals *p,
					   struct span name, int64_t now)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (span_is(name, p->v[i].name))
			return ended(&p->v[i], now) ? NULL : &p->v[i];
	return NULL;
}

const struct principal *principals_by_email(const struct principals *p,
					    struct span email, int64_t now)
{
	size_t i, j;

	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->v[i].nemails; j++)
			if (email_same(email, span_str(p->v[i].emails[j])))
				return ended(&p->v[i], now) ? NULL : &p->v[i];
	return NULL;
}

const struct principal *principals_by_login(const struct principals *p,
					    struct span login, int64_t now)
{
	size_t i, j;

	if (!login.n)
		return NULL;
	if (span_starts(login, PRINCIPAL_LOGIN))
		return principals_by_name(
			p,
			span_of(login.p + sizeof(PRINCIPAL_LOGIN) - 1,
				login.n - sizeof(PRINCIPAL_LOGIN) + 1),
			now);
	for (i = 0; i < p->n; i++)
		for (j = 0; j < p->v[i].nlogins; j++)
			if (span_is(login, p->v[i].logins[j]))
				return ended(&p->v[i], now) ? NULL : &p->v[i];
	return NULL;
}

const struct role *principal_role(const struct principal *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->nroles; i++)
		if (!strcmp(p->roles[i].name, name))
			return &p->roles[i];
	return NULL;
}

bool principal_has_role(const struct principal *p, const char *name, int64_t at)
{
	const struct role *role = principal_role(p, name);

	return role && (!role->until || at <= role->until);
}

bool principal_is_human(const struct principal *p, int64_t at)
{
	return p->kind == KIND_HUMAN && !ended(p, at);
}
