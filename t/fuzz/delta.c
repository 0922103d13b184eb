/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "git/pack_delta.h"

enum { MAX_RESULT = 1 << 16, MAX_BASE = 512 };

/* Up to half of the bytes, at most 512, are the base. */
FUZZ(delta)
{
	size_t nbase = size / 2 < MAX_BASE ? size / 2 : MAX_BASE;
	struct span base = span_of(data, nbase);
	struct cursor c = cursor_of(data + nbase, size - nbase);
	uint64_t base_size, result;
	char *out;

	if (!delta_take_sizes(&c, &base_size, &result) || result > MAX_RESULT)
		return;
	out = malloc((size_t)result + 1);
	if (out)
		delta_apply(&c, base, out, (size_t)result);
	free(out);
}
