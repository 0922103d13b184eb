/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range_whole.h"

#include "gate/parts.h"

static int finish_once(struct range *r, struct rule_run *run, struct err *e)
{
	const struct judged_ref *ref = &r->j->refs[r->ref];
	struct parts parts = {0};
	struct range_facts facts = {
		.ref = ref->real,
		.old = ref->old,
		.new_ = ref->update->new_,
		.commits = run->commits,
		.matched = run->matched,
		.tree = run->check->needs & NEED_TREE ? &r->tree.check : NULL,
	};
	int rc = 0;

	if (run->check->needs & NEED_APPROVALS) {
		rc = parts_find(&parts, &r->change, run->set, run->took,
				run->matched, r->j->in->policy->nareas, &facts,
				e);
	}
	if (!rc)
		rc = run->check->finish(&run->ctx, run->state, &facts, e);
	parts_release(&parts);
	return rc;
}

/* What is approved needs no excuse. */
static int try_without(struct range *r, struct rule_run *run, bool *met,
		       struct err *e)
{
	struct check_sink counting = {.j = r->j};
	struct check_ctx real = run->ctx;
	int rc;

	run->ctx.ops = &reverts_trial;
	run->ctx.sink = &counting;
	rc = finish_once(r, run, e);
	run->ctx = real;
	*met = !counting.found;
	return rc;
}

/* A merge that is exactly what it merges, of which something is excused. */
static bool merges_excused(const struct change *c, size_t number)
{
	const struct change_commit *cc = &c->commits[number];
	size_t k, place = c->order.v[number].place;

	if (!cc->clean || !cc->exact || place == SIZE_MAX)
		return false;
	for (k = cc->low; k < place; k++)
		if (c->commits[c->order.by_place[k]].excused)
			return true;
	return false;
}

/* Beside what is excused, nothing may be left but merges of that. */
static bool only_merges(const struct range *r, const struct rule_run *run)
{
	size_t i;

	for (i = 0; i < run->matched; i++)
		if (!merges_excused(&r->change, run->took[i]))
			return false;
	return true;
}

/* Take what is excused out of what matched. */
static void excuse_reverts(struct range *r, struct rule_run *run)
{
	bool weighs = judging_weight(run->sink.mode, run->sink.level) ==
		      WEIGHT_REJECT;
	size_t i, n = 0;

	for (i = 0; i < run->matched; i++) {
		size_t number = run->took[i];

		if (r->change.commits[number].excused)
			reverts_use(&r->reverts, r->change.order.v[number].at,
				    weighs);
		else
			run->took[n++] = number;
	}
	run->waived += run->matched - n;
	run->matched = n;
}

/* What is left for approvals is nothing that anybody could look at. */
static void excuse_merges(const struct range *r, struct rule_run *run)
{
	if (!run->matched || !(run->check->needs & NEED_APPROVALS) ||
	    !only_merges(r, run))
		return;
	run->reverted += run->matched;
	run->waived += run->matched;
	run->matched = 0;
}

int range_whole_judge(struct range *r, struct rule_run *run, struct err *e)
{
	bool met;
	int rc;

	if (!run->check->finish)
		return 0;
	if (run->check->needs & NEED_APPROVALS && run->reverted) {
		rc = try_without(r, run, &met, e);
		if (rc)
			return rc;
		if (met)
			run->reverted = 0;
		else
			excuse_reverts(r, run);
	}
	excuse_merges(r, run);
	return finish_once(r, run, e);
}

bool range_whole_wants_approvals(const struct range *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		if (r->runs[i].check->needs & NEED_APPROVALS &&
		    r->runs[i].matched)
			return true;
	return false;
}
