/* SPDX-License-Identifier: Apache-2.0 */

#include "git/loose_refs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "git/small_file.h"

static int broken(const char *name, const char *why, struct err *e)
{
	return err_set(e, ERR_MALFORMED, "ref %.200s %s", name, why);
}

static int parse(struct loose_ref *out, const char *name, struct span text,
		 enum oid_algo algo, struct err *e)
{
	struct span s = span_trim(text);

	if (span_starts(s, "ref:")) {
		s = span_trim(span_of(s.p + 4, s.n - 4));
		if (!s.n || s.n > REFS_MAX_NAME || memchr(s.p, 0, s.n))
			return broken(name, "is a broken symbolic ref", e);
		memcpy(out->target, s.p, s.n);
		out->target[s.n] = '\0';
		out->kind = LOOSE_SYMBOLIC;
		return 0;
	}
	if (!oid_from_hex(&out->id, algo, s) || oid_is_null(&out->id))
		return broken(name, "has no valid id", e);
	out->kind = LOOSE_ID;
	return 0;
}

/** The old form of a symbolic ref: a link whose text is a full name. */
static int read_link(struct loose_ref *out, const char *path, const char *name,
		     struct err *e)
{
	ssize_t n = readlink(path, out->target, REFS_MAX_NAME);

	if (n < 0)
		return err_sys(e, "readlink %s", path);
	out->target[n] = '\0';
	if (strncmp(out->target, "refs/", 5))
		return broken(name, "is a link out of refs/", e);
	out->kind = LOOSE_SYMBOLIC;
	return 0;
}

int loose_ref_read(struct loose_ref *out, const char *home, const char *name,
		   enum oid_algo algo, struct err *e)
{
	struct buf text = BUF_INIT(REFS_MAX_NAME + 64);
	struct buf path = BUF_INIT(PATH_MAX + REFS_MAX_NAME);
	struct stat st;
	int ret;

	out->kind = LOOSE_MISSING;
	out->target[0] = '\0';
	memset(&out->id, 0, sizeof(out->id));
	if (buf_addf(&path, "%s/%s", home, name)) {
		ret = err_nomem(e);
	} else if (lstat(path.data, &st) == 0 && S_ISLNK(st.st_mode)) {
		ret = read_link(out, path.data, name, e);
	} else {
		ret = small_file_read(path.data, &text, e);
		if (!ret)
			ret = parse(out, name, span_of(text.data, text.len),
				    algo, e);
		else if (ret == ERR_LIMIT)
			ret = broken(name, "is too long a file", e);
		if (ret == ERR_NOT_FOUND) {
			err_clear(e);
			ret = 0;
		}
	}
	buf_release(&path);
	buf_release(&text);
	return ret;
}

int loose_refs_compare(const char *name, struct span other)
{
	size_t n = strlen(name);
	int d = memcmp(name, other.p, n < other.n ? n : other.n);

	if (d)
		return d;
	return n < other.n ? -1 : n > other.n;
}

/* Directories still to be read, and refs found. */
struct listing {
	const char *home;
	char **dirs; /* full names that end in `/` */
	size_t ndirs, cap;
	struct loose_refs *out;
};

static int push_dir(struct listing *l, char *name, struct err *e)
{
	int ret = array_push(&l->dirs, l->ndirs, &l->cap, LOOSE_MAX_REFS);

	if (ret) {
		free(name);
		return ret == -2 ? err_set(e, ERR_LIMIT, "too many refs")
				 : err_nomem(e);
	}
	l->dirs[l->ndirs++] = name;
	return 0;
}

static int push_ref(struct loose_refs *out, char *name, struct err *e)
{
	int ret = array_push(&out->v, out->n, &out->cap, LOOSE_MAX_REFS);

	if (ret) {
		free(name);
		return ret == -2 ? err_set(e, ERR_LIMIT, "too many refs")
				 : err_nomem(e);
	}
	memset(&out->v[out->n], 0, sizeof(*out->v));
	out->v[out->n++].name = name;
	return 0;
}

static bool entry_is_dir(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int add_entry(struct listing *l, DIR *dir, const char *parent,
		     const struct dirent *entry, struct err *e)
{
	bool is_dir = entry_is_dir(dir, entry);
	char *name;

	if (asprintf(&name, "%s%s%s", parent, entry->d_name,
		     is_dir ? "/" : "") < 0)
		return err_nomem(e);
	/* What git could not name (.x, x.lock) is no ref. */
	if (!refs_name_ok(span_of(name, strlen(name) - (is_dir ? 1 : 0)))) {
		free(name);
		return 0;
	}
	return is_dir ? push_dir(l, name, e) : push_ref(l->out, name, e);
}

static int read_dir(struct listing *l, const char *name, struct err *e)
{
	struct dirent *entry;
	char *path = NULL;
	DIR *dir;
	int ret = 0;

	if (asprintf(&path, "%s/%s", l->home, name) < 0)
		return err_nomem(e);
	dir = opendir(path);
	if (!dir) {
		if (errno != ENOENT && errno != ENOTDIR &&
		    errno != ENAMETOOLONG)
			ret = err_sys(e, "open %s", path);
		free(path);
		return ret;
	}
	errno = 0;
	while (!ret && (entry = readdir(dir))) {
		ret = add_entry(l, dir, name, entry, e);
		errno = 0;
	}
	if (!ret && errno)
		ret = err_sys(e, "read %s", path);
	closedir(dir);
	free(path);
	return ret;
}

/** Without recursion: a pusher decides how deep directories are nested. */
static int list_names(struct loose_refs *out, const char *home,
		      const char *prefix, struct err *e)
{
	struct listing l = {.home = home, .out = out};
	char *dir = strdup(prefix);
	int ret;

	if (!dir)
		return err_nomem(e);
	if (prefix[strlen(prefix) - 1] != '/')
		return push_ref(out, dir, e);
	ret = push_dir(&l, dir, e);
	while (!ret && l.ndirs) {
		dir = l.dirs[--l.ndirs];
		ret = read_dir(&l, dir, e);
		free(dir);
	}
	while (l.ndirs)
		free(l.dirs[--l.ndirs]);
	free(l.dirs);
	return ret;
}

static int compare_items(const void *a, const void *b)
{
	const struct loose_item *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int loose_refs_list(struct loose_refs *out, const char *home,
		    const char *prefix, enum oid_algo algo, struct err *e)
{
	struct loose_ref ref;
	size_t i, n = 0;
	int ret = list_names(out, home, prefix, e);

	for (i = 0; !ret && i < out->n; i++) {
		ret = loose_ref_read(&ref, home, out->v[i].name, algo, e);
		if (ret)
			break;
		if (ref.kind == LOOSE_MISSING) {
			free(out->v[i].name);
			out->v[i].name = NULL;
			continue;
		}
		if (n != i) {
			out->v[n].name = out->v[i].name;
			out->v[i].name = NULL;
		}
		out->v[n].kind = ref.kind;
		out->v[n++].id = ref.id;
	}
	if (ret)
		return ret;
	out->n = n;
	if (n)
		qsort(out->v, n, sizeof(*out->v), compare_items);
	return 0;
}

void loose_refs_release(struct loose_refs *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	memset(l, 0, sizeof(*l));
}
