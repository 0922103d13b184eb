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

const char *refs_in_namespace(const char *name)
{
	static const char prefix[] = "refs/namespaces/";
	const char *end;

	while (!strncmp(name, prefix, sizeof(prefix) - 1)) {
		end = strchr(name + sizeof(prefix) - 1, '/');
		if (!end || strncmp(end, "/refs/", 6) != 0)
			break;
		name = end + 1;
	}
	return name;
}

int refs_add_namespace(struct buf *out, const char *git_namespace)
{
	struct cursor at = cursor_of(git_namespace, strlen(git_namespace));
	struct span part;

	while (cursor_left(&at)) {
		if (!cursor_until(&at, '/', &part))
			cursor_take(&at, cursor_left(&at), &part);
		if (!part.n)
			continue;
		buf_adds(out, "refs/namespaces/");
		buf_add(out, part.p, part.n);
		buf_addch(out, '/');
	}
	return buf_ok(out) ? 0 : -1;
}
