/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/carry.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "gate/reverts.h"
#include "git/refs.h"
#include "git/walk.h"
#include "trust/ssh_verify.h"

enum carry_state {
	CARRY_NONE = 0, /* it does not say that it was picked */
	CARRY_UNKNOWN,
	CARRY_ELSEWHERE, /* from a ref that is not named */
	CARRY_OTHER,	 /* it does something else */
	CARRY_BACK,	 /* what was taken back there since */
	CARRY_GOOD
};

/** One commit of the change, by its number. */
struct carry_commit {
	enum carry_state state;
	struct oid picked[CARRY_MAX_LINES];
	size_t n;
	size_t good;   /* which of them */
	bool approved; /* with what was approved together */
	char *elsewhere;
};

struct carry {
	char **refs; /* real names */
	size_t nrefs;
	struct carry_commit *v;
	size_t n;
	bool any; /* says that it was picked */
};

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

/* ---- from where ---- */

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

static bool is_from(const struct carry *k, const char *ref)
{
	size_t i;

	for (i = 0; i < k->nrefs; i++)
		if (!strcmp(k->refs[i], ref))
			return true;
	return false;
}

/* ---- what messages say ---- */

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

static int read_messages(struct carry *k, const struct change *c,
			 struct judging *j, struct err *e)
{
	size_t i;

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

/* ---- whether they were ---- */

struct landed {
	const struct carry *k;
	struct carry_commit *v;
	int64_t when;
	char *ref; /* where it was let in; NULL: nowhere of interest */
	bool nomem;
	enum oid_algo algo;
};

static int see_landing(void *ctx, const struct engine_landing *a)
{
	struct landed *l = ctx;
	struct oid id;
	size_t i;

	if (!a->commit || a->whole ||
	    !oid_from_hex(&id, l->algo, span_str(a->commit)))
		return 0;
	for (i = 0; i < l->v->n && !oid_equal(&id, &l->v->picked[i]); i++)
		;
	if (i == l->v->n)
		return 0;
	if (!is_from(l->k, a->ref)) {
		if (!l->v->elsewhere)
			l->nomem |= !(l->v->elsewhere = strdup(a->ref));
		return l->nomem;
	}
	l->v->good = i;
	l->v->state = CARRY_GOOD;
	l->when = a->when;
	free(l->ref);
	l->nomem |= !(l->ref = strdup(a->ref));
	return l->nomem;
}

static int see_back(void *ctx, const struct engine_landing *a)
{
	const struct landed *l = ctx;

	if (strcmp(a->ref, l->ref) != 0 || a->when < l->when)
		return 0;
	l->v->state = CARRY_BACK;
	return 1;
}

static int ask(const struct judging *j, const unsigned char *digest,
	       engine_landing_fn *fn, struct landed *l, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	int rc = m->landings(m->ctx, j->in->repository, digest, fn, l, e);

	return l->nomem ? err_nomem(e) : rc;
}

/* ---- whether it is still there ---- */

struct remains {
	struct judging *j;
	const struct oid *tree; /* of the ref from which it is picked */
	bool any;
	struct err *e;
};

static int see_remains(void *ctx, const struct path_change *c)
{
	struct remains *r = ctx;
	unsigned mode = 0;
	struct oid id = {0};
	int rc = tree_lookup(r->j->trees, r->tree, c->path, &mode, &id, r->e);

	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	err_clear(r->e);
	r->any = rc ? c->old_mode != 0
		    : mode != c->old_mode || !oid_equal(&id, &c->old_id);
	return r->any;
}

/* It may have been taken back together with others, or by hand: where that
 * ref is now as it was before at each of its paths, it was. */
static int look_at_tip(struct judging *j, const struct landed *l,
		       const struct oid *from, const struct oid *to,
		       struct err *e)
{
	struct buf real = BUF_INIT(2 * REFS_MAX_NAME);
	struct object_fault fault = {0};
	struct oid tip = {0}, tree;
	struct remains r = {.j = j, .tree = &tree, .e = e};
	const struct tree_diff d = {.cache = j->trees,
				    .limits = &j->in->policy->limits,
				    .fn = see_remains,
				    .ctx = &r,
				    .fault = &fault};
	int rc = judging_resolve(j, refs_in_namespace(l->ref), &real, &tip, e);

	if (!rc && !oid_is_null(&tip)) {
		rc = facts_commit_tree(j, &tip, &tree, e);
		if (!rc)
			rc = tree_diff(&d, from, 1, to, e);
	}
	if (rc >= 0 && !r.any)
		l->v->state = CARRY_BACK;
	buf_release(&real);
	return rc < 0 ? rc : 0;
}

static int see_gone(struct judging *j, const struct landed *l,
		    const struct oid *id, struct err *e)
{
	struct oid parent, from, to;
	int rc = reverts_parent(j, id, &parent, e);

	if (!rc)
		rc = facts_commit_tree(j, &parent, &from, e);
	if (!rc)
		rc = facts_commit_tree(j, id, &to, e);
	return rc ? rc : look_at_tip(j, l, &from, &to, e);
}

/* What it names, and whether that was let in anywhere for something else. */
static int other_or_unknown(struct carry_commit *v, struct judging *j,
			    const struct tree_digests *d, struct err *e)
{
	struct tree_digests named;
	int rc = 0;
	size_t i;

	v->state = v->elsewhere ? CARRY_ELSEWHERE : CARRY_UNKNOWN;
	for (i = 0; v->state == CARRY_UNKNOWN && i < v->n; i++) {
		rc = reverts_digests_of(j, &v->picked[i], &named, e);
		if (!rc && named.changes &&
		    memcmp(named.forth, d->forth, SHA256_SIZE) != 0)
			v->state = CARRY_OTHER;
		if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED ||
		    rc == ERR_LIMIT)
			err_clear(e);
		else if (rc)
			return rc;
	}
	return 0;
}

static int judge_commit(struct carry *k, const struct change *c,
			struct judging *j, size_t number, struct err *e)
{
	const struct oid *id = &order_commit(&c->order, number)->id;
	struct carry_commit *v = &k->v[number];
	struct landed l = {.k = k, .v = v, .algo = j->algo};
	struct tree_digests d;
	int rc = reverts_digests_of(j, id, &d, e);

	v->state = CARRY_UNKNOWN;
	if (!rc && d.changes)
		rc = ask(j, d.forth, see_landing, &l, e);
	if (!rc && v->state == CARRY_GOOD)
		rc = ask(j, d.back, see_back, &l, e);
	else if (!rc)
		rc = other_or_unknown(v, j, &d, e);
	if (!rc && v->state == CARRY_GOOD)
		rc = see_gone(j, &l, id, e);
	free(l.ref);
	if (rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		err_clear(e); /* told of where it is judged */
		v->state = CARRY_UNKNOWN;
		rc = 0;
	}
	return rc;
}

/* Who wrote what it names contributed, whoever the pick says has. */
static int add_authors(struct change *c, struct judging *j,
		       const struct oid *id, size_t number, struct err *e)
{
	struct object_fault fault;
	struct object o;
	struct commit commit;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (rc)
		return rc;
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), j->algo,
			 &j->in->policy->limits, &commit, &fault))
		rc = people_add_authors(&c->people, j, &commit, true,
					(uint32_t)number, e);
	object_release(&o);
	return rc;
}

static int judge_commits(struct carry *k, struct change *c, struct judging *j,
			 struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < k->n; i++) {
		struct carry_commit *v = &k->v[i];

		if (!v->n)
			continue;
		rc = judge_commit(k, c, j, i, e);
		if (!rc && v->state == CARRY_GOOD)
			rc = add_authors(c, j, &v->picked[v->good], i, e);
		if (rc == ERR_NOT_FOUND) {
			err_clear(e);
			v->state = CARRY_UNKNOWN;
			rc = 0;
		}
	}
	return rc;
}

/* ---- their approvals ---- */

struct taking {
	struct change *c;
	struct judging *j;
	size_t ref;
	const struct segment *part;
	struct err *e;
	int rc;
};

/* The tag itself, while it is there: then its key is asked for as it is now.
 * @return whether it is */
static bool read_tag(struct taking *t, const struct oid *id, struct approval *a)
{
	struct object o;
	int rc = object_read(t->j->repo, id, APPROVAL_MAX_BYTES, &o, t->e);

	if (rc) {
		err_clear(t->e);
		return false;
	}
	if (o.type != OBJECT_TAG) {
		object_release(&o);
		return false;
	}
	t->rc = approval_read(a, span_of(o.data, o.size), id, t->j->algo,
			      &t->j->verifier, t->e);
	object_release(&o);
	return true;
}

/* As the ledger has it, of who is in the policy today and by a key that may
 * sign today. Of keys that are not listed themselves nobody could tell. */
static void take_record(struct taking *t, const struct engine_counted *from,
			struct approval *a)
{
	const struct verifier *v = &t->j->verifier;
	const struct principal *who;

	a->has_digest = true;
	memcpy(a->digest, t->part->digest, SHA256_SIZE);
	a->made = from->made;
	a->has_end = from->end != 0;
	a->end = from->end;
	a->sig.presence = from->presence;
	a->sig.verification = from->verification;
	t->rc = ssh_key_judge(v->signers, v->people, from->key ? from->key : "",
			      v->at, &a->sig, t->e);
	who = principals_by_name(&t->j->in->policy->people,
				 span_str(from->principal), t->j->in->now);
	if (!t->rc &&
	    (!who || (a->sig.status == SIG_GOOD && a->sig.principal != who)))
		signature_say(&a->sig, SIG_UNKNOWN_KEY,
			      "the key is not %s's any more", from->principal);
}

static int put_place(struct taking *t, struct approval *a, struct err *e)
{
	free(a->ref);
	free(a->repository);
	a->ref = strdup(t->j->refs[t->ref].real);
	a->repository = strdup(t->j->in->repository);
	return a->ref && a->repository ? 0 : err_nomem(e);
}

static int add_approval(struct taking *t, const struct engine_counted *from,
			struct approval *a)
{
	struct seek *s = &t->c->seek;
	struct approval_facts *f;
	size_t n = s->n;
	int rc = put_place(t, a, t->e);

	if (rc) {
		approval_release(a);
		return rc;
	}
	rc = seek_add(s, APPROVAL_CARRIED, from->tag, a, t->e);
	if (rc || s->n == n)
		return rc;
	f = &s->found[n];
	f->carried = arena_strdup(&s->arena, from->record);
	f->from = arena_strdup(&s->arena, from->ref);
	return f->carried && f->from ? 0 : err_nomem(t->e);
}

static bool is_known(const struct seek *s, const struct oid *tag)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->found[i].kind == APPROVAL_CARRIED &&
		    oid_equal(&s->approvals[i].tag, tag))
			return true;
	return false;
}

static void mark_approved(const struct taking *t)
{
	size_t at;

	for (at = t->part->low; at < t->part->end; at++)
		t->c->carry->v[t->c->order.by_place[at]].approved = true;
}

static int take(void *ctx, const struct engine_counted *from)
{
	struct taking *t = ctx;
	struct approval a;
	struct oid tag;

	if (!is_from(t->c->carry, from->ref) ||
	    !oid_from_hex(&tag, t->j->algo, span_str(from->tag)) ||
	    is_known(&t->c->seek, &tag))
		return 0;
	approval_init(&a);
	if (!read_tag(t, &tag, &a))
		take_record(t, from, &a);
	if (!oid_from_hex(&a.target, t->j->algo, span_str(from->tip)) ||
	    !hex_decode(span_str(from->payload), a.payload, SHA256_SIZE) ||
	    t->rc || !a.has_digest || a.withdrawal ||
	    memcmp(a.digest, t->part->digest, SHA256_SIZE) != 0) {
		approval_release(&a);
		return t->rc;
	}
	a.tag = tag;
	t->rc = add_approval(t, from, &a);
	if (!t->rc)
		mark_approved(t);
	return t->rc;
}

/* Each commit of the run says rightly where it was picked. */
static bool is_picked(const struct change *c, size_t low, size_t end)
{
	bool any = false;

	for (; low < end; low++) {
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

static int take_all(struct change *c, struct judging *j, size_t ref,
		    struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	struct taking t = {.c = c, .j = j, .ref = ref, .e = e};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->nsegments; i++) {
		const struct segment *s = &c->segments[i];

		if (!is_picked(c, s->low, s->end))
			continue;
		t.part = s;
		rc = m->counted(m->ctx, j->in->repository, s->digest, take, &t,
				e);
		if (!rc)
			rc = t.rc;
	}
	return rc;
}

int carry_find(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	struct carry *k;
	int rc;

	if (!m || !m->landings || !m->counted ||
	    c->order.n > CARRY_MAX_COMMITS || !c->order.n)
		return 0;
	c->carry = k = calloc(1, sizeof(*k));
	if (!k)
		return err_nomem(e);
	rc = find_refs(k, j, ref, e);
	if (rc || !k->nrefs)
		return rc;
	k->v = calloc(c->order.n, sizeof(*k->v));
	if (!k->v)
		return err_nomem(e);
	k->n = c->order.n;
	rc = read_messages(k, c, j, e);
	if (!rc && k->any)
		rc = judge_commits(k, c, j, e);
	return rc || !k->any ? rc : take_all(c, j, ref, e);
}

void carry_match(struct change *c)
{
	size_t i;

	for (i = 0; i < c->seek.n; i++) {
		struct extent *x = &c->extents[i];

		if (c->seek.found[i].kind == APPROVAL_CARRIED &&
		    !is_picked(c, x->low, x->end))
			*x = (struct extent){.branch = SIZE_MAX};
	}
}

/* ---- why it is none ---- */

static const char *why_not(const struct change *c, size_t number,
			   const char **text)
{
	switch (c->carry->v[number].state) {
	case CARRY_UNKNOWN:
		*text = "what it names was never let in where this gate "
			"carries from";
		return "unknown";
	case CARRY_ELSEWHERE:
		return "other-ref";
	case CARRY_OTHER:
		*text = "it changes something else than what it was picked "
			"from";
		return "not-equal";
	case CARRY_BACK:
		*text = "what it was picked from was taken back there since";
		return "taken-back";
	case CARRY_GOOD:
		*text = "no approval of exactly this change counted there";
		return c->carry->v[number].approved ? NULL : "not-approved";
	case CARRY_NONE:
		break;
	}
	return NULL;
}

int carry_report(const struct change *c, struct judging *j, size_t ref,
		 struct err *e)
{
	const struct carry *k = c->carry;
	char elsewhere[REPORT_MAX_TEXT];
	struct check_sink sink;
	size_t i, told = 0;
	int rc = 0;

	judging_sink_ref(j, ref, "carry", &sink);
	for (i = 0; k && !rc && i < k->n && told < CARRY_MAX_TOLD; i++) {
		const char *text = NULL, *code = why_not(c, i, &text);

		if (!code)
			continue;
		if (!text) {
			snprintf(
				elsewhere, sizeof(elsewhere),
				"what it was picked from was let in on %.200s, "
				"from which this gate carries nothing",
				check_ref_short(k->v[i].elsewhere));
			text = elsewhere;
		}
		told++;
		rc = judging_find(&sink, code, &order_commit(&c->order, i)->id,
				  "it needs approvals of its own", e, "%s",
				  text);
	}
	return rc;
}
