/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range_commit.h"

#include <stdint.h>

#include "base/array.h"
#include "gate/facts_revert.h"
#include "gate/facts_trees.h"
#include "gate/said.h"
#include "gate/told.h"

struct path_run {
	struct rule_run *run;
	struct err *e;
};

static int tell_path(void *ctx, const struct path_change *change)
{
	struct path_run *p = ctx;

	return p->run->check->path(&p->run->ctx, p->run->state, change, p->e);
}

/* Of approvals it is told in the end whether one is missing. */
static void take_back(struct range *r, struct rule_run *run, bool *matched)
{
	run->reverted++;
	*matched = run->check->needs & NEED_APPROVALS;
	if (*matched)
		return;
	reverts_use(&r->reverts, r->at, false);
	run->waived++;
}

/* Whether it is not asked for what others are. */
static int excuse(struct range *r, struct rule_run *run,
		  struct check_sink *objects, bool *matched, struct err *e)
{
	bool yes = false;
	int rc = bots_excuse(&run->bots, &r->facts, objects, &yes, e);

	if (!rc && !yes &&
	    reverts_excuses(&r->reverts, r->at, run->check, run->sink.mode)) {
		take_back(r, run, matched);
		return 0;
	}
	if (!rc && !yes && r->facts.facts.merge &&
	    r->facts.facts.changes_nothing &&
	    reverts_excuses_merge(&r->reverts, r->at, run->check,
				  run->sink.mode)) {
		run->reverted++;
		run->waived++;
		yes = true;
	}
	if (!rc && !yes && run->waivers.n) {
		rc = waivers_cover(&run->waivers, &r->facts, objects, &yes, e);
		run->waived += yes;
	}
	*matched = !yes;
	return rc;
}

static int run_commit(struct range *r, struct rule_run *run,
		      struct check_sink *objects, struct err *e)
{
	bool matched = rule_run_matches(run, &r->facts);
	struct path_run paths = {run, e};
	int rc = 0;

	run->commits++;
	matched &= !(r->joined & rule_run_bit(run) &&
		     run->check->needs & NEED_APPROVALS);
	if (matched)
		rc = excuse(r, run, objects, &matched, e);
	if (rc)
		return rc;
	if (matched && run->check->needs & NEED_APPROVALS) {
		if (array_push(&run->took, run->matched, &run->took_cap,
			       CHANGE_MAX_COMMITS))
			return err_nomem(e);
		run->took[run->matched] = r->change.order.n;
		r->asked = true;
	}
	run->matched += matched;
	r->facts.facts.signature = NULL;
	if (matched && run->needs & NEED_SIGNATURES) {
		rc = facts_signature(&r->facts, r->j, e);
		r->facts.facts.signature = &r->facts.signature;
	}
	if (!rc && matched && run->check->path)
		rc = facts_paths(&r->facts, r->j, objects, tell_path, &paths,
				 e);
	if (!rc && run->check->commit)
		rc = run->check->commit(&run->ctx, run->state, &r->facts.facts,
					matched, e);
	return rc;
}

static int facts_for(struct range *r, struct check_sink *objects, struct err *e)
{
	struct facts *f = &r->facts;
	int rc = 0;

	if (r->needs & NEED_MESSAGE)
		rc = facts_message(f, r->j, objects, e);
	if (!rc && (r->wants_areas || f->facts.merge))
		rc = facts_areas(f, r->j, objects, e);
	if (!rc && r->needs & NEED_MEMORY)
		rc = facts_remember(f, r->j, objects, e);
	if (!rc && r->needs & NEED_REVERTS)
		rc = facts_revert(f, r->j, e);
	return rc;
}

/* To rules past which it may be imported, the merge is two things side by
 * side. */
static int run_joined(struct range *r, struct rule_run *run,
		      struct check_sink *objects, struct err *e)
{
	struct facts *f = &r->facts;
	bool *areas = f->areas, nothing = f->facts.changes_nothing;
	int rc;

	if (!(r->joined & rule_run_bit(run))) {
		rc = run_commit(r, run, objects, e);
		return rc ? rc : range_explain(r, run, e);
	}
	f->areas = NULL;
	f->facts.changes_nothing = true;
	rc = run_commit(r, run, objects, e);
	f->areas = areas;
	f->facts.changes_nothing = nothing;
	return rc ? rc : range_explain(r, run, e);
}

static void know_reverts(struct range *r, size_t at)
{
	const struct reverts *v = &r->reverts;
	struct facts *f = &r->facts;

	r->at = at;
	f->known = reverts_digests(v, at);
	f->lands = v->each;
	f->back = reverts_takes_back(v, at) || (f->facts.merge && v->any);
}

int range_commit_judge(struct range *r, size_t at, struct err *e)
{
	const struct walk_commit *wc = walk_at(r->walk.walk, at);
	uint32_t all = range_all_sets(r);
	struct check_sink objects;
	size_t i;
	bool ok;
	int rc;

	if (!wc->reachable ||
	    ((wc->hidden & all) == all && !imports_brought(&r->imports, at)))
		return 0;
	judging_sink_ref(r->j, r->ref, "object", &objects);
	rc = facts_read(&r->facts, r->j, &objects, r->walk.walk, wc, &ok, e);
	if (rc || !ok || (wc->hidden & all) == all)
		return rc;
	r->j->refs[r->ref].commits++;
	r->asked = false;
	r->joined = imports_joined(&r->imports, at);
	if (((r->joined | wc->hidden) & all) == all)
		rc = facts_nothing(&r->facts, r->j, e);
	if (rc)
		return rc;
	know_reverts(r, at);
	rc = facts_for(r, &objects, e);
	for (i = 0; !rc && i < r->nruns; i++)
		if (!(wc->hidden & rule_run_bit(&r->runs[i])))
			rc = run_joined(r, &r->runs[i], &objects, e);
	if (!rc && r->needs & NEED_APPROVALS)
		rc = change_add_commit(&r->change, r->j, &r->facts, &objects,
				       at, wc->hidden, r->asked, e);
	if (!rc && r->needs & NEED_APPROVALS)
		r->change.commits[r->change.order.n - 1].excused =
			reverts_is(&r->reverts, at);
	return rc ? rc : told_commit(r->j, &r->facts, &objects, e);
}
