/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/erasure.h"

#include "desk/record.h"

int erasure_record(struct ledger *l, const struct record_frame *frame,
		   const char *by, const char *reason,
		   const struct erase_report *found, struct err *e)
{
	struct record_frame plain = *frame;
	struct record r;
	int rc;

	plain.repository = NULL;
	plain.policy = NULL;
	rc = record_init(&r, l, &plain, "erase", e);
	if (!rc) {
		record_text(&r, r.root, "by", by);
		record_text(&r, r.root, "reason", reason);
		record_number(&r, r.root, "count", found->records);
		record_number(&r, r.root, "elements", found->elements);
		rc = record_append(&r, e);
	}
	record_release(&r);
	return rc;
}
