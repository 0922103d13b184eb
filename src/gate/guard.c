/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/guard.h"

#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "gate/lapsed.h"
#include "gate/named.h"
#include "gate/statements.h"
#include "trust/approvals.h"

enum { GUARD_MAX_OWN = 16 /* of one change, by one person */ };
#define REPLACE_PREFIX "refs/replace/"

static const char approve_hint[] =
	"an approval is made and pushed by: git approve TARGET COMMIT";
static const char withdraw_hint[] =
	"who gave an approval takes it back with: git approve --withdraw "
	"TARGET COMMIT";
static const char key_hint[] =
	"sign with the key that is registered for you: git config "
	"user.signingkey KEY; or ask the admin to add this one";

static bool below(const char *ref, const char *prefix)
{
	return !strncmp(ref, prefix, strlen(prefix));
}

/* Whoever floods a change with approvals would keep others' from being read,
 * and every push of it busy. */
struct own {
	struct judging *j;
	const struct principal *who;
	size_t n;
	struct err *e;
};

static int count_own(void *ctx, const char *name, const struct oid *id)
{
	struct own *own = ctx;
	struct approval a;
	struct object o;
	int rc;

	(void)name;
	if (object_read(own->j->repo, id, APPROVAL_MAX_BYTES, &o, own->e)) {
		err_clear(own->e);
		return 0;
	}
	approval_init(&a);
	rc = approval_read(&a, span_of(o.data, o.size), id, own->j->algo,
			   &own->j->verifier, own->e);
	if (!rc && a.sig.principal == own->who)
		rc = ++own->n >= GUARD_MAX_OWN;
	approval_release(&a);
	object_release(&o);
	return rc;
}

/* What is said of one approval ref that is pushed. */
struct pushed {
	struct judging *j;
	struct check_sink *sink;
	size_t at;	    /* of the refs of this push */
	const char *prefix; /* of the ref's name; NULL: a tag */
	struct err *e;
};

/* Tags are found by what is remembered of them; those of one change. */
static int count_filed(void *ctx, const char *ref, const char *hex)
{
	struct own *own = ctx;
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	struct oid id;
	int rc = judging_resolve(own->j, ref, &real, &id, own->e);

	(void)hex;
	buf_release(&real);
	if (rc) {
		err_clear(own->e);
		return 0;
	}
	return oid_is_null(&id) ? 0 : count_own(own, ref, &id);
}

static int count_all(const struct pushed *p, struct own *own, const char *dir)
{
	const struct engine_memory *m = p->j->in->memory;
	const struct judged_ref *r = &p->j->refs[p->at];
	size_t i;
	int rc = 0;

	if (p->prefix)
		rc = judging_refs_each(p->j, dir, count_own, own, p->e);
	for (i = 0; m && m->filed && !rc && i < JUDGED_AUTHOR; i++) {
		own->n = 0;
		if (r->approves[i][0])
			rc = m->filed(m->ctx, p->j->in->repository,
				      r->approves[i], count_filed, own, p->e);
	}
	return rc;
}

/* In the repository by the same person, and in this push by anybody. */
static int judge_number(const struct pushed *p, const struct approval *a)
{
	struct own own = {p->j, a->sig.principal, 0, p->e};
	char dir[sizeof(APPROVALS_PREFIX) + APPROVAL_DIGEST_PREFIX + 2];
	size_t i, n = 0;
	int rc;

	snprintf(dir, sizeof(dir), "%s",
		 p->prefix ? APPROVALS_PREFIX : APPROVAL_TAGS_PREFIX);
	if (p->prefix)
		snprintf(dir, sizeof(dir), APPROVALS_PREFIX "%s/", p->prefix);
	for (i = 0; i < p->j->nrefs; i++)
		n += below(p->j->refs[i].real, dir);
	if (n > GUARD_MAX_OWN)
		return judging_find(p->sink, "malformed", NULL, NULL, p->e,
				    "more than %d approvals of one change at a "
				    "time",
				    GUARD_MAX_OWN);
	rc = count_all(p, &own, dir);
	if (rc <= 0)
		return rc;
	return judging_find(
		p->sink, "malformed", NULL,
		"approvals that nobody uses go away by themselves", p->e,
		"its signer has approved this change %d times already",
		GUARD_MAX_OWN);
}

/* Its ref's name must say what the tag says, or it is never found again. */
static bool filed_rightly(const struct approval *a, const char *prefix)
{
	char hex[SHA256_HEX_SIZE], tip[17];

	approval_tip_prefix(&a->target, tip);
	if (!strcmp(prefix, tip))
		return true;
	if (!a->has_digest)
		return false;
	hex_encode(a->digest, SHA256_SIZE, hex);
	return !strncmp(prefix, hex, APPROVAL_DIGEST_PREFIX);
}

/* The approval that is taken back; its fault says when it is none. */
static int read_withdrawn(struct judging *j, const struct oid *id,
			  struct approval *out, struct err *e)
{
	struct object o;
	int rc = object_read(j->repo, id, APPROVAL_MAX_BYTES, &o, e);

	out->fault = APPROVAL_MALFORMED;
	if (object_is_amiss(rc)) {
		err_clear(e);
		return 0;
	}
	if (rc)
		return rc;
	if (o.type == OBJECT_TAG) {
		out->fault = APPROVAL_OK;
		rc = approval_read(out, span_of(o.data, o.size), id, j->algo,
				   &j->verifier, e);
	}
	object_release(&o);
	return rc;
}

/* Where one is found whose own name does not say of what it is. */
static void file(const struct pushed *p, const struct approval *a)
{
	struct judged_ref *r = &p->j->refs[p->at];

	approval_tip_prefix(&a->target, r->approves[JUDGED_TIP]);
	if (a->has_digest)
		hex_encode(a->digest, APPROVAL_DIGEST_PREFIX / 2,
			   r->approves[JUDGED_DIGEST]);
}

static void file_patch(const struct pushed *p, const struct approval *a)
{
	if (!oid_is_null(&a->patch))
		hex_encode(a->patch.id, APPROVAL_DIGEST_PREFIX / 2,
			   p->j->refs[p->at].approves[JUDGED_PATCH]);
}

/* Only who gave an approval takes it back, where it was given. */
static int judge_withdrawal(const struct pushed *p, const struct approval *a)
{
	const char *why = NULL;
	struct approval given;
	int rc;

	approval_init(&given);
	rc = read_withdrawn(p->j, &a->withdraws, &given, p->e);
	if (given.fault == APPROVAL_MALFORMED || given.withdrawal)
		why = "what it withdraws is no approval here";
	else if (given.sig.principal != a->sig.principal)
		why = "it withdraws what somebody else has approved";
	else if (p->prefix && !filed_rightly(&given, p->prefix))
		why = "it withdraws the approval of another change than its "
		      "ref's name says";
	if (!rc && why)
		rc = judging_find(p->sink, "malformed", NULL, withdraw_hint,
				  p->e, "%s", why);
	else if (!rc && !p->prefix)
		file(p, &given);
	approval_release(&given);
	return rc;
}

/* A layer of a stack is what comes after what it stands on. */
static int judge_base(const struct pushed *p, const struct approval *a)
{
	bool ok;
	int rc = named_check_base(p->j, a, &ok, p->e);

	if (rc || ok)
		return rc;
	return judging_find(p->sink, "malformed", NULL, approve_hint, p->e,
			    "its Approves-base is no commit before the one "
			    "that it tags");
}

static int judge_approval(const struct pushed *p, const struct approval *a)
{
	int rc = 0;

	if (a->fault != APPROVAL_OK)
		return judging_find(p->sink, judging_tag_code(a->fault), NULL,
				    a->fault == APPROVAL_UNKNOWN_KEY
					    ? key_hint
					    : approve_hint,
				    p->e, "%s", a->why);
	if (!a->withdrawal && p->prefix && !filed_rightly(a, p->prefix))
		return judging_find(p->sink, "malformed", NULL, approve_hint,
				    p->e,
				    "the approval is for another change than "
				    "its ref's name says");
	if (a->withdrawal)
		rc = judge_withdrawal(p, a);
	else if (!p->prefix)
		file(p, a);
	if (!a->withdrawal) {
		file_patch(p, a);
		if (!rc)
			rc = lapsed_name_target(
				p->j, &a->target,
				p->j->refs[p->at].approves[JUDGED_AUTHOR],
				p->e);
	}
	if (!rc && !oid_is_null(&a->base))
		rc = judge_base(p, a);
	return rc ? rc : judge_number(p, a);
}

static int judge_tag(const struct pushed *p, const struct oid *id)
{
	struct approval a;
	struct object o;
	int rc = object_read(p->j->repo, id, APPROVAL_MAX_BYTES, &o, p->e);

	if (object_is_amiss(rc)) {
		err_clear(p->e);
		return judging_find(p->sink, "malformed", NULL, approve_hint,
				    p->e, "not an approval: it cannot be read");
	}
	if (rc)
		return rc;
	approval_init(&a);
	if (o.type != OBJECT_TAG)
		rc = judging_find(p->sink, "malformed", NULL, approve_hint,
				  p->e, "not an approval: no annotated tag");
	else
		rc = approval_read(&a, span_of(o.data, o.size), id, p->j->algo,
				   &p->j->verifier, p->e);
	if (!rc && o.type == OBJECT_TAG)
		rc = judge_approval(p, &a);
	object_release(&o);
	approval_release(&a);
	return rc;
}

static int guard_approval(struct judging *j, size_t at, struct err *e)
{
	const struct judged_ref *r = &j->refs[at];
	struct check_sink sink;
	char prefix[17];
	struct pushed p = {j, &sink, at, prefix, e};
	const char *real = refs_in_namespace(r->real);

	judging_sink_ref(j, at, "approval", &sink);
	/* "in every mode": who only warns still gets no forged approvals */
	sink.mode = MODE_ENFORCE;
	if (oid_is_null(&r->update->new_))
		return judging_find(&sink, "deleted", NULL, withdraw_hint, e,
				    "approvals are not deleted by a push: "
				    "gatepost removes those that have landed "
				    "or are too old");
	if (!oid_is_null(&r->old))
		return judging_find(&sink, "moved", NULL,
				    "push it under the next number, or let "
				    "git approve find one",
				    e,
				    "an approval stays as it was made, and "
				    "this name is taken");
	if (below(real, APPROVAL_TAGS_PREFIX))
		p.prefix = NULL;
	else if (!approval_ref_ok(real, prefix))
		return judging_find(
			&sink, "malformed", NULL, approve_hint, e,
			"not the name of an approval; it is " APPROVALS_PREFIX
			"<16 hex digits>/<who>-<number>");
	return judge_tag(&p, &r->update->new_);
}

static int guard_replace(struct judging *j, size_t at, struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(j, at, "history", &sink);
	return judging_find(&sink, "replace", NULL,
			    "push the commits themselves", e,
			    "replace refs show other history than there is");
}

/* In every mode: it tells reviewers' clones what they may do. */
static int guard_own(struct judging *j, size_t at, struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(j, at, "push", &sink);
	sink.mode = MODE_ENFORCE;
	return judging_find(&sink, "reserved", NULL,
			    oid_is_null(&j->refs[at].update->new_)
				    ? "leave this ref out of the push; for "
				      "push --mirror, hide it on the server: "
				      "git config --add receive.hideRefs "
				      "refs/gatepost"
				    : "leave this ref out of the push; on the "
				      "server, gatepost policy publish writes "
				      "it",
			    e,
			    GUARD_OWN_PREFIX " is the gate's own; nobody "
					     "pushes there");
}

/* A ref there would leave no room for those below it. */
static bool is_in_the_way(const struct judged_ref *r)
{
	return !strncmp(refs_in_namespace(r->real), APPROVAL_TAGS_PREFIX,
			sizeof(APPROVAL_TAGS_PREFIX) - 2) &&
	       !refs_in_namespace(r->real)[sizeof(APPROVAL_TAGS_PREFIX) - 2] &&
	       oid_is_null(&r->old);
}

static int guard_room(struct judging *j, size_t at, struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(j, at, "approval", &sink);
	sink.mode = MODE_ENFORCE;
	return judging_find(&sink, "malformed", NULL,
			    "give the tag another name", e,
			    "approvals lie below " APPROVAL_TAGS_PREFIX
			    ", where this tag would leave them no room");
}

bool guard_covers(const char *ref)
{
	ref = refs_in_namespace(ref);
	return approval_is_ref(ref) || statements_is_ref(ref) ||
	       below(ref, REPLACE_PREFIX) || below(ref, GUARD_OWN_PREFIX);
}

int guard_ref(struct judging *j, size_t ref, bool *guarded, struct err *e)
{
	const char *real = refs_in_namespace(j->refs[ref].real);

	*guarded = true;
	if (approval_is_ref(real))
		return guard_approval(j, ref, e);
	if (below(real, REPLACE_PREFIX))
		return guard_replace(j, ref, e);
	if (below(real, GUARD_OWN_PREFIX))
		return guard_own(j, ref, e);
	if (statements_is_ref(real))
		return statements_guard(j, ref, e);
	*guarded = false;
	return is_in_the_way(&j->refs[ref]) ? guard_room(j, ref, e) : 0;
}
