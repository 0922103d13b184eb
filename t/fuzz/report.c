/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"
#include "gate/report.h"

enum { RULES = 4 };

/* What is read is written as it would be by whoever made it. */
FUZZ(report)
{
	struct buf first = BUF_INIT(REPORT_MAX_BYTES);
	struct buf second = BUF_INIT(REPORT_MAX_BYTES);
	struct report r;
	struct err e = {0};

	report_init(&r);
	if (!report_read(&r, span_of(data, size), RULES, &e)) {
		FUZZ_MUST(!report_write(&r, &first, &e));
		report_release(&r);
		FUZZ_MUST(!report_read(&r, span_of(first.data, first.len),
				       RULES, &e));
		FUZZ_MUST(!report_write(&r, &second, &e));
		FUZZ_MUST(first.len == second.len &&
			  !memcmp(first.data, second.data, first.len));
	}
	report_release(&r);
	buf_release(&first);
	buf_release(&second);
}
