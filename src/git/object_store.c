/* SPDX-License-Identifier: Apache-2.0 */

#include "git/object_store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/git2_store.h"
#include "git/loose_object.h"
#include "git/pack_read.h"

enum { MAX_PACKS = 20000 };

/* A pack that was seen; opened when it is first searched. */
struct store_pack {
	char *path; /* of the index */
	struct pack *pack;
	bool unusable;
};

struct object_store {
	enum oid_algo algo;
	char **dirs;
	size_t ndirs;
	struct store_pack *packs; /* the last one that had something: first */
	size_t npacks, cap;
	struct pack_reader reader;
	struct bytes_pool pool;
	bool scanned;
	/* For packs whose index is of a version that is not read here. */
	bool foreign;
	struct git2_store *git2;
};

int object_store_new(struct object_store **out, enum oid_algo algo,
		     const char *const *dirs, size_t ndirs, struct err *e)
{
	struct object_store *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return err_nomem(e);
	s->algo = algo;
	s->reader.pool = &s->pool;
	s->dirs = calloc(ndirs + 1, sizeof(*s->dirs));
	while (s->dirs && s->ndirs < ndirs) {
		s->dirs[s->ndirs] = strdup(dirs[s->ndirs]);
		if (!s->dirs[s->ndirs])
			break;
		s->ndirs++;
	}
	if (!s->dirs || s->ndirs < ndirs) {
		object_store_free(s);
		return err_nomem(e);
	}
	*out = s;
	return 0;
}

void object_store_free(struct object_store *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->npacks; i++) {
		pack_free(s->packs[i].pack);
		free(s->packs[i].path);
	}
	for (i = 0; s->dirs && i < s->ndirs; i++)
		free(s->dirs[i]);
	free(s->packs);
	free(s->dirs);
	pack_reader_release(&s->reader);
	git2_store_free(s->git2);
	bytes_pool_release(&s->pool);
	free(s);
}

static bool known(const struct object_store *s, const char *path)
{
	size_t i;

	for (i = 0; i < s->npacks; i++)
		if (!strcmp(s->packs[i].path, path))
			return true;
	return false;
}

static int add_pack(struct object_store *s, const char *dir, const char *name,
		    struct err *e)
{
	struct store_pack *p;
	size_t n = strlen(name);
	char *path = NULL;

	if (n < 5 || strcmp(name + n - 4, ".idx"))
		return 0;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return err_nomem(e);
	if (known(s, path)) {
		free(path);
		return 0;
	}
	if (array_push(&s->packs, s->npacks, &s->cap, MAX_PACKS)) {
		free(path);
		return err_set(e, ERR_LIMIT, "more than %d packs", MAX_PACKS);
	}
	p = &s->packs[s->npacks++];
	memset(p, 0, sizeof(*p));
	p->path = path;
	return 0;
}

static int scan_dir(struct object_store *s, const char *store, struct err *e)
{
	struct dirent *entry;
	char *path = NULL;
	DIR *dir;
	int ret = 0;

	if (asprintf(&path, "%s/pack", store) < 0)
		return err_nomem(e);
	dir = opendir(path);
	if (!dir) {
		if (errno != ENOENT)
			ret = err_sys(e, "open %s", path);
		free(path);
		return ret;
	}
	errno = 0;
	while (!ret && (entry = readdir(dir))) {
		ret = add_pack(s, path, entry->d_name, e);
		errno = 0;
	}
	if (!ret && errno)
		ret = err_sys(e, "read %s", path);
	closedir(dir);
	free(path);
	return ret;
}

static int scan(struct object_store *s, struct err *e)
{
	size_t i;
	int ret = 0;

	s->scanned = true;
	for (i = 0; !ret && i < s->ndirs; i++)
		ret = scan_dir(s, s->dirs[i], e);
	return ret;
}

/**
 * Open a pack for searching. One that has gone since it was seen has left
 * its objects in another; one that is broken cannot hide them either, since
 * an object that is found nowhere is an error for whoever asked.
 */
static struct pack *usable(struct object_store *s, struct store_pack *p)
{
	int ret;

	if (p->pack || p->unusable)
		return p->pack;
	ret = pack_open(&p->pack, p->path, s->algo, NULL);
	p->unusable = ret != 0;
	if (ret == ERR_CONFIG)
		s->foreign = true;
	return p->pack;
}

struct place {
	const struct pack *pack;
	uint64_t offset;
};

static bool find_packed(struct object_store *s, const struct oid *id,
			struct place *out)
{
	struct store_pack found;
	size_t i;

	for (i = 0; i < s->npacks; i++) {
		const struct pack *p = usable(s, &s->packs[i]);

		if (p && pack_find(p, id->id, &out->offset))
			break;
	}
	if (i == s->npacks)
		return false;
	out->pack = s->packs[i].pack;
	if (i) {
		found = s->packs[i];
		memmove(s->packs + 1, s->packs, i * sizeof(found));
		s->packs[0] = found;
	}
	return true;
}

/** The empty tree exists everywhere, without being stored. */
static bool is_empty_tree(const struct oid *id)
{
	static const char *const hex[] = {
		"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
		"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc"
		"5321"};
	struct oid empty;

	return oid_from_hex(&empty, (enum oid_algo)id->algo,
			    span_str(hex[id->algo == OID_SHA256])) &&
	       oid_equal(id, &empty);
}

/* What is asked of an object: its bytes, or with `out` NULL its size. */
struct wish {
	const struct oid *id;
	size_t max;
	struct object_bytes **out;
	enum object_type type;
	uint64_t size;
};

static int ask_pack(struct object_store *s, struct wish *w,
		    const struct place *at, struct err *e)
{
	if (w->out)
		return pack_read(&s->reader, at->pack, at->offset, w->max,
				 w->out, e);
	return pack_stat(&s->reader, at->pack, at->offset, &w->type, &w->size,
			 e);
}

static int ask_loose(struct object_store *s, struct wish *w, struct err *e)
{
	size_t i;
	int ret = ERR_NOT_FOUND;

	for (i = 0; ret == ERR_NOT_FOUND && i < s->ndirs; i++) {
		if (w->out)
			ret = loose_object_read(&s->reader.inflater, &s->pool,
						s->dirs[i], w->id, w->max,
						w->out, e);
		else
			ret = loose_object_stat(&s->reader.inflater, s->dirs[i],
						w->id, &w->type, &w->size, e);
	}
	return ret;
}

static int ask_git2(struct object_store *s, struct wish *w, struct err *e)
{
	int ret = 0;

	if (!s->foreign)
		return ERR_NOT_FOUND;
	if (!s->git2)
		ret = git2_store_new(&s->git2, s->algo, s->dirs, s->ndirs, e);
	if (ret)
		return ret;
	if (w->out)
		return git2_store_read(s->git2, &s->pool, w->id, w->max, w->out,
				       e);
	return git2_store_stat(s->git2, w->id, &w->type, &w->size, e);
}

static int ask_empty(struct object_store *s, struct wish *w, struct err *e)
{
	if (!is_empty_tree(w->id))
		return ERR_NOT_FOUND;
	w->type = OBJECT_TREE;
	w->size = 0;
	if (!w->out)
		return 0;
	*w->out = object_bytes_new(&s->pool, OBJECT_TREE, 0);
	return *w->out ? 0 : err_nomem(e);
}

/** Packs first: most objects are there, and a miss costs no system call. */
static int ask(struct object_store *s, struct wish *w, struct err *e)
{
	struct place at;
	bool rescanned = !s->scanned;
	int ret = s->scanned ? 0 : scan(s, e);

	while (!ret) {
		if (find_packed(s, w->id, &at))
			return ask_pack(s, w, &at, e);
		ret = ask_loose(s, w, e);
		if (ret != ERR_NOT_FOUND || rescanned)
			break;
		/* It may have been packed since. */
		rescanned = true;
		ret = scan(s, e);
	}
	if (ret == ERR_NOT_FOUND)
		ret = ask_git2(s, w, e);
	if (ret == ERR_NOT_FOUND)
		ret = ask_empty(s, w, e);
	return ret;
}

static int check_algo(const struct object_store *s, const struct oid *id,
		      struct err *e)
{
	if (id->algo == s->algo)
		return 0;
	return err_set(e, ERR_NOT_FOUND, "an id of another hash function");
}

static int explain(int ret, const struct oid *id, struct err *e)
{
	char hex[OID_HEX_SIZE];

	oid_to_hex(id, hex);
	if (ret == ERR_NOT_FOUND)
		return err_set(e, ret, "object %s is missing", hex);
	if (ret)
		err_wrap(e, "object %s", hex);
	return ret;
}

int object_store_stat(struct object_store *s, const struct oid *id,
		      enum object_type *type, uint64_t *size, struct err *e)
{
	struct wish wish = {.id = id};
	int ret;

	*type = OBJECT_NONE;
	*size = 0;
	ret = check_algo(s, id, e);
	if (ret)
		return ret;
	ret = ask(s, &wish, e);
	*type = wish.type;
	*size = wish.size;
	return explain(ret, id, e);
}

int object_store_read(struct object_store *s, const struct oid *id, size_t max,
		      struct object *out, struct err *e)
{
	struct object_bytes *bytes = NULL;
	struct wish wish = {.id = id, .max = max, .out = &bytes};
	uint64_t size;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = check_algo(s, id, e);
	if (ret)
		return ret;
	ret = ask(s, &wish, e);
	if (!ret) {
		out->type = bytes->type;
		out->data = bytes->data;
		out->size = bytes->size;
		out->handle = bytes;
	} else if (ret == ERR_LIMIT) {
		if (!object_store_stat(s, id, &out->type, &size, NULL))
			out->size = (size_t)size;
	}
	return explain(ret, id, e);
}

void object_release(struct object *o)
{
	object_bytes_drop(o->handle);
	memset(o, 0, sizeof(*o));
}

bool object_store_has(struct object_store *s, const struct oid *id)
{
	struct wish wish = {.id = id};
	struct place at;
	size_t i;

	if (id->algo != s->algo || (!s->scanned && scan(s, NULL)))
		return false;
	if (find_packed(s, id, &at))
		return true;
	for (i = 0; i < s->ndirs; i++)
		if (loose_object_exists(s->dirs[i], id))
			return true;
	return !ask_git2(s, &wish, NULL);
}
