/* SPDX-License-Identifier: Apache-2.0 */
#include "git/loose_object.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { HEAD_MAX = 32 }; /* git's own limit of `type SP size NUL` */

struct loose {
	struct span file; /* mapped */
	char head[HEAD_MAX];
	size_t nhead, begin; /* inflated so far; where the bytes begin */
	enum object_type type;
	uint64_t size;
};

static bool path_of(char out[PATH_MAX], const char *dir, const struct oid *id)
{
	char hex[OID_HEX_SIZE];
	int n;

	oid_to_hex(id, hex);
	n = snprintf(out, PATH_MAX, "%s/%.2s/%s", dir, hex, hex + 2);
	return n > 0 && n < PATH_MAX;
}

bool loose_object_exists(const char *dir, const struct oid *id)
{
	char path[PATH_MAX];
	struct stat st;

	return path_of(path, dir, id) && stat(path, &st) == 0 &&
	       S_ISREG(st.st_mode);
}

static int broken(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "its file is broken");
}

static int map_file(struct span *out, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *at;
	int ret = 0;

	*out = span_of(NULL, 0);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? ERR_NOT_FOUND
			       : err_sys(e, "open %s", path);
	if (fstat(fd, &st) < 0) {
		ret = err_sys(e, "stat %s", path);
	} else if (!S_ISREG(st.st_mode) || !st.st_size) {
		ret = broken(e);
	} else {
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			  0);
		if (at == MAP_FAILED)
			ret = err_sys(e, "map %s", path);
		else
			*out = span_of(at, (size_t)st.st_size);
	}
	close(fd);
	return ret;
}

static enum object_type type_named(struct span name)
{
	enum object_type t;

	for (t = OBJECT_COMMIT; t <= OBJECT_TAG; t++)
		if (span_is(name, object_type_name(t)))
			return t;
	return OBJECT_NONE;
}

static int parse_head(struct loose *l, struct err *e)
{
	struct cursor c = cursor_of(l->head, l->nhead);
	struct span type, size;

	if (!cursor_until(&c, ' ', &type) || !cursor_until(&c, '\0', &size))
		return broken(e);
	l->type = type_named(type);
	l->begin = l->nhead - cursor_left(&c);
	if (l->type == OBJECT_NONE || (size.n > 1 && *size.p == '0') ||
	    !text_to_u64(size, INT64_MAX, &l->size))
		return broken(e);
	return 0;
}

static void close_loose(struct loose *l)
{
	if (l->file.p)
		munmap((void *)(uintptr_t)l->file.p, l->file.n);
}

static int open_loose(struct loose *l, struct inflater *f, const char *dir,
		      const struct oid *id, struct err *e)
{
	char path[PATH_MAX];
	int ret;

	memset(l, 0, sizeof(*l));
	if (!path_of(path, dir, id))
		return ERR_NOT_FOUND;
	ret = map_file(&l->file, path, e);
	if (ret)
		return ret;
	l->nhead = inflate_some(f, l->file, l->head, sizeof(l->head));
	ret = parse_head(l, e);
	if (ret)
		close_loose(l);
	return ret;
}

int loose_object_stat(struct inflater *f, const char *dir, const struct oid *id,
		      enum object_type *type, uint64_t *size, struct err *e)
{
	struct loose l;
	int ret = open_loose(&l, f, dir, id, e);

	if (ret)
		return ret;
	*type = l.type;
	*size = l.size;
	close_loose(&l);
	return 0;
}

/** What was inflated behind the header, and the rest. */
static int unpack(struct loose *l, struct inflater *f, struct object_bytes *out,
		  struct err *e)
{
	size_t early = l->nhead - l->begin;
	bool all_used;

	if (early > out->size)
		return broken(e);
	memcpy(out->data, l->head + l->begin, early);
	if (!inflate_rest(f, out->data + early, out->size - early, &all_used) ||
	    !all_used)
		return broken(e);
	return 0;
}

int loose_object_read(struct inflater *f, struct bytes_pool *pool,
		      const char *dir, const struct oid *id, size_t max,
		      struct object_bytes **out, struct err *e)
{
	struct loose l;
	int ret = open_loose(&l, f, dir, id, e);

	*out = NULL;
	if (ret)
		return ret;
	if (l.size > max) {
		ret = err_set(e, ERR_LIMIT, "%llu bytes, more than %zu",
			      (unsigned long long)l.size, max);
		goto out;
	}
	*out = object_bytes_new(pool, l.type, (size_t)l.size);
	ret = *out ? unpack(&l, f, *out, e) : err_nomem(e);
	if (ret) {
		object_bytes_drop(*out);
		*out = NULL;
	}
out:
	close_loose(&l);
	return ret;
}
