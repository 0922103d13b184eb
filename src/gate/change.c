/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/change.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/encode.h"
#include "gate/bringers.h"
#include "gate/carry.h"
#include "gate/carry_picks.h"
#include "gate/facts_trees.h"
#include "gate/gittuf.h"
#include "gate/lapsed.h"
#include "gate/merged.h"
#include "gate/patches.h"
#include "gate/preview.h"
#include "gate/segments.h"

void change_init(struct change *c, struct judging *j, size_t ref,
		 const struct walk *w)
{
	memset(c, 0, sizeof(*c));
	order_init(&c->order, w);
	people_init(&c->people);
	seek_init(&c->seek, j, ref);
}

void change_release(struct change *c)
{
	order_release(&c->order);
	people_release(&c->people);
	seek_release(&c->seek);
	lane_release(&c->lane);
	free(c->commits);
	free(c->areas);
	free(c->segments);
	free(c->patches);
	free(c->authors);
	free(c->tips);
	free(c->extents);
	carry_free(c->carry);
	memset(c, 0, sizeof(*c));
}

/* ---- commits ---- */

static int add_people(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, uint32_t to, struct err *e)
{
	struct change_commit *cc = &c->commits[to];
	struct span none = {"", 0}, pusher = span_str(j->pusher.login);
	bool known = true, any = false;
	int rc = people_add_authors(&c->people, j, &f->commit, true, to, e);

	if (!rc)
		rc = people_add_bringer(&c->people, j, f, sink, to, &known,
					&any, e);
	cc->unsure = !known;
	cc->has_step = !rc && any && f->commit.nparents == 1;
	if (cc->has_step)
		memcpy(cc->step, f->digest, SHA256_SIZE);
	if (!rc && pusher.n)
		rc = people_add(&c->people, j, none, pusher, BY_PUSHER,
				PEOPLE_ALL, e);
	return rc;
}

static int add_areas(struct change *c, const struct judging *j,
		     const struct facts *f, size_t number, struct err *e)
{
	size_t n = j->in->policy->nareas;

	if (!n)
		return 0;
	if (number >= c->areas_cap) {
		size_t cap = 2 * number + 16;
		bool *v = realloc(c->areas, cap * n * sizeof(*v));

		if (!v)
			return err_nomem(e);
		c->areas = v;
		c->areas_cap = cap;
	}
	if (f->areas)
		memcpy(c->areas + number * n, f->areas, n * sizeof(*f->areas));
	else
		memset(c->areas + number * n, 0, n * sizeof(*c->areas));
	return 0;
}

/* The newest commits come first. */
static int add_author(struct change *c, const struct facts *f, struct err *e)
{
	if (c->nauthors == LAPSED_MAX_COMMITS)
		return 0;
	if (!c->authors)
		c->authors = calloc(LAPSED_MAX_COMMITS, sizeof(*c->authors));
	if (!c->authors)
		return err_nomem(e);
	lapsed_name(&f->commit, c->authors[c->nauthors++]);
	return 0;
}

int change_add_commit(struct change *c, struct judging *j, struct facts *f,
		      struct check_sink *sink, size_t at, uint32_t hidden,
		      bool asked, struct err *e)
{
	size_t number = c->order.n;
	int rc = array_push(&c->commits, number, &c->commits_cap,
			    CHANGE_MAX_COMMITS);

	if (rc)
		return err_nomem(e);
	c->commits[number] = (struct change_commit){
		.hidden = hidden,
		.asked = asked,
		.clean = f->facts.merge && f->facts.changes_nothing,
	};
	rc = order_add(&c->order, at, e);
	if (!rc)
		rc = add_areas(c, j, f, number, e);
	/* merging what others wrote is no contribution */
	if (rc || c->commits[number].clean)
		return rc;
	rc = add_author(c, f, e);
	return rc ? rc : add_people(c, j, f, sink, (uint32_t)number, e);
}

/* ---- the whole ---- */

static int say_unfit(struct judging *j, size_t ref,
		     const struct object_fault *fault, struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(j, ref, "object", &sink);
	if (preview_is(j, ref))
		sink.mode = MODE_PREVIEW;
	return judging_find(&sink, judging_fault_code(fault->code), NULL,
			    "push the change in parts", e, "%s", fault->text);
}

int change_trees_between(struct judging *j, const struct oid *old_tip,
			 const struct oid *tip, struct oid *from,
			 struct oid *to, bool *has, struct err *e)
{
	struct oid base, old;
	size_t n = 0;
	int rc = judging_peel(j, old_tip, &old, e);

	*has = false;
	if (rc || oid_is_null(&old))
		return rc;
	rc = walk_merge_bases(j->repo, &old, tip, &base, 1, &n, e);
	if (rc || n != 1)
		return rc;
	rc = facts_commit_tree(j, &base, from, e);
	if (!rc)
		rc = facts_commit_tree(j, tip, to, e);
	*has = !rc;
	return rc;
}

int change_digest_between(struct judging *j, const struct oid *old_tip,
			  const struct oid *tip, unsigned char out[SHA256_SIZE],
			  bool *has, struct object_fault *fault, struct err *e)
{
	struct oid from, to;
	size_t changes = 0;
	int rc = change_trees_between(j, old_tip, tip, &from, &to, has, e);

	if (!rc && *has)
		rc = tree_diff_digest(j->trees, &j->in->policy->limits, &from,
				      &to, out, &changes, fault, e);
	*has = !rc && changes;
	return rc;
}

static int find_digest(struct change *c, struct judging *j, size_t ref,
		       struct err *e)
{
	struct judged_ref *r = &j->refs[ref];
	struct object_fault fault = {0};
	int rc;

	if (oid_is_null(&r->old))
		return 0;
	rc = change_digest_between(j, &r->old, &r->tip, c->digest,
				   &c->has_digest, &fault, e);
	if (fault.code != FAULT_NONE) {
		err_clear(e);
		return say_unfit(j, ref, &fault, e);
	}
	if (!rc && c->has_digest)
		hex_encode(c->digest, SHA256_SIZE, r->digest);
	return rc;
}

static int find_order(struct change *c, struct judging *j, size_t ref,
		      struct err *e)
{
	const struct judged_ref *r = &j->refs[ref];
	struct oid old = {0};
	int rc = 0;

	if (!oid_is_null(&r->old))
		rc = judging_peel(j, &r->old, &old, e);
	if (rc)
		return rc;
	rc = order_run(&c->order, j->repo, oid_is_null(&old) ? NULL : &old,
		       &r->tip, &c->lane, &c->based, e);
	c->from_old =
		!rc && c->based && c->lane.foot != SIZE_MAX &&
		oid_equal(&walk_at(c->order.walk, c->lane.foot)->id, &old);
	return rc;
}

int change_find_approvals(struct change *c, struct judging *j, size_t ref,
			  struct err *e)
{
	int rc;

	if (oid_is_null(&j->refs[ref].tip))
		return 0;
	rc = find_digest(c, j, ref, e);
	if (!rc)
		rc = find_order(c, j, ref, e);
	if (!rc)
		rc = segments_find(c, j, ref, e);
	if (!rc)
		rc = merged_find(c, j, e);
	if (!rc && c->wants_patches)
		rc = patches_find(c, j, ref, e);
	if (!rc)
		rc = gittuf_find(c, j, ref, e);
	if (!rc)
		rc = carry_find(c, j, ref, e);
	if (!rc)
		rc = lapsed_find(c, j, ref, e);
	if (!rc)
		rc = seek_finish(&c->seek, e);
	if (!rc)
		rc = segments_match(c, e);
	if (!rc)
		carry_match(c);
	if (!rc)
		rc = lapsed_compare(c, j, ref, e);
	return rc ? rc : bringers_settle(c, j, ref, e);
}
