/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/emergency_answer.h"

#include <string.h>

#include "base/text.h"
#include "checks/check.h"
#include "gate/advice.h"
#include "gate/emergency.h"

enum {
	COLUMNS = 120,
	EMERGENCIES_SHOWN = 3,
	REVERTS_SHOWN = 3,
	ROLES_SHOWN = 4
};

static void add(struct buf *out, const char *s)
{
	text_add_printable(out, span_str(s), COLUMNS);
}

/* One emergency may let in several refs. */
static bool told_before(const struct report *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(r->emergencies[i].ticket,
			    r->emergencies[at].ticket))
			return true;
	return false;
}

static void add_approve(const struct report_ref *ref, const char *who,
			struct buf *out)
{
	const char *name = check_ref_short(ref->real);

	buf_addf(out, "hint:   %s: git approve --since ", who);
	buf_addf(out, "%.12s ", ref->old);
	text_add_shell(out, span_str(name));
	buf_addf(out, " %.12s\n", ref->new_);
}

/* Whether a review was excused, or anything but a review. */
static bool excused(const struct report *r, bool review)
{
	size_t i;

	for (i = 0; i < r->nfindings; i++)
		if (r->findings[i].weight == WEIGHT_EXCUSED &&
		    advice_waits(&r->findings[i]) == review)
			return true;
	return false;
}

static size_t add_how(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	size_t n = 0;

	/* of the first ref, as an example for all */
	if (excused(r, true)) {
		add_approve(&r->refs[r->emergencies[0].ref], "a reviewer runs",
			    out);
		n++;
	}
	if (excused(r, false)) {
		buf_addf(out,
			 "hint:   all else is said by a signed tag with "
			 "Follows-up: %s; see EMERGENCIES in "
			 "gatepost-policy(5)\n",
			 a->record);
		n++;
	}
	return n;
}

size_t emergency_answer_owed(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	size_t i, n = 0;

	for (i = 0; i < r->nemergencies && n < EMERGENCIES_SHOWN; i++) {
		const struct report_emergency *m = &r->emergencies[i];

		if (told_before(r, i))
			continue;
		buf_adds(out, "gatepost: emergency ");
		add(out, m->ticket);
		buf_adds(out, ": what was excused must follow until ");
		add(out, m->deadline);
		buf_adds(out, "; ");
		add(out, answer_person(r, m->who));
		buf_adds(out, " sees to it\n");
		n++;
	}
	if (!n || !a->record)
		return n;
	return n + add_how(a, out);
}

static void add_revert(const struct answer *a, const struct report_revert *v,
		       struct buf *out)
{
	buf_addf(out, "gatepost: %.9s takes back %.9s", v->commit, v->undoes);
	if (v->whole)
		buf_adds(out, " and what came with it");
	buf_adds(out, ": needs no approval first");
	if (v->review) {
		buf_adds(out, ", a review is due until ");
		add(out, v->deadline);
		buf_adds(out, "; ");
		add(out, answer_person(a->report, v->who));
		buf_adds(out, " sees to it");
	}
	buf_addch(out, '\n');
}

size_t revert_answer_owed(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	const struct report_ref *due = NULL;
	size_t i, n = 0;

	for (i = 0; i < r->nreverts; i++) {
		const struct report_revert *v = &r->reverts[i];

		if (i < REVERTS_SHOWN || i + 1 == r->nreverts) {
			add_revert(a, v, out);
			n++;
		}
		if (v->review && !due)
			due = &r->refs[v->ref];
	}
	if (!due)
		return n;
	add_approve(due, "a reviewer runs", out);
	return n + 1;
}

/* The rule behind a finding that refuses; NULL: nothing excuses it. */
static const struct rule *excusable(const struct answer *a,
				    const struct report_finding *f)
{
	const struct rule *rule;

	if (f->rule >= a->policy->nrules || !strcmp(f->check, "emergency"))
		return NULL;
	rule = &a->policy->rules[f->rule];
	return rule->emergency.n ? rule : NULL;
}

size_t emergency_answer_offer(const struct answer *a, struct buf *out)
{
	const struct report *r = a->report;
	const struct rule *rule = NULL;
	size_t i;

	for (i = 0; i < r->nfindings; i++) {
		if (r->findings[i].weight != WEIGHT_REJECT)
			continue;
		rule = excusable(a, &r->findings[i]);
		if (!rule)
			return 0;
	}
	if (!rule)
		return 0;
	buf_adds(out, "hint: outage? who is ");
	for (i = 0; i < rule->emergency.n && i < ROLES_SHOWN; i++) {
		buf_adds(out, i ? " or " : "");
		add(out, rule->emergency.v[i]);
	}
	buf_adds(out, " runs: git push -o " EMERGENCY_OPTION
		      "\"TICKET reason\" ...\n");
	return 1;
}
