/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_TREE_DIFF_H
#define GATEPOST_GIT_TREE_DIFF_H

/**
 * Differences between trees, by a merge-join over their raw bytes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"
#include "git/object_parse.h"
#include "git/oid.h"
#include "git/repository.h"
#include "git/tree_name.h"

enum { TREE_MAX_BYTES = 64 << 20 /* of one tree object */ };

/** Keeps the bytes of recently read trees: a commit's tree is its child's
 * parent tree. */
struct tree_cache;
int tree_cache_new(struct tree_cache **out, struct repository *repo,
		   size_t max_bytes, struct err *e);
void tree_cache_free(struct tree_cache *c);

struct path_change {
	char status; /* A D M T, as git diff-tree has them */
	unsigned old_mode, new_mode; /* 0 where the path is absent */
	struct oid old_id, new_id;   /* null where absent */
	struct span path;	     /* NUL-terminated; valid in the call only */
};

/** @return non-zero to stop; tree_diff then returns that value */
typedef int tree_diff_fn(void *ctx, const struct path_change *change);
/** Whether to look below a directory (path without final `/`) at all. */
typedef bool tree_enter_fn(void *ctx, struct span directory);

struct tree_diff {
	struct tree_cache *cache;
	const struct object_limits *limits;
	tree_diff_fn *fn;
	tree_enter_fn *enter; /* or NULL: every directory */
	void *ctx;
	struct object_fault *fault; /* set on ERR_MALFORMED, ERR_LIMIT */
};

/**
 * Report each path of `tree` that differs from every one of `parents`: for
 * one parent the plain difference, for a merge what neither side had, for
 * none (a root commit) everything. The old side told is the first parent's.
 * Order and statuses are those of `git diff-tree -r --no-renames`.
 *
 * @return 0, what `fn` returned, ERR_MALFORMED (a tree object is broken or
 *         not a tree), ERR_NOT_FOUND, ERR_LIMIT
 */
int tree_diff(const struct tree_diff *d, const struct oid *parents,
	      size_t nparents, const struct oid *tree, struct err *e);

/**
 * SHA-256 of the bytes of `git --no-replace-objects diff-tree -r -z
 * --no-renames --no-abbrev --ignore-submodules=none BASE TIP`.
 * @param changes  how many paths differ (0: the digest is of nothing)
 */
int tree_diff_digest(struct tree_cache *cache,
		     const struct object_limits *limits,
		     const struct oid *base_tree, const struct oid *tip_tree,
		     unsigned char out[SHA256_SIZE], size_t *changes,
		     struct object_fault *fault, struct err *e);

/** The same both ways: `back` is the digest between the two exchanged. */
struct tree_digests {
	unsigned char forth[SHA256_SIZE], back[SHA256_SIZE];
	size_t changes; /* paths that differ; 0: the digests are of nothing */
};
int tree_diff_digests(struct tree_cache *cache,
		      const struct object_limits *limits,
		      const struct oid *base_tree, const struct oid *tip_tree,
		      struct tree_digests *out, struct object_fault *fault,
		      struct err *e);

/** Look a path up in a tree. @return ERR_NOT_FOUND when it is not there */
int tree_lookup(struct tree_cache *cache, const struct oid *tree,
		struct span path, unsigned *mode, struct oid *id,
		struct err *e);

/** The entries of the directory `path` ("" for the root), not recursive. */
typedef int tree_list_fn(void *ctx, const struct tree_entry *entry);
int tree_list(struct tree_cache *cache, const struct oid *tree,
	      struct span path, tree_list_fn *fn, void *ctx, struct err *e);

#endif
