/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/bots.h"
#include "gate/carry.h"
#include "gate/certificate.h"
#include "gate/change.h"
#include "gate/emergency.h"
#include "gate/facts.h"
#include "gate/imports.h"
#include "gate/joined.h"
#include "gate/parts.h"
#include "gate/preview.h"
#include "gate/range_walk.h"
#include "gate/reverts.h"
#include "gate/said.h"
#include "gate/signed.h"
#include "gate/told.h"
#include "gate/tree_view.h"
#include "gate/waivers.h"
#include "policy/may.h"

/* One rule over one ref. */
struct run {
	const struct check *check;
	const struct rule *rule;
	struct check_ctx ctx;
	struct check_sink sink;
	void *state;
	unsigned needs; /* enum check_needs, by the rule's options */
	unsigned set;	/* of hidden tips, for the walk */
	size_t commits, matched, waived;
	size_t reverted; /* matched, and no more than a taking back */
	struct waivers waivers;
	struct bots bots;
	bool wants_areas, explained;
	size_t *took; /* numbers in the change, of what matched */
	size_t took_cap;
};

struct range {
	struct judging *j;
	size_t ref;
	struct run *runs;
	size_t nruns;
	unsigned needs; /* of all rules together */
	bool wants_areas;
	bool asked; /* a rule wants an approval of the commit at hand */
	struct range_walk walk;
	struct facts facts;
	struct change change;
	struct tree_view tree;
	struct emergency emergency;
	struct imports imports;
	uint32_t joined; /* sets to which the merge at hand is nothing */
	struct reverts reverts;
	size_t at; /* in the walk: the commit at hand */
};

/* ---- setting up ---- */

static void range_release(struct range *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++) {
		if (r->runs[i].state && r->runs[i].check->release)
			r->runs[i].check->release(r->runs[i].state);
		free(r->runs[i].state);
		free(r->runs[i].took);
		waivers_release(&r->runs[i].waivers);
	}
	free(r->runs);
	imports_release(&r->imports);
	range_walk_release(&r->walk);
	facts_release(&r->facts);
	change_release(&r->change);
	reverts_release(&r->reverts);
}

static bool rule_wants_areas(const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->nwhen; i++)
		if (rule->when[i].kind == WHEN_AREA)
			return true;
	return false;
}

static bool rule_wants_agents(const struct rule *rule)
{
	size_t i;

	for (i = 0; i < rule->nwhen; i++)
		if (rule->when[i].kind == WHEN_AI_ASSISTED)
			return true;
	return false;
}

static int run_init(struct range *r, struct run *run,
		    const struct scope_rule *sr, struct err *e)
{
	const struct engine_input *in = r->j->in;
	const struct rule *rule = &in->policy->rules[sr->rule];

	run->rule = rule;
	run->check = check_of_kind(rule->kind);
	if (!run->check)
		return err_set(e, ERR_INTERNAL, "rule %s has no check",
			       rule->name);
	run->sink = (struct check_sink){
		.j = r->j,
		.ref = r->ref,
		.rule = sr->rule,
		.check = run->check->kind.name,
		.mode = sr->mode,
		.level = rule->level,
		.excuse = emergency_excuses(&r->emergency, r->j, rule),
	};
	run->ctx = (struct check_ctx){
		.policy = in->policy,
		.rule = rule,
		.options = rule->options,
		.repository = in->repository,
		.pusher = &r->j->pusher,
		.algo = r->j->algo,
		.now = in->now,
		.preview = sr->mode == MODE_PREVIEW,
		.push_options = in->options,
		.npush_options = in->noptions,
		.lookup = in->lookup,
		.ops = &judging_ops,
		.sink = &run->sink,
	};
	if (run->check->state_size) {
		run->state = calloc(1, run->check->state_size);
		if (!run->state)
			return err_nomem(e);
	}
	run->needs = run->check->needs_of ? run->check->needs_of(rule->options)
					  : run->check->needs;
	bots_init(&run->bots, r->j, r->ref, run->check->kind.name, sr->mode);
	run->wants_areas = rule_wants_areas(rule);
	r->wants_areas |=
		run->wants_areas || run->needs & (NEED_PATHS | NEED_APPROVALS);
	r->needs |= run->needs;
	if (rule_wants_agents(rule))
		r->needs |= NEED_MEMORY;
	if (r->needs & NEED_MEMORY)
		r->needs |= NEED_MESSAGE;
	if (waivers_load(&run->waivers, r->j, r->ref, sr->rule, e))
		return e->code;
	if (range_walk_set(&r->walk, sr->rule, sr->mode, &run->set, e))
		return e->code;
	if (run->check->commit || run->check->path || run->check->finish)
		r->walk.looks |= UINT32_C(1) << run->set;
	return 0;
}

static int range_init(struct range *r, struct judging *j, size_t ref,
		      struct err *e)
{
	const struct scope *scope = &j->refs[ref].scope;
	size_t i;
	int rc;

	memset(r, 0, sizeof(*r));
	r->j = j;
	r->ref = ref;
	tree_view_init(&r->tree, j);
	facts_init(&r->facts);
	reverts_init(&r->reverts, j, ref);
	rc = range_walk_init(&r->walk, j, ref, e);
	change_init(&r->change, j, ref, r->walk.walk);
	if (!rc)
		rc = emergency_look(&r->emergency, j, ref, e);
	r->runs = calloc(scope->nrules + 1, sizeof(*r->runs));
	if (!rc && !r->runs)
		rc = err_nomem(e);
	for (i = 0; !rc && i < scope->nrules; i++) {
		r->nruns++;
		rc = run_init(r, &r->runs[i], &scope->rules[i], e);
	}
	return rc;
}

/* ---- one commit ---- */

static bool when_holds(const struct when *w, const struct facts *f)
{
	switch (w->kind) {
	case WHEN_AI_ASSISTED:
		return f->facts.ai_assisted;
	case WHEN_AREA:
		return f->areas && f->areas[w->area];
	case WHEN_MERGE:
		return f->facts.merge;
	case WHEN_NOT_MERGE:
		return !f->facts.merge;
	case WHEN_NONE:
		break;
	}
	return false;
}

/* Of foreign history much may be wrong: why nobody's word counts for it is said
 * with the first of it, where people read it. */
static int explain(struct range *r, struct run *run, struct err *e)
{
	if (run->explained || !run->sink.found)
		return 0;
	run->explained = true;
	return imports_explain(&r->imports, &run->sink, run->set, e);
}

static bool rule_matches(const struct rule *rule, const struct facts *f)
{
	size_t i;

	for (i = 0; i < rule->nwhen; i++)
		if (!when_holds(&rule->when[i], f))
			return false;
	return true;
}

struct path_run {
	struct run *run;
	struct err *e;
};

static int tell_path(void *ctx, const struct path_change *change)
{
	struct path_run *p = ctx;

	return p->run->check->path(&p->run->ctx, p->run->state, change, p->e);
}

/* Of approvals it is told in the end whether one is missing. */
static void take_back(struct range *r, struct run *run, bool *matched)
{
	run->reverted++;
	*matched = run->check->needs & NEED_APPROVALS;
	if (*matched)
		return;
	reverts_use(&r->reverts, r->at, false);
	run->waived++;
}

/* Whether it is not asked for what others are. */
static int excuse(struct range *r, struct run *run, struct check_sink *objects,
		  bool *matched, struct err *e)
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

static int run_commit(struct range *r, struct run *run,
		      struct check_sink *objects, struct err *e)
{
	bool matched = rule_matches(run->rule, &r->facts);
	struct path_run paths = {run, e};
	int rc = 0;

	run->commits++;
	matched &= !(r->joined & UINT32_C(1) << run->set &&
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
static int run_joined(struct range *r, struct run *run,
		      struct check_sink *objects, struct err *e)
{
	struct facts *f = &r->facts;
	bool *areas = f->areas, nothing = f->facts.changes_nothing;
	int rc;

	if (!(r->joined & UINT32_C(1) << run->set)) {
		rc = run_commit(r, run, objects, e);
		return rc ? rc : explain(r, run, e);
	}
	f->areas = NULL;
	f->facts.changes_nothing = true;
	rc = run_commit(r, run, objects, e);
	f->areas = areas;
	f->facts.changes_nothing = nothing;
	return rc ? rc : explain(r, run, e);
}

static uint32_t all_sets(const struct range *r)
{
	return (uint32_t)((1ULL << r->walk.nsets) - 1);
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

static int judge_commit(struct range *r, size_t at, struct err *e)
{
	const struct walk_commit *wc = walk_at(r->walk.walk, at);
	uint32_t all = all_sets(r);
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
		if (!(wc->hidden & 1u << r->runs[i].set))
			rc = run_joined(r, &r->runs[i], &objects, e);
	if (!rc && r->needs & NEED_APPROVALS)
		rc = change_add_commit(&r->change, r->j, &r->facts, &objects,
				       at, wc->hidden, r->asked, e);
	if (!rc && r->needs & NEED_APPROVALS)
		r->change.commits[r->change.order.n - 1].excused =
			reverts_is(&r->reverts, at);
	return rc ? rc : told_commit(r->j, &r->facts, &objects, e);
}

/* ---- the whole ---- */

/* A tag of a tree or blob has no tip commit: nothing can be looked up. */
static void find_tip_tree(struct range *r)
{
	size_t at = walk_find(r->walk.walk, &r->walk.tip);

	if (at != SIZE_MAX)
		r->tree.tree = walk_at(r->walk.walk, at)->tree;
}

static int finish_once(struct range *r, struct run *run, struct err *e)
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
static int try_without(struct range *r, struct run *run, bool *met,
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
static bool only_merges(const struct range *r, const struct run *run)
{
	size_t i;

	for (i = 0; i < run->matched; i++)
		if (!merges_excused(&r->change, run->took[i]))
			return false;
	return true;
}

/* Take what is excused out of what matched. */
static void excuse_reverts(struct range *r, struct run *run)
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
static void excuse_merges(const struct range *r, struct run *run)
{
	if (!run->matched || !(run->check->needs & NEED_APPROVALS) ||
	    !only_merges(r, run))
		return;
	run->reverted += run->matched;
	run->waived += run->matched;
	run->matched = 0;
}

static int finish_run(struct range *r, struct run *run, struct err *e)
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

/* A rule about commits may ask something of the ref, too. */
static bool is_of_ref(const struct run *run)
{
	return run->check->ref && (!run->check->commit ||
				   run->needs & (NEED_TAG | NEED_PUSH_CERT));
}

static int add_result(struct range *r, const struct run *run, bool deleted,
		      struct err *e)
{
	struct buf bot = BUF_INIT(REPORT_MAX_TEXT);
	int rc;
	struct report_result out = {
		.ref = r->ref,
		.rule = run->sink.rule,
		.mode = (int)run->sink.mode,
		.result = RESULT_PASS,
		.commits = run->commits,
		.matched = run->matched,
		.waived = run->waived,
		.by_bot = run->bots.commits,
	};

	if (run->bots.bot) {
		may_describe(run->bots.bot, &bot);
		out.bot = run->bots.bot->name;
	}
	if (run->waived && !run->sink.found) {
		out.result = RESULT_WAIVED;
		out.why = run->reverted ? "revert" : "exception";
	} else if (run->sink.found && run->sink.found == run->sink.excused) {
		out.result = RESULT_WAIVED;
		out.why = "emergency";
	} else if (run->sink.found) {
		out.result = judging_weight(run->sink.mode, run->sink.level) ==
					     WEIGHT_REJECT
				     ? RESULT_FAIL
				     : RESULT_WARN;
	} else if (!run->check->commit && run->check->ref &&
		   run->sink.mode == MODE_PREVIEW) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = "it is about gated refs alone";
	} else if (run->needs == NEED_PUSH_CERT && !r->j->in->certificate) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = "nothing is pushed";
	} else if (!is_of_ref(run) && deleted) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = "the ref is deleted";
	} else if (!is_of_ref(run) && !run->commits) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = "no new commit";
	} else if (!is_of_ref(run) && !run->matched && run->bots.commits) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = bot.data;
	} else if (!is_of_ref(run) && !run->matched) {
		out.result = RESULT_NOT_APPLICABLE;
		out.why = "no commit for which its when holds";
	}
	rc = buf_ok(&bot) ? report_add_result(r->j->report, &out, e)
			  : err_nomem(e);
	buf_release(&bot);
	return rc;
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

static bool wants_approvals(const struct range *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		if (r->runs[i].check->needs & NEED_APPROVALS &&
		    r->runs[i].matched)
			return true;
	return false;
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
		rc = reverts_find(&r->reverts, r->walk.walk, all_sets(r), e);
	for (i = 0; !rc && i < walk_count(r->walk.walk); i++)
		rc = judge_commit(r, i, e);
	find_tip_tree(r);
	r->j->refs[r->ref].tip = r->walk.tip;
	r->change.wants_patches = r->needs & NEED_PATCH && r->j->in->patch;
	if (!rc && wants_approvals(r)) {
		rc = change_find_approvals(&r->change, r->j, r->ref, e);
	}
	for (i = 0; !rc && i < r->nruns; i++) {
		rc = finish_run(r, &r->runs[i], e);
		if (!rc)
			rc = explain(r, &r->runs[i], e);
	}
	if (!rc)
		rc = joined_tell(r->j, r->ref, r->walk.walk, all_sets(r),
				 &r->walk.tip, e);
	return rc ? rc : reverts_tell_whole(&r->reverts, e);
}

/* Whether a rule that takes such an excuse refuses all the same. */
static bool refuses(const struct range *r, unsigned needs)
{
	size_t i;

	for (i = 0; i < r->nruns; i++) {
		const struct run *run = &r->runs[i];

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
		rc = add_result(&r, &r.runs[i], deleted, e);
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
