/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_RANGE_STATE_H
#define GATEPOST_GATE_RANGE_STATE_H

/**
 * One ref update while it is judged: what it brings, all rules in its scope,
 * and what is known of the commit at hand.
 */

#include <stdint.h>

#include "gate/change.h"
#include "gate/imports.h"
#include "gate/reverts.h"
#include "gate/rule_run.h"
#include "gate/tree_view.h"

struct range {
	struct judging *j;
	size_t ref;
	struct rule_run *runs; /* one for each rule in scope */
	size_t nruns;
	unsigned needs; /* enum check_needs, of all rules together */
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

/** Release it also after an error. */
int range_init(struct range *r, struct judging *j, size_t ref, struct err *e);
void range_release(struct range *r);

/** Bits of all sets of hidden tips. */
uint32_t range_all_sets(const struct range *r);

/**
 * Of foreign history much may be wrong: why nobody's word counts for it is
 * said with the first problem that a rule finds, where people read it.
 */
int range_explain(struct range *r, struct rule_run *run, struct err *e);

#endif
