/* SPDX-License-Identifier: Apache-2.0 */
#include "git/tree_name.h"

#include <string.h>

#include "base/text.h"

static bool takes_nocase(struct cursor *c, const char *lower)
{
	const char *p = c->p;

	for (; *lower; lower++, p++)
		if (p == c->end || ascii_lower(*p) != *lower)
			return false;
	c->p = p;
	return true;
}

/* NTFS drops trailing dots and blanks, and `:` begins a stream's name. */
static bool is_ntfs_dotgit(struct span name)
{
	struct cursor c = cursor_of(name.p, name.n);

	if (!takes_nocase(&c, ".git") && !takes_nocase(&c, "git~1"))
		return false;
	while (c.p < c.end && (*c.p == '.' || *c.p == ' '))
		c.p++;
	return c.p == c.end || *c.p == ':' || *c.p == '\\';
}

/* Three bytes of UTF-8 that HFS+ ignores in names. */
static bool hfs_ignores(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] == 0xef)
		return u[1] == 0xbb && u[2] == 0xbf; /* U+FEFF */
	if (u[0] != 0xe2)
		return false;
	if (u[1] == 0x80) /* U+200C to U+200F, U+202A to U+202E */
		return (u[2] >= 0x8c && u[2] <= 0x8f) ||
		       (u[2] >= 0xaa && u[2] <= 0xae);
	return u[1] == 0x81 && u[2] >= 0xaa && u[2] <= 0xaf; /* U+206A… */
}

static bool is_hfs_dotgit(struct span name)
{
	const char *p = name.p, *end = name.p + name.n, *want = ".git";

	while (p < end) {
		if (end - p >= 3 && hfs_ignores(p))
			p += 3;
		else if (*want && ascii_lower(*p) == *want)
			p++, want++;
		else
			return false;
	}
	return *want == '\0';
}

/* Windows takes what stands behind a backslash for a path component. */
static bool has_dotgit_component(struct span name)
{
	const char *end = name.p + name.n, *p = name.p;

	while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		p++;
		if (is_ntfs_dotgit(span_of(p, (size_t)(end - p))))
			return true;
	}
	return false;
}

const char *tree_name_check(struct span name)
{
	if (name.n == 0)
		return "an entry without name";
	if (memchr(name.p, '/', name.n))
		return "a slash in a name";
	if (span_is(name, ".") || span_is(name, ".."))
		return "an entry named . or ..";
	if (is_ntfs_dotgit(name) || is_hfs_dotgit(name) ||
	    has_dotgit_component(name))
		return "an entry named .git";
	return NULL;
}

bool tree_path_ok(struct span path)
{
	struct cursor c = cursor_of(path.p, path.n);
	struct span part;

	if (!path.n || path.n > TREE_MAX_PATH || path.p[path.n - 1] == '/' ||
	    memchr(path.p, '\0', path.n))
		return false;
	while (cursor_left(&c)) {
		if (!cursor_until(&c, '/', &part))
			cursor_take(&c, cursor_left(&c), &part);
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
			return false;
	}
	return true;
}
