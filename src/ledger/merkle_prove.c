/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/merkle.h"

int merkle_load(const struct merkle_tree *t, struct merkle_frontier *out,
		struct err *e)
{
	unsigned k;
	int rc;

	*out = (struct merkle_frontier){0};
	if (t->size > MERKLE_MAX_SIZE)
		return err_set(e, ERR_LIMIT, "a tree of that size");
	for (k = 0; k < 64; k++) {
		if (!(t->size >> k & 1))
			continue;
		rc = t->read(t->arg, k, (t->size >> k) - 1, &out->full[k], e);
		if (rc)
			return rc;
	}
	out->size = t->size;
	return 0;
}

/* The largest power of two below `n`, which is at least 2. */
static uint64_t split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k <<= 1;
	return k;
}

/*
 * The root over the leaves from `from` to before `to`, a node of the tree:
 * `from` is a multiple of every power of two in its length.
 */
static int range_root(const struct merkle_tree *t, uint64_t from, uint64_t to,
		      struct merkle_hash *out, struct err *e)
{
	struct merkle_frontier f = {.size = to - from};
	uint64_t end = to;
	unsigned k;
	int rc;

	for (k = 0; k < 64; k++) {
		if (!(f.size >> k & 1))
			continue;
		rc = t->read(t->arg, k, (end >> k) - 1, &f.full[k], e);
		if (rc)
			return rc;
		end -= UINT64_C(1) << k;
	}
	merkle_root(&f, out);
	return 0;
}

static int push_range(const struct merkle_tree *t, uint64_t from, uint64_t to,
		      struct merkle_proof *p, struct err *e)
{
	if (p->n == MERKLE_MAX_PROOF)
		return err_set(e, ERR_INTERNAL, "a proof too long");
	return range_root(t, from, to, &p->h[p->n++], e);
}

/* Proofs are found from the root on, and told from the leaves on. */
static void reverse(struct merkle_proof *p)
{
	size_t i, j;

	for (i = 0, j = p->n; j && i < --j; i++) {
		struct merkle_hash h = p->h[i];

		p->h[i] = p->h[j];
		p->h[j] = h;
	}
}

int merkle_prove_inclusion(const struct merkle_tree *t, uint64_t index,
			   struct merkle_proof *out, struct err *e)
{
	uint64_t from = 0, to = t->size;
	int rc = 0;

	out->n = 0;
	if (index >= t->size || t->size > MERKLE_MAX_SIZE)
		return err_set(e, ERR_USAGE, "the tree has no such leaf");
	while (!rc && to - from > 1) {
		uint64_t middle = from + split(to - from);

		if (index < middle) {
			rc = push_range(t, middle, to, out, e);
			to = middle;
		} else {
			rc = push_range(t, from, middle, out, e);
			from = middle;
		}
	}
	reverse(out);
	return rc;
}

int merkle_prove_consistency(const struct merkle_tree *t, uint64_t old,
			     struct merkle_proof *out, struct err *e)
{
	uint64_t from = 0, to = t->size;
	int rc = 0;

	out->n = 0;
	if (old > t->size || t->size > MERKLE_MAX_SIZE)
		return err_set(e, ERR_USAGE,
			       "the old tree is larger than the new");
	if (!old)
		return 0;
	while (!rc && old != to) {
		uint64_t middle = from + split(to - from);

		if (old <= middle) {
			rc = push_range(t, middle, to, out, e);
			to = middle;
		} else {
			rc = push_range(t, from, middle, out, e);
			from = middle;
		}
	}
	if (!rc && from)
		rc = push_range(t, from, to, out, e);
	reverse(out);
	return rc;
}
