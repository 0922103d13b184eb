/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/carry.h"

#include <stdint.h>
#include <stdio.h>

#include "gate/carry_landed.h"
#include "gate/carry_picks.h"
#include "gate/carry_take.h"

int carry_find(struct change *c, struct judging *j, size_t ref, struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	int rc;

	if (!m || !m->landings || !m->counted ||
	    c->order.n > CARRY_MAX_COMMITS || !c->order.n)
		return 0;
	rc = carry_new(&c->carry, j, ref, e);
	if (rc || !c->carry->nrefs)
		return rc;
	rc = carry_read(c->carry, c, j, e);
	if (rc || !c->carry->any)
		return rc;
	rc = carry_judge(c->carry, c, j, e);
	return rc ? rc : carry_take(c, j, ref, e);
}

void carry_match(struct change *c)
{
	size_t i;

	for (i = 0; i < c->seek.n; i++) {
		struct extent *x = &c->extents[i];

		if (c->seek.found[i].kind == APPROVAL_CARRIED &&
		    !carry_is_picked(c, x->low, x->end))
			*x = (struct extent){.branch = SIZE_MAX};
	}
}

static const char *why_not(const struct change *c, size_t number,
			   const char **text)
{
	switch (c->carry->v[number].state) {
	case CARRY_UNKNOWN:
		*text = "what it names was never let in where this gate "
			"carries from";
		return "unknown";
	case CARRY_ELSEWHERE:
		return "other-ref";
	case CARRY_OTHER:
		*text = "it changes something else than what it was picked "
			"from";
		return "not-equal";
	case CARRY_BACK:
		*text = "what it was picked from was taken back there since";
		return "taken-back";
	case CARRY_GOOD:
		*text = "no approval of exactly this change counted there";
		return c->carry->v[number].approved ? NULL : "not-approved";
	case CARRY_NONE:
		break;
	}
	return NULL;
}

int carry_report(const struct change *c, struct judging *j, size_t ref,
		 struct err *e)
{
	const struct carry *k = c->carry;
	char elsewhere[REPORT_MAX_TEXT];
	struct check_sink sink;
	size_t i, told = 0;
	int rc = 0;

	judging_sink_ref(j, ref, "carry", &sink);
	for (i = 0; k && !rc && i < k->n && told < CARRY_MAX_TOLD; i++) {
		const char *text = NULL, *code = why_not(c, i, &text);

		if (!code)
			continue;
		if (!text) {
			snprintf(
				elsewhere, sizeof(elsewhere),
				"what it was picked from was let in on %.200s, "
				"from which this gate carries nothing",
				check_ref_short(k->v[i].elsewhere));
			text = elsewhere;
		}
		told++;
		rc = judging_find(&sink, code, &order_commit(&c->order, i)->id,
				  "it needs approvals of its own", e, "%s",
				  text);
	}
	return rc;
}
