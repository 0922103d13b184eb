/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/holds.h"
#include "fuzz.h"

/* A condition, a line feed, and what an endpoint answered. */
FUZZ(sink_answer)
{
	struct cursor c = cursor_of(data, size);
	struct items_held items = {.n = 3};
	struct buf id = BUF_INIT(256);
	struct answer_json a;
	struct predicate p;
	struct span line;
	bool failed[3] = {false};
	struct err e;

	items.failed = failed;
	if (!cursor_line(&c, &line) || predicate_parse(&p, line, &e))
		return;
	FUZZ_MUST(!answer_json_parse(&a, span_of(c.p, cursor_left(&c)), &e));
	if (holds_for_all(&p, &a, &items))
		FUZZ_MUST(a.n && !failed[0] && !failed[1] && !failed[2]);
	holds_for_some(&p, &a);
	answer_json_text(&a, "/id", &id);
	answer_json_release(&a);
	buf_release(&id);
}
