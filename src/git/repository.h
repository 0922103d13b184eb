/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_REPOSITORY_H
#define GATEPOST_GIT_REPOSITORY_H

/**
 * A repository's objects as bytes. Replace refs, grafts, shallow
 * boundaries, alternates' configuration, attributes and mailmaps have no
 * influence on what is read here. This room is the only user of libgit2.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "git/oid.h"

enum object_type {
	OBJECT_NONE = 0,
	OBJECT_COMMIT,
	OBJECT_TREE,
	OBJECT_BLOB,
	OBJECT_TAG
};
const char *object_type_name(enum object_type t);

struct repository; /* not for several threads */

enum repository_flags {
	/** Objects of the push that is being judged: honours the quarantine
	 * that git names in GIT_OBJECT_DIRECTORY, GIT_QUARANTINE_PATH and
	 * GIT_ALTERNATE_OBJECT_DIRECTORIES, each given in `spec`. */
	REPOSITORY_QUARANTINE = 1
};

/** Where a repository is. Strings are borrowed during the call. */
struct repository_spec {
	const char *gitdir;	/* absolute or relative; "." in a hook */
	unsigned flags;		/* enum repository_flags */
	const char *quarantine; /* the object directory of the push, or NULL */
};

/**
 * Open. Refuses a directory that is not a git directory, a format that is
 * not understood (ERR_CONFIG, naming the extension), and an owner who is
 * neither root nor the effective user (ERR_DENIED).
 */
int repository_open(struct repository **out, const struct repository_spec *spec,
		    struct err *e);
void repository_free(struct repository *repo);

enum oid_algo repository_algo(const struct repository *repo);

/**
 * The directories that reading this repository touches (git directory,
 * common directory, object directories with all alternates, quarantine):
 * what the judge's sandbox must leave readable. Works on paths alone, so
 * that it can be asked before repository_open.
 * @param paths  NULL-terminated heap array of heap strings; caller frees with
 *               repository_paths_free
 */
int repository_paths(const struct repository_spec *spec, char ***paths,
		     struct err *e);
void repository_paths_free(char **paths);

/** An object's bytes. `data` is not NUL-terminated; release when done, and
 * before the repository is freed. */
struct object {
	enum object_type type;
	const char *data;
	size_t size;
	void *handle; /* private */
};

/**
 * Read an object of at most `max` bytes.
 * @return 0; ERR_NOT_FOUND; ERR_LIMIT when it is larger (out->type and
 *         out->size are then set); ERR_MALFORMED when it cannot be unpacked
 */
int object_read(struct repository *repo, const struct oid *id, size_t max,
		struct object *out, struct err *e);
void object_release(struct object *o);

/** Whether an error says that an object of the push is not there, broken or
 * too large; whatever else goes wrong is no fault of it. */
static inline bool object_is_amiss(int rc)
{
	return rc == ERR_NOT_FOUND || rc == ERR_MALFORMED || rc == ERR_LIMIT;
}

/** Type and size alone, without unpacking a whole object. */
int object_stat(struct repository *repo, const struct oid *id,
		enum object_type *type, uint64_t *size, struct err *e);

/**
 * Whether the object came with this push: it is in the quarantine and not
 * in the repository's own stores. Always false without a quarantine.
 */
bool object_is_new(struct repository *repo, const struct oid *id);

/**
 * Resolve what a person typed (`HEAD`, `main~3`, an abbreviated id) as
 * `git rev-parse` does. For commands, never for names from a push.
 */
int repository_resolve(struct repository *repo, const char *spec,
		       struct oid *out, struct err *e);

#endif
