/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "git/fault.h"
#include "git/tree_name.h"

enum {
	MODE_TYPE = 0170000,
	MODE_GROUP_WRITABLE = 0100664 /* an early git wrote these */
};

void tree_iter_init(struct tree_iter *it, struct span raw, enum oid_algo algo)
{
	memset(it, 0, sizeof(*it));
	it->at = cursor_of(raw.p, raw.n);
	it->algo = algo;
}

static bool is_directory(unsigned mode)
{
	return (mode & MODE_TYPE) == MODE_TREE;
}

static size_t common_prefix(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

/* The byte that the order looks at: behind a directory's name stands `/`. */
static unsigned char byte_at(struct span name, unsigned mode, size_t i)
{
	if (i < name.n)
		return (unsigned char)name.p[i];
	return is_directory(mode) ? '/' : '\0';
}

int tree_name_compare(struct span a, unsigned amode, struct span b,
		      unsigned bmode)
{
	size_t i = common_prefix(a, b);

	return (int)byte_at(a, amode, i) - (int)byte_at(b, bmode, i);
}

/* @return the mode in the form of enum MODE_…, or 0 */
static unsigned canonical_mode(unsigned mode)
{
	switch (mode) {
	case MODE_TREE:
	case MODE_BLOB:
	case MODE_EXEC:
	case MODE_LINK:
	case MODE_GITLINK:
		return mode;
	case MODE_GROUP_WRITABLE:
		return MODE_BLOB;
	default:
		return 0;
	}
}

/*
 * `40000 ` and its like. Two forms that git itself does not write are taken
 * for what every reader takes them for, since old histories have them in
 * directories that nobody touched since: 100664, and `040000`.
 */
static bool take_mode(struct cursor *c, unsigned *mode)
{
	const char *p = c->p;
	unsigned v = 0;

	while (p < c->end && *p >= '0' && *p <= '7' && p - c->p < 6)
		v = v << 3 | (unsigned)(*p++ - '0');
	if (p == c->end || *p != ' ')
		return false;
	*mode = canonical_mode(v);
	c->p = p + 1;
	return *mode != 0;
}

static bool is_null_id(const char *raw_id, enum oid_algo algo)
{
	size_t i, n = oid_raw_size(algo);

	for (i = 0; i < n; i++)
		if (raw_id[i])
			return false;
	return true;
}

/*
 * The bytes up to a NUL. `odd` says that tree_name_check must look at the
 * name: that call is too dear for every entry of every tree.
 */
static bool take_name(struct cursor *c, struct span *name, bool *odd)
{
	const char *p = c->p;
	unsigned char first;

	*odd = false;
	for (; p < c->end && *p; p++)
		*odd |= *p == '/' || *p == '\\';
	if (p == c->end)
		return false;
	*name = span_of(c->p, (size_t)(p - c->p));
	first = (unsigned char)*c->p;
	*odd |= first == '\0' || first == '.' || first == 'g' || first == 'G' ||
		first >= 0xe2;
	c->p = p + 1;
	return true;
}

static const char *take_entry(struct tree_iter *it, struct tree_entry *out)
{
	struct span id;
	bool odd;

	if (!take_mode(&it->at, &out->mode))
		return "a file mode that git does not know";
	if (!take_name(&it->at, &out->name, &odd) ||
	    !cursor_take(&it->at, oid_raw_size(it->algo), &id))
		return "a truncated entry";
	out->raw_id = id.p;
	if (is_null_id(out->raw_id, it->algo))
		return "an entry with the null id";
	return odd ? tree_name_check(out->name) : NULL;
}

/*
 * Whether `e` may stand behind the last entry. A file `a` and a directory
 * `a` need not be neighbours: `a-b` sorts between them. Files that a
 * directory further down may collide with are kept as `open`: all are
 * prefixes of the last name, so their lengths say everything.
 */
static const char *check_order(struct tree_iter *it, const struct tree_entry *e)
{
	struct span last = it->last.name;
	size_t same = common_prefix(last, e->name);

	if (same == last.n && same == e->name.n)
		return "two entries of one name";
	if (byte_at(last, it->last.mode, same) >=
	    byte_at(e->name, e->mode, same))
		return "entries out of order";
	while (it->nopen && it->open[it->nopen - 1] > same)
		it->nopen--;
	if (same == last.n && !is_directory(it->last.mode) &&
	    (unsigned char)e->name.p[same] < '/') {
		if (it->nopen == TREE_ITER_MAX_OPEN)
			return "too many names that continue each other";
		it->open[it->nopen++] = same;
	}
	if (is_directory(e->mode) && it->nopen &&
	    it->open[it->nopen - 1] == e->name.n)
		return "a file and a directory of one name";
	return NULL;
}

int tree_iter_next(struct tree_iter *it, struct tree_entry *out,
		   struct object_fault *fault)
{
	struct span name = {"", 0};
	const char *why;

	if (!cursor_left(&it->at))
		return 0;
	why = take_entry(it, out);
	if (!why) {
		name = out->name;
		if (it->has_last)
			why = check_order(it, out);
	}
	if (why) {
		fault_set(fault, FAULT_MALFORMED, "a tree with %s: \"%.*s\"",
			  why, FAULT_QUOTE(name));
		return -1;
	}
	it->last = *out;
	it->has_last = true;
	return 1;
}
