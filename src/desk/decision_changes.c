/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_changes.h"

int decision_add_provenance(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	for (i = 0; arr && i < d->report->nprovenance; i++) {
		const struct report_provenance *p = &d->report->provenance[i];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "commit", p->commit);
		draft_add_person(d, o, "person", p->author);
		record_text(d->r, o, "agent", p->agent);
		record_text(d->r, o, "model", p->model);
		record_text(d->r, o, "session", p->session);
		record_bool(d->r, o, "declared", p->declared);
		record_bool(d->r, o, "detected", p->detected);
		record_text(d->r, o, "how", p->how);
		record_text(d->r, o, "trailer", p->trailer);
		record_text(d->r, o, "inherited", p->inherited);
		record_digest(d->r, o, "digest", p->digest);
	}
	return record_list(d->r, "provenance", arr, d->e);
}

int decision_add_statements(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	if (!d->report->nstatements)
		return 0;
	for (i = 0; arr && i < d->report->nstatements; i++) {
		const struct report_statement *s = &d->report->statements[i];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "commit", s->commit);
		record_number(d->r, o, "commits", s->commits);
		record_digest(d->r, o, "digest", s->digest);
		record_text(d->r, o, "agent", s->agent);
		record_text(d->r, o, "model", s->model);
		record_text(d->r, o, "session", s->session);
		record_text(d->r, o, "trailer", s->trailer);
		if (s->none)
			record_bool(d->r, o, "none", true);
		else
			record_bool(d->r, o, "declared", s->declared);
	}
	return record_list(d->r, "statements", arr, d->e);
}

int decision_add_changes(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	if (!d->report->nchanges)
		return 0;
	for (i = 0; arr && i < d->report->nchanges; i++) {
		const struct report_change *c = &d->report->changes[i];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "commit", c->commit);
		record_digest(d->r, o, "digest", c->digest);
		if (c->ref != REPORT_NO_REF)
			record_text(d->r, o, "ref",
				    d->report->refs[c->ref].real);
		if (c->known)
			record_bool(d->r, o, "known", true);
		if (c->back)
			record_bool(d->r, o, "takes_back", true);
	}
	return record_list(d->r, "changes", arr, d->e);
}
