/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decision.h"

#include "desk/decision_report.h"
#include "desk/record.h"

/* Each new text of the policy is kept, so that a digest still means
 * something after a year. */
static int record_policy(struct ledger *l, const struct record_frame *frame,
			 struct err *e)
{
	const struct policy *p = frame->policy;
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	if (ledger_evidence_has(l, p->digest))
		return 0;
	plain.pusher = NULL;
	plain.repository = NULL;
	plain.id = NULL;
	rc = record_init(&r, l, &plain, "policy", e);
	if (!rc)
		rc = record_evidence(&r, r.root, "evidence",
				     span_of(p->normal, p->normal_len), e);
	if (!rc) {
		record_text(&r, r.root, "path", p->path);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}

int decision_record(struct ledger *l, const struct record_frame *frame,
		    const struct report *report, int64_t duration_us,
		    struct err *e)
{
	struct record r;
	int rc = record_policy(l, frame, e);

	if (rc)
		return rc;
	rc = record_init(&r, l, frame, "decision", e);
	if (!rc)
		rc = decision_add_report(&r, report, frame->policy, e);
	if (!rc) {
		record_number(&r, r.root, "duration_us", (uint64_t)duration_us);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}

int decision_print(const struct record_frame *frame,
		   const struct report *report, struct buf *out, struct err *e)
{
	struct record r;
	int rc = record_init(&r, NULL, frame, "check", e);

	if (!rc)
		rc = decision_add_report(&r, report, frame->policy, e);
	if (!rc)
		rc = record_print(&r, out, e);
	record_release(&r);
	return rc;
}

static int plain_refs(struct record *r, const struct push *push, struct err *e)
{
	yyjson_mut_val *arr = yyjson_mut_arr(r->doc);
	char hex[OID_HEX_SIZE];
	size_t i;

	for (i = 0; arr && i < push->n; i++) {
		const struct ref_update *u = &push->v[i];
		yyjson_mut_val *o = record_object(r, arr);

		record_text(r, o, "name", u->name);
		record_text(r, o, "old", oid_to_hex(&u->old, hex));
		record_text(r, o, "new", oid_to_hex(&u->new_, hex));
	}
	return record_list(r, "refs", arr, e);
}

int decision_record_failure(struct ledger *l, const struct record_frame *frame,
			    const struct push *push, int verdict,
			    const char *why, struct err *e)
{
	struct record r;
	int rc = record_init(&r, l, frame, "decision", e);

	if (!rc) {
		record_text(&r, r.root, "verdict",
			    verdict_word((enum verdict)verdict));
		if (verdict != VERDICT_ERROR)
			record_text(&r, r.root, "would",
				    verdict_word(VERDICT_ERROR));
		record_text(&r, r.root, "error", why);
		rc = plain_refs(&r, push, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int outcome_record(struct ledger *l, const struct record_frame *frame,
		   const struct push *moved, const char *decision,
		   struct err *e)
{
	struct record r;
	int rc = record_init(&r, l, frame, "outcome", e);

	if (!rc) {
		record_text(&r, r.root, "decision",
			    *decision ? decision : NULL);
		rc = plain_refs(&r, moved, e);
	}
	if (!rc)
		rc = record_append(&r, e);
	record_release(&r);
	return rc;
}

int change_record(struct ledger *l, const struct record_frame *frame,
		  const struct change_note *what, struct err *e)
{
	struct record r;
	int rc = frame->policy ? record_policy(l, frame, e) : 0;

	if (rc)
		return rc;
	rc = record_init(&r, l, frame, what->kind, e);

	if (!rc) {
		record_text(&r, r.root, "from", what->from);
		record_text(&r, r.root, "to", what->to);
		record_digest(&r, r.root, "baseline", what->digest);
		if (what->count)
			record_number(&r, r.root, "tips", what->count);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
