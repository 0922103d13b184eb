/* SPDX-License-Identifier: Apache-2.0 */
#include "git/refs.h"

#include <string.h>

static bool byte_ok(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !strchr("~^:?*[\\", c);
}

static bool ends_with(struct span s, const char *tail)
{
	size_t n = strlen(tail);

	return s.n >= n && memcmp(s.p + s.n - n, tail, n) == 0;
}

/* One part between slashes (git-check-ref-format(1), rules 1 and 3 to 10). */
static bool component_ok(struct span part)
{
	size_t i;

	if (part.n == 0 || part.p[0] == '.' || ends_with(part, ".lock"))
		return false;
	for (i = 0; i < part.n; i++) {
		if (!byte_ok(part.p[i]))
			return false;
		if (i && part.p[i - 1] == '.' && part.p[i] == '.')
			return false;
		if (i && part.p[i - 1] == '@' && part.p[i] == '{')
			return false;
	}
	return true;
}

bool refs_name_ok(struct span name)
{
	struct cursor c = cursor_of(name.p, name.n);
	struct span part;

	if (name.n > REFS_MAX_NAME || !cursor_literal(&c, "refs/") ||
	    ends_with(name, "."))
		return false;
	while (cursor_until(&c, '/', &part))
		if (!component_ok(part))
			return false;
	return component_ok(span_of(c.p, cursor_left(&c)));
}
