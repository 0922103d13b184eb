/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_rules.h"

#include <stdlib.h>
#include <string.h>

struct evidence_key {
	size_t ref, rule, at;
};

static int compare_evidence(const void *a, const void *b)
{
	const struct evidence_key *x = a, *y = b;

	if (x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* What rules relied on, sorted by ref and rule; NULL on an error. */
static struct evidence_key *sort_evidence(const struct draft *d)
{
	size_t n = d->report->nevidence, i;
	struct evidence_key *keys = calloc(n + 1, sizeof(*keys));

	for (i = 0; keys && i < n; i++) {
		const struct report_evidence *v = &d->report->evidence[i];

		keys[i] = (struct evidence_key){v->ref, v->rule, i};
	}
	if (keys)
		qsort(keys, n, sizeof(*keys), compare_evidence);
	return keys;
}

/* The first that is not before this ref and rule. */
static size_t find_evidence(const struct evidence_key *keys, size_t n,
			    size_t ref, size_t rule)
{
	const struct evidence_key want = {ref, rule, 0};
	size_t from = 0, to = n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (compare_evidence(&keys[mid], &want) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static void add_evidence(struct draft *d, yyjson_mut_val *rule,
			 const struct evidence_key *keys,
			 const struct report_result *res)
{
	size_t n = d->report->nevidence;
	size_t i = find_evidence(keys, n, res->ref, res->rule);
	yyjson_mut_val *arr = NULL;

	for (; i < n; i++) {
		const struct evidence_key *k = &keys[i];
		const struct report_evidence *v = &d->report->evidence[k->at];
		yyjson_mut_val *o;

		if (k->ref != res->ref || k->rule != res->rule)
			return;
		if (!arr)
			arr = yyjson_mut_obj_add_arr(d->r->doc, rule,
						     "evidence");
		if (!arr)
			return;
		o = record_object(d->r, arr);
		record_text(d->r, o, "kind", v->kind);
		record_text(d->r, o, "commit", v->commit);
		record_text(d->r, o, "text", v->text);
		draft_add_person(d, o, "person", v->who);
		if (!strcmp(v->kind, "claim"))
			record_text(d->r, o, "proof", "host-claimed");
	}
}

/* Whether the rule was broken, let in or not; an exception was meant. */
static bool was_broken(const struct report_result *res)
{
	return res->result == RESULT_FAIL || res->result == RESULT_WARN ||
	       (res->result == RESULT_WAIVED && res->why &&
		!strcmp(res->why, "emergency"));
}

const char *decision_severity(const struct draft *d)
{
	int worst = SEVERITY_NONE;

	for (size_t i = 0; i < d->report->nresults; i++) {
		const struct report_result *res = &d->report->results[i];
		int severity = d->policy->rules[res->rule].severity;

		if (was_broken(res) && severity > worst)
			worst = severity;
	}
	if (!worst && d->report->verdict == VERDICT_REJECT)
		worst = SEVERITY_HIGH;
	return worst ? severity_word(worst) : NULL;
}

int decision_add_rules(struct draft *d)
{
	struct evidence_key *keys = sort_evidence(d);
	yyjson_mut_val *arr;
	size_t i;

	if (!keys)
		return err_nomem(d->e);
	arr = yyjson_mut_arr(d->r->doc);
	for (i = 0; arr && i < d->report->nresults; i++) {
		const struct report_result *res = &d->report->results[i];
		const struct rule *rule = &d->policy->rules[res->rule];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "rule", rule->name);
		record_text(d->r, o, "check", rule->check);
		record_text(d->r, o, "ref", d->report->refs[res->ref].real);
		record_texts(d->r, o, "controls",
			     (const char *const *)rule->controls.v,
			     rule->controls.n);
		record_text(d->r, o, "mode",
			    policy_mode_word((enum policy_mode)res->mode));
		record_text(d->r, o, "result",
			    result_word((enum result)res->result));
		record_text(d->r, o, "why", res->why);
		if (was_broken(res))
			record_text(d->r, o, "severity",
				    severity_word(rule->severity));
		record_number(d->r, o, "commits", res->commits);
		record_number(d->r, o, "matched", res->matched);
		if (res->waived)
			record_number(d->r, o, "waived", res->waived);
		if (res->by_bot)
			record_number(d->r, o, "by_bot", res->by_bot);
		record_text(d->r, o, "bot", res->bot);
		add_evidence(d, o, keys, res);
	}
	free(keys);
	return record_list(d->r, "rules", arr, d->e);
}
