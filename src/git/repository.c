/* SPDX-License-Identifier: Apache-2.0 */
#include "git/repository.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/git2_compat.h"
#include "git/packed_refs.h"
#include "git/repo_private.h"

const char *object_type_name(enum object_type t)
{
	switch (t) {
	case OBJECT_COMMIT:
		return "commit";
	case OBJECT_TREE:
		return "tree";
	case OBJECT_BLOB:
		return "blob";
	case OBJECT_TAG:
		return "tag";
	case OBJECT_NONE:
		break;
	}
	return "none";
}

/**
 * A repository of somebody else could name objects and refs as he likes
 * while a decision is made about it.
 */
static int check_owner(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, "stat %s", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(
			e, ERR_DENIED,
			"%s belongs to user %lu, not to root or user %lu; "
			"run this as its owner",
			path, (unsigned long)st.st_uid,
			(unsigned long)geteuid());
	return 0;
}

static int open_stores(struct object_store **out, const struct repository *repo,
		       bool quarantine, struct err *e)
{
	const char *dirs[LAYOUT_MAX_STORES + 1];
	size_t i, n = 0;

	if (quarantine && repo->layout.quarantine)
		dirs[n++] = repo->layout.quarantine;
	for (i = 0; i < repo->layout.nstores; i++)
		dirs[n++] = repo->layout.stores[i];
	return object_store_new(out, repo->format.algo, dirs, n, e);
}

int repository_open(struct repository **out, const struct repository_spec *spec,
		    struct err *e)
{
	struct repository *repo = calloc(1, sizeof(*repo));
	int ret;

	*out = NULL;
	if (!repo)
		return err_nomem(e);
	ret = repo_layout_init(&repo->layout, spec, e);
	if (!ret)
		ret = check_owner(repo->layout.gitdir, e);
	if (!ret)
		ret = check_owner(repo->layout.commondir, e);
	if (!ret)
		ret = repo_format_read(repo->layout.commondir, &repo->format,
				       e);
	if (!ret)
		ret = open_stores(&repo->all, repo, true, e);
	if (ret) {
		repository_free(repo);
		return ret;
	}
	*out = repo;
	return 0;
}

void repository_free(struct repository *repo)
{
	if (!repo)
		return;
	packed_refs_free(repo->packed);
	object_store_free(repo->all);
	object_store_free(repo->base);
	repo_layout_release(&repo->layout);
	free(repo);
}

enum oid_algo repository_algo(const struct repository *repo)
{
	return repo->format.algo;
}

int repository_paths(const struct repository_spec *spec, char ***paths,
		     struct err *e)
{
	struct repo_layout l;
	size_t i, n = 0;
	char **v;
	int ret;

	*paths = NULL;
	ret = repo_layout_init(&l, spec, e);
	if (ret)
		return ret;
	v = calloc(l.nstores + 4, sizeof(*v));
	if (!v) {
		repo_layout_release(&l);
		return err_nomem(e);
	}
	v[n++] = l.gitdir;
	v[n++] = l.commondir;
	l.gitdir = l.commondir = NULL;
	for (i = 0; i < l.nstores; i++) {
		v[n++] = l.stores[i];
		l.stores[i] = NULL;
	}
	v[n] = l.quarantine;
	l.quarantine = NULL;
	repo_layout_release(&l);
	*paths = v;
	return 0;
}

void repository_paths_free(char **paths)
{
	size_t i;

	if (!paths)
		return;
	for (i = 0; paths[i]; i++)
		free(paths[i]);
	free(paths);
}

int object_read(struct repository *repo, const struct oid *id, size_t max,
		struct object *out, struct err *e)
{
	return object_store_read(repo->all, id, max, out, e);
}

int object_stat(struct repository *repo, const struct oid *id,
		enum object_type *type, uint64_t *size, struct err *e)
{
	return object_store_stat(repo->all, id, type, size, e);
}

bool object_is_new(struct repository *repo, const struct oid *id)
{
	if (!repo->layout.quarantine || !object_store_has(repo->all, id))
		return false;
	if (!repo->base && open_stores(&repo->base, repo, false, NULL))
		return true; /* what may be new is judged as new */
	return !object_store_has(repo->base, id);
}

static void oid_of_git2(struct oid *out, enum oid_algo algo, const git_oid *id)
{
	oid_from_raw(out, algo, id->id);
}

int repository_resolve(struct repository *repo, const char *spec,
		       struct oid *out, struct err *e)
{
	git_repository *opened = NULL;
	git_object *found = NULL;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = git2_start(e);
	if (ret)
		return ret;
	ret = git_repository_open_ext(&opened, repo->layout.gitdir,
				      GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (ret) {
		ret = git2_error(e, ERR_CONFIG, repo->layout.gitdir);
		goto out;
	}
	ret = git_revparse_single(&found, opened, spec);
	if (ret) {
		ret = git2_error(e, ERR_NOT_FOUND, spec);
		goto out;
	}
	oid_of_git2(out, repo->format.algo, git_object_id(found));
out:
	git_object_free(found);
	git_repository_free(opened);
	return ret;
}
