/* SPDX-License-Identifier: Apache-2.0 */
#include "git/fault.h"

#include <stdarg.h>
#include <stdio.h>

const struct object_limits object_limits_default = {
	.message = 1 << 20,
	.trailers = 10000,
	.depth = 2048,
	.parents = 1024,
	.paths = 1000000,
	.refs = 10000,
};

bool fault_set(struct object_fault *f, enum object_fault_code code,
	       const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return false;
}

size_t limit_or(size_t value, size_t fallback)
{
	return value ? value : fallback;
}
