/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status_emergencies.h"

#include "desk/emergency_book.h"

int emergencies_count(struct ledger *l, int64_t now,
		      struct emergencies_owed *out, struct err *e)
{
	struct emergency_book book;
	size_t i;
	int rc;

	*out = (struct emergencies_owed){0};
	emergency_book_init(&book);
	rc = emergency_book_read(&book, l, e);
	for (i = 0; !rc && i < book.n; i++) {
		if (book.v[i].closed)
			continue;
		out->open++;
		out->overdue += now > book.v[i].deadline;
	}
	emergency_book_release(&book);
	return rc;
}

void emergencies_text(const struct emergencies_owed *owed, struct buf *out)
{
	if (!owed->open) {
		buf_adds(out, "none is open");
		return;
	}
	buf_addf(out, "%zu open", owed->open);
	if (owed->overdue)
		buf_addf(out, ", %zu overdue", owed->overdue);
	buf_addf(out, "; see what is missing with: gatepost audit%s",
		 owed->overdue ? " --overdue" : "");
}
