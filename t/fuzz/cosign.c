/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "ledger/cosign.h"

FUZZ(cosign)
{
	struct buf again = BUF_INIT(COSIGN_MAX_REQUEST);
	struct span bytes = span_of(data, size);
	struct cosign_request r;
	struct err e = {0};
	uint64_t old;

	cosign_question_parse(bytes, &old);
	/* there is one way to write what can be read */
	if (!cosign_request_parse(&r, bytes, &e)) {
		FUZZ_MUST(!cosign_request_write(
			r.old, &r.proof,
			span_of(r.note.bytes.data, r.note.bytes.len), &again,
			&e));
		FUZZ_MUST(span_equal(span_of(again.data, again.len), bytes));
	}
	cosign_request_release(&r);
	buf_release(&again);
}
