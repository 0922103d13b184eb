/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "trust/krl.h"
#include "trust/revoked.h"
#include "trust_help.h"

static bool revoked_in(const struct revoked *r, const char *key)
{
	struct buf b;
	struct err e;
	bool yes;

	vector_key(&b, key);
	ck_assert_int_eq(revoked_has(r, span_of(b.data, b.len), &yes, &e), 0);
	buf_release(&b);
	return yes;
}

static void read_vector(struct revoked *r, const char *name)
{
	struct buf b;
	struct err e;

	revoked_init(r);
	vector(&b, name);
	if (revoked_read(r, name, span_of(b.data, b.len), &e))
		ck_abort_msg("%s", e.msg);
	buf_release(&b);
}

START_TEST(every_kind_of_entry_revokes_its_key_and_no_other)
{
	static const char *const files[] = {"plain.krl",   "key.krl",
					    "sha1.krl",	   "sha256.krl",
					    "revoked.txt", NULL};
	struct revoked r;
	size_t i;

	for (i = 0; files[i]; i++) {
		read_vector(&r, files[i]);
		ck_assert_msg(revoked_in(&r, "ed25519"), "%s", files[i]);
		ck_assert_msg(!revoked_in(&r, "stranger"), "%s", files[i]);
		ck_assert_msg(!revoked_in(&r, "p384"), "%s", files[i]);
		revoked_release(&r);
	}
}
END_TEST

START_TEST(krl_of_certificates_is_read_and_keeps_its_keys)
{
	struct revoked r;

	read_vector(&r, "certificates.krl");
	ck_assert_uint_gt(r.nserials, 0);
	ck_assert(revoked_in(&r, "ed25519"));
	revoked_release(&r);
}
END_TEST

START_TEST(lists_may_revoke_weak_keys)
{
	struct revoked r;

	read_vector(&r, "revoked.txt");
	ck_assert(revoked_in(&r, "weak"));
	revoked_release(&r);
}
END_TEST

/* Reads must fail with that word. */
static void assert_krl_refused(const struct buf *krl, const char *word)
{
	struct revoked r;
	struct err e;

	err_clear(&e);
	revoked_init(&r);
	ck_assert_int_eq(
		revoked_read(&r, "x.krl", span_of(krl->data, krl->len), &e),
		ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, word) != NULL, "\"%s\"", e.msg);
	ck_assert_msg(strstr(e.msg, "x.krl") != NULL, "\"%s\"", e.msg);
	revoked_release(&r);
}

START_TEST(krl_cut_anywhere_is_refused_or_shorter)
{
	struct buf whole, cut;
	struct revoked r;
	struct err e;
	size_t n;

	vector(&whole, "plain.krl");
	for (n = 8; n < whole.len; n++) {
		/* a copy, so that a sanitizer sees reads beyond its end */
		buf_init(&cut, whole.len);
		buf_add(&cut, whole.data, n);
		revoked_init(&r);
		/* only the bare header is a whole KRL, an empty one */
		ck_assert_msg(revoked_read(&r, "cut",
					   span_of(cut.data, cut.len),
					   &e) != 0 ||
				      r.n == 0,
			      "%zu bytes", n);
		revoked_release(&r);
		buf_release(&cut);
	}
	buf_release(&whole);
}
END_TEST

/* magic, format, version, date, flags, reserved, comment */
static void header(struct buf *b, const char *format, const char *flags)
{
	buf_init(b, 4096);
	buf_add(b, "SSHKRL\n\0\0\0\0", 11);
	buf_add(b, format, 1);
	buf_add(b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 23);
	buf_add(b, flags, 1);
	buf_add(b, "\0\0\0\0\0\0\0\0", 8);
}

static void assert_section(const char *bytes, size_t n, const char *word)
{
	struct buf b;

	header(&b, "\1", "\0");
	buf_add(&b, bytes, n);
	assert_krl_refused(&b, word);
	buf_release(&b);
}

START_TEST(krl_with_what_is_not_understood_is_refused)
{
	struct buf b;

	header(&b, "\2", "\0");
	assert_krl_refused(&b, "format version is 2");
	buf_release(&b);
	header(&b, "\1", "\1");
	assert_krl_refused(&b, "flags");
	buf_release(&b);
	header(&b, "\1", "\0");
	b.data[b.len - 1] = 5; /* its comment takes in the next section */
	buf_add(&b, "\2\0\0\0\0", 5);
	assert_krl_refused(&b, "NUL in its comment");
	buf_release(&b);
	assert_section("\x63\0\0\0\0", 5, "type 99");
	assert_section("\2\0\0\0\0", 5, "empty");
	assert_section("\3\0\0\0\6\0\0\0\2xx", 11, "wrong length");
	assert_section("\2\0\0\0\6\0\0\0\2xx", 11, "malformed");
	assert_section("\xff\0\0\0\x0a\0\0\0\1x\1\0\0\0\0", 15, "critical");
	assert_section("\1\0\0\0\x0d\0\0\0\0\0\0\0\0\x77\0\0\0\0", 18, "0x77");
	assert_section("\1\0\0\0\x0e\0\0\0\0\0\0\0\0\x20\0\0\0\1x", 19,
		       "certificate section");
}
END_TEST

START_TEST(krl_signature_must_be_good_and_stand_last)
{
	struct buf b;
	size_t i;

	vector(&b, "../ssh-cert/signed.krl");
	for (i = 20; i < b.len; i++) {
		b.data[i] ^= 1;
		assert_krl_refused(&b, "x.krl");
		b.data[i] ^= 1;
	}
	b.data[22] ^= 1; /* of its date */
	assert_krl_refused(&b, "does not match its signature");
	b.data[22] ^= 1;
	buf_add(&b, "\xff\0\0\0\x0a\0\0\0\1x\0\0\0\0\0", 15);
	assert_krl_refused(&b, "follows its signature");
	buf_release(&b);
	header(&b, "\1", "\0");
	buf_add(&b, "\4\0\0\0\1k\0\0\0\1s", 11);
	assert_krl_refused(&b, "signature is not accepted");
	buf_release(&b);
}
END_TEST

static bool serial_revoked(const char *bytes, size_t n, uint64_t serial)
{
	struct revoked r;
	struct buf b;
	struct err e;
	bool yes;

	header(&b, "\1", "\0");
	buf_add(&b, bytes, n);
	revoked_init(&r);
	if (revoked_read(&r, "x", span_of(b.data, b.len), &e))
		ck_abort_msg("%s", e.msg);
	ck_assert_int_eq(revoked_has_certificate(&r, span_str("authority"),
						 serial, span_str("id"), &yes,
						 &e),
			 0);
	revoked_release(&r);
	buf_release(&b);
	return yes;
}

START_TEST(krl_bitmap_counts_from_its_lowest_bit)
{
	/* any authority, from 5 on: bits 0, 1 and 15 */
	static const char map[] = "\1\0\0\0\x1c\0\0\0\0\0\0\0\0"
				  "\x22\0\0\0\xf\0\0\0\0\0\0\0\5"
				  "\0\0\0\3\0\x80\3";
	static const uint64_t in[] = {5, 6, 20}, out[] = {0, 4, 7, 19, 21};
	size_t i;

	for (i = 0; i < 3; i++)
		ck_assert(serial_revoked(map, sizeof(map) - 1, in[i]));
	for (i = 0; i < 5; i++)
		ck_assert(!serial_revoked(map, sizeof(map) - 1, out[i]));
}
END_TEST

START_TEST(krl_bitmap_beyond_the_last_serial_is_refused)
{
	assert_section("\1\0\0\0\x1c\0\0\0\0\0\0\0\0"
		       "\x22\0\0\0\xf\xff\xff\xff\xff\xff\xff\xff\xff"
		       "\0\0\0\3\0\x80\3",
		       33, "certificate section");
}
END_TEST

START_TEST(krl_ranges_that_overlap_are_one)
{
	/* 1 to 9, 3 to 4, 8 to 12 */
	static const char map[] =
		"\1\0\0\0\x47\0\0\0\0\0\0\0\0"
		"\x21\0\0\0\x10\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\x9"
		"\x21\0\0\0\x10\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4"
		"\x21\0\0\0\x10\0\0\0\0\0\0\0\x8\0\0\0\0\0\0\0\xc";
	uint64_t i;

	for (i = 0; i < 20; i++)
		ck_assert_int_eq(serial_revoked(map, sizeof(map) - 1, i),
				 i >= 1 && i <= 12);
}
END_TEST

START_TEST(lists_with_what_is_not_understood_are_refused)
{
	const char *msg;
	char text[4096];

	msg = signers_refused(NULL, scratch_file("\nnonsense\n"), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(msg, ":2: "));
	snprintf(text, sizeof(text), "alice %s\n", vector_key_text("ed25519"));
	msg = signers_refused(NULL, scratch_file(text), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(msg, "base64"));
}
END_TEST

Suite *suite_revoked(void)
{
	Suite *s = suite_create("revoked keys");
	TCase *t = tcase_create("revoked");

	tcase_add_test(t, every_kind_of_entry_revokes_its_key_and_no_other);
	tcase_add_test(t, krl_of_certificates_is_read_and_keeps_its_keys);
	tcase_add_test(t, lists_may_revoke_weak_keys);
	tcase_add_test(t, krl_cut_anywhere_is_refused_or_shorter);
	tcase_add_test(t, krl_with_what_is_not_understood_is_refused);
	tcase_add_test(t, krl_signature_must_be_good_and_stand_last);
	tcase_add_test(t, krl_bitmap_counts_from_its_lowest_bit);
	tcase_add_test(t, krl_bitmap_beyond_the_last_serial_is_refused);
	tcase_add_test(t, krl_ranges_that_overlap_are_one);
	tcase_add_test(t, lists_with_what_is_not_understood_are_refused);
	suite_add_tcase(s, t);
	return s;
}
