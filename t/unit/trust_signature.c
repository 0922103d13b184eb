/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "trust_help.h"

/* Signers of one line, whose key is a vector. */
static struct signers *one_line(const char *before, const char *key,
				const char *revoked)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s %s\n", before, vector_key_text(key));
	return signers_of(text, revoked);
}

static void assert_line(const char *before, enum signature_status want,
			const char *word)
{
	struct signers *s = one_line(before, "ed25519", NULL);
	struct signature got = verify_vector(s, "ed25519");

	assert_signature(&got, want, word);
	signers_free(s);
}

START_TEST(signatures_of_every_accepted_type_are_good)
{
	static const char *const names[][2] = {
		{"ed25519", "ssh-ed25519"},
		{"ed25519-sha256", "ssh-ed25519"},
		{"p256", "ecdsa-sha2-nistp256"},
		{"p384", "ecdsa-sha2-nistp384"},
		{"p521", "ecdsa-sha2-nistp521"},
		{"rsa", "ssh-rsa"},
		{"rsa-sha256", "ssh-rsa"},
		{"sk-ed25519-01", "sk-ssh-ed25519@openssh.com"},
		{"sk-p256-01", "sk-ecdsa-sha2-nistp256@openssh.com"}};
	struct signers *s;
	struct buf b;
	size_t i;

	vector(&b, "allowed_signers");
	s = signers_of(b.data, NULL);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct signature got = verify_vector(s, names[i][0]);

		assert_signature(&got, SIG_GOOD, "");
		ck_assert_str_eq(got.format, "ssh");
		ck_assert_str_eq(got.key_type, names[i][1]);
		ck_assert_str_eq(got.principal->name, "alice");
		ck_assert_str_eq(got.signer, "alice");
		ck_assert(span_starts(span_str(got.fingerprint), "SHA256:"));
		ck_assert_int_eq(got.presence, names[i][0][0] == 's');
	}
	signers_free(s);
	buf_release(&b);
}
END_TEST

START_TEST(payload_that_differs_in_any_byte_is_bad)
{
	struct signers *s = one_line("alice", "ed25519", NULL);
	struct buf payload, sig;
	struct signature got;
	struct err e;
	size_t i;

	vector(&payload, "payload");
	vector(&sig, "ed25519.sig");
	for (i = 0; i < payload.len; i++) {
		payload.data[i] ^= 1;
		ck_assert_int_eq(
			signature_verify(&(struct verifier){.signers = s,
							    .people = &people,
							    .at = NOON},
					 span_of(payload.data, payload.len),
					 span_of(sig.data, sig.len), &got, &e),
			0);
		assert_signature(&got, SIG_BAD, "does not match");
		payload.data[i] ^= 1;
	}
	buf_release(&payload);
	buf_release(&sig);
	signers_free(s);
}
END_TEST

START_TEST(principals_are_found_by_name_and_by_any_email)
{
	assert_line("alice", SIG_GOOD, "");
	assert_line("alice@example.com", SIG_GOOD, "");
	assert_line("ALICE@EXAMPLE.COM", SIG_GOOD, "");
	assert_line("12+alice-new@users.noreply.github.com", SIG_GOOD, "");
	assert_line("alice,alice@example.com", SIG_GOOD, "");
	assert_line("alice*", SIG_GOOD, "");
	assert_line("nobody,alice", SIG_GOOD, "");
}
END_TEST

START_TEST(principals_of_nobody_are_unknown)
{
	assert_line("mallory@example.com", SIG_UNKNOWN_KEY, "nobody of the");
	assert_line("Alice", SIG_UNKNOWN_KEY, "nobody of the");
	assert_line("alice,!alice@example.com", SIG_UNKNOWN_KEY, "nobody");
	assert_line("*,!*@example.com", SIG_UNKNOWN_KEY, "nobody");
}
END_TEST

START_TEST(key_of_several_people_is_nobodys)
{
	assert_line("alice,bob", SIG_UNKNOWN_KEY, "stands for two people");
	assert_line("*@example.com", SIG_UNKNOWN_KEY, "so for nobody");
	assert_line("alice,carol", SIG_UNKNOWN_KEY, "stands for two people");
	assert_line("*@example.com,!carol@example.com,!bob*", SIG_GOOD, "");
}
END_TEST

START_TEST(key_of_several_people_on_several_lines_is_nobodys)
{
	char text[2048];
	struct signers *s;
	struct signature got;

	snprintf(text, sizeof(text), "alice %s\n", vector_key_text("ed25519"));
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "bob %s\n",
		 vector_key_text("ed25519"));
	s = signers_of(text, NULL);
	got = verify_vector(s, "ed25519");
	assert_signature(&got, SIG_UNKNOWN_KEY, "stands for two people");
	signers_free(s);
}
END_TEST

START_TEST(line_that_is_valid_counts_beside_one_that_has_ended)
{
	char text[2048];
	struct signers *s;
	struct signature got;

	snprintf(text, sizeof(text), "bob valid-before=\"20260101Z\" %s\n",
		 vector_key_text("ed25519"));
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "alice valid-after=\"20260102Z\" %s\n",
		 vector_key_text("ed25519"));
	s = signers_of(text, NULL);
	got = verify_vector(s, "ed25519");
	assert_signature(&got, SIG_GOOD, "");
	ck_assert_str_eq(got.principal->name, "alice");
	signers_free(s);
}
END_TEST

START_TEST(person_who_has_left_is_expired)
{
	assert_line("carol", SIG_EXPIRED, "its owner until 2026-01-31");
}
END_TEST

START_TEST(key_counts_in_its_time_only)
{
	assert_line("alice valid-after=\"20260601Z\"", SIG_GOOD, "");
	assert_line("alice valid-before=\"20260602Z\"", SIG_GOOD, "");
	assert_line("alice valid-after=\"20260601120000Z\"", SIG_GOOD, "");
	assert_line("alice valid-before=\"20260601120000Z\"", SIG_GOOD, "");
	assert_line("alice valid-after=\"20260601120001Z\"", SIG_EXPIRED,
		    "not valid before 2026-06-01T12:00:01");
	assert_line("alice valid-before=\"20260601115959Z\"", SIG_EXPIRED,
		    "expired 2026-06-01T11:59:59");
	assert_line("alice valid-before=\"20260131Z\"", SIG_EXPIRED,
		    " expired 2026-01-31");
}
END_TEST

START_TEST(key_of_another_namespace_is_not_for_git)
{
	assert_line("alice namespaces=\"file,git\"", SIG_GOOD, "");
	assert_line("alice namespaces=\"g*\"", SIG_GOOD, "");
	assert_line("alice namespaces=\"file\"", SIG_UNKNOWN_KEY,
		    "not allowed to sign for git");
	assert_line("alice namespaces=\"*,!git\"", SIG_UNKNOWN_KEY,
		    "not allowed to sign for git");
}
END_TEST

START_TEST(authority_is_no_signer)
{
	assert_line("alice cert-authority", SIG_UNKNOWN_KEY,
		    "not among the allowed signers");
}
END_TEST

START_TEST(stranger_is_unknown_and_named_by_fingerprint)
{
	struct signers *s = one_line("alice", "ed25519", NULL);
	struct signature got = verify_vector(s, "stranger");

	assert_signature(&got, SIG_UNKNOWN_KEY, got.fingerprint);
	ck_assert(span_starts(span_str(got.fingerprint), "SHA256:"));
	signers_free(s);
}
END_TEST

START_TEST(revoked_key_is_revoked_by_every_kind_of_list)
{
	static const char *const lists[] = {"plain.krl", "key.krl", "sha1.krl",
					    "sha256.krl", "revoked.txt"};
	size_t i;

	for (i = 0; i < 5; i++) {
		struct signers *s = one_line("alice", "ed25519", lists[i]);
		struct signature got = verify_vector(s, "ed25519");

		assert_signature(&got, SIG_REVOKED, " is revoked");
		signers_free(s);
	}
}
END_TEST

START_TEST(untouched_security_key_is_refused)
{
	struct signers *s = one_line("alice", "sk-ed25519", NULL);
	struct signature got = verify_vector(s, "sk-ed25519-00");

	assert_signature(&got, SIG_UNSUPPORTED, "not touched");
	got = verify_vector(s, "sk-ed25519-01");
	ck_assert(got.presence && !got.verification);
	got = verify_vector(s, "sk-ed25519-05");
	assert_signature(&got, SIG_GOOD, "");
	ck_assert(got.presence && got.verification);
	signers_free(s);
}
END_TEST

START_TEST(signature_for_files_is_not_for_git)
{
	struct signers *s = one_line("alice", "ed25519", NULL);
	struct signature got = verify_vector(s, "namespace-file");

	assert_signature(&got, SIG_BAD, "\"file\", not for git");
	signers_free(s);
}
END_TEST

static void assert_text(const char *text, enum signature_status want,
			const char *format, const char *word)
{
	struct signers *s = one_line("alice", "ed25519", NULL);
	struct signature got = verify_text(s, span_str(text), NOON);

	assert_signature(&got, want, word);
	ck_assert_str_eq(got.format, format);
	signers_free(s);
}

START_TEST(other_kinds_of_signature_are_named)
{
	assert_text("", SIG_NONE, "", "");
	assert_text("-----BEGIN PGP SIGNATURE-----\n", SIG_UNSUPPORTED,
		    "openpgp", "OpenPGP");
	assert_text("-----BEGIN PGP MESSAGE-----\n", SIG_UNSUPPORTED, "openpgp",
		    "OpenPGP");
	assert_text("-----BEGIN SIGNED MESSAGE-----\n", SIG_UNSUPPORTED, "x509",
		    "X.509");
	assert_text("-----BEGIN NOTHING-----\n", SIG_MALFORMED, "", "neither");
	assert_text("\n-----BEGIN SSH SIGNATURE-----\n", SIG_MALFORMED, "",
		    "neither");
}
END_TEST

START_TEST(reasons_are_printable_and_bounded)
{
	struct signature got = {.status = SIG_NONE};
	char big[4000];

	signature_say(&got, SIG_BAD, "a\033[31m%s", "\n\xff");
	ck_assert_str_eq(got.why, "a?[31m??");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	signature_say(&got, SIG_BAD, "%s", big);
	ck_assert_uint_eq(strlen(got.why), SIG_MAX_TEXT - 1);
	signature_say(&got, SIG_BAD, "%150s%s", "",
		      "\xc3\xbc\xc3\xbc\xc3\xbc"
		      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		      "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");
	ck_assert_uint_eq(strlen(got.why), SIG_MAX_TEXT - 2);
}
END_TEST

Suite *suite_signature(void)
{
	Suite *s = suite_create("signatures");
	TCase *t = tcase_create("signatures");

	tcase_add_test(t, signatures_of_every_accepted_type_are_good);
	tcase_add_test(t, payload_that_differs_in_any_byte_is_bad);
	tcase_add_test(t, principals_are_found_by_name_and_by_any_email);
	tcase_add_test(t, principals_of_nobody_are_unknown);
	tcase_add_test(t, key_of_several_people_is_nobodys);
	tcase_add_test(t, key_of_several_people_on_several_lines_is_nobodys);
	tcase_add_test(t, line_that_is_valid_counts_beside_one_that_has_ended);
	tcase_add_test(t, person_who_has_left_is_expired);
	tcase_add_test(t, key_counts_in_its_time_only);
	tcase_add_test(t, key_of_another_namespace_is_not_for_git);
	tcase_add_test(t, authority_is_no_signer);
	tcase_add_test(t, stranger_is_unknown_and_named_by_fingerprint);
	tcase_add_test(t, revoked_key_is_revoked_by_every_kind_of_list);
	tcase_add_test(t, untouched_security_key_is_refused);
	tcase_add_test(t, signature_for_files_is_not_for_git);
	tcase_add_test(t, other_kinds_of_signature_are_named);
	tcase_add_test(t, reasons_are_printable_and_bounded);
	suite_add_tcase(s, t);
	return s;
}
