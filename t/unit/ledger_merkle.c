/* SPDX-License-Identifier: Apache-2.0 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/encode.h"
#include "ledger/checkpoint.h"
#include "ledger/crc32.h"
#include "ledger/merkle.h"
#include "ledger/note_key.h"
#include "ledger/tiles.h"

enum { LEAVES = 140 };

/* --------------------------------------------------------------- vectors */

/* The leaves with which implementations of RFC 6962 are compared. */
static const struct {
	const char *bytes;
	size_t n;
	const char *root; /* of the leaves up to this one */
} vectors[] = {
	{"", 0,
	 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"\x00", 1,
	 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"\x10", 1,
	 "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"\x20\x21", 2,
	 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"\x30\x31", 2,
	 "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"\x40\x41\x42\x43", 4,
	 "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
	 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
	 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void assert_hex(const struct merkle_hash *h, const char *want)
{
	char got[SHA256_HEX_SIZE];

	hex_encode(h->b, sizeof(h->b), got);
	ck_assert_str_eq(got, want);
}

/* However long it is, wherever it begins, in one piece or in two. */
START_TEST(checksums_are_those_of_zlib)
{
	static unsigned char bytes[4096];
	uint32_t next = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		next = next * 1103515245 + 12345;
		bytes[i] = (unsigned char)(next >> 16);
	}
	ck_assert_uint_eq(crc32_add(0, "123456789", 9), 0xcbf43926);
	for (size_t n = 0; n < 600; n++) {
		const unsigned char *p = bytes + n % 17;
		uint32_t before = (uint32_t)n * 0x9e3779b9;
		uint32_t want = (uint32_t)crc32_z(before, p, n);

		ck_assert_uint_eq(crc32_add(before, p, n), want);
		ck_assert_uint_eq(crc32_add(crc32_add(before, p, n / 2),
					    p + n / 2, n - n / 2),
				  want);
	}
	ck_assert_uint_eq(crc32_add(0, bytes, sizeof(bytes)),
			  (uint32_t)crc32_z(0, bytes, sizeof(bytes)));
}
END_TEST

START_TEST(roots_are_those_of_other_implementations)
{
	struct merkle_frontier f = {0};
	struct merkle_hash h;
	size_t i;

	merkle_root(&f, &h);
	assert_hex(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49599"
		       "1b7852b855");
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		merkle_leaf(span_of(vectors[i].bytes, vectors[i].n), &h);
		merkle_add(&f, &h);
		merkle_root(&f, &h);
		assert_hex(&h, vectors[i].root);
	}
}
END_TEST

/* ---------------------------------------------------------------- proofs */

/* A tree in memory, leaf hashes alone; each node is computed anew. */
static struct merkle_hash leaves[LEAVES], roots[LEAVES + 1];

static int read_memory(void *arg, unsigned level, uint64_t index,
		       struct merkle_hash *out, struct err *e)
{
	(void)arg;
	(void)e;
	ck_assert_uint_le((index + 1) << level, LEAVES);
	merkle_perfect(&leaves[index << level], (size_t)1 << level, out);
	return 0;
}

static struct merkle_tree grow(uint64_t size)
{
	struct merkle_frontier f = {0};
	size_t i;

	merkle_root(&f, &roots[0]);
	for (i = 0; i < LEAVES; i++) {
		unsigned char byte = (unsigned char)i;

		merkle_leaf(span_of(&byte, 1), &leaves[i]);
		merkle_add(&f, &leaves[i]);
		merkle_root(&f, &roots[i + 1]);
	}
	return (struct merkle_tree){size, read_memory, NULL};
}

/* RFC 6962, 2.1: by the letter */
static void by_the_letter(size_t from, size_t to, struct merkle_hash *out)
{
	struct merkle_hash left, right;
	size_t k = 1;

	if (to - from == 1) {
		*out = leaves[from];
		return;
	}
	while (2 * k < to - from)
		k *= 2;
	by_the_letter(from, from + k, &left);
	by_the_letter(from + k, to, &right);
	merkle_node(&left, &right, out);
}

START_TEST(the_frontier_has_the_root_of_the_definition)
{
	struct merkle_frontier f;
	struct merkle_hash want, got;
	struct err e;
	uint64_t n;

	for (n = 1; n <= LEAVES; n++) {
		struct merkle_tree t = grow(n);

		by_the_letter(0, n, &want);
		ck_assert(merkle_equal(&want, &roots[n]));
		ck_assert_int_eq(merkle_load(&t, &f, &e), 0);
		merkle_root(&f, &got);
		ck_assert(merkle_equal(&want, &got));
	}
}
END_TEST

static void refuse_inclusion(uint64_t i, uint64_t n,
			     const struct merkle_proof *p)
{
	struct merkle_proof bad = *p;
	struct err e = {0};

	if (p->n) {
		bad.h[p->n / 2].b[5] ^= 1;
		ck_assert_int_eq(merkle_check_inclusion(&leaves[i], i, n, &bad,
							&roots[n], &e),
				 ERR_MALFORMED);
		ck_assert_ptr_nonnull(strstr(e.msg, "another root"));
		bad = *p;
		bad.n--;
		ck_assert_int_eq(merkle_check_inclusion(&leaves[i], i, n, &bad,
							&roots[n], &e),
				 ERR_MALFORMED);
		ck_assert_ptr_nonnull(strstr(e.msg, "too few"));
	}
	bad = *p;
	bad.n++;
	ck_assert_int_eq(
		merkle_check_inclusion(&leaves[i], i, n, &bad, &roots[n], &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "too many"));
	ck_assert_int_eq(merkle_check_inclusion(&leaves[(i + 1) % LEAVES], i, n,
						p, &roots[n], &e),
			 ERR_MALFORMED);
	ck_assert_int_eq(
		merkle_check_inclusion(&leaves[i], n, n, p, &roots[n], &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "no such leaf"));
}

START_TEST(every_leaf_of_every_tree_can_be_proven_and_no_other)
{
	struct merkle_proof p = {.n = 0};
	struct err e = {0};
	uint64_t n, i;

	for (n = 1; n <= LEAVES; n++) {
		struct merkle_tree t = grow(n);

		for (i = 0; i < n; i++) {
			ck_assert_int_eq(merkle_prove_inclusion(&t, i, &p, &e),
					 0);
			ck_assert_msg(!merkle_check_inclusion(&leaves[i], i, n,
							      &p, &roots[n],
							      &e),
				      "%s", e.msg);
			refuse_inclusion(i, n, &p);
		}
		ck_assert_int_eq(merkle_prove_inclusion(&t, n, &p, &e),
				 ERR_USAGE);
	}
}
END_TEST

static void refuse_consistency(uint64_t m, uint64_t n,
			       const struct merkle_proof *p)
{
	struct merkle_proof bad = *p;
	struct err e = {0};

	bad.n++;
	ck_assert_int_eq(
		merkle_check_consistency(m, &roots[m], n, &roots[n], &bad, &e),
		ERR_MALFORMED);
	ck_assert_int_eq(merkle_check_consistency(m, &leaves[LEAVES - 1], n,
						  &roots[n], p, &e),
			 ERR_MALFORMED);
	if (!p->n)
		return;
	bad = *p;
	bad.h[p->n - 1].b[0] ^= 0x80;
	ck_assert_int_eq(
		merkle_check_consistency(m, &roots[m], n, &roots[n], &bad, &e),
		ERR_MALFORMED);
	bad = *p;
	bad.n--;
	ck_assert_int_eq(
		merkle_check_consistency(m, &roots[m], n, &roots[n], &bad, &e),
		ERR_MALFORMED);
}

START_TEST(every_tree_extends_every_smaller_one_and_no_other)
{
	struct merkle_proof p = {.n = 0};
	struct err e = {0};
	uint64_t n, m;

	for (n = 1; n <= LEAVES; n++) {
		struct merkle_tree t = grow(n);

		for (m = 0; m <= n; m++) {
			ck_assert_int_eq(
				merkle_prove_consistency(&t, m, &p, &e), 0);
			ck_assert_msg(!merkle_check_consistency(m, &roots[m], n,
								&roots[n], &p,
								&e),
				      "%lu in %lu: %s", (unsigned long)m,
				      (unsigned long)n, e.msg);
			refuse_consistency(m, n, &p);
		}
		ck_assert_int_eq(merkle_prove_consistency(&t, n + 1, &p, &e),
				 ERR_USAGE);
	}
	ck_assert_int_eq(
		merkle_check_consistency(3, &roots[3], 2, &roots[2], &p, &e),
		ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "larger"));
}
END_TEST

/* ----------------------------------------------------------------- tiles */

START_TEST(tiles_have_the_paths_and_widths_of_the_specification)
{
	char path[TILE_PATH_SIZE];

	tile_path(&(struct tile){0, 1234067, TILE_WIDTH}, path);
	ck_assert_str_eq(path, "tile/0/x001/x234/067");
	tile_path(&(struct tile){TILE_ENTRIES, 0, 1}, path);
	ck_assert_str_eq(path, "tile/entries/000.p/1");
	tile_path(&(struct tile){7, UINT64_MAX, 255}, path);
	ck_assert_str_eq(path,
			 "tile/7/x018/x446/x744/x073/x709/x551/615.p/255");
	/* the example there: a tree of 70,000 */
	ck_assert_uint_eq(tile_width(0, 272, 70000), TILE_WIDTH);
	ck_assert_uint_eq(tile_width(0, 273, 70000), 112);
	ck_assert_uint_eq(tile_width(TILE_ENTRIES, 273, 70000), 112);
	ck_assert_uint_eq(tile_width(0, 274, 70000), 0);
	ck_assert_uint_eq(tile_width(1, 0, 70000), TILE_WIDTH);
	ck_assert_uint_eq(tile_width(1, 1, 70000), 17);
	ck_assert_uint_eq(tile_width(2, 0, 70000), 1);
	ck_assert_uint_eq(tile_width(3, 0, 70000), 0);
	ck_assert_uint_eq(tile_width(1, 0, 256), 1);
	ck_assert_uint_eq(tile_width(0, 0, 0), 0);
}
END_TEST

START_TEST(bundles_are_read_as_they_were_written)
{
	struct buf b = BUF_INIT(TILE_MAX_BUNDLE);
	struct span entry;
	struct cursor c;
	struct err e;
	char *big = calloc(1, LEDGER_MAX_RECORD + 1);

	ck_assert_int_eq(bundle_add(&b, span_str("{}"), &e), 0);
	ck_assert_int_eq(bundle_add(&b, span_of(big, LEDGER_MAX_RECORD), &e),
			 0);
	ck_assert_int_eq(
		bundle_add(&b, span_of(big, LEDGER_MAX_RECORD + 1), &e),
		ERR_LIMIT);
	c = cursor_of(b.data, b.len);
	ck_assert(bundle_next(&c, &entry) && span_is(entry, "{}"));
	ck_assert(bundle_next(&c, &entry));
	ck_assert_uint_eq(entry.n, LEDGER_MAX_RECORD);
	ck_assert(!bundle_next(&c, &entry));
	c = cursor_of(b.data, 3);
	ck_assert(!bundle_next(&c, &entry));
	free(big);
	buf_release(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger_merkle");
	TCase *t = tcase_create("merkle");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, checksums_are_those_of_zlib);
	tcase_add_test(t, roots_are_those_of_other_implementations);
	tcase_add_test(t, the_frontier_has_the_root_of_the_definition);
	tcase_add_test(t, every_leaf_of_every_tree_can_be_proven_and_no_other);
	tcase_add_test(t, every_tree_extends_every_smaller_one_and_no_other);
	tcase_add_test(t, tiles_have_the_paths_and_widths_of_the_specification);
	tcase_add_test(t, bundles_are_read_as_they_were_written);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
