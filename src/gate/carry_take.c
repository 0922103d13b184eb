/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/carry_take.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "trust/ssh_verify.h"

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
	const struct order *o = &t->c->order;
	size_t at;

	for (at = t->part->low; at < order_bound(o, t->part->end); at++)
		t->c->carry->v[o->by_place[at]].approved = true;
}

static int take(void *ctx, const struct engine_counted *from)
{
	struct taking *t = ctx;
	struct approval a;
	struct oid tag;

	if (!carry_is_from(t->c->carry, from->ref) ||
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

int carry_take(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	struct taking t = {.c = c, .j = j, .ref = ref, .e = e};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->nsegments; i++) {
		const struct segment *s = &c->segments[i];

		if (!carry_is_picked(c, s->low, s->end))
			continue;
		t.part = s;
		rc = m->counted(m->ctx, j->in->repository, s->digest, take, &t,
				e);
		if (!rc)
			rc = t.rc;
	}
	return rc;
}
