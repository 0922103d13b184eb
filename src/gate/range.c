/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range.h"

#include <stdint.h>

#include "gate/carry.h"
#include "gate/certificate.h"
#include "gate/joined.h"
#include "gate/preview.h"
#include "gate/range_commit.h"
#include "gate/range_state.h"
#include "gate/range_whole.h"
#include "gate/rule_result.h"
#include "gate/signed.h"

/* A tag of a tree or blob has no tip commit: nothing can be looked up. */
static void find_tip_tree(struct range *r)
{
	size_t at = walk_find(r->walk.walk, &r->walk.tip);

	if (at != SIZE_MAX)
		r->tree.tree = walk_at(r->walk.walk, at)->tree;
}

static int run_refs(struct range *r, struct err *e)
{
	const struct judged_ref *ref = &r->j->refs[r->ref];
	struct ref_facts facts = {.ref = ref->real,
				  .old = ref->old,
				  .new_ = ref->update->new_,
				  .rewind = ref->rewind};
	struct signed_tag tag = {0};
	unsigned needs = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < r->nruns; i++)
		if (r->runs[i].sink.mode != MODE_PREVIEW)
			needs |= r->runs[i].needs;
	if (needs & NEED_PUSH_CERT)
		rc = certificate_read(r->j, e);
	for (i = 0; i < r->nruns; i++)
		r->runs[i].ctx.certificate = r->j->certificate;
	if (!rc && needs & NEED_TAG)
		rc = signed_tag_read(r->j, &facts.new_, &tag, e);
	facts.tag_signature = tag.is_tag ? &tag.signature : NULL;
	facts.tagger = span_of(tag.tagger.data, tag.tagger.len);

	/* A preview speaks of the commits, which may go to the gated ref one
	 * day. What becomes of a branch that is not gated is nobody's matter.
	 */
	for (i = 0; !rc && i < r->nruns; i++)
		if (r->runs[i].check->ref &&
		    r->runs[i].sink.mode != MODE_PREVIEW)
			rc = r->runs[i].check->ref(&r->runs[i].ctx, &facts, e);
	signed_tag_release(&tag);
	return rc;
}

/* The walk has read it, since what was there hides. */
static void find_old_tree(struct range *r)
{
	const struct oid *old = &r->j->refs[r->ref].old;
	size_t at = SIZE_MAX;

	if (!oid_is_null(old))
		at = walk_find(r->walk.walk, old);
	if (at != SIZE_MAX)
		r->facts.old_tree = &walk_at(r->walk.walk, at)->tree;
}

static int range_commits(struct range *r, struct err *e)
{
	size_t i;
	bool read;
	int rc;

	if (!r->walk.nsets)
		return 0;
	rc = range_walk_run(&r->walk, &read, e);
	if (rc || !read)
		return rc;
	find_old_tree(r);
	rc = imports_apply(&r->imports, r->j, r->ref, &r->walk, e);
	if (!rc)
		rc = reverts_find(&r->reverts, r->walk.walk, range_all_sets(r),
				  e);
	for (i = 0; !rc && i < walk_count(r->walk.walk); i++)
		rc = range_commit_judge(r, i, e);
	find_tip_tree(r);
	r->j->refs[r->ref].tip = r->walk.tip;
	r->change.wants_patches = r->needs & NEED_PATCH && r->j->in->patch;
	if (!rc && range_whole_wants_approvals(r)) {
		rc = change_find_approvals(&r->change, r->j, r->ref, e);
	}
	for (i = 0; !rc && i < r->nruns; i++) {
		rc = range_whole_judge(r, &r->runs[i], e);
		if (!rc)
			rc = range_explain(r, &r->runs[i], e);
	}
	if (!rc)
		rc = joined_tell(r->j, r->ref, r->walk.walk, range_all_sets(r),
				 &r->walk.tip, e);
	return rc ? rc : reverts_tell_whole(&r->reverts, e);
}

/* Whether a rule that takes such an excuse refuses all the same. */
static bool refuses(const struct range *r, unsigned needs)
{
	size_t i;

	for (i = 0; i < r->nruns; i++) {
		const struct rule_run *run = &r->runs[i];

		if (run->check->excuses_reverts &&
		    (run->check->needs & needs) == needs &&
		    run->sink.found > run->sink.excused &&
		    judging_weight(run->sink.mode, run->sink.level) ==
			    WEIGHT_REJECT)
			return true;
	}
	return false;
}

static int judge_all(struct judging *j, size_t ref, struct err *e)
{
	bool deleted = oid_is_null(&j->refs[ref].update->new_);
	struct range r;
	size_t i;
	int rc = range_init(&r, j, ref, e);

	if (!rc)
		rc = run_refs(&r, e);
	if (!rc && !deleted)
		rc = range_commits(&r, e);
	for (i = 0; !rc && i < r.nruns; i++)
		rc = rule_result_add(j, &r.runs[i], deleted, e);
	for (i = 0; !rc && i < r.nruns; i++)
		rc = waivers_finish(&r.runs[i].waivers, &r.runs[i].sink, e);
	/* what is only looked at uses none */
	if (!rc && !preview_is(j, ref))
		rc = imports_report(&r.imports, e);
	for (i = 0; !rc && i < r.nruns; i++)
		rc = bots_finish(&r.runs[i].bots, &r.runs[i].sink, e);
	for (i = 0; !rc && i < r.nruns; i++)
		rc = emergency_after_rule(&r.emergency, &r.runs[i].sink,
					  r.runs[i].rule, e);
	if (!rc)
		rc = emergency_report(&r.emergency, e);
	if (!rc)
		rc = reverts_report(&r.reverts, refuses(&r, 0), e);
	if (!rc && refuses(&r, NEED_APPROVALS))
		rc = carry_report(&r.change, j, ref, e);
	range_release(&r);
	return rc;
}

int range_judge(struct judging *j, size_t ref, struct err *e)
{
	struct preview preview;
	int rc = preview_begin(&preview, j, ref, e);

	if (!rc)
		rc = judge_all(j, ref, e);
	preview_end(&preview);
	return rc;
}
