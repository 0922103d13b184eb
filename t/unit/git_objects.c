/* SPDX-License-Identifier: Apache-2.0 */

/* Ids, tags and trees. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "git/object_parse.h"

#define HEX40 "0123456789abcdef0123456789abcdef01234567"
#define HEX64 HEX40 "0123456789abcdef01234567"
#define TAGGER "tagger A U Thor <author@example.com> 1700000000 +0000\n"
#define TAG_HEAD "object " HEX40 "\ntype commit\ntag v1.0\n" TAGGER
#define SIG "-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n"

enum { MAX_TEXT = 1 << 20 };

START_TEST(ids_are_lower_case_hex_of_their_length)
{
	char hex[OID_HEX_SIZE];
	struct oid id;

	ck_assert(oid_from_hex(&id, OID_SHA1, span_str(HEX40)));
	ck_assert_str_eq(oid_to_hex(&id, hex), HEX40);
	ck_assert(oid_from_hex(&id, OID_SHA256, span_str(HEX64)));
	ck_assert_str_eq(oid_to_hex(&id, hex), HEX64);
	ck_assert(!oid_from_hex(&id, OID_SHA1, span_str(HEX64)));
	ck_assert(!oid_from_hex(&id, OID_SHA256, span_str(HEX40)));
	ck_assert(!oid_from_hex(&id, OID_NONE, span_str("")));
	ck_assert(oid_is_null(&id));
	ck_assert(!oid_from_hex(&id, OID_SHA1, span_str(HEX40 "0")));
	ck_assert(!oid_from_hex(
		&id, OID_SHA1,
		span_str("0123456789ABCDEF0123456789abcdef01234567")));
	ck_assert(!oid_from_hex(
		&id, OID_SHA1,
		span_str("g123456789abcdef0123456789abcdef01234567")));
}
END_TEST

START_TEST(ids_compare_and_know_the_null_id)
{
	static const unsigned char zeros[OID_MAX_RAW];
	struct oid a, b, none = {0};

	oid_from_raw(&a, OID_SHA1, zeros);
	oid_from_raw(&b, OID_SHA256, zeros);
	ck_assert(oid_is_null(&a) && oid_is_null(&b) && oid_is_null(&none));
	ck_assert(!oid_equal(&a, &b));
	ck_assert_int_lt(oid_compare(&a, &b), 0);
	ck_assert(oid_from_hex(&b, OID_SHA1, span_str(HEX40)));
	ck_assert(!oid_is_null(&b));
	ck_assert_int_lt(oid_compare(&a, &b), 0);
	ck_assert_int_gt(oid_compare(&b, &a), 0);
	ck_assert_int_eq(oid_compare(&b, &b), 0);
}
END_TEST

START_TEST(hash_functions_have_names)
{
	ck_assert_int_eq(oid_algo_of_name(span_str("sha1")), OID_SHA1);
	ck_assert_int_eq(oid_algo_of_name(span_str("sha256")), OID_SHA256);
	ck_assert_int_eq(oid_algo_of_name(span_str("SHA1")), OID_NONE);
	ck_assert_str_eq(oid_algo_name(OID_SHA256), "sha256");
	ck_assert_uint_eq(oid_raw_size(OID_SHA1), 20);
	ck_assert_uint_eq(oid_hex_size(OID_SHA256), 64);
	ck_assert_uint_eq(oid_raw_size(OID_NONE), 0);
}
END_TEST

static struct oid numbered(size_t i)
{
	unsigned char raw[OID_MAX_RAW] = {0};
	struct oid id;

	/* all alike in their first bytes, as a pusher may make them */
	memcpy(raw + 12, &i, sizeof(i));
	oid_from_raw(&id, OID_SHA1, raw);
	return id;
}

START_TEST(a_map_keeps_what_was_put_last)
{
	struct oid_map m = {0};
	size_t i, wrong = 0;

	ck_assert_uint_eq(oid_map_get(&m, &(struct oid){0}), SIZE_MAX);
	for (i = 0; i < 100000; i++) {
		struct oid id = numbered(i);

		wrong += oid_map_put(&m, &id, i) != 0;
		wrong += oid_map_put(&m, &id, 2 * i) != 0;
	}
	ck_assert_uint_eq(m.n, 100000);
	for (i = 0; i < 200000; i++) {
		struct oid id = numbered(i);

		wrong +=
			oid_map_get(&m, &id) != (i < 100000 ? 2 * i : SIZE_MAX);
	}
	ck_assert_uint_eq(wrong, 0);
	oid_map_release(&m);
	ck_assert_uint_eq(m.n, 0);
}
END_TEST

struct vector {
	const char *raw;
	const char *word; /* in the fault's text */
};

static const struct vector bad_tags[] = {
	{"", "no object header"},
	{"type commit\nobject " HEX40 "\ntag v1\n" TAGGER "\nm\n",
	 "no object header"},
	{"object 0123\ntype commit\ntag v1\n" TAGGER "\nm\n", "object id"},
	{"object 0123456789ABCDEF0123456789abcdef01234567\ntype commit\n"
	 "tag v1\n" TAGGER "\nm\n",
	 "object id"},
	{"object " HEX64 "\ntype commit\ntag v1\n" TAGGER "\nm\n", "object id"},
	{"object " HEX40 "\ntag v1\ntype commit\n" TAGGER "\nm\n",
	 "no type header"},
	{"object " HEX40 "\ntype Commit\ntag v1\n" TAGGER "\nm\n",
	 "object type"},
	{"object " HEX40 "\ntype commit \ntag v1\n" TAGGER "\nm\n",
	 "object type"},
	{"object " HEX40 "\ntype commit\n" TAGGER "\nm\n", "no tag header"},
	{"object " HEX40 "\ntype commit\ntag \n" TAGGER "\nm\n",
	 "without name"},
	{"object " HEX40 "\ntype commit\ntag a b\n" TAGGER "\nm\n",
	 "blank or control"},
	{"object " HEX40 "\ntype commit\ntag a\033b\n" TAGGER "\nm\n",
	 "blank or control"},
	{"object " HEX40 "\ntype commit\ntag a\r\n" TAGGER "\nm\n",
	 "blank or control"},
	{"object " HEX40 "\ntype commit\ntag v1\n\nm\n", "no tagger header"},
	{"object " HEX40 "\ntype commit\ntag v1\ntagger A\n\nm\n", "no mail"},
	{TAG_HEAD, "empty line"},
	{TAG_HEAD TAGGER "\nm\n", "empty line"},
	{TAG_HEAD "encoding UTF-7\n\nm\n", "empty line"},
	{TAG_HEAD "gpgsig -----BEGIN SSH SIGNATURE-----\n"
		  " -----END SSH SIGNATURE-----\n\nm\n",
	 "empty line"},
	{TAG_HEAD "gpgsig-sha256 x\n\nm\n", "empty line"},
	{TAG_HEAD "\nm\n" SIG "more\n", "after the end"},
	{TAG_HEAD "\nm\n" SIG "\n \n", "after the end"},
	{TAG_HEAD "\nm\n" SIG SIG, "after the end"},
	{TAG_HEAD "\n" SIG "m\n" SIG, "after the end"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE-----\nx\n", "without an END"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE----- \nx\n"
		  "-----END SSH SIGNATURE-----\n",
	 "BEGIN line"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE-----\r\nx\r\n"
		  "-----END SSH SIGNATURE-----\r\n",
	 "BEGIN line"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE-----\nx\n"
		  "-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----"
		  "\n",
	 "second signature"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE-----\nx\n"
		  "-----END PGP SIGNATURE-----\n",
	 "END line"},
	{TAG_HEAD "\nm\n-----BEGIN SSH SIGNATURE-----\nx\n"
		  "-----END SSH SIGNATURE----- x\n",
	 "END line"},
};

START_TEST(refuses_tags_that_parsers_may_read_in_two_ways)
{
	const struct vector *v = &bad_tags[_i];
	size_t n = strlen(v->raw);
	char *exact = malloc(n + !n);
	struct object_fault fault;
	struct tag t;

	memcpy(exact, v->raw, n);
	ck_assert(!tag_parse(span_of(exact, n), OID_SHA1, NULL, &t, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_msg(strstr(fault.text, v->word) != NULL, "%d: %s", _i,
		      fault.text);
	free(exact);
}
END_TEST

START_TEST(a_tag_is_cut_where_its_signature_begins)
{
	static const char raw[] =
		TAG_HEAD "\nApprove\n\nKey: v\n -----BEGIN SSH SIGNATURE-----\n"
			 "-----BEGIN OTHER-----\n" SIG;
	size_t payload = sizeof(raw) - sizeof(SIG);
	struct object_fault fault;
	char hex[OID_HEX_SIZE];
	struct tag t;

	ck_assert(tag_parse(span_str(raw), OID_SHA1, NULL, &t, &fault));
	ck_assert_str_eq(oid_to_hex(&t.object, hex), HEX40);
	ck_assert_int_eq(t.type, OBJECT_COMMIT);
	ck_assert(span_is(t.name, "v1.0"));
	ck_assert(span_is(t.tagger.name, "A U Thor"));
	ck_assert(span_is(t.signature, SIG));
	ck_assert_uint_eq(t.payload.n, payload);
	ck_assert(span_is(t.message,
			  "Approve\n\nKey: v\n -----BEGIN SSH SIGNATURE-----\n"
			  "-----BEGIN OTHER-----\n"));
}
END_TEST

START_TEST(an_unsigned_tag_is_all_payload)
{
	static const char raw[] =
		"object " HEX64 "\ntype tag\ntag x\n" TAGGER "\n";
	struct object_fault fault;
	enum object_type type;
	struct oid id;
	struct tag t;

	ck_assert(tag_parse(span_str(raw), OID_SHA256, NULL, &t, &fault));
	ck_assert_int_eq(t.type, OBJECT_TAG);
	ck_assert_uint_eq(t.signature.n, 0);
	ck_assert_uint_eq(t.message.n, 0);
	ck_assert_uint_eq(t.payload.n, sizeof(raw) - 1);
	ck_assert(tag_parse_target(span_str(raw), OID_SHA256, &id, &type));
	ck_assert_int_eq(type, OBJECT_TAG);
	ck_assert(!tag_parse_target(span_str(raw), OID_SHA1, &id, &type));
	ck_assert_int_eq(type, OBJECT_NONE);
}
END_TEST

START_TEST(tags_have_limits_and_no_nul)
{
	static const char nul[] = TAG_HEAD "\nm\0" SIG;
	struct object_limits limits = {.message = 3};
	struct object_fault fault;
	struct tag t;

	ck_assert(!tag_parse(span_of(nul, sizeof(nul) - 1), OID_SHA1, NULL, &t,
			     &fault));
	ck_assert_int_eq(fault.code, FAULT_NUL);
	ck_assert_ptr_nonnull(strstr(fault.text, "NUL"));
	ck_assert(!tag_parse(span_str(TAG_HEAD "\nabc\n"), OID_SHA1, &limits,
			     &t, &fault));
	ck_assert_int_eq(fault.code, FAULT_TOO_BIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "message of 4 bytes"));
}
END_TEST

/* `MODE NAME`, NULL at the end; every entry gets the same id. */
struct tree_vector {
	const char *entries[8];
	const char *word; /* NULL: accepted */
};

static const struct tree_vector trees[] = {
	{{"100644 a", "100755 b", "120000 c", "160000 d", "40000 e"}, NULL},
	{{"100664 a", "040000 b"}, NULL},
	{{"100644 a-b", "40000 a", "100644 a0"}, NULL},
	{{"100644 a", "100644 a-b", "100644 ab"}, NULL},
	{{"100644 a", "160000 ab", "40000 ac"}, NULL},
	{{"100644 .gitignore", "100644 .gitx", "100644 git"}, NULL},
	{{"100644 ...", "100644 ..a", "100644 a\xff\xfe"}, NULL},
	{{"100644 git~2", "100644 git~10"}, "out of order"},
	{{"100644 git~10", "100644 git~2"}, NULL},
	{{"100600 a"}, "mode"},
	{{"0100644 a"}, "mode"},
	{{"0040000 a"}, "mode"},
	{{"100645 a"}, "mode"},
	{{"1000644 a"}, "mode"},
	{{"40755 a"}, "mode"},
	{{"140000 a"}, "mode"},
	{{"0 a"}, "mode"},
	{{" a"}, "mode"},
	{{"100648 a"}, "mode"},
	{{"100644\ta"}, "mode"},
	{{"100644 "}, "without name"},
	{{"100644 a/b"}, "slash"},
	{{"40000 ."}, "named . or .."},
	{{"40000 .."}, "named . or .."},
	{{"40000 .git"}, "named .git"},
	{{"100644 .GIT"}, "named .git"},
	{{"40000 .git "}, "named .git"},
	{{"40000 .git. ."}, "named .git"},
	{{"40000 .git::$INDEX_ALLOCATION"}, "named .git"},
	{{"40000 GIT~1"}, "named .git"},
	{{"40000 git~1.."}, "named .git"},
	{{"40000 .g\xe2\x80\x8cit"}, "named .git"},
	{{"40000 \xef\xbb\xbf.git"}, "named .git"},
	{{"40000 .git\xe2\x81\xaf"}, "named .git"},
	{{"100644 a\\.git\\b"}, "named .git"},
	{{"100644 a", "100644 a"}, "one name"},
	{{"100644 a", "40000 a"}, "one name"},
	{{"100644 a", "100644 a-b", "40000 a"}, "a directory of one name"},
	{{"100644 a", "100644 a-b", "100644 a-b-c", "100644 a-c", "40000 a"},
	 "a directory of one name"},
	{{"100644 a", "100644 a-b", "100644 a-b-c", "40000 a-b"},
	 "a directory of one name"},
	{{"160000 a", "100644 a.b", "40000 a"}, "a directory of one name"},
	{{"100644 a", "100644 a-b", "100644 b"}, NULL},
	{{"100644 b", "100644 a"}, "out of order"},
	{{"40000 a", "100644 a-b"}, "out of order"},
	{{"100644 a0", "40000 a"}, "out of order"},
};

static void build_tree(const struct tree_vector *v, struct buf *out)
{
	size_t i;

	for (i = 0; i < 8 && v->entries[i]; i++) {
		buf_add(out, v->entries[i], strlen(v->entries[i]) + 1);
		buf_add(out, "12345678901234567890", 20);
	}
}

static int walk(const void *raw, size_t n, struct object_fault *fault)
{
	struct tree_entry e;
	struct tree_iter it;
	int rc;

	memset(fault, 0, sizeof(*fault));
	tree_iter_init(&it, span_of(raw, n), OID_SHA1);
	while ((rc = tree_iter_next(&it, &e, fault)) > 0)
		;
	return rc;
}

START_TEST(trees_are_in_form_and_order)
{
	const struct tree_vector *v = &trees[_i];
	struct buf raw = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	int rc;

	build_tree(v, &raw);
	rc = walk(raw.data, raw.len, &fault);
	if (v->word) {
		ck_assert_msg(rc == -1, "%d is accepted", _i);
		ck_assert_int_eq(fault.code, FAULT_MALFORMED);
		ck_assert_msg(strstr(fault.text, v->word) != NULL, "%d: %s", _i,
			      fault.text);
	} else {
		ck_assert_msg(rc == 0, "%d: %s", _i, fault.text);
	}
	buf_release(&raw);
}
END_TEST

START_TEST(entries_are_told_as_git_tells_them)
{
	static const struct tree_vector v = {{"100664 a", "040000 b"}, NULL};
	struct buf raw = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	struct tree_entry e;
	struct tree_iter it;

	build_tree(&v, &raw);
	tree_iter_init(&it, span_of(raw.data, raw.len), OID_SHA1);
	ck_assert_int_eq(tree_iter_next(&it, &e, &fault), 1);
	ck_assert_uint_eq(e.mode, MODE_BLOB);
	ck_assert(span_is(e.name, "a"));
	ck_assert_mem_eq(e.raw_id, "12345678901234567890", 20);
	ck_assert_int_eq(tree_iter_next(&it, &e, &fault), 1);
	ck_assert_uint_eq(e.mode, MODE_TREE);
	ck_assert_int_eq(tree_iter_next(&it, &e, &fault), 0);
	ck_assert_int_eq(tree_iter_next(&it, &e, &fault), 0);
	buf_release(&raw);
}
END_TEST

START_TEST(a_tree_that_is_cut_anywhere_is_refused)
{
	static const struct tree_vector v = {{"100644 name"}, NULL};
	struct buf raw = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	size_t n;

	build_tree(&v, &raw);
	for (n = 1; n < raw.len; n++) {
		char *exact = malloc(n);

		memcpy(exact, raw.data, n);
		ck_assert_int_eq(walk(exact, n, &fault), -1);
		ck_assert(strstr(fault.text, "mode") ||
			  strstr(fault.text, "truncated"));
		free(exact);
	}
	ck_assert_int_eq(walk(raw.data, raw.len, &fault), 0);
	buf_release(&raw);
}
END_TEST

START_TEST(the_null_id_is_no_entry)
{
	char raw[9 + 20] = "100644 a";
	struct object_fault fault;

	ck_assert_int_eq(walk(raw, sizeof(raw), &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.text, "null id"));
}
END_TEST

START_TEST(names_that_continue_each_other_are_bounded)
{
	struct buf raw = BUF_INIT(MAX_TEXT), name = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	size_t i;

	buf_adds(&name, "100644 a");
	for (i = 0; i <= TREE_ITER_MAX_OPEN; i++) {
		buf_add(&raw, name.data, name.len + 1);
		buf_add(&raw, "12345678901234567890", 20);
		buf_addch(&name, '-');
	}
	ck_assert_int_eq(walk(raw.data, raw.len, &fault), 0);
	buf_add(&raw, name.data, name.len + 1);
	buf_add(&raw, "12345678901234567890", 20);
	ck_assert_int_eq(walk(raw.data, raw.len, &fault), -1);
	ck_assert_ptr_nonnull(strstr(fault.text, "continue each other"));
	buf_release(&raw);
	buf_release(&name);
}
END_TEST

START_TEST(names_compare_as_git_sorts_them)
{
	struct span a = span_str("a"), ab = span_str("a-b"),
		    a0 = span_str("a0");

	ck_assert_int_lt(tree_name_compare(a, MODE_BLOB, ab, MODE_BLOB), 0);
	ck_assert_int_gt(tree_name_compare(a, MODE_TREE, ab, MODE_BLOB), 0);
	ck_assert_int_lt(tree_name_compare(a, MODE_TREE, a0, MODE_BLOB), 0);
	ck_assert_int_lt(tree_name_compare(a, MODE_GITLINK, ab, MODE_BLOB), 0);
	ck_assert_int_eq(tree_name_compare(a, MODE_TREE, a, MODE_TREE), 0);
	ck_assert_int_lt(tree_name_compare(a, MODE_BLOB, a, MODE_TREE), 0);
	ck_assert_int_gt(
		tree_name_compare(span_str("\xff"), MODE_BLOB, a, MODE_BLOB),
		0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("objects");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, ids_are_lower_case_hex_of_their_length);
	tcase_add_test(t, ids_compare_and_know_the_null_id);
	tcase_add_test(t, hash_functions_have_names);
	tcase_add_test(t, a_map_keeps_what_was_put_last);
	tcase_add_loop_test(t, refuses_tags_that_parsers_may_read_in_two_ways,
			    0, sizeof(bad_tags) / sizeof(*bad_tags));
	tcase_add_test(t, a_tag_is_cut_where_its_signature_begins);
	tcase_add_test(t, an_unsigned_tag_is_all_payload);
	tcase_add_test(t, tags_have_limits_and_no_nul);
	tcase_add_loop_test(t, trees_are_in_form_and_order, 0,
			    sizeof(trees) / sizeof(*trees));
	tcase_add_test(t, entries_are_told_as_git_tells_them);
	tcase_add_test(t, a_tree_that_is_cut_anywhere_is_refused);
	tcase_add_test(t, the_null_id_is_no_entry);
	tcase_add_test(t, names_that_continue_each_other_are_bounded);
	tcase_add_test(t, names_compare_as_git_sorts_them);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
