/* SPDX-License-Identifier: Apache-2.0 */
#include "git/pack_delta.h"

#include <string.h>

static bool take_size(struct cursor *c, uint64_t *out)
{
	unsigned shift = 0;
	uint8_t byte;

	*out = 0;
	do {
		if (shift > 56 || !cursor_u8(c, &byte))
			return false;
		*out |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

bool delta_take_sizes(struct cursor *delta, uint64_t *base, uint64_t *result)
{
	return take_size(delta, base) && take_size(delta, result);
}

/** The bytes of a number that the bits of `which` say are there. */
static bool take_sparse(struct cursor *c, unsigned which, unsigned n,
			size_t *out)
{
	unsigned i;
	uint8_t byte;

	*out = 0;
	for (i = 0; i < n; i++) {
		if (!(which & 1U << i))
			continue;
		if (!cursor_u8(c, &byte))
			return false;
		*out |= (size_t)byte << 8 * i;
	}
	return true;
}

/** Most runs are short: setting up a large copy would take longer. */
static void copy_run(char *to, const char *from, size_t n)
{
	enum { STEP = 16, LONG = 256 };

	if (n >= LONG) {
		memcpy(to, from, n);
		return;
	}
	for (; n >= STEP; n -= STEP, to += STEP, from += STEP)
		memcpy(to, from, STEP);
	while (n--)
		*to++ = *from++;
}

bool delta_apply(struct cursor *delta, struct span base, char *out, size_t size)
{
	enum { COPY = 0x80, COPY_DEFAULT = 0x10000 };
	size_t from, n;
	struct span literal;
	uint8_t op;

	while (cursor_u8(delta, &op)) {
		if (op & COPY) {
			if (!take_sparse(delta, op & 15U, 4, &from) ||
			    !take_sparse(delta, op >> 4 & 7U, 3, &n))
				return false;
			if (!n)
				n = COPY_DEFAULT;
			if (from > base.n || n > base.n - from || n > size)
				return false;
			copy_run(out, base.p + from, n);
		} else {
			n = op;
			if (!n || n > size || !cursor_take(delta, n, &literal))
				return false;
			copy_run(out, literal.p, n);
		}
		out += n;
		size -= n;
	}
	return !size;
}
