/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/range_state.h"

#include <stdlib.h>
#include <string.h>

void range_release(struct range *r)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		rule_run_release(&r->runs[i]);
	free(r->runs);
	r->runs = NULL;
	r->nruns = 0;
	imports_release(&r->imports);
	range_walk_release(&r->walk);
	facts_release(&r->facts);
	change_release(&r->change);
	reverts_release(&r->reverts);
}

int range_init(struct range *r, struct judging *j, size_t ref, struct err *e)
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
		rc = rule_run_init(&r->runs[i], j, ref, &scope->rules[i],
				   &r->walk, &r->emergency, e);
		if (rc)
			break;
		r->wants_areas |= rule_run_wants_areas(&r->runs[i]);
		r->needs |= rule_run_reads(&r->runs[i]);
	}
	return rc;
}

uint32_t range_all_sets(const struct range *r)
{
	return (uint32_t)((1ULL << r->walk.nsets) - 1);
}

int range_explain(struct range *r, struct rule_run *run, struct err *e)
{
	if (run->explained || !run->sink.found)
		return 0;
	run->explained = true;
	return imports_explain(&r->imports, &run->sink, run->set, e);
}
