/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RULE_RUN_H
#define GATEPOST_GATE_RULE_RUN_H

/**
 * One rule over one ref update: what is kept while the commits come by.
 */

#include <stdint.h>

#include "gate/bots.h"
#include "gate/emergency.h"
#include "gate/range_walk.h"
#include "gate/waivers.h"

struct rule_run {
	const struct check *check;
	const struct rule *rule;
	struct check_ctx ctx;
	struct check_sink sink;
	void *state;	/* the check's own */
	unsigned needs; /* enum check_needs, by the rule's options */
	unsigned set;	/* of hidden tips, for the walk */
	size_t commits, matched, waived;
	size_t reverted; /* matched, and no more than a taking back */
	struct waivers waivers;
	struct bots bots;
	bool explained; /* why imports do not count for it */
	size_t *took;	/* numbers in the change, of what matched */
	size_t took_cap;
};

/**
 * Make a rule ready: its check, its exceptions, and its set in the walk.
 * @param run  zeroed; release it also after an error
 * @param sr   the rule as it applies to this ref
 */
int rule_run_init(struct rule_run *run, struct judging *j, size_t ref,
		  const struct scope_rule *sr, struct range_walk *walk,
		  const struct emergency *emergency, struct err *e);
void rule_run_release(struct rule_run *run);

/** enum check_needs: what it wants to know of each commit, its conditions
 * with it. */
unsigned rule_run_reads(const struct rule_run *run);

/** Whether it or a condition of its wants to know what areas are changed. */
bool rule_run_wants_areas(const struct rule_run *run);

/** Whether all its conditions hold for a commit. */
bool rule_run_matches(const struct rule_run *run, const struct facts *f);

/** Bit of its set. */
static inline uint32_t rule_run_bit(const struct rule_run *run)
{
	return UINT32_C(1) << run->set;
}

#endif
