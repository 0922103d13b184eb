/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_REFS_H
#define GATEPOST_GIT_REFS_H

/**
 * Reading refs: by exact name and by prefix, at a cost that does not depend
 * on how many refs there are (packed-refs is searched, not parsed). Names are
 * never guessed: `main` is not `refs/heads/main` here.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "git/oid.h"
#include "git/repository.h"

enum { REFS_MAX_NAME = 4096, REFS_MAX_SYMREF_DEPTH = 5 };

/** Whether a full ref name is well formed as git-check-ref-format(1) has it,
 * and begins with `refs/`. */
bool refs_name_ok(struct span name);

/**
 * What `name` finally means.
 * @param real  the name after following symbolic refs (`name` itself if none)
 * @param id    its value; the null id when that ref does not exist
 * @return 0 (also for a ref that does not exist), or ERR_MALFORMED for a
 *         broken ref, a loop, a symref out of refs/
 */
int refs_resolve(struct repository *repo, const char *name, struct buf *real,
		 struct oid *id, struct err *e);

/** @return non-zero to stop; refs_each then returns that value */
typedef int refs_fn(void *ctx, const char *name, const struct oid *id);

/**
 * Every ref below `prefix` when that ends in `/`, else the one ref of that
 * very name; in the order of names, each once (a loose ref hides the packed
 * one). Symbolic refs are left out, since what they name is listed.
 * Broken refs are ERR_MALFORMED.
 */
int refs_each(struct repository *repo, const char *prefix, refs_fn *fn,
	      void *ctx, struct err *e);

/** What a ref is called inside of its namespaces: the part of `name` behind
 * each `refs/namespaces/X/` (gitnamespaces(7)), or all of it. */
const char *refs_in_namespace(const char *name);

/** Append the prefix for a GIT_NAMESPACE: a/b stands for
 * refs/namespaces/a/refs/namespaces/b/. @return 0 or -1: no room */
int refs_add_namespace(struct buf *out, const char *git_namespace);

/** The longest prefix of a glob that has no wildcard and ends at a `/`, for
 * refs_each; the whole glob when it has no wildcard. */
void refs_glob_prefix(const char *glob, struct buf *out);

#endif
