/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "gate/facts_digest.h"

void people_init(struct people *p)
{
	memset(p, 0, sizeof(*p));
	arena_init(&p->arena, REPORT_MAX_BYTES);
}

void people_release(struct people *p)
{
	free(p->v);
	free(p->slots);
	free(p->links);
	arena_release(&p->arena);
	people_init(p);
}

static size_t hash_person(struct span email, struct span login,
			  enum contributor_how how)
{
	uint64_t h = 14695981039346656037ULL ^ (uint64_t)how;
	size_t i;

	for (i = 0; i < email.n; i++)
		h = (h ^ (unsigned char)ascii_lower(email.p[i])) *
		    1099511628211ULL;
	h = (h ^ 0xff) * 1099511628211ULL;
	for (i = 0; i < login.n; i++)
		h = (h ^ (unsigned char)login.p[i]) * 1099511628211ULL;
	return (size_t)h;
}

static int slots_grow(struct people *p, struct err *e)
{
	size_t n = p->nslots ? p->nslots * 4 : 256, i;
	size_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return err_nomem(e);
	for (i = 0; i < p->n; i++) {
		const struct contributor *q = &p->v[i];
		size_t at = hash_person(q->email, q->login, q->how) & (n - 1);

		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	free(p->slots);
	p->slots = slots;
	p->nslots = n;
	return 0;
}

/* @param slot  that is free for somebody new */
static bool find_person(const struct people *p, const struct contributor *who,
			size_t *slot)
{
	size_t at = hash_person(who->email, who->login, who->how);

	for (at &= p->nslots - 1; p->slots[at];
	     at = (at + 1) & (p->nslots - 1)) {
		const struct contributor *q = &p->v[p->slots[at] - 1];

		if (q->how == who->how &&
		    text_equal_nocase(q->email, who->email) &&
		    span_equal(q->login, who->login))
			break;
	}
	*slot = at;
	return p->slots[at] != 0;
}

static int add_person(struct people *p, const struct judging *j,
		      const struct contributor *who, size_t *number,
		      struct err *e)
{
	const struct principals *all = &j->in->policy->people;
	struct contributor new_ = *who;
	size_t slot;
	int rc;

	if (2 * p->n >= p->nslots && slots_grow(p, e))
		return ERR_MEMORY;
	if (find_person(p, who, &slot)) {
		*number = p->slots[slot] - 1;
		return 0;
	}
	rc = array_push(&p->v, p->n, &p->cap, PEOPLE_MAX);
	if (rc == -2)
		return err_set(e, ERR_LIMIT,
			       "more than %d people contributed to one change",
			       PEOPLE_MAX);
	new_.email = span_of(arena_dup(&p->arena, who->email), who->email.n);
	new_.login = span_of(arena_dup(&p->arena, who->login), who->login.n);
	if (rc || !new_.email.p || !new_.login.p)
		return err_nomem(e);
	new_.principal =
		who->login.n ? principals_by_login(all, who->login, j->in->now)
			     : principals_by_email(all, who->email, j->in->now);
	*number = p->n;
	p->v[p->n++] = new_;
	p->slots[slot] = p->n;
	return 0;
}

/* The same is often said of one commit in a row. */
static bool linked(const struct people *p, uint32_t to, size_t person)
{
	size_t i;

	for (i = p->nlinks; i > 0 && p->links[i - 1].to == to; i--)
		if (p->links[i - 1].person == person)
			return true;
	return false;
}

int people_add(struct people *p, const struct judging *j, struct span email,
	       struct span login, enum contributor_how how, uint32_t to,
	       struct err *e)
{
	struct contributor who = {.email = email, .login = login, .how = how};
	size_t number = 0;
	int rc = add_person(p, j, &who, &number, e);

	if (rc || linked(p, to, number))
		return rc;
	rc = array_push(&p->links, p->nlinks, &p->links_cap, PEOPLE_MAX_LINKS);
	if (rc == -2)
		return err_set(e, ERR_LIMIT,
			       "too many people contributed to one change");
	if (rc)
		return err_nomem(e);
	p->links[p->nlinks++] = (struct people_link){to, (uint32_t)number};
	return 0;
}

static bool names_author(struct span key)
{
	return span_is_nocase(key, "Co-authored-by") ||
	       span_is_nocase(key, "Co-developed-by");
}

/* The next address of `A <mail>, B <mail> …`; some write several in a line. */
static bool next_mail(struct cursor *c, struct span *mail)
{
	struct span before;

	return cursor_until(c, '<', &before) && cursor_until(c, '>', mail);
}

/* Co-authors count wherever they are named: a squash may have moved them out
 * of the trailer block. */
static int add_coauthors(struct people *p, const struct judging *j,
			 struct span message, uint32_t to, struct err *e)
{
	struct cursor at = cursor_of(message.p, message.n);
	struct span line, none = {"", 0};
	int rc = 0;

	while (!rc && cursor_line(&at, &line)) {
		struct cursor in = cursor_of(line.p, line.n);
		struct span key, mail;

		if (!cursor_until(&in, ':', &key) ||
		    !names_author(span_trim(key)))
			continue;
		while (!rc && next_mail(&in, &mail))
			rc = people_add(p, j, span_trim(mail), none, BY_AUTHOR,
					to, e);
	}
	return rc;
}

int people_add_authors(struct people *p, const struct judging *j,
		       const struct commit *c, bool committer, uint32_t to,
		       struct err *e)
{
	struct span none = {"", 0};
	int rc = people_add(p, j, c->author.mail, none, BY_AUTHOR, to, e);

	if (!rc && committer)
		rc = people_add(p, j, c->committer.mail, none, BY_COMMITTER, to,
				e);
	if (!rc)
		rc = add_coauthors(p, j, c->message, to, e);
	return rc;
}

/* The remembered login; none for a change that is not remembered, or that
 * changes nothing (*any). */
static int remembered(struct judging *j, struct facts *f,
		      struct check_sink *sink, bool *any, struct buf *login,
		      struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	unsigned char digest[SHA256_SIZE];
	int rc = facts_digest(f, j, sink, digest, any, e);

	if (!rc && *any && m)
		rc = m->brought_by(m->ctx, j->in->repository, digest, login, e);
	return rc;
}

int people_add_bringer(struct people *p, struct judging *j, struct facts *f,
		       struct check_sink *sink, uint32_t to, bool *known,
		       bool *any, struct err *e)
{
	struct span none = {"", 0};
	struct buf who = BUF_INIT(REPORT_MAX_TEXT);
	int rc = remembered(j, f, sink, any, &who, e);

	*known = !*any || who.len;
	if (!rc && who.len)
		rc = people_add(p, j, none, span_of(who.data, who.len),
				BY_BROUGHT, to, e);
	buf_release(&who);
	return rc;
}

int people_of(const struct people *p, people_wanted *wanted, const void *ctx,
	      struct contributor **out, size_t *n, struct err *e)
{
	bool *seen = calloc(p->n + 1, sizeof(*seen));
	size_t i;

	*n = 0;
	*out = calloc(p->n + 1, sizeof(**out));
	if (!*out || !seen) {
		free(seen);
		return err_nomem(e);
	}
	for (i = 0; i < p->nlinks; i++) {
		const struct people_link *l = &p->links[i];

		if (seen[l->person] || !wanted(ctx, l->to))
			continue;
		seen[l->person] = true;
		(*out)[(*n)++] = p->v[l->person];
	}
	free(seen);
	return 0;
}
