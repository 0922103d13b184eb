/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/advice.h"

#include <string.h>

#include "base/text.h"
#include "checks/check.h"
#include "gate/remedy.h"

enum { COMMAND_COLUMNS = 400, TARGET_COLUMNS = 60 };

bool advice_waits(const struct report_finding *f)
{
	return f->check && !strcmp(f->check, "review");
}

static const struct report_finding *first_advice(const struct report *r)
{
	const struct report_finding *waits = NULL;
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		const struct report_finding *f = &r->findings[i];

		if (f->weight != WEIGHT_ADVICE)
			continue;
		if (!advice_waits(f))
			return f;
		waits = waits ? waits : f;
	}
	return waits;
}

/* A command cut short is worse than none. */
static bool fits(const struct buf *b)
{
	return buf_ok(b) && b->len && b->len <= COMMAND_COLUMNS;
}

bool advice_command(const struct report *r, struct buf *out)
{
	const struct report_finding *f = first_advice(r);

	if (!f)
		return false;
	if (remedy_command(r, WEIGHT_ADVICE, out) && fits(out))
		return true;
	buf_clear(out);
	if (f->hint)
		answer_add_text(out, r, f, f->hint, COMMAND_COLUMNS);
	return fits(out);
}

static const struct gate *gate_named(const struct policy *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->ngates; i++)
		if (!strcmp(p->gates[i].name, name))
			return &p->gates[i];
	return NULL;
}

void advice_target(const struct answer *a, struct buf *out)
{
	const struct report_finding *f = first_advice(a->report);
	const struct gate *g = NULL;

	if (f && f->ref < a->report->nrefs &&
	    a->report->refs[f->ref].previews &&
	    a->report->refs[f->ref].previews[0])
		g = gate_named(a->policy, a->report->refs[f->ref].previews[0]);
	if (g && g->refs.n)
		text_add_printable(out, span_str(check_ref_short(g->refs.v[0])),
				   TARGET_COLUMNS);
	else
		buf_adds(out, "a gated ref");
}
