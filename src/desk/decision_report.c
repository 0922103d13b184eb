/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision_report.h"

#include <stdlib.h>

#include "desk/decision_changes.h"
#include "desk/decision_draft.h"
#include "desk/decision_excused.h"
#include "desk/decision_findings.h"
#include "desk/decision_rules.h"
#include "desk/decision_signed.h"
#include "desk/decision_tickets.h"

static int add_refs(struct draft *d)
{
	yyjson_mut_val *arr = yyjson_mut_arr(d->r->doc);
	size_t i;

	for (i = 0; arr && i < d->report->nrefs; i++) {
		const struct report_ref *f = &d->report->refs[i];
		yyjson_mut_val *o = record_object(d->r, arr);

		record_text(d->r, o, "name", f->name);
		record_text(d->r, o, "real", f->real);
		record_text(d->r, o, "old", f->old);
		record_text(d->r, o, "new", f->new_);
		record_text(d->r, o, "kind",
			    ref_kind_word((enum ref_kind)f->kind));
		record_texts(d->r, o, "gates", (const char *const *)f->gates,
			     draft_list_length(f->gates));
		draft_add_texts(d, o, "previews", f->previews);
		record_text(d->r, o, "mirror", f->mirror);
		record_text(d->r, o, "mode",
			    policy_mode_word((enum policy_mode)f->mode));
		record_text(d->r, o, "verdict",
			    verdict_word((enum verdict)f->verdict));
		if (f->would != f->verdict)
			record_text(d->r, o, "would",
				    verdict_word((enum verdict)f->would));
		record_number(d->r, o, "commits", f->commits);
		record_digest(d->r, o, "digest", f->digest);
		draft_add_texts(d, o, "approves", f->approves);
	}
	return record_list(d->r, "refs", arr, d->e);
}

static void add_head(struct draft *d)
{
	const struct report *report = d->report;
	struct record *r = d->r;

	record_text(r, r->root, "verdict",
		    verdict_word((enum verdict)report->verdict));
	if (report->would != report->verdict)
		record_text(r, r->root, "would",
			    verdict_word((enum verdict)report->would));
	record_text(r, r->root, "mode",
		    policy_mode_word((enum policy_mode)report->mode));
	record_text(r, r->root, "severity", decision_severity(d));
	record_text(r, r->root, "unprotected", report->sandbox);
	record_number(r, r->root, "commits", report->commits);
	record_number(r, r->root, "problems", report->nfindings_all);
	if (report->nevidence_all > report->nevidence)
		record_number(r, r->root, "evidence_unrecorded",
			      report->nevidence_all - report->nevidence);
}

/* In the order in which they stand in the record. */
static int (*const parts[])(struct draft *d) = {
	add_refs,
	decision_add_rules,
	decision_add_findings,
	decision_add_provenance,
	decision_add_approvals,
	decision_add_waivers,
	decision_add_imports,
	decision_add_signatures,
	decision_add_certificate,
	decision_add_changes,
	decision_add_reverts,
	decision_add_statements,
	decision_add_tickets,
};

int decision_add_report(struct record *r, const struct report *report,
			const struct policy *policy, struct err *e)
{
	struct draft d = {.r = r, .report = report, .policy = policy, .e = e};
	size_t i;
	int rc = draft_name_people(&d);

	if (!rc)
		add_head(&d);
	for (i = 0; !rc && i < sizeof(parts) / sizeof(parts[0]); i++)
		rc = parts[i](&d);
	free(d.numbers);
	return rc;
}
