/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rule_run.h"

#include <stdlib.h>

void rule_run_release(struct rule_run *run)
{
	if (run->state && run->check->release)
		run->check->release(run->state);
	free(run->state);
	run->state = NULL;
	free(run->took);
	run->took = NULL;
	waivers_release(&run->waivers);
}

static void prepare(struct rule_run *run, struct judging *j, size_t ref,
		    const struct scope_rule *sr,
		    const struct emergency *emergency)
{
	const struct engine_input *in = j->in;
	const struct rule *rule = run->rule;

	run->sink = (struct check_sink){
		.j = j,
		.ref = ref,
		.rule = sr->rule,
		.check = run->check->kind.name,
		.mode = sr->mode,
		.level = rule->level,
		.excuse = emergency_excuses(emergency, j, rule),
	};
	run->ctx = (struct check_ctx){
		.policy = in->policy,
		.rule = rule,
		.options = rule->options,
		.repository = in->repository,
		.pusher = &j->pusher,
		.algo = j->algo,
		.now = in->now,
		.preview = sr->mode == MODE_PREVIEW,
		.push_options = in->options,
		.npush_options = in->noptions,
		.lookup = in->lookup,
		.ops = &judging_ops,
		.sink = &run->sink,
	};
}

int rule_run_init(struct rule_run *run, struct judging *j, size_t ref,
		  const struct scope_rule *sr, struct range_walk *walk,
		  const struct emergency *emergency, struct err *e)
{
	const struct rule *rule = &j->in->policy->rules[sr->rule];

	run->rule = rule;
	run->check = check_of_kind(rule->kind);
	if (!run->check)
		return err_set(e, ERR_INTERNAL, "rule %s has no check",
			       rule->name);
	prepare(run, j, ref, sr, emergency);
	if (run->check->state_size) {
		run->state = calloc(1, run->check->state_size);
		if (!run->state)
			return err_nomem(e);
	}
	run->needs = run->check->needs_of ? run->check->needs_of(rule->options)
					  : run->check->needs;
	bots_init(&run->bots, j, ref, run->check->kind.name, sr->mode);
	if (waivers_load(&run->waivers, j, ref, sr->rule, e))
		return e->code;
	if (range_walk_set(walk, sr->rule, sr->mode, &run->set, e))
		return e->code;
	if (run->check->commit || run->check->path || run->check->finish)
		walk->looks |= rule_run_bit(run);
	return 0;
}

static bool has_condition(const struct rule *rule, enum when_kind kind)
{
	size_t i;

	for (i = 0; i < rule->nwhen; i++)
		if (rule->when[i].kind == kind)
			return true;
	return false;
}

unsigned rule_run_reads(const struct rule_run *run)
{
	unsigned needs = run->needs;

	if (has_condition(run->rule, WHEN_AI_ASSISTED))
		needs |= NEED_MEMORY;
	if (needs & NEED_MEMORY)
		needs |= NEED_MESSAGE;
	return needs;
}

bool rule_run_wants_areas(const struct rule_run *run)
{
	return has_condition(run->rule, WHEN_AREA) ||
	       run->needs & (NEED_PATHS | NEED_APPROVALS);
}

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

bool rule_run_matches(const struct rule_run *run, const struct facts *f)
{
	const struct rule *rule = run->rule;
	size_t i;

	for (i = 0; i < rule->nwhen; i++)
		if (!when_holds(&rule->when[i], f))
			return false;
	return true;
}
