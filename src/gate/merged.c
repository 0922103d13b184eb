/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/merged.h"

#include <string.h>

#include "base/sha256.h"
#include "gate/signed.h"

/* Who made it, as approvals have it. */
static char *committer_text(const struct ident *who)
{
	struct buf b = BUF_INIT(APPROVAL_MAX_BYTES);

	buf_add(&b, who->name.p, who->name.n);
	buf_adds(&b, " <");
	buf_add(&b, who->mail.p, who->mail.n);
	buf_addch(&b, '>');
	return buf_detach(&b, NULL);
}

/* A rule may have asked for its signature as a commit's, too. */
static int verify(struct judging *j, const struct oid *id,
		  const struct commit *c, struct approval *a, struct err *e)
{
	struct buf signature = BUF_INIT(WALK_MAX_COMMIT);
	struct buf payload = BUF_INIT(WALK_MAX_COMMIT);
	int rc = 0;

	if (!commit_signature(c, &signature, &payload)) {
		sha256_of(payload.data, payload.len, a->payload);
		rc = signed_commit(j, id, c, &a->sig, e);
	}
	buf_release(&signature);
	buf_release(&payload);
	if (rc || a->sig.status == SIG_NONE)
		return rc;
	a->made = c->committer.when * 1000;
	a->tagger = committer_text(&c->committer);
	return a->tagger ? 0 : err_nomem(e);
}

/* Many are signed by the keys of forges that merge: nobody's here, and of no
 * interest. What is wrong with one is. */
static bool is_somebodys(const struct signature *sig)
{
	switch (sig->status) {
	case SIG_GOOD:
	case SIG_EXPIRED:
	case SIG_REVOKED:
		return sig->principal != NULL;
	case SIG_BAD:
	case SIG_MALFORMED:
		return true;
	case SIG_NONE:
	case SIG_UNKNOWN_KEY:
	case SIG_UNSUPPORTED:
		break;
	}
	return false;
}

static int read_merge(struct change *c, struct judging *j, const struct oid *id,
		      struct err *e)
{
	struct object_fault fault = {0};
	struct approval a;
	struct commit commit;
	char hex[OID_HEX_SIZE];
	struct object o;
	int rc = object_read(j->repo, id, WALK_MAX_COMMIT, &o, e);

	if (rc)
		return rc;
	approval_init(&a);
	a.tag = a.target = *id;
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), j->algo,
			 &j->in->policy->limits, &commit, &fault))
		rc = verify(j, id, &commit, &a, e);
	object_release(&o);
	if (!rc && is_somebodys(&a.sig))
		return seek_add(&c->seek, APPROVAL_MERGE, oid_to_hex(id, hex),
				&a, e);
	approval_release(&a);
	return rc;
}

static bool brings_asked(const struct change *c, size_t low, size_t end)
{
	for (; low < end; low++)
		if (c->commits[c->order.by_place[low]].asked)
			return true;
	return false;
}

int merged_find(struct change *c, struct judging *j, struct err *e)
{
	const struct order *o = &c->order;
	size_t i, n = 0;
	int rc = 0;

	/* by its place a merge is for this ref, and by nothing else */
	if (!c->from_old || !c->lane.firsts)
		return 0;
	for (i = 1; !rc && i <= c->lane.n; i++) {
		size_t number = c->lane.v[i - 1];

		if (!c->commits[number].clean ||
		    !brings_asked(c, lane_end(o, &c->lane, i - 1),
				  lane_end(o, &c->lane, i)))
			continue;
		if (n++ == CHANGE_MAX_SIGNED) {
			c->bounded = true;
			return 0;
		}
		rc = read_merge(c, j, &order_commit(o, number)->id, e);
	}
	return rc;
}

void merged_match(const struct change *c, const struct approval *a,
		  struct extent *x)
{
	size_t i;

	for (i = 1; i <= c->lane.n; i++) {
		if (!oid_equal(&order_commit(&c->order, c->lane.v[i - 1])->id,
			       &a->target))
			continue;
		x->tip = true;
		x->level = COVER_TIP;
		x->tip_low = lane_end(&c->order, &c->lane, i - 1);
		x->tip_end = lane_end(&c->order, &c->lane, i);
	}
}
