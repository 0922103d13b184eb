/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "trust/allowed_signers.h"

/* The admin's file, but often a list of what others sent him. */
FUZZ(allowed_signers)
{
	struct allowed_signers list = {0};
	struct buf normal = BUF_INIT(1 << 20);
	struct err e = {0};
	size_t i;

	if (!allowed_signers_read(&list, "list", span_of(data, size), &normal,
				  &e))
		for (i = 0; i < list.n; i++)
			FUZZ_MUST(list.v[i].key.type != NULL);
	allowed_signers_release(&list);
	buf_release(&normal);
}
