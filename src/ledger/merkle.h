/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_LEDGER_MERKLE_H
#define GATEPOST_LEDGER_MERKLE_H

/**
 * The Merkle tree of RFC 6962, section 2.1: a leaf is SHA-256(0x00 || entry),
 * a node SHA-256(0x01 || left || right), the empty tree SHA-256("").
 * Sizes are below 2^63.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/sha256.h"

enum { MERKLE_MAX_PROOF = 64 }; /* hashes of a proof */

#define MERKLE_MAX_SIZE (UINT64_MAX >> 1)

struct merkle_hash {
	unsigned char b[SHA256_SIZE];
};

/** Hashes from the leaves' end towards the root. */
struct merkle_proof {
	struct merkle_hash h[MERKLE_MAX_PROOF];
	size_t n;
};

void merkle_leaf(struct span entry, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *left,
		 const struct merkle_hash *right, struct merkle_hash *out);
bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

/**
 * A tree that grows at its right end: `full[k]` is the root of the complete
 * subtree of 2^k leaves, for each bit k that `size` has. Zeroed: empty.
 */
struct merkle_frontier {
	uint64_t size;
	struct merkle_hash full[64];
};

void merkle_add(struct merkle_frontier *f, const struct merkle_hash *leaf);
void merkle_root(const struct merkle_frontier *f, struct merkle_hash *out);

/** The root over `n` hashes, 1 to 2^31 of them and a power of two. */
void merkle_perfect(const struct merkle_hash *hashes, size_t n,
		    struct merkle_hash *out);

/** A stored tree. */
struct merkle_tree {
	uint64_t size;
	/** The root of the complete subtree over the 2^level leaves from
	 * `index << level` on. @return 0 or a negative error */
	int (*read)(void *arg, unsigned level, uint64_t index,
		    struct merkle_hash *out, struct err *e);
	void *arg;
};

/** The frontier of a stored tree, and so its root. */
int merkle_load(const struct merkle_tree *t, struct merkle_frontier *out,
		struct err *e);

/** RFC 6962, 2.1.1. ERR_USAGE when there is no such leaf. */
int merkle_prove_inclusion(const struct merkle_tree *t, uint64_t index,
			   struct merkle_proof *out, struct err *e);

/** RFC 6962, 2.1.2: from the tree of the first `old` leaves to the whole.
 * Empty when `old` is 0 or all. ERR_USAGE when it is more. */
int merkle_prove_consistency(const struct merkle_tree *t, uint64_t old,
			     struct merkle_proof *out, struct err *e);

/**
 * RFC 9162, 2.1.3.2.
 * @return 0, or ERR_MALFORMED when the proof does not lead from the leaf to
 *   the root, or is longer than need be
 */
int merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index,
			   uint64_t size, const struct merkle_proof *proof,
			   const struct merkle_hash *root, struct err *e);

/** RFC 9162, 2.1.4.2. As above. */
int merkle_check_consistency(uint64_t old_size,
			     const struct merkle_hash *old_root, uint64_t size,
			     const struct merkle_hash *root,
			     const struct merkle_proof *proof, struct err *e);

#endif
