/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "trust/ssh_key.h"
#include "trust/ssh_pattern.h"
#include "trust_help.h"

static enum ssh_key_fault parse_vector(const char *name, const char **why)
{
	struct ssh_key key;
	struct buf b;
	enum ssh_key_fault fault =
		ssh_key_parse(&key, vector_key(&b, name), why);

	buf_release(&b);
	return fault;
}

START_TEST(keys_of_every_accepted_type_parse)
{
	static const char *const names[] = {"ed25519", "p256",	     "p384",
					    "p521",    "rsa",	     "stranger",
					    "sk-p256", "sk-ed25519", NULL};
	const char *why;
	size_t i;

	for (i = 0; names[i]; i++)
		ck_assert_msg(!parse_vector(names[i], &why), "%s: %s", names[i],
			      why);
}
END_TEST

static void assert_key(const char *name, enum ssh_key_fault want,
		       const char *word)
{
	const char *why;

	ck_assert_int_eq(parse_vector(name, &why), want);
	ck_assert_msg(strstr(why, word) != NULL, "\"%s\"", why);
}

START_TEST(keys_that_are_weak_are_named_so)
{
	assert_key("weak", SSH_KEY_WEAK, "fewer than 2048");
	assert_key("small-order", SSH_KEY_WEAK, "small order");
}
END_TEST

START_TEST(keys_of_other_types_are_named_so)
{
	assert_key("dsa", SSH_KEY_UNSUPPORTED, "DSA");
	assert_key("certified-cert", SSH_KEY_CERTIFICATE, "certificate");
	assert_key("not-canonical", SSH_KEY_MALFORMED, "canonical");
}
END_TEST

START_TEST(keys_cut_short_or_followed_by_bytes_are_malformed)
{
	static const char *const names[] = {"ed25519", "p256", "rsa", "sk-p256",
					    NULL};
	struct ssh_key key;
	struct buf b;
	const char *why;
	size_t i, n;

	for (i = 0; names[i]; i++) {
		vector_key(&b, names[i]);
		for (n = 0; n < b.len; n++)
			ck_assert_int_ne(
				ssh_key_parse(&key, span_of(b.data, n), &why),
				SSH_KEY_OK);
		b.max = b.len + 1;
		buf_addch(&b, 0);
		ck_assert_int_eq(
			ssh_key_parse(&key, span_of(b.data, b.len), &why),
			SSH_KEY_MALFORMED);
		ck_assert_ptr_nonnull(strstr(why, "behind its parts"));
		buf_release(&b);
	}
}
END_TEST

/* The RSA vector's numbers are `01 00 01` and 257 bytes that begin 00. */
START_TEST(keys_with_padded_numbers_are_malformed)
{
	static const char head[] = "\0\0\0\7ssh-rsa\0\0\0\4\0\1\0\1";
	struct buf b, padded = BUF_INIT(SSH_KEY_MAX_BLOB);
	struct ssh_key key;
	const char *why;

	vector_key(&b, "rsa");
	buf_add(&padded, head, sizeof(head) - 1);
	buf_add(&padded, b.data + 18, b.len - 18);
	ck_assert_int_eq(
		ssh_key_parse(&key, span_of(padded.data, padded.len), &why),
		SSH_KEY_MALFORMED);
	ck_assert_ptr_nonnull(strstr(why, "shortest"));
	buf_release(&padded);
	buf_release(&b);
}
END_TEST

START_TEST(keys_with_an_even_or_tiny_exponent_are_weak)
{
	static const char *const heads[] = {"\0\0\0\7ssh-rsa\0\0\0\1\2",
					    "\0\0\0\7ssh-rsa\0\0\0\1\1"};
	struct ssh_key key;
	const char *why;
	struct buf b;
	size_t i;

	vector_key(&b, "rsa");
	for (i = 0; i < 2; i++) {
		struct buf odd = BUF_INIT(SSH_KEY_MAX_BLOB);

		buf_add(&odd, heads[i], 16);
		buf_add(&odd, b.data + 18, b.len - 18);
		ck_assert_int_eq(
			ssh_key_parse(&key, span_of(odd.data, odd.len), &why),
			SSH_KEY_WEAK);
		ck_assert_ptr_nonnull(strstr(why, "exponent"));
		buf_release(&odd);
	}
	buf_release(&b);
}
END_TEST

START_TEST(keys_with_a_compressed_point_or_foreign_curve_are_malformed)
{
	struct ssh_key key;
	const char *why;
	struct buf b;

	vector_key(&b, "p256");
	b.data[39] = 2; /* the point's first byte */
	ck_assert_int_eq(ssh_key_parse(&key, span_of(b.data, b.len), &why),
			 SSH_KEY_MALFORMED);
	ck_assert_ptr_nonnull(strstr(why, "uncompressed"));
	b.data[39] = 4;
	b.data[34] = '8'; /* of nistp256 */
	ck_assert_int_eq(ssh_key_parse(&key, span_of(b.data, b.len), &why),
			 SSH_KEY_MALFORMED);
	ck_assert_ptr_nonnull(strstr(why, "curve"));
	buf_release(&b);
}
END_TEST

START_TEST(fingerprints_are_those_of_ssh_keygen)
{
	char print[SSH_KEY_FINGERPRINT];
	struct buf b, list;
	const char *at;

	vector(&list, "fingerprints");
	for (at = list.data; *at; at = strchr(at, '\n') + 1) {
		char name[64], want[96];

		ck_assert_int_eq(sscanf(at, "%63s %95s", name, want), 2);
		ssh_key_fingerprint(vector_key(&b, name), print);
		ck_assert_str_eq(print, want);
		buf_release(&b);
	}
	buf_release(&list);
}
END_TEST

static bool matches(const char *pattern, const char *s)
{
	return ssh_pattern_match(span_str(pattern), span_str(s), false);
}

START_TEST(patterns_are_those_of_ssh_config)
{
	ck_assert(matches("*@example.com", "a@example.com"));
	ck_assert(!matches("*@example.com", "a@example.com.evil"));
	ck_assert(matches("a?c*", "abc"));
	ck_assert(!matches("a?c", "ac"));
	ck_assert(matches("*a*b*", "xxaxxbxx"));
	ck_assert(!matches("[ab]", "a"));
	ck_assert(matches("", ""));
	ck_assert(!matches("", "a"));
	ck_assert(!matches("A", "a"));
	ck_assert(ssh_pattern_match(span_str("A*"), span_str("ab"), true));
}
END_TEST

static bool listed(const char *list, const char *s)
{
	return ssh_pattern_list_match(span_str(list), span_str(s));
}

START_TEST(pattern_lists_let_a_negation_win)
{
	ck_assert(listed("file,git", "git"));
	ck_assert(!listed("file", "git"));
	ck_assert(!listed("*,!git", "git"));
	ck_assert(!listed("!git,*", "git"));
	ck_assert(!listed("!file", "git"));
	ck_assert(!listed("", "git"));
}
END_TEST

START_TEST(patterns_take_no_exponential_time)
{
	char s[2001];

	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	ck_assert(!matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", s));
}
END_TEST

Suite *suite_keys(void)
{
	Suite *s = suite_create("ssh keys");
	TCase *t = tcase_create("keys");

	tcase_add_test(t, keys_of_every_accepted_type_parse);
	tcase_add_test(t, keys_that_are_weak_are_named_so);
	tcase_add_test(t, keys_of_other_types_are_named_so);
	tcase_add_test(t, keys_cut_short_or_followed_by_bytes_are_malformed);
	tcase_add_test(t, keys_with_padded_numbers_are_malformed);
	tcase_add_test(t, keys_with_an_even_or_tiny_exponent_are_weak);
	tcase_add_test(
		t, keys_with_a_compressed_point_or_foreign_curve_are_malformed);
	tcase_add_test(t, fingerprints_are_those_of_ssh_keygen);
	tcase_add_test(t, patterns_are_those_of_ssh_config);
	tcase_add_test(t, pattern_lists_let_a_negation_win);
	tcase_add_test(t, patterns_take_no_exponential_time);
	suite_add_tcase(s, t);
	return s;
}
