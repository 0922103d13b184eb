/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/waiver.h"

#include "base/encode.h"
#include "desk/record.h"

static void add_list(struct record *r, const char *name, const char **list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	if (n)
		record_texts(r, r->root, name, list, n);
}

static int add_signer(struct record *r, const struct report *report,
		      const struct report_tag *t, struct err *e)
{
	yyjson_mut_val *o = yyjson_mut_obj_add_obj(r->doc, r->root, "signer");
	size_t number;
	int rc;

	if (!o)
		return err_nomem(e);
	record_text(r, o, "format", t->format);
	record_text(r, o, "key", *t->fingerprint ? t->fingerprint : NULL);
	if (t->who >= report->npersons)
		return 0;
	rc = record_person(r, &report->persons[t->who], &number, e);
	if (!rc)
		record_number(r, o, "person", number);
	return rc;
}

/* The signed tag's own bytes outlive its ref. */
static int add_raw(struct record *r, const char *raw, struct err *e)
{
	struct buf bytes = BUF_INIT(LEDGER_MAX_EVIDENCE);
	int rc;

	if (!raw || !base64_decode(&bytes, span_str(raw)))
		rc = err_set(e, ERR_MALFORMED,
			     "the judge's report has broken evidence");
	else
		rc = record_evidence(r, r->root, "evidence",
				     span_of(bytes.data, bytes.len), e);
	buf_release(&bytes);
	return rc;
}

static int record_one(struct ledger *l, const struct record_frame *frame,
		      const struct report *report, const struct report_tag *t,
		      const char *decision, struct err *e)
{
	struct record_frame own = *frame;
	struct record r;
	int rc;

	own.id = NULL;
	rc = record_init(&r, l, &own, "waiver", e);
	if (!rc) {
		record_text(&r, r.root, "decision", decision);
		record_text(&r, r.root, "rule",
			    frame->policy->rules[t->rule].name);
		record_text(&r, r.root, "until", t->until);
		record_text(&r, r.root, "reason", t->reason);
		record_text(&r, r.root, "control", t->control);
		add_list(&r, "scope_refs", t->refs);
		add_list(&r, "scope_paths", t->paths);
		record_text(&r, r.root, "at", t->at);
		record_text(&r, r.root, "tag", t->tag);
		rc = add_signer(&r, report, t, e);
	}
	if (!rc)
		rc = add_raw(&r, t->raw, e);
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int waiver_record(struct ledger *l, const struct record_frame *frame,
		  const struct report *report, const char *decision,
		  struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < report->ntags; i++) {
		const struct report_tag *t = &report->tags[i];

		if (t->kind == STATEMENT_WAIVER && t->created &&
		    t->rule < frame->policy->nrules)
			rc = record_one(l, frame, report, t, decision, e);
	}
	return rc;
}
