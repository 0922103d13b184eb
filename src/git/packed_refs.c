/* SPDX-License-Identifier: Apache-2.0 */
#include "git/packed_refs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

struct packed_refs {
	unsigned users;
	struct stat seen; /* st_ino == 0: there is no file */
	void *map;
	size_t size;
	char *sorted;		 /* a sorted copy, or NULL */
	const char *begin, *end; /* the lines behind the header */
};

static void release(struct packed_refs *p)
{
	if (p->map)
		munmap(p->map, p->size);
	free(p->sorted);
	free(p);
}

void packed_refs_free(struct packed_refs *p)
{
	if (p && --p->users == 0)
		release(p);
}

static const char *line_end(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return lf ? lf + 1 : end;
}

/** The start of the ref's line that `at` lies in or behind. */
static const char *ref_start(const char *begin, const char *at)
{
	for (;;) {
		while (at > begin && at[-1] != '\n')
			at--;
		if (at == begin || *at != '^')
			return at;
		at--;
	}
}

/** Behind the ref's line and its peeled one. */
static const char *ref_end(const char *p, const char *end)
{
	p = line_end(p, end);
	if (p < end && *p == '^')
		p = line_end(p, end);
	return p;
}

/** The name in the line at `p`; empty when there is none. */
static struct span ref_name(const char *p, const char *end)
{
	const char *stop = line_end(p, end);
	const char *space = memchr(p, ' ', (size_t)(stop - p));

	if (stop > p && stop[-1] == '\n')
		stop--;
	if (!space || space >= stop)
		return span_of(stop, 0);
	return span_of(space + 1, (size_t)(stop - space - 1));
}

static int compare_names(struct span a, struct span b)
{
	int d = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	if (d)
		return d;
	return a.n < b.n ? -1 : a.n > b.n;
}

struct line {
	struct span name;
	const char *p;
	size_t n;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return compare_names(x->name, y->name);
}

static int copy_sorted(struct packed_refs *p, struct line *lines, size_t n)
{
	char *to = malloc((size_t)(p->end - p->begin) + n + 1);
	size_t i;

	if (!to)
		return -1;
	p->sorted = to;
	if (n)
		qsort(lines, n, sizeof(*lines), compare_lines);
	for (i = 0; i < n; i++) {
		memcpy(to, lines[i].p, lines[i].n);
		to += lines[i].n;
		if (to[-1] != '\n')
			*to++ = '\n';
	}
	p->begin = p->sorted;
	p->end = to;
	return 0;
}

static int sort_lines(struct packed_refs *p, struct err *e)
{
	struct line *lines = NULL;
	size_t n = 0, cap = 0;
	const char *at = p->begin, *next;
	int ret = 0;

	if (p->size > PACKED_REFS_MAX_UNSORTED)
		return err_set(e, ERR_LIMIT,
			       "packed-refs is not sorted and over %d bytes",
			       PACKED_REFS_MAX_UNSORTED);
	for (; at < p->end; at = next) {
		next = ref_end(at, p->end);
		if (array_push(&lines, n, &cap, SIZE_MAX)) {
			ret = err_nomem(e);
			goto out;
		}
		lines[n].name = ref_name(at, p->end);
		lines[n].p = at;
		lines[n++].n = (size_t)(next - at);
	}
	if (copy_sorted(p, lines, n))
		ret = err_nomem(e);
out:
	free(lines);
	return ret;
}

/** Skip the header and find out whether the lines are sorted. */
static int read_header(struct packed_refs *p, struct err *e)
{
	bool sorted = false;

	p->begin = p->map;
	p->end = p->begin + p->size;
	while (p->begin < p->end && *p->begin == '#') {
		const char *next = line_end(p->begin, p->end);

		if (memmem(p->begin, (size_t)(next - p->begin), " sorted ", 8))
			sorted = true;
		p->begin = next;
	}
	return sorted ? 0 : sort_lines(p, e);
}

static int map_file(struct packed_refs *p, int fd, const char *path,
		    struct err *e)
{
	if (fstat(fd, &p->seen) < 0)
		return err_sys(e, "stat %s", path);
	if (!S_ISREG(p->seen.st_mode))
		return err_set(e, ERR_MALFORMED, "%s is not a file", path);
	if (p->seen.st_size > PACKED_REFS_MAX)
		return err_set(e, ERR_LIMIT, "%s: more than %d bytes", path,
			       PACKED_REFS_MAX);
	if (!p->seen.st_size)
		return 0;
	p->size = (size_t)p->seen.st_size;
	p->map = mmap(NULL, p->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p->map == MAP_FAILED) {
		p->map = NULL;
		return err_sys(e, "map %s", path);
	}
	return read_header(p, e);
}

static int open_file(struct packed_refs **out, const char *path, struct err *e)
{
	struct packed_refs *p = calloc(1, sizeof(*p));
	int fd, ret;

	*out = NULL;
	if (!p)
		return err_nomem(e);
	p->users = 1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		ret = map_file(p, fd, path, e);
		close(fd);
	} else {
		ret = errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	}
	if (ret) {
		release(p);
		return ret;
	}
	*out = p;
	return 0;
}

/** git replaces the file, so that these tell one from the next. */
static bool unchanged(const struct packed_refs *p, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT && !p->seen.st_ino;
	return st.st_ino == p->seen.st_ino && st.st_dev == p->seen.st_dev &&
	       st.st_size == p->seen.st_size &&
	       st.st_mtim.tv_sec == p->seen.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == p->seen.st_mtim.tv_nsec &&
	       st.st_ctim.tv_sec == p->seen.st_ctim.tv_sec &&
	       st.st_ctim.tv_nsec == p->seen.st_ctim.tv_nsec;
}

int packed_refs_get(struct packed_refs **cached, const char *commondir,
		    struct packed_refs **out, struct err *e)
{
	char *path = NULL;
	int ret = 0;

	*out = NULL;
	if (asprintf(&path, "%s/packed-refs", commondir) < 0)
		return err_nomem(e);
	if (*cached && !unchanged(*cached, path)) {
		packed_refs_free(*cached);
		*cached = NULL;
	}
	if (!*cached)
		ret = open_file(cached, path, e);
	if (!ret) {
		(*cached)->users++;
		*out = *cached;
	}
	free(path);
	return ret;
}

static int no_ref(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "packed-refs: a line is no ref");
}

int packed_refs_seek(const struct packed_refs *p, struct span name,
		     const char **at, struct err *e)
{
	const char *lo = p->begin, *hi = p->end;

	while (lo < hi) {
		const char *mid = ref_start(lo, lo + (hi - lo) / 2);
		struct span here = ref_name(mid, p->end);

		if (!here.n)
			return no_ref(e);
		if (compare_names(here, name) < 0)
			lo = ref_end(mid, p->end);
		else
			hi = mid;
	}
	*at = lo;
	return 0;
}

int packed_refs_next(const struct packed_refs *p, const char **at,
		     struct packed_ref *out, struct err *e)
{
	const char *line = *at, *space;

	if (line >= p->end)
		return 0;
	out->name = ref_name(line, p->end);
	space = out->name.p - 1;
	if (!out->name.n || *line == '^')
		return no_ref(e);
	out->hex = span_of(line, (size_t)(space - line));
	*at = ref_end(line, p->end);
	return 1;
}
