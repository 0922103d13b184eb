/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_findings.h"

/* {0} to {7} become {person:N}: the text itself names nobody. */
static void add_named_text(struct draft *d, yyjson_mut_val *o, const char *name,
			   const char *text, const struct report_finding *f)
{
	struct buf b = BUF_INIT(16 * REPORT_MAX_TEXT);
	const char *at;

	if (!text)
		return;
	for (at = text; *at; at++) {
		size_t k = at[0] == '{' && at[1] >= '0' && at[1] <= '7' &&
					   at[2] == '}'
				   ? (size_t)(at[1] - '0')
				   : f->nwho;

		if (k < f->nwho) {
			if (draft_is_named(d, f->who[k]))
				buf_addf(&b, "{person:%zu}",
					 d->numbers[f->who[k]]);
			else
				buf_adds(&b, "{person:?}");
			at += 2;
		} else {
			buf_addch(&b, *at);
		}
	}
	record_text(d->r, o, name, b.data);
	buf_release(&b);
}

static void add_people(struct draft *d, yyjson_mut_val *o,
		       const struct report_finding *f)
{
	yyjson_mut_val *arr;
	size_t i;

	if (!f->nwho)
		return;
	arr = yyjson_mut_obj_add_arr(d->r->doc, o, "people");
	for (i = 0; arr && i < f->nwho; i++)
		if (draft_is_named(d, f->who[i]))
			yyjson_mut_arr_add_uint(d->r->doc, arr,
						d->numbers[f->who[i]]);
}

static const char *weight_word(int weight)
{
	switch ((enum weight)weight) {
	case WEIGHT_REJECT:
		return "reject";
	case WEIGHT_WARN:
		return "warn";
	case WEIGHT_EXCUSED:
		return "excused";
	case WEIGHT_ADVICE:
	case WEIGHT_NONE:
		break;
	}
	return "advice";
}

int decision_add_findings(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	for (i = 0; arr && i < d->report->nfindings; i++) {
		const struct report_finding *f = &d->report->findings[i];
		const struct rule *rule = draft_rule(d, f->rule);
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "rule", rule ? rule->name : NULL);
		record_text(d->r, o, "check", f->check);
		record_text(d->r, o, "code", f->code);
		record_text(d->r, o, "weight", weight_word(f->weight));
		if (f->ref < d->report->nrefs)
			record_text(d->r, o, "ref",
				    d->report->refs[f->ref].real);
		record_text(d->r, o, "commit", f->commit);
		record_text(d->r, o, "subject", f->subject);
		draft_add_person(d, o, "person", f->author);
		add_named_text(d, o, "text", f->text, f);
		add_named_text(d, o, "hint", f->hint, f);
		add_people(d, o, f);
	}
	return record_list(d->r, "findings", arr, d->e);
}
