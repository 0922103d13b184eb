/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/merkle.h"

#include <string.h>

void merkle_leaf(struct span entry, struct merkle_hash *out)
{
	static const unsigned char prefix = 0;
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, &prefix, 1);
	sha256_update(&h, entry.p, entry.n);
	sha256_final(&h, out->b);
}

void merkle_node(const struct merkle_hash *left,
		 const struct merkle_hash *right, struct merkle_hash *out)
{
	unsigned char bytes[1 + 2 * SHA256_SIZE];

	bytes[0] = 1;
	memcpy(bytes + 1, left->b, SHA256_SIZE);
	memcpy(bytes + 1 + SHA256_SIZE, right->b, SHA256_SIZE);
	sha256_of(bytes, sizeof(bytes), out->b);
}

bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->b, b->b, SHA256_SIZE) == 0;
}

void merkle_add(struct merkle_frontier *f, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	unsigned k = 0;

	for (; f->size >> k & 1; k++)
		merkle_node(&f->full[k], &h, &h);
	f->full[k] = h;
	f->size++;
}

void merkle_root(const struct merkle_frontier *f, struct merkle_hash *out)
{
	bool any = false;
	unsigned k;

	if (!f->size)
		sha256_of("", 0, out->b);
	for (k = 0; k < 64; k++) {
		if (!(f->size >> k & 1))
			continue;
		if (any)
			merkle_node(&f->full[k], out, out);
		else
			*out = f->full[k];
		any = true;
	}
}

void merkle_perfect(const struct merkle_hash *hashes, size_t n,
		    struct merkle_hash *out)
{
	struct merkle_frontier f = {0};
	size_t i;

	for (i = 0; i < n; i++)
		merkle_add(&f, &hashes[i]);
	merkle_root(&f, out);
}

/* ---------------------------------------------------------------- check */

static int bad_proof(struct err *e, const char *why)
{
	return err_set(e, ERR_MALFORMED, "the proof does not hold: %s", why);
}

/** Where a check stands: the last leaf's and the own place in this level. */
struct climb {
	uint64_t at, last;
};

/* Whether the next hash of the proof is a left neighbour. */
static bool climb_from_right(struct climb *c)
{
	bool right = (c->at & 1) || c->at == c->last;

	/* at the right edge, levels without a left neighbour are skipped */
	if (right)
		while (c->at && !(c->at & 1)) {
			c->at >>= 1;
			c->last >>= 1;
		}
	c->at >>= 1;
	c->last >>= 1;
	return right;
}

int merkle_check_inclusion(const struct merkle_hash *leaf, uint64_t index,
			   uint64_t size, const struct merkle_proof *proof,
			   const struct merkle_hash *root, struct err *e)
{
	struct climb c = {index, size - 1};
	struct merkle_hash h = *leaf;
	size_t i;

	if (index >= size)
		return bad_proof(e, "the tree has no such leaf");
	for (i = 0; i < proof->n; i++) {
		if (!c.last)
			return bad_proof(e, "it has too many hashes");
		if (climb_from_right(&c))
			merkle_node(&proof->h[i], &h, &h);
		else
			merkle_node(&h, &proof->h[i], &h);
	}
	if (c.last)
		return bad_proof(e, "it has too few hashes");
	if (!merkle_equal(&h, root))
		return bad_proof(e, "it leads to another root");
	return 0;
}

static int check_trivial(uint64_t old_size, const struct merkle_hash *old_root,
			 uint64_t size, const struct merkle_hash *root,
			 const struct merkle_proof *proof, struct err *e)
{
	struct merkle_hash empty;

	sha256_of("", 0, empty.b);
	if (proof->n)
		return bad_proof(e, "it has too many hashes");
	if (old_size == size)
		return merkle_equal(old_root, root)
			       ? 0
			       : bad_proof(e, "two roots for one size");
	return merkle_equal(old_root, &empty)
		       ? 0
		       : bad_proof(e, "the empty tree has another root");
}

static int check_climb(uint64_t old_size, const struct merkle_hash *old_root,
		       uint64_t size, const struct merkle_hash *root,
		       const struct merkle_proof *proof, struct err *e)
{
	struct climb c = {old_size - 1, size - 1};
	struct merkle_hash old_h, h;
	size_t i = 0;

	while (c.at & 1) {
		c.at >>= 1;
		c.last >>= 1;
	}
	if (!c.at) /* the old tree is one complete subtree */
		old_h = *old_root;
	else if (proof->n)
		old_h = proof->h[i++];
	else
		return bad_proof(e, "it has too few hashes");
	for (h = old_h; i < proof->n; i++) {
		if (!c.last)
			return bad_proof(e, "it has too many hashes");
		if (climb_from_right(&c)) {
			merkle_node(&proof->h[i], &old_h, &old_h);
			merkle_node(&proof->h[i], &h, &h);
		} else {
			merkle_node(&h, &proof->h[i], &h);
		}
	}
	if (c.last)
		return bad_proof(e, "it has too few hashes");
	if (!merkle_equal(&old_h, old_root))
		return bad_proof(e, "it leads to another old root");
	if (!merkle_equal(&h, root))
		return bad_proof(e, "it leads to another new root");
	return 0;
}

int merkle_check_consistency(uint64_t old_size,
			     const struct merkle_hash *old_root, uint64_t size,
			     const struct merkle_hash *root,
			     const struct merkle_proof *proof, struct err *e)
{
	if (old_size > size)
		return bad_proof(e, "the old tree is larger");
	if (!old_size || old_size == size)
		return check_trivial(old_size, old_root, size, root, proof, e);
	return check_climb(old_size, old_root, size, root, proof, e);
}
