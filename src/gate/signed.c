/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/signed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/walk.h"

enum {
	SIGNED_LOOK_BACK = 8,	  /* results that a new one is compared with */
	SIGNED_MAX_TEXT = 1 << 20 /* bytes of a signature */
};

struct signed_objects {
	struct buf text, payload; /* of the latest commit */
	struct oid_map seen;	  /* positions in `kept` */
	struct signature *kept;	  /* different ones: signers are few */
	size_t n, cap;
};

static int begin(struct judging *j, struct err *e)
{
	struct signed_objects *s = calloc(1, sizeof(*s));

	if (!s)
		return err_nomem(e);
	buf_init(&s->text, SIGNED_MAX_TEXT);
	buf_init(&s->payload, WALK_MAX_COMMIT);
	j->objects = s;
	return 0;
}

void signed_objects_free(struct signed_objects *s)
{
	if (!s)
		return;
	buf_release(&s->text);
	buf_release(&s->payload);
	oid_map_release(&s->seen);
	free(s->kept);
	free(s);
}

/* The same result again, of those that came last. */
static size_t find_same(const struct signed_objects *s,
			const struct signature *sig)
{
	size_t i, from = s->n > SIGNED_LOOK_BACK ? s->n - SIGNED_LOOK_BACK : 0;

	for (i = s->n; i-- > from;)
		if (!memcmp(&s->kept[i], sig, sizeof(*sig)))
			return i;
	return SIZE_MAX;
}

/* What is not remembered is verified again, so nothing here can be wrong but
 * slow. */
static void keep(struct signed_objects *s, const struct oid *id,
		 const struct signature *sig)
{
	size_t at = find_same(s, sig);

	if (s->seen.n >= SIGNED_MAX_COMMITS)
		return;
	if (at == SIZE_MAX) {
		if (array_push(&s->kept, s->n, &s->cap, SIGNED_MAX_KEPT))
			return;
		at = s->n++;
		s->kept[at] = *sig;
	}
	(void)oid_map_put(&s->seen, id, at);
}

static int verify(struct judging *j, const struct commit *commit,
		  struct signature *out, struct err *e)
{
	struct signed_objects *s = j->objects;

	buf_clear(&s->text);
	buf_clear(&s->payload);
	if (commit_signature(commit, &s->text, &s->payload)) {
		if (s->text.len < SIGNED_MAX_TEXT / 2)
			return err_nomem(e);
		memset(out, 0, sizeof(*out));
		signature_say(out, SIG_MALFORMED, "it is too long");
		return 0;
	}
	return signature_verify(&j->verifier,
				span_of(s->payload.data, s->payload.len),
				span_of(s->text.data, s->text.len), out, e);
}

int signed_commit(struct judging *j, const struct oid *id,
		  const struct commit *commit, struct signature *out,
		  struct err *e)
{
	/* where a commit may be asked for again: by another ref, or a merge
	 * for what it approves */
	bool again = j->nrefs > 1 || commit->nparents > 1;
	size_t at = SIZE_MAX;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (!commit->signature.n)
		return 0;
	if (!j->objects)
		rc = begin(j, e);
	if (rc)
		return rc;
	if (again)
		at = oid_map_get(&j->objects->seen, id);
	if (at != SIZE_MAX) {
		*out = j->objects->kept[at];
		return 0;
	}
	rc = verify(j, commit, out, e);
	if (!rc && again)
		keep(j->objects, id, out);
	return rc;
}

/* ---- tags ---- */

static int tag_signature(struct judging *j, struct span raw,
			 struct signed_tag *out, struct err *e)
{
	struct object_fault fault = {0};
	struct tag tag;

	if (!tag_parse(raw, j->algo, &j->in->policy->limits, &tag, &fault)) {
		signature_say(&out->signature, SIG_MALFORMED, "tag: %s",
			      fault.text);
		return 0;
	}
	if (buf_add(&out->tagger, tag.tagger.mail.p, tag.tagger.mail.n))
		return err_nomem(e);
	return signature_verify(&j->verifier, tag.payload, tag.signature,
				&out->signature, e);
}

int signed_tag_read(struct judging *j, const struct oid *id,
		    struct signed_tag *out, struct err *e)
{
	size_t max = j->in->policy->limits.message + SIGNED_MAX_TEXT;
	enum object_type type;
	struct object o;
	uint64_t size;
	int rc;

	memset(out, 0, sizeof(*out));
	buf_init(&out->tagger, max);
	if (oid_is_null(id))
		return 0;
	rc = object_stat(j->repo, id, &type, &size, e);
	if (!rc && type != OBJECT_TAG)
		return 0;
	if (!rc)
		rc = object_read(j->repo, id, max, &o, e);
	if (object_is_amiss(rc)) {
		/* the walk says so, too; no rule may be content with it */
		out->is_tag = true;
		signature_say(&out->signature, SIG_MALFORMED,
			      "the tag cannot be read");
		err_clear(e);
		return 0;
	}
	if (rc)
		return rc;
	out->is_tag = true;
	rc = tag_signature(j, span_of(o.data, o.size), out, e);
	object_release(&o);
	return rc;
}

void signed_tag_release(struct signed_tag *t)
{
	buf_release(&t->tagger);
}
