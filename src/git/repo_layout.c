/* SPDX-License-Identifier: Apache-2.0 */

#include "git/repo_layout.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "git/small_file.h"

static char *path_join(const char *dir, const char *name)
{
	char *out = NULL;

	if (asprintf(&out, "%s/%s", dir, name) < 0)
		return NULL;
	return out;
}

/** The real path of `name`, relative to `dir` unless absolute. */
static int real_path(const char *dir, const char *name, char **out,
		     struct err *e)
{
	char *joined = *name == '/' ? strdup(name) : path_join(dir, name);

	*out = NULL;
	if (!joined)
		return err_nomem(e);
	*out = realpath(joined, NULL);
	if (!*out) {
		int code = errno == ENOENT ? ERR_NOT_FOUND : ERR_SYS;

		err_set(e, code, "%s: %s", joined, strerror(errno));
		free(joined);
		return code;
	}
	free(joined);
	return 0;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/** Whether HEAD in `dir` is what a git directory has there. */
static bool has_head(const char *dir)
{
	struct buf text = BUF_INIT(LAYOUT_MAX_LINK);
	char *path = path_join(dir, "HEAD");
	struct oid id;
	struct span s;
	bool ok = false;

	if (!path || small_file_read(path, &text, NULL))
		goto out;
	s = span_trim(span_of(text.data, text.len));
	ok = span_starts(s, "ref:") || oid_from_hex(&id, OID_SHA1, s) ||
	     oid_from_hex(&id, OID_SHA256, s);
out:
	free(path);
	buf_release(&text);
	return ok;
}

/** A linked work tree's git directory names the shared one. */
static int find_commondir(struct repo_layout *l, struct err *e)
{
	struct buf text = BUF_INIT(LAYOUT_MAX_LINK);
	char *path = path_join(l->gitdir, "commondir"), *name = NULL;
	int ret = ERR_MEMORY;

	if (!path)
		goto out;
	ret = small_file_read(path, &text, e);
	if (ret == ERR_NOT_FOUND) {
		err_clear(e);
		l->commondir = strdup(l->gitdir);
		ret = l->commondir ? 0 : ERR_MEMORY;
		goto out;
	}
	if (ret)
		goto out;
	name = span_dup(span_trim(span_of(text.data, text.len)));
	if (!name || !*name) {
		ret = err_set(e, ERR_CONFIG, "%s: names nothing", path);
		goto out;
	}
	ret = real_path(l->gitdir, name, &l->commondir, e);
out:
	free(path);
	free(name);
	buf_release(&text);
	return ret == ERR_MEMORY ? err_nomem(e) : ret;
}

static bool same_directory(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int add_store(struct repo_layout *l, const char *path, int depth,
		     struct err *e);

/** Undo the C-style quotes that git puts round an awkward path. */
static int unquote(struct span line, struct buf *out)
{
	static const char from[] = "abtnvfr", to[] = "\a\b\t\n\v\f\r";
	size_t i = 1;

	while (i < line.n && line.p[i] != '"') {
		char c = line.p[i++];

		if (c == '\\' && i < line.n) {
			const char *at;

			c = line.p[i++];
			at = c ? strchr(from, c) : NULL;
			if (at) {
				c = to[at - from];
			} else if (c >= '0' && c <= '3' && i + 1 < line.n) {
				c = (char)((c - '0') << 6 |
					   ((line.p[i] - '0') & 7) << 3 |
					   ((line.p[i + 1] - '0') & 7));
				i += 2;
			}
		}
		buf_addch(out, c);
	}
	return i < line.n && buf_ok(out) ? 0 : -1;
}

static int add_alternate(struct repo_layout *l, const char *store,
			 struct span line, int depth, struct err *e)
{
	struct buf name = BUF_INIT(LAYOUT_MAX_LINK);
	char *path = NULL;
	int ret = 0;

	if (!line.n || *line.p == '#')
		return 0;
	if (*line.p != '"' || unquote(line, &name)) {
		buf_clear(&name);
		buf_add(&name, line.p, line.n);
	}
	if (!buf_ok(&name)) {
		ret = err_set(e, ERR_LIMIT,
			      "%s: an alternate's name is too "
			      "long",
			      store);
		goto out;
	}
	/* As for git, an alternate that is not there is no error: what it
	 * should have held will be missed. */
	if (!real_path(store, name.data, &path, NULL))
		ret = add_store(l, path, depth + 1, e);
out:
	free(path);
	buf_release(&name);
	return ret;
}

static int add_alternates(struct repo_layout *l, const char *store, int depth,
			  struct err *e)
{
	struct buf text = BUF_INIT(LAYOUT_MAX_FILE);
	char *path = path_join(store, "info/alternates");
	struct cursor at;
	struct span line;
	int ret;

	if (!path)
		return err_nomem(e);
	ret = small_file_read(path, &text, e);
	if (ret == ERR_NOT_FOUND) {
		err_clear(e);
		ret = 0;
	}
	at = cursor_of(text.data, text.len);
	while (!ret && cursor_line(&at, &line))
		ret = add_alternate(l, store, line, depth, e);
	free(path);
	buf_release(&text);
	return ret;
}

static int add_store(struct repo_layout *l, const char *path, int depth,
		     struct err *e)
{
	size_t i;

	if (depth > LAYOUT_MAX_DEPTH)
		return err_set(e, ERR_LIMIT,
			       "%s: alternates are nested more than %d deep",
			       path, LAYOUT_MAX_DEPTH);
	if (!is_directory(path))
		return 0;
	for (i = 0; i < l->nstores; i++)
		if (same_directory(l->stores[i], path))
			return 0;
	switch (array_push(&l->stores, l->nstores, &l->cap,
			   LAYOUT_MAX_STORES)) {
	case 0:
		break;
	case -2:
		return err_set(e, ERR_LIMIT, "%s: more than %d alternates",
			       path, LAYOUT_MAX_STORES);
	default:
		return err_nomem(e);
	}
	l->stores[l->nstores] = strdup(path);
	if (!l->stores[l->nstores])
		return err_nomem(e);
	l->nstores++;
	return add_alternates(l, path, depth, e);
}

/**
 * receive-pack makes its quarantine inside the repository's own object
 * directory; one elsewhere was named by somebody else.
 */
static int find_quarantine(struct repo_layout *l, const char *name,
			   struct err *e)
{
	const char *own = l->stores[0];
	size_t n = strlen(own);
	int ret = real_path(".", name, &l->quarantine, e);

	if (ret)
		return err_wrap(e, "quarantine");
	if (strncmp(l->quarantine, own, n) || l->quarantine[n] != '/')
		return err_set(e, ERR_DENIED, "quarantine %s is not inside %s",
			       l->quarantine, own);
	if (!is_directory(l->quarantine))
		return err_set(e, ERR_CONFIG, "quarantine %s is no directory",
			       l->quarantine);
	return 0;
}

static int find_stores(struct repo_layout *l, struct err *e)
{
	char *objects = NULL;
	int ret = real_path(l->commondir, "objects", &objects, e);

	if (!ret)
		ret = add_store(l, objects, 0, e);
	if (!ret && !l->nstores)
		ret = ERR_NOT_FOUND;
	free(objects);
	return ret;
}

int repo_layout_init(struct repo_layout *l, const struct repository_spec *spec,
		     struct err *e)
{
	int ret;

	memset(l, 0, sizeof(*l));
	ret = real_path(".", spec->gitdir, &l->gitdir, e);
	if (ret)
		goto out;
	ret = find_commondir(l, e);
	if (ret)
		goto out;
	ret = find_stores(l, e);
	if (ret == ERR_NOT_FOUND || (!ret && !has_head(l->gitdir)))
		ret = err_set(e, ERR_CONFIG, "%s is not a git directory",
			      l->gitdir);
	if (!ret && (spec->flags & REPOSITORY_QUARANTINE) && spec->quarantine)
		ret = find_quarantine(l, spec->quarantine, e);
out:
	if (ret)
		repo_layout_release(l);
	return ret;
}

void repo_layout_release(struct repo_layout *l)
{
	size_t i;

	for (i = 0; i < l->nstores; i++)
		free(l->stores[i]);
	free(l->stores);
	free(l->gitdir);
	free(l->commondir);
	free(l->quarantine);
	memset(l, 0, sizeof(*l));
}
