/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_excused.h"

int decision_add_reverts(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	if (!d->report->nreverts)
		return 0;
	for (i = 0; arr && i < d->report->nreverts; i++) {
		const struct report_revert *v = &d->report->reverts[i];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "ref", d->report->refs[v->ref].real);
		record_text(d->r, o, "commit", v->commit);
		record_text(d->r, o, "undoes", v->undoes);
		record_text(d->r, o, "record", v->record);
		if (v->whole)
			record_bool(d->r, o, "whole", true);
		record_text(d->r, o, "review_until",
			    v->review ? v->deadline : NULL);
	}
	return record_list(d->r, "reverts", arr, d->e);
}

int decision_add_waivers(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i, n = 0;

	for (i = 0; arr && i < d->report->ntags; i++) {
		const struct report_tag *t = &d->report->tags[i];
		const struct rule *rule = draft_rule(d, t->rule);
		yyjson_mut_val *o;

		if (t->kind != STATEMENT_WAIVER || t->created ||
		    t->ref >= d->report->nrefs)
			continue;
		n++;
		o = record_object(d->r, arr);
		record_text(d->r, o, "rule", rule ? rule->name : NULL);
		record_text(d->r, o, "ref", d->report->refs[t->ref].real);
		record_text(d->r, o, "at", t->at);
		record_text(d->r, o, "tag", t->tag);
		record_text(d->r, o, "until", t->until);
		record_number(d->r, o, "commits", t->commits);
		draft_add_person(d, o, "person", t->who);
	}
	return n ? record_list(d->r, "waivers", arr, d->e) : 0;
}

int decision_add_imports(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; arr && !rc && i < d->report->ntags; i++) {
		const struct report_tag *t = &d->report->tags[i];
		yyjson_mut_val *o;

		if (t->kind != STATEMENT_IMPORT || t->ref >= d->report->nrefs)
			continue;
		n++;
		o = record_object(d->r, arr);
		record_text(d->r, o, "ref", d->report->refs[t->ref].real);
		record_text(d->r, o, "at", t->at);
		record_text(d->r, o, "tag", t->tag);
		record_text(d->r, o, "tip", t->tip);
		draft_add_texts(d, o, "for", t->refs);
		record_text(d->r, o, "prefix", t->paths ? t->paths[0] : NULL);
		record_text(d->r, o, "until", t->until);
		record_text(d->r, o, "reason", t->reason);
		if (!t->created) {
			record_number(d->r, o, "commits", t->commits);
			record_number(d->r, o, "files", t->files);
		}
		draft_add_person(d, o, "person", t->who);
		record_text(d->r, o, "key", t->fingerprint);
		rc = draft_add_bytes(d, o, t->raw);
	}
	return rc || !n ? rc : record_list(d->r, "imports", arr, d->e);
}
