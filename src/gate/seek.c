/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/seek.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "git/refs.h"
#include "git/walk.h"

void seek_init(struct seek *s, struct judging *j, size_t ref)
{
	memset(s, 0, sizeof(*s));
	s->j = j;
	s->ref = ref;
	arena_init(&s->arena, REPORT_MAX_BYTES);
}

void seek_release(struct seek *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		approval_release(&s->approvals[i]);
	free(s->approvals);
	free(s->found);
	free(s->asked);
	free(s->pushed);
	arena_release(&s->arena);
	seek_init(s, NULL, 0);
}

/* ---- reading ---- */

int seek_add(struct seek *s, enum approval_kind kind, const char *name,
	     struct approval *a, struct err *e)
{
	struct approval_facts *f;
	int rc = array_push(&s->approvals, s->n, &s->cap, SEEK_MAX_APPROVALS);

	if (!rc)
		rc = array_push(&s->found, s->n, &s->found_cap,
				SEEK_MAX_APPROVALS);
	if (rc) {
		approval_release(a);
		s->full |= rc == -2;
		return rc == -2 ? 0 : err_nomem(e);
	}
	s->approvals[s->n] = *a;
	f = &s->found[s->n++];
	*f = (struct approval_facts){.kind = kind};
	f->ref = arena_strdup(&s->arena, name);
	return f->ref ? 0 : err_nomem(e);
}

static bool known(const struct seek *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->found[i].ref, name))
			return true;
	return false;
}

/* What was signed in the tag that a withdrawal names: the same signature can
 * stand in another tag. False when the tag is not there. */
static int named_payload(struct seek *s, const struct approval *w, bool *there,
			 unsigned char payload[SHA256_SIZE], struct err *e)
{
	struct object_fault fault;
	struct object o;
	struct tag t;
	int rc = object_read(s->j->repo, &w->withdraws, APPROVAL_MAX_BYTES, &o,
			     e);

	*there = false;
	if (object_is_amiss(rc)) {
		err_clear(e);
		return 0;
	}
	if (rc)
		return rc;
	*there = o.type == OBJECT_TAG &&
		 tag_parse(span_of(o.data, o.size), s->j->algo,
			   &object_limits_default, &t, &fault);
	if (*there)
		sha256_of(t.payload.p, t.payload.n, payload);
	object_release(&o);
	return 0;
}

/* Take back whatever of the approvals it names. */
static int withdraw(struct seek *s, const struct approval *w, const char *ref,
		    struct err *e)
{
	unsigned char payload[SHA256_SIZE];
	bool there;
	size_t i;
	int rc = named_payload(s, w, &there, payload, e);

	for (i = 0; !rc && i < s->n; i++) {
		const struct approval *a = &s->approvals[i];

		if (a->withdrawal || !a->sig.principal ||
		    a->sig.principal != w->sig.principal)
			continue;
		if (!oid_equal(&a->tag, &w->withdraws) &&
		    (!there || memcmp(a->payload, payload, SHA256_SIZE) != 0))
			continue;
		s->found[i].withdrawn_by = ref;
		s->found[i].withdrawal = w->tag;
	}
	return rc;
}

/* Others' approvals beside it, however many, must leave room for the fewer
 * that are of this change: only what takes one back is of interest. */
static int read_beside(struct seek *s, const struct approval *a,
		       const char *name, struct err *e)
{
	const char *ref;

	if (!a->withdrawal || a->fault != APPROVAL_OK)
		return 0;
	ref = arena_strdup(&s->arena, name);
	return ref ? withdraw(s, a, ref, e) : err_nomem(e);
}

static int read_approval(struct seek *s, const char *name, const struct oid *id,
			 struct err *e)
{
	struct approval a;
	struct object o;
	int rc;

	rc = object_read(s->j->repo, id, APPROVAL_MAX_BYTES, &o, e);
	if (rc == ERR_LIMIT || rc == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	if (rc)
		return rc;
	approval_init(&a);
	if (o.type == OBJECT_TAG)
		rc = approval_read(&a, span_of(o.data, o.size), id, s->j->algo,
				   &s->j->verifier, e);
	else
		a.fault = APPROVAL_MALFORMED;
	object_release(&o);
	if (!rc && !s->beside)
		return seek_add(s, APPROVAL_TAG, name, &a, e);
	if (!rc)
		rc = read_beside(s, &a, name, e);
	approval_release(&a);
	return rc;
}

/* ---- looking ---- */

struct looking {
	struct seek *s;
	struct err *e;
	bool cut; /* not all was read */
};

static int found_ref(void *ctx, const char *name, const struct oid *id)
{
	struct looking *l = ctx;

	if (known(l->s, name))
		return 0;
	l->cut = !l->s->beside && l->s->n == SEEK_MAX_APPROVALS;
	l->s->full |= l->cut;
	return l->cut ? 1 : read_approval(l->s, name, id, l->e);
}

/* Those of this push are few, and are asked for many times. */
static int list_pushed(struct seek *s, struct err *e)
{
	struct judging *j = s->j;
	size_t i;

	if (s->pushed)
		return 0;
	s->pushed = calloc(j->nrefs + 1, sizeof(*s->pushed));
	if (!s->pushed)
		return err_nomem(e);
	for (i = 0; i < j->nrefs; i++) {
		const struct judged_ref *r = &j->refs[i];

		if (approval_is_ref(r->real) && oid_is_null(&r->old) &&
		    !oid_is_null(&r->update->new_))
			s->pushed[s->npushed++] = i;
	}
	return 0;
}

static bool was_asked(const struct seek *s, const struct seek_name *name)
{
	size_t i;

	for (i = 0; i < s->nasked; i++)
		if (!memcmp(s->asked[i].hex, name->hex, sizeof(name->hex)))
			return true;
	return false;
}

static bool ask(struct seek *s, const struct seek_name *name, int *rc,
		struct err *e)
{
	int grown;

	if (was_asked(s, name))
		return false;
	grown = array_push(&s->asked, s->nasked, &s->asked_cap, SEEK_MAX_NAMES);
	s->full |= grown == -2;
	if (grown) {
		*rc = grown == -2 ? 0 : err_nomem(e);
		return false;
	}
	s->asked[s->nasked++] = *name;
	return true;
}

/* An approval that is a tag, and still is what it was. */
static int found_filed(void *ctx, const char *ref, const char *hex)
{
	struct looking *l = ctx;
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	struct oid id, was;
	int rc = 0;

	if (!oid_from_hex(&was, l->s->j->algo, span_str(hex)) ||
	    judging_resolve(l->s->j, ref, &real, &id, l->e))
		err_clear(l->e);
	else if (oid_equal(&id, &was))
		rc = found_ref(l, ref, &id);
	buf_release(&real);
	return rc;
}

static int look_filed(struct looking *l, const struct seek_name *name)
{
	const struct engine_memory *m = l->s->j->in->memory;

	if (!m || !m->filed)
		return 0;
	return m->filed(m->ctx, l->s->j->in->repository, name->hex, found_filed,
			l, l->e);
}

/* A name of which not all could be read is as good as not asked for: what
 * withdraws an approval lies beside it. */
static void forget_last(struct seek *s, size_t n)
{
	while (s->n > n)
		approval_release(&s->approvals[--s->n]);
	s->nasked--;
}

static int look(struct seek *s, const struct seek_name *name, struct err *e)
{
	char prefix[sizeof(APPROVALS_PREFIX) + 32];
	struct looking l = {s, e, false};
	size_t i, before = s->n;
	bool first = !s->pushed;
	int rc = 0;

	if (!ask(s, name, &rc, e))
		return rc;
	rc = list_pushed(s, e);
	snprintf(prefix, sizeof(prefix), APPROVALS_PREFIX "%.16s/", name->hex);
	if (!rc)
		rc = judging_refs_each(s->j, prefix, found_ref, &l, e);
	if (!rc)
		rc = look_filed(&l, name);
	for (i = 0; !rc && i < s->npushed; i++) {
		const struct judged_ref *r = &s->j->refs[s->pushed[i]];

		/* of what a tag is, is not known: it is read the first time */
		if (span_starts(span_str(r->real), prefix) ||
		    (first &&
		     span_starts(span_str(r->real), APPROVAL_TAGS_PREFIX)) ||
		    !strcmp(r->approves[JUDGED_PATCH], name->hex))
			rc = found_ref(&l, r->real, &r->update->new_);
	}
	if (l.cut)
		forget_last(s, before);
	return rc < 0 ? rc : 0;
}

static void name_digest(struct seek_name *name,
			const unsigned char digest[SHA256_SIZE])
{
	hex_encode(digest, APPROVAL_DIGEST_PREFIX / 2, name->hex);
}

int seek_digest(struct seek *s, const unsigned char digest[SHA256_SIZE],
		struct err *e)
{
	struct seek_name name;

	name_digest(&name, digest);
	return look(s, &name, e);
}

int seek_patch(struct seek *s, const struct oid *id, struct err *e)
{
	struct seek_name name;

	name_digest(&name, id->id);
	return look(s, &name, e);
}

int seek_tip(struct seek *s, const struct oid *tip, struct err *e)
{
	struct seek_name name;

	approval_tip_prefix(tip, name.hex);
	return look(s, &name, e);
}

/* What is for another ref is told of nowhere. */
static void drop_others(struct seek *s, size_t from, const char *ref,
			size_t most)
{
	size_t i, n = from;

	for (i = from; i < s->n; i++) {
		const struct approval *a = &s->approvals[i];

		if (n == most || a->withdrawal || a->fault != APPROVAL_OK ||
		    !approval_names_ref(a, ref)) {
			approval_release(&s->approvals[i]);
			continue;
		}
		s->approvals[n] = s->approvals[i];
		s->found[n++] = s->found[i];
	}
	s->n = n;
}

int seek_earlier(struct seek *s, const char *name, const char *ref, size_t most,
		 struct err *e)
{
	struct looking l = {s, e, false};
	struct seek_name asked;
	size_t before = s->n;
	bool full = s->full;
	int rc = 0;

	memcpy(asked.hex, name, sizeof(asked.hex));
	if (ask(s, &asked, &rc, e))
		rc = look_filed(&l, &asked);
	drop_others(s, before, ref, most);
	/* nothing that could count was left out */
	s->full = full;
	return rc < 0 ? rc : 0;
}

/* ---- spent ---- */

struct use_seek {
	struct seek *s;
	struct approval_facts *a;
	size_t n;
	int rc;
	struct err *e;
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
	u->rc = judging_peel(j, &landed, &landed, u->e);
	if (!u->rc)
		u->rc = judging_peel(j, &r->old, &old, u->e);
	if (!u->rc && !oid_is_null(&landed) && !oid_is_null(&old))
		u->rc = walk_is_ancestor(j->repo, &landed, &old, &there, u->e);
	if (u->rc == ERR_NOT_FOUND) {
		/* that tip is gone from the repository: it never landed */
		err_clear(u->e);
		u->rc = 0;
	}
	/* Each push that was accepted and then did not land is one more to
	 * look for; who makes many of them spends the approval. */
	if (!there && ++u->n < SEEK_MAX_USES)
		return u->rc;
	u->a->spent = true;
	u->a->spent_by = arena_strdup(&u->s->arena, use->record);
	return 1;
}

static int look_for_uses(struct seek *s, struct approval_facts *a,
			 struct err *e)
{
	const struct engine_memory *m = s->j->in->memory;
	struct use_seek u = {s, a, 0, 0, e};
	char hex[SHA256_HEX_SIZE];
	int rc;

	if (!m)
		return 0;
	hex_encode(a->approval->payload, SHA256_SIZE, hex);
	rc = m->uses(m->ctx, s->j->in->repository, hex, seek_use, &u, e);
	return rc < 0 ? rc : u.rc;
}

/* ---- withdrawn ---- */

/* Which can be withdrawn and used up. */
static bool is_tag(const struct approval_facts *f)
{
	return f->kind == APPROVAL_TAG || f->kind == APPROVAL_CARRIED;
}

/* Whether all was read that may withdraw it. */
static bool is_known_well(const struct seek *s, size_t i)
{
	const struct approval *a = &s->approvals[i];
	struct seek_name name;

	if (!is_tag(&s->found[i]) || a->fault != APPROVAL_OK)
		return true;
	approval_tip_prefix(&a->target, name.hex);
	if (!was_asked(s, &name))
		return false;
	name_digest(&name, a->digest);
	return !a->has_digest || was_asked(s, &name);
}

static void keep_approvals(struct seek *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (s->approvals[i].withdrawal || !is_known_well(s, i)) {
			approval_release(&s->approvals[i]);
			continue;
		}
		s->approvals[n] = s->approvals[i];
		s->found[n++] = s->found[i];
	}
	s->n = n;
}

static int look_beside(struct seek *s, const struct approval *a, struct err *e)
{
	int rc = 0;

	if (a->has_digest)
		rc = seek_digest(s, a->digest, e);
	return rc ? rc : seek_tip(s, &a->target, e);
}

/* Anybody can file an approval again under the other of its two names: what
 * withdraws it stays where it was. */
static int look_for_withdrawals(struct seek *s, struct err *e)
{
	const struct approval *a;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < s->n; i++) {
		a = &s->approvals[i];
		if (a->withdrawal && a->fault == APPROVAL_OK)
			rc = withdraw(s, a, s->found[i].ref, e);
	}
	s->beside = true;
	for (i = 0; !rc && i < s->n; i++) {
		a = &s->approvals[i];
		if (is_tag(&s->found[i]) && !a->withdrawal &&
		    a->fault == APPROVAL_OK)
			rc = look_beside(s, a, e);
	}
	return rc;
}

int seek_finish(struct seek *s, struct err *e)
{
	int rc = look_for_withdrawals(s, e);
	size_t i;

	if (!rc)
		keep_approvals(s);
	for (i = 0; i < s->n; i++)
		s->found[i].approval = &s->approvals[i];
	for (i = 0; !rc && i < s->n; i++)
		if (s->approvals[i].fault == APPROVAL_OK &&
		    is_tag(&s->found[i]))
			rc = look_for_uses(s, &s->found[i], e);
	return rc;
}
