/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/lapsed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "gate/named.h"

/* ---- finding them ---- */

void lapsed_name(const struct commit *c, char out[APPROVAL_DIGEST_PREFIX + 1])
{
	static const char tag[] = "author";
	char when[32], hex[SHA256_HEX_SIZE];
	unsigned char digest[SHA256_SIZE];
	struct sha256 h;

	snprintf(when, sizeof(when), " %" PRId64, c->author.when);
	sha256_init(&h);
	sha256_update(&h, tag, sizeof(tag));
	sha256_update(&h, c->author.mail.p, c->author.mail.n);
	sha256_update(&h, when, strlen(when));
	sha256_final(&h, digest);
	hex_encode(digest, SHA256_SIZE, hex);
	memcpy(out, hex, APPROVAL_DIGEST_PREFIX);
	out[APPROVAL_DIGEST_PREFIX] = '\0';
}

int lapsed_name_target(struct judging *j, const struct oid *target,
		       char out[APPROVAL_DIGEST_PREFIX + 1], struct err *e)
{
	struct object_fault fault = {0};
	struct commit c;
	struct object o;
	int rc = object_read(j->repo, target, WALK_MAX_COMMIT, &o, e);

	out[0] = '\0';
	if (rc)
		return judging_pass_over(rc, e);
	if (o.type == OBJECT_COMMIT &&
	    commit_parse(span_of(o.data, o.size), j->algo,
			 &j->in->policy->limits, &c, &fault))
		lapsed_name(&c, out);
	object_release(&o);
	return 0;
}

int lapsed_find(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	size_t before = c->seek.n, i;
	int rc = 0;

	for (i = 0; !rc && i < c->nauthors; i++)
		if (c->seek.n < before + LAPSED_MAX_FOUND)
			rc = seek_earlier(&c->seek, c->authors[i],
					  j->refs[ref].real,
					  before + LAPSED_MAX_FOUND, e);
	return rc;
}

/* ---- what has changed since ---- */

/* From where to where a change goes, as trees. */
struct leap {
	struct oid from, to;
};

struct comparing {
	struct judging *j;
	struct leap now, then;
	const struct leap *leap; /* whose paths are told */
	struct seek *seek;
	struct approval_facts *a;
	size_t looked;
	struct err *e;
};

struct place {
	unsigned mode; /* 0: nothing is there */
	struct oid id;
};

static int look_up(struct comparing *c, const struct oid *tree,
		   struct span path, struct place *out)
{
	int rc = tree_lookup(c->j->trees, tree, path, &out->mode, &out->id,
			     c->e);

	if (rc != ERR_NOT_FOUND)
		return rc;
	err_clear(c->e);
	out->mode = 0;
	return 0;
}

static int differs(struct comparing *c, const struct oid *a,
		   const struct oid *b, struct span path, bool *yes)
{
	struct place x, y;
	int rc = look_up(c, a, path, &x);

	if (!rc)
		rc = look_up(c, b, path, &y);
	*yes = !rc &&
	       (x.mode != y.mode || (x.mode && !oid_equal(&x.id, &y.id)));
	return rc;
}

static int keep(struct comparing *c, struct span path)
{
	struct approval_facts *a = c->a;

	if (a->nolder < APPROVAL_OLDER_NAMED) {
		a->older[a->nolder] = arena_dup(&c->seek->arena, path);
		if (!a->older[a->nolder])
			return err_nomem(c->e);
	}
	a->nolder++;
	return 0;
}

static int compare_path(void *ctx, const struct path_change *change)
{
	struct comparing *c = ctx;
	bool yes, both = false;
	int rc;

	if (c->looked++ == LAPSED_MAX_PATHS)
		return 1;
	rc = differs(c, &c->then.to, &c->now.to, change->path, &yes);
	/* what both changes touch is told as the one that is pushed comes */
	if (!rc && yes && c->leap == &c->then)
		rc = differs(c, &c->now.from, &c->now.to, change->path, &both);
	if (rc || !yes || both)
		return rc;
	return keep(c, change->path);
}

static int compare_leap(struct comparing *c, const struct leap *leap)
{
	struct object_fault fault = {0};
	struct tree_diff d = {
		.cache = c->j->trees,
		.limits = &c->j->in->policy->limits,
		.fn = compare_path,
		.ctx = c,
		.fault = &fault,
	};
	int rc;

	c->leap = leap;
	rc = tree_diff(&d, &leap->from, 1, &leap->to, c->e);
	return rc > 0 ? 0 : rc;
}

static int find_then(struct comparing *c, const struct oid *old,
		     const struct approval *a, bool *has)
{
	*has = true;
	if (oid_is_null(&a->base))
		return change_trees_between(c->j, old, &a->target,
					    &c->then.from, &c->then.to, has,
					    c->e);
	return named_trees(c->j, a, &c->then.from, &c->then.to, c->e);
}

static bool is_lapsed(const struct change *c, size_t i, const char *ref)
{
	const struct approval_facts *f = &c->seek.found[i];
	const struct approval *a = &c->seek.approvals[i];

	return f->kind == APPROVAL_TAG && a->fault == APPROVAL_OK &&
	       !f->spent && !f->withdrawn_by &&
	       c->extents[i].low == c->extents[i].end &&
	       approval_names_ref(a, ref);
}

int lapsed_compare(struct change *c, struct judging *j, size_t ref,
		   struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	struct comparing k = {.j = j, .seek = &c->seek, .e = e};
	size_t i, n = 0;
	bool has = false, known = false;
	int rc = 0;

	if (oid_is_null(&r->old))
		return 0;
	for (i = 0; !rc && i < c->seek.n && n < LAPSED_MAX_FOUND; i++) {
		if (!is_lapsed(c, i, r->real))
			continue;
		if (!n++)
			rc = change_trees_between(j, &r->old, &r->tip,
						  &k.now.from, &k.now.to,
						  &known, e);
		if (!rc && known)
			rc = find_then(&k, &r->old, &c->seek.approvals[i],
				       &has);
		k.a = &c->seek.found[i];
		k.looked = 0;
		if (!rc && known && has)
			rc = compare_leap(&k, &k.now);
		if (!rc && known && has)
			rc = compare_leap(&k, &k.then);
		rc = judging_pass_over(rc, e);
	}
	return rc;
}
