/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/change.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "base/text.h"
#include "git/refs.h"

void change_init(struct change *c)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->arena, REPORT_MAX_BYTES);
}

void change_release(struct change *c)
{
	size_t i;

	for (i = 0; i < c->napprovals; i++)
		approval_release(&c->approvals[i]);
	free(c->approvals);
	free(c->found);
	free(c->people);
	free(c->sets);
	free(c->slots);
	arena_release(&c->arena);
	change_init(c);
}

/* ---- contributors ---- */

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

static int slots_grow(struct change *c, struct err *e)
{
	size_t n = c->nslots ? c->nslots * 4 : 256, i;
	size_t *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return err_nomem(e);
	for (i = 0; i < c->npeople; i++) {
		const struct contributor *p = &c->people[i];
		size_t at = hash_person(p->email, p->login, p->how) & (n - 1);

		while (slots[at])
			at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	free(c->slots);
	c->slots = slots;
	c->nslots = n;
	return 0;
}

static int add_person(struct change *c, const struct judging *j,
		      struct span email, struct span login,
		      enum contributor_how how, uint32_t sets, struct err *e)
{
	const struct principals *all = &j->in->policy->people;
	struct contributor p = {.how = how};
	size_t at;
	int rc;

	if (2 * c->npeople >= c->nslots && slots_grow(c, e))
		return ERR_MEMORY;
	at = hash_person(email, login, how) & (c->nslots - 1);
	for (; c->slots[at]; at = (at + 1) & (c->nslots - 1)) {
		const struct contributor *q = &c->people[c->slots[at] - 1];

		if (q->how == how && text_equal_nocase(q->email, email) &&
		    span_equal(q->login, login)) {
			c->sets[c->slots[at] - 1] |= sets;
			return 0;
		}
	}
	rc = array_push(&c->people, c->npeople, &c->people_cap,
			CHANGE_MAX_CONTRIBUTORS);
	if (rc == -2)
		return err_set(e, ERR_LIMIT,
			       "more than %d people contributed to one change",
			       CHANGE_MAX_CONTRIBUTORS);
	if (!rc)
		rc = array_push(&c->sets, c->npeople, &c->sets_cap,
				CHANGE_MAX_CONTRIBUTORS);
	p.email = span_of(arena_dup(&c->arena, email), email.n);
	p.login = span_of(arena_dup(&c->arena, login), login.n);
	if (rc || !p.email.p || !p.login.p)
		return err_nomem(e);
	p.principal = login.n ? principals_by_login(all, login, j->in->now)
			      : principals_by_email(all, email, j->in->now);
	c->sets[c->npeople] = sets;
	c->people[c->npeople++] = p;
	c->slots[at] = c->npeople;
	return 0;
}

static bool names_author(struct span key)
{
	return span_is_nocase(key, "Co-authored-by") ||
	       span_is_nocase(key, "Co-developed-by");
}

/* The address of `… <mail>` at the end of a line. */
static struct span mail_of(struct span value)
{
	const char *open = NULL, *end;
	size_t i;

	value = span_trim(value);
	if (!value.n || value.p[value.n - 1] != '>')
		return span_of("", 0);
	for (i = 0; i < value.n; i++)
		if (value.p[i] == '<')
			open = value.p + i + 1;
	end = value.p + value.n - 1;
	if (!open || open > end)
		return span_of("", 0);
	return span_of(open, (size_t)(end - open));
}

/* Co-authors count wherever they are named: a squash may have moved them out
 * of the trailer block. */
static int add_coauthors(struct change *c, struct judging *j,
			 struct span message, uint32_t sets, struct err *e)
{
	struct cursor at = cursor_of(message.p, message.n);
	struct span line, none = {"", 0};

	while (cursor_line(&at, &line)) {
		struct cursor in = cursor_of(line.p, line.n);
		struct span key, mail;

		if (!cursor_until(&in, ':', &key) ||
		    !names_author(span_trim(key)))
			continue;
		mail = mail_of(span_of(in.p, cursor_left(&in)));
		if (mail.n && add_person(c, j, mail, none, BY_AUTHOR, sets, e))
			return e ? e->code : ERR_MEMORY;
	}
	return 0;
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

static int brought_by(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, uint32_t sets, struct err *e)
{
	struct span none = {"", 0};
	struct buf who = BUF_INIT(REPORT_MAX_TEXT);
	bool any;
	int rc = remembered(j, f, sink, &any, &who, e);

	if (!rc && any && !who.len)
		c->unsure |= sets;
	if (!rc && who.len)
		rc = add_person(c, j, none, span_of(who.data, who.len),
				BY_BROUGHT, sets, e);
	buf_release(&who);
	return rc;
}

int change_add_commit(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, uint32_t sets, struct err *e)
{
	const struct commit *commit = &f->commit;
	struct span none = {"", 0};
	struct span pusher = span_str(j->in->pusher.login);
	int rc;

	/* merging what others wrote is no contribution */
	if (f->facts.merge && f->facts.changes_nothing)
		return 0;
	rc = add_person(c, j, commit->author.mail, none, BY_AUTHOR, sets, e);
	if (!rc)
		rc = add_person(c, j, commit->committer.mail, none,
				BY_COMMITTER, sets, e);
	if (!rc)
		rc = add_coauthors(c, j, commit->message, sets, e);
	if (!rc)
		rc = brought_by(c, j, f, sink, sets, e);
	if (!rc && pusher.n)
		rc = add_person(c, j, none, pusher, BY_PUSHER, sets, e);
	return rc;
}

int change_people_of(const struct change *c, unsigned set,
		     struct contributor **out, size_t *n, struct err *e)
{
	size_t i;

	*n = 0;
	*out = calloc(c->npeople + 1, sizeof(**out));
	if (!*out)
		return err_nomem(e);
	for (i = 0; i < c->npeople; i++)
		if (c->sets[i] & 1u << set)
			(*out)[(*n)++] = c->people[i];
	return 0;
}

/* ---- digest ---- */

/* Tags may be gated, too: the commit that one names, or the null id. */
static int peel(struct judging *j, const struct oid *id, struct oid *commit,
		struct err *e)
{
	struct walk *w = NULL;
	int rc = walk_new(&w, j->repo, e);

	if (!rc)
		rc = walk_start(w, id, commit, e);
	walk_free(w);
	return rc;
}

static int say_unfit(struct judging *j, size_t ref,
		     const struct object_fault *fault, struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(j, ref, "object", &sink);
	return judging_find(&sink, judging_fault_code(fault->code), NULL,
			    "push the change in parts", e, "%s", fault->text);
}

/* *has is false without a merge base, with several, or without a change. */
static int digest_between(struct judging *j, const struct oid *old_tip,
			  const struct oid *tip, unsigned char out[SHA256_SIZE],
			  bool *has, struct object_fault *fault, struct err *e)
{
	struct oid base, old, from, to;
	size_t n = 0, changes = 0;
	int rc = peel(j, old_tip, &old, e);

	*has = false;
	if (rc || oid_is_null(&old))
		return rc;
	rc = walk_merge_bases(j->repo, &old, tip, &base, 1, &n, e);
	if (rc || n != 1)
		return rc;
	rc = facts_commit_tree(j, &base, &from, e);
	if (!rc)
		rc = facts_commit_tree(j, tip, &to, e);
	if (!rc)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits, &from,
				      &to, out, &changes, fault, e);
	*has = !rc && changes;
	return rc;
}

int change_digest(struct change *c, struct judging *j, size_t ref,
		  struct err *e)
{
	struct judged_ref *r = &j->refs[ref];
	struct object_fault fault = {0};
	int rc;

	c->has_digest = false;
	if (oid_is_null(&r->old) || oid_is_null(&r->tip))
		return 0;
	rc = digest_between(j, &r->old, &r->tip, c->digest, &c->has_digest,
			    &fault, e);
	if (fault.code != FAULT_NONE) {
		err_clear(e);
		return say_unfit(j, ref, &fault, e);
	}
	if (!rc && c->has_digest)
		hex_encode(c->digest, SHA256_SIZE, r->digest);
	return rc;
}

void change_tip_prefix(const struct oid *tip, char out[17])
{
	char hex[OID_HEX_SIZE], digest[SHA256_HEX_SIZE];

	oid_to_hex(tip, hex);
	sha256_hex(hex, strlen(hex), digest);
	memcpy(out, digest, APPROVAL_DIGEST_PREFIX);
	out[APPROVAL_DIGEST_PREFIX] = '\0';
}

/* ---- approvals ---- */

struct seek {
	struct change *c;
	struct judging *j;
	size_t ref;
	struct err *e;
};

struct use_seek {
	struct seek *s;
	struct approval_facts *a;
	size_t n;
	int rc;
};

/* Spent: what an acceptance that counted it brought is still in the ref. */
static int seek_use(void *ctx, const struct engine_use *use)
{
	struct use_seek *u = ctx;
	struct judging *j = u->s->j;
	const struct judged_ref *r = &j->refs[u->s->ref];
	struct oid landed, old;
	bool there = false;

	if (strcmp(use->ref, r->real) != 0 || oid_is_null(&r->old) ||
	    !oid_from_hex(&landed, j->algo, span_str(use->new_hex)))
		return 0;
	u->rc = peel(j, &landed, &landed, u->s->e);
	if (!u->rc)
		u->rc = peel(j, &r->old, &old, u->s->e);
	if (!u->rc && !oid_is_null(&landed) && !oid_is_null(&old))
		u->rc = walk_is_ancestor(j->repo, &landed, &old, &there,
					 u->s->e);
	if (u->rc == ERR_NOT_FOUND) {
		/* that tip is gone from the repository: it never landed */
		err_clear(u->s->e);
		u->rc = 0;
	}
	/* Each push that was accepted and then did not land is one more to
	 * look for; who makes many of them spends the approval. */
	if (!there && ++u->n < CHANGE_MAX_USES)
		return u->rc;
	u->a->spent = true;
	u->a->spent_by = arena_strdup(&u->s->c->arena, use->record);
	return 1;
}

static int look_for_uses(struct seek *s, struct approval_facts *a)
{
	const struct engine_memory *m = s->j->in->memory;
	struct use_seek u = {s, a, 0, 0};
	char hex[SHA256_HEX_SIZE];
	int rc;

	if (!m)
		return 0;
	hex_encode(a->approval->payload, SHA256_SIZE, hex);
	rc = m->uses(m->ctx, s->j->in->repository, hex, seek_use, &u, s->e);
	return rc < 0 ? rc : u.rc;
}

static int read_approval(struct seek *s, const char *name, const struct oid *id)
{
	struct judging *j = s->j;
	struct change *c = s->c;
	struct approval *a = &c->approvals[c->napprovals];
	struct approval_facts *f = &c->found[c->nfound];
	struct object o;
	int rc;

	rc = object_read(j->repo, id, APPROVAL_MAX_BYTES, &o, s->e);
	if (rc == ERR_LIMIT || rc == ERR_NOT_FOUND) {
		err_clear(s->e);
		return 0;
	}
	if (rc)
		return rc;
	approval_init(a);
	if (o.type == OBJECT_TAG)
		rc = approval_read(a, span_of(o.data, o.size), id, j->algo,
				   &j->verifier, s->e);
	else
		a->fault = APPROVAL_MALFORMED;
	object_release(&o);
	if (rc) {
		approval_release(a);
		return rc;
	}
	c->napprovals++;
	memset(f, 0, sizeof(*f));
	f->ref = arena_strdup(&c->arena, name);
	if (!f->ref)
		return err_nomem(s->e);
	c->nfound++;
	return 0;
}

static int found_ref(void *ctx, const char *name, const struct oid *id)
{
	struct seek *s = ctx;
	struct change *c = s->c;
	int rc = array_push(&c->approvals, c->napprovals, &c->approvals_cap,
			    CHANGE_MAX_APPROVALS);

	if (rc == -2)
		return 1; /* more than anybody needs: the rest is not read */
	if (!rc)
		rc = array_push(&c->found, c->nfound, &c->found_cap,
				CHANGE_MAX_APPROVALS);
	if (rc)
		return err_nomem(s->e);
	return read_approval(s, name, id);
}

static int seek_prefix(struct seek *s, const char *digest16)
{
	char prefix[sizeof(APPROVALS_PREFIX) + 32];
	struct judging *j = s->j;
	size_t i;
	int rc;

	snprintf(prefix, sizeof(prefix), APPROVALS_PREFIX "%.16s/", digest16);
	rc = judging_refs_each(j, prefix, found_ref, s, s->e);
	for (i = 0; rc >= 0 && i < j->nrefs; i++) {
		const struct judged_ref *r = &j->refs[i];

		if (!strncmp(r->real, prefix, strlen(prefix)) &&
		    oid_is_null(&r->old) && !oid_is_null(&r->update->new_))
			rc = found_ref(s, r->real, &r->update->new_);
	}
	return rc < 0 ? rc : 0;
}

/* ---- who brought what was squashed ---- */

/* One commit of the branch: who wrote and brought it contributed. */
static int add_squashed(struct change *c, struct judging *j, struct facts *f,
			struct check_sink *sink, bool *known, struct err *e)
{
	struct span none = {"", 0};
	struct buf who = BUF_INIT(REPORT_MAX_TEXT);
	bool any;
	int rc = remembered(j, f, sink, &any, &who, e);

	*known = !any || who.len;
	if (!rc && any && *known)
		rc = add_person(c, j, f->commit.author.mail, none, BY_AUTHOR,
				c->unsure, e);
	if (!rc && any && *known)
		rc = add_coauthors(c, j, f->commit.message, c->unsure, e);
	if (!rc && any && *known)
		rc = add_person(c, j, none, span_of(who.data, who.len),
				BY_BROUGHT, c->unsure, e);
	buf_release(&who);
	return rc;
}

static int add_branch(struct change *c, struct judging *j, size_t ref,
		      const struct oid *tip, bool *known, struct err *e)
{
	struct check_sink sink;
	struct walk *w = NULL;
	struct facts f;
	struct oid peeled;
	size_t i;
	int rc = walk_new(&w, j->repo, e);

	*known = true;
	judging_sink_ref(j, ref, "object", &sink);
	/* these commits are not what is pushed */
	sink.mode = MODE_PREVIEW;
	facts_init(&f);
	if (!rc)
		rc = walk_start(w, tip, &peeled, e);
	if (!rc)
		rc = walk_hide(w, &j->refs[ref].old, 0, e);
	if (!rc)
		rc = walk_run(w, 1, CHANGE_MAX_SQUASHED, e);
	for (i = 0; !rc && *known && i < walk_count(w); i++) {
		const struct walk_commit *at = walk_at(w, i);

		if (!at->reachable || at->hidden)
			continue;
		rc = facts_read(&f, j, &sink, w, at, known, e);
		if (!rc && *known)
			rc = add_squashed(c, j, &f, &sink, known, e);
	}
	facts_release(&f);
	walk_free(w);
	return rc;
}

/*
 * Who squashes a branch brings a commit that nobody saw before, but no
 * change of his own: the branch is on the server, its change as a whole is
 * the same, and who brought its parts is remembered.
 */
static int find_branch(struct change *c, struct judging *j, size_t ref,
		       const struct oid *tip, bool *known, struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	struct object_fault fault;
	bool has;
	int rc = digest_between(j, &j->refs[ref].old, tip, digest, &has, &fault,
				e);

	*known = false;
	if (!rc && has && !memcmp(digest, c->digest, SHA256_SIZE))
		rc = add_branch(c, j, ref, tip, known, e);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		/* not a branch that tells anything */
		err_clear(e);
		*known = false;
		rc = 0;
	}
	return rc;
}

static int settle_bringers(struct change *c, struct judging *j, size_t ref,
			   struct err *e)
{
	struct span none = {"", 0}, login = span_str(j->in->pusher.login);
	bool known = false;
	size_t i;
	int rc = 0;

	if (!c->unsure)
		return 0;
	for (i = 0; !rc && !known && i < c->nfound; i++)
		if (c->found[i].matches_diff && !c->found[i].matches_tip &&
		    c->approvals[i].fault == APPROVAL_OK)
			rc = find_branch(c, j, ref, &c->approvals[i].target,
					 &known, e);
	/* Nobody is known: this push brings it, or it came when nobody looked.
	 * A change without a bringer would let that person approve it; an
	 * empty login stands for who cannot be told from an approver. */
	if (!rc && !known && (login.n || !j->in->trust_old))
		rc = add_person(c, j, none, login, BY_BROUGHT, c->unsure, e);
	return rc;
}

int change_find_approvals(struct change *c, struct judging *j, size_t ref,
			  struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	struct seek s = {c, j, ref, e};
	char tip[17];
	size_t i;
	int rc;

	if (oid_is_null(&r->tip))
		return 0;
	change_tip_prefix(&r->tip, tip);
	rc = seek_prefix(&s, tip);
	if (!rc && c->has_digest)
		rc = seek_prefix(&s, r->digest);
	for (i = 0; !rc && i < c->nfound; i++) {
		struct approval_facts *f = &c->found[i];
		const struct approval *a = &c->approvals[i];

		f->kind = APPROVAL_TAG;
		f->approval = a;
		f->matches_tip = oid_equal(&a->target, &r->tip);
		f->matches_diff = c->has_digest && a->has_digest &&
				  !memcmp(a->digest, c->digest, SHA256_SIZE);
		if (a->fault == APPROVAL_OK)
			rc = look_for_uses(&s, f);
	}
	return rc ? rc : settle_bringers(c, j, ref, e);
}
