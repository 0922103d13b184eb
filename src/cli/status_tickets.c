/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status_tickets.h"

#include "desk/unverified_book.h"

int tickets_count(struct ledger *l, int64_t now, struct tickets_owed *out,
		  struct err *e)
{
	struct unverified_book book;
	size_t i;
	int rc;

	*out = (struct tickets_owed){0};
	unverified_book_init(&book);
	rc = unverified_book_read(&book, l, e);
	for (i = 0; !rc && i < book.n; i++) {
		const struct unverified_case *c = &book.v[i];

		out->refused += c->state == UNVERIFIED_REFUSED;
		if (c->state != UNVERIFIED_WAITS)
			continue;
		out->waiting++;
		out->overdue += unverified_is_amiss(c, now);
	}
	unverified_book_release(&book);
	return rc;
}

void tickets_text(const struct tickets_owed *owed, struct buf *out)
{
	if (!owed->waiting && !owed->refused) {
		buf_adds(out, "none waits for an answer");
		return;
	}
	buf_addf(out, "%zu refused after the push, %zu without an answer",
		 owed->refused, owed->waiting);
	if (owed->overdue)
		buf_addf(out, ", %zu of them for more than a day",
			 owed->overdue);
	buf_adds(out, "; see which with: gatepost audit");
}
