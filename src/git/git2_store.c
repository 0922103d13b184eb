/* SPDX-License-Identifier: Apache-2.0 */
#include "git/git2_store.h"

#include <stdlib.h>

#include "git/git2_compat.h"

/* As libgit2's own: packs before loose objects. */
enum { PRIORITY_LOOSE = 1, PRIORITY_PACKED = 2 };

struct git2_store {
	git_odb *odb;
	enum oid_algo algo;
};

#ifdef HAVE_GIT2_EXPERIMENTAL
static git_oid_t oid_type(enum oid_algo algo)
{
	return algo == OID_SHA256 ? GIT_OID_SHA256 : GIT_OID_SHA1;
}

static int odb_new(git_odb **out, enum oid_algo algo)
{
	git_odb_options options = {.version = GIT_ODB_OPTIONS_VERSION,
				   .oid_type = oid_type(algo)};

	return git_odb_new(out, &options);
}

static int backend_packed(git_odb_backend **out, enum oid_algo algo,
			  const char *dir)
{
	git_odb_backend_pack_options options = {
		.version = GIT_ODB_BACKEND_PACK_OPTIONS_VERSION,
		.oid_type = oid_type(algo)};

	return git_odb_backend_pack(out, dir, &options);
}

static int backend_loose(git_odb_backend **out, enum oid_algo algo,
			 const char *dir)
{
	git_odb_backend_loose_options options = {
		.version = GIT_ODB_BACKEND_LOOSE_OPTIONS_VERSION,
		.compression_level = -1,
		.oid_type = oid_type(algo)};

	return git_odb_backend_loose(out, dir, &options);
}
#else
static int odb_new(git_odb **out, enum oid_algo algo)
{
	(void)algo;
	return git_odb_new(out);
}

static int backend_packed(git_odb_backend **out, enum oid_algo algo,
			  const char *dir)
{
	(void)algo;
	return git_odb_backend_pack(out, dir);
}

static int backend_loose(git_odb_backend **out, enum oid_algo algo,
			 const char *dir)
{
	(void)algo;
	return git_odb_backend_loose(out, dir, -1, 0, 0, 0);
}
#endif

static int add_backend(git_odb *odb, git_odb_backend *backend, int priority)
{
	if (!git_odb_add_alternate(odb, backend, priority))
		return 0;
	backend->free(backend);
	return -1;
}

static int add_directory(struct git2_store *s, const char *dir, struct err *e)
{
	git_odb_backend *backend;

	if (backend_packed(&backend, s->algo, dir) ||
	    add_backend(s->odb, backend, PRIORITY_PACKED) ||
	    backend_loose(&backend, s->algo, dir) ||
	    add_backend(s->odb, backend, PRIORITY_LOOSE))
		return git2_error(e, ERR_SYS, dir);
	return 0;
}

int git2_store_new(struct git2_store **out, enum oid_algo algo,
		   char *const *dirs, size_t ndirs, struct err *e)
{
	struct git2_store *s;
	size_t i;
	int ret;

	*out = NULL;
	ret = git2_start(e);
	if (ret)
		return ret;
#ifndef HAVE_GIT2_EXPERIMENTAL
	if (algo != OID_SHA1)
		return err_set(e, ERR_CONFIG,
			       "this gatepost was built without SHA-256 "
			       "repositories (its libgit2 cannot read them)");
#endif
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_nomem(e);
	s->algo = algo;
	if (odb_new(&s->odb, algo))
		ret = git2_error(e, ERR_MEMORY, "object store");
	for (i = 0; !ret && i < ndirs; i++)
		ret = add_directory(s, dirs[i], e);
	if (ret) {
		git2_store_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

void git2_store_free(struct git2_store *s)
{
	if (!s)
		return;
	git_odb_free(s->odb);
	free(s);
}

static enum object_type type_of(git_object_t t)
{
	switch (t) {
	case GIT_OBJECT_COMMIT:
		return OBJECT_COMMIT;
	case GIT_OBJECT_TREE:
		return OBJECT_TREE;
	case GIT_OBJECT_BLOB:
		return OBJECT_BLOB;
	case GIT_OBJECT_TAG:
		return OBJECT_TAG;
	default:
		return OBJECT_NONE;
	}
}

static int lookup_error(int ret, struct err *e)
{
	if (ret == GIT_ENOTFOUND)
		return ERR_NOT_FOUND;
	return git2_error(e, ERR_MALFORMED, "cannot be unpacked");
}

static int store_stat(struct git2_store *s, const git_oid *g,
		      enum object_type *type, size_t *size, struct err *e)
{
	git_object_t t;
	int ret = git_odb_read_header(size, &t, s->odb, g);

	if (ret)
		return lookup_error(ret, e);
	*type = type_of(t);
	if (*type == OBJECT_NONE)
		return err_set(e, ERR_MALFORMED, "object of an unknown type");
	return 0;
}

int git2_store_stat(struct git2_store *s, const struct oid *id,
		    enum object_type *type, uint64_t *size, struct err *e)
{
	git_oid g;
	size_t n = 0;
	int ret;

	*type = OBJECT_NONE;
	*size = 0;
	if (git2_oid(&g, id))
		return ERR_NOT_FOUND;
	ret = store_stat(s, &g, type, &n, e);
	*size = n;
	return ret;
}

int git2_store_read(struct git2_store *s, struct bytes_pool *pool,
		    const struct oid *id, size_t max, struct object_bytes **out,
		    struct err *e)
{
	git_odb_object *found = NULL;
	enum object_type type;
	size_t size;
	git_oid g;
	int ret;

	*out = NULL;
	if (git2_oid(&g, id))
		return ERR_NOT_FOUND;
	ret = store_stat(s, &g, &type, &size, e);
	if (ret)
		return ret;
	if (size > max)
		return err_set(e, ERR_LIMIT, "%zu bytes, more than %zu", size,
			       max);
	ret = git_odb_read(&found, s->odb, &g);
	if (ret)
		return lookup_error(ret, e);
	size = git_odb_object_size(found);
	*out = object_bytes_new(pool, type_of(git_odb_object_type(found)),
				size);
	if (*out)
		memcpy((*out)->data, git_odb_object_data(found), size);
	git_odb_object_free(found);
	return *out ? 0 : err_nomem(e);
}
