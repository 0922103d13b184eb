/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/files.h"
#include "trust/openpgp.h"
#include "trust/openpgp_status.h"
#include "trust/signature_wire.h"
#include "trust_help.h"

#define DIR VECTORS "/../openpgp/"
#define ALICE "BDF2E3EC79FC9312FEFCE469F2F51CD15519013A"
#define NEW "[GNUPG:] NEWSIG alice@example.com\n"
#define GOOD "[GNUPG:] GOODSIG F2F51CD15519013A alice <alice@example.com>\n"
#define VALID(key, digest, kind)                                               \
	"[GNUPG:] VALIDSIG " ALICE " 2024-01-01 1704067200 0 4 0 " key         \
	" " digest " " kind " " ALICE "\n"

static void assert_status(const char *text, bool ok, enum signature_status want,
			  const char *word)
{
	struct openpgp_status got;

	openpgp_status_read(&got, span_str(text), ok);
	ck_assert_msg(got.status == want, "%s: %s", text,
		      signature_status_word(got.status));
	if (want != SIG_GOOD)
		ck_assert_msg(strstr(got.why, word) != NULL, "\"%s\"", got.why);
	else
		ck_assert_str_eq(got.primary, ALICE);
}

START_TEST(status_of_one_valid_signature_is_good)
{
	assert_status(NEW GOOD VALID("22", "8", "00"), true, SIG_GOOD, "");
	assert_status("[GNUPG:] NEWSIG\n" GOOD VALID("1", "10", "00"), true,
		      SIG_GOOD, "");
	assert_status(NEW "[GNUPG:] KEY_CONSIDERED " ALICE
			  " 0\n" GOOD VALID("19", "9", "00"),
		      true, SIG_GOOD, "");
}
END_TEST

START_TEST(status_that_is_not_that_of_one_valid_signature_is_not_good)
{
	static const struct {
		const char *text;
		enum signature_status status;
		const char *word;
	} bad[] = {
		{"", SIG_BAD, "not find it good"},
		{NEW GOOD, SIG_BAD, "not find it good"},
		{GOOD VALID("22", "8", "00"), SIG_BAD, "not find it good"},
		{NEW VALID("22", "8", "00"), SIG_BAD, "not find it good"},
		{NEW GOOD VALID("22", "8", "00") GOOD, SIG_MALFORMED,
		 "more than one"},
		{NEW GOOD VALID("22", "8", "00") NEW, SIG_MALFORMED,
		 "more than one"},
		{NEW GOOD VALID("22", "2", "00"), SIG_UNSUPPORTED, "digest"},
		{NEW GOOD VALID("17", "8", "00"), SIG_UNSUPPORTED, "RSA"},
		{NEW GOOD VALID("22", "8", "01"), SIG_UNSUPPORTED, "document"},
		{NEW GOOD "[GNUPG:] VALIDSIG F2F51CD15519013A\n",
		 SIG_UNSUPPORTED, "full fingerprint"},
		{NEW GOOD VALID("22", "8", "00") "[GNUPG:] SURPRISE\n",
		 SIG_UNSUPPORTED, "not understood"},
		{NEW GOOD VALID("22", "8", "00") "gpgv: hello\n",
		 SIG_UNSUPPORTED, "not understood"},
		{NEW GOOD VALID("22", "8", "00") "[GNUPG:] SIG_ID",
		 SIG_UNSUPPORTED, "no end"},
		{NEW GOOD VALID("22", "8", "00") "[GNUPG:] PLAINTEXT 62 0\n",
		 SIG_MALFORMED, "text of its own"},
		{NEW "[GNUPG:] BADSIG F2F51CD15519013A alice\n", SIG_BAD,
		 "does not match"},
		{NEW "[GNUPG:] EXPSIG F2F51CD15519013A alice\n" VALID("22", "8",
								      "00"),
		 SIG_EXPIRED, "signature has"},
		{NEW "[GNUPG:] EXPKEYSIG F2F51CD15519013A alice\n" VALID(
			 "22", "8", "00"),
		 SIG_EXPIRED, "key has expired"},
		{NEW "[GNUPG:] REVKEYSIG F2F51CD15519013A alice\n" VALID(
			 "22", "8", "00"),
		 SIG_REVOKED, "revoked"},
		{NEW GOOD VALID("22", "8", "00") "[GNUPG:] REVKEYSIG F2 a\n",
		 SIG_REVOKED, "revoked"},
		{NEW "[GNUPG:] ERRSIG F2F51CD15519013A 22 8 00 1 9 -\n",
		 SIG_UNKNOWN_KEY, "not in the keyring"},
		{NEW "[GNUPG:] ERRSIG F2F51CD15519013A 1 2 00 1 5 -\n",
		 SIG_UNSUPPORTED, "SHA-1"},
		{NEW "[GNUPG:] ERRSIG F2\n", SIG_BAD, "could not check"},
		{"[GNUPG:] NODATA 1\n", SIG_MALFORMED, "no signature"}};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_status(bad[i].text, true, bad[i].status, bad[i].word);
	assert_status(NEW GOOD VALID("22", "8", "00"), false, SIG_BAD,
		      "not find it good");
}
END_TEST

START_TEST(user_id_of_a_key_says_nothing)
{
	assert_status(NEW "[GNUPG:] BADSIG F2 x GOODSIG VALIDSIG " ALICE "\n",
		      true, SIG_BAD, "does not match");
}
END_TEST

START_TEST(fingerprints_are_full_and_in_capitals)
{
	ck_assert(openpgp_is_fingerprint(span_str(ALICE)));
	ck_assert(openpgp_is_fingerprint(
		span_str(ALICE "0123456789ABCDEF01234567")));
	ck_assert(!openpgp_is_fingerprint(span_str("F2F51CD15519013A")));
	ck_assert(!openpgp_is_fingerprint(span_str(ALICE "0")));
	ck_assert(!openpgp_is_fingerprint(
		span_str("bdf2e3ec79fc9312fefce469f2f51cd15519013a")));
	ck_assert(!openpgp_is_fingerprint(span_str("")));
}
END_TEST

/* --- with gpgv ------------------------------------------------------------ */

static char prints[3][OPENPGP_FINGERPRINT];
static char *alice_prints[] = {prints[0], prints[1], prints[2]};
static struct principal alice = {.name = (char[]){"alice"},
				 .openpgp = alice_prints,
				 .nopenpgp = 3,
				 .kind = KIND_HUMAN};
static struct principals owners = {.v = &alice, .n = 1};

static void set_up(void)
{
	struct buf b = BUF_INIT(VECTOR_MAX);
	struct err e;

	ck_assert_int_eq(file_read(DIR "fingerprint", &b, &e), 0);
	ck_assert_int_eq(sscanf(b.data, "%*s %64s %*s %64s %*s %64s", prints[0],
				prints[1], prints[2]),
			 3);
	buf_release(&b);
}

static int by_gpgv(void *ctx, struct span payload, struct span sig,
		   struct signature *out, struct err *e)
{
	const struct openpgp_spec spec = {.gpgv = "/usr/bin/gpgv",
					  .keyring = DIR "keyring.gpg",
					  .deadline = deadline_in_ms(30000)};
	const int64_t *at = ctx;

	return openpgp_verify(&spec, &owners, payload, sig, *at, out, e);
}

static struct signature verify(const char *name, const char *text, int64_t at)
{
	struct verifier v = {.openpgp = by_gpgv, .ctx = &at};
	struct buf payload = BUF_INIT(VECTOR_MAX), sig = BUF_INIT(VECTOR_MAX);
	char path[FILE_MAX_PATH];
	struct signature got;
	struct err e;

	snprintf(path, sizeof(path), DIR "%s.sig", name);
	ck_assert_int_eq(file_read(path, &sig, &e), 0);
	ck_assert_int_eq(file_read(DIR "payload", &payload, &e), 0);
	if (text)
		buf_adds(&payload, text);
	if (signature_verify(&v, span_of(payload.data, payload.len),
			     span_of(sig.data, sig.len), &got, &e))
		ck_abort_msg("%s", e.msg);
	buf_release(&payload);
	buf_release(&sig);
	return got;
}

static bool no_gpgv(void)
{
	return access("/usr/bin/gpgv", X_OK) != 0;
}

START_TEST(gpgv_finds_signatures_of_listed_keys_good)
{
	static const char *const names[][2] = {
		{"good", "openpgp-EdDSA"},
		{"good-rsa", "openpgp-RSA"},
		{"good-subkey", "openpgp-EdDSA"}};
	struct signature got;
	size_t i;

	if (no_gpgv())
		return;
	for (i = 0; i < 3; i++) {
		got = verify(names[i][0], NULL, NOON);
		assert_signature(&got, SIG_GOOD, "");
		ck_assert_str_eq(got.format, "openpgp");
		ck_assert_str_eq(got.key_type, names[i][1]);
		ck_assert_str_eq(got.fingerprint, prints[i]);
		ck_assert_str_eq(got.signer, "alice");
		ck_assert(!got.presence);
	}
}
END_TEST

START_TEST(gpgv_refuses_by_reason)
{
	static const struct {
		const char *name;
		enum signature_status status;
		const char *word;
	} bad[] = {{"dsa", SIG_UNSUPPORTED, "none of RSA"},
		   {"sha1", SIG_UNSUPPORTED, "SHA-1"},
		   {"text", SIG_UNSUPPORTED, "document as bytes"},
		   {"expired", SIG_EXPIRED, "key has expired"},
		   {"expired-signature", SIG_EXPIRED, "signature has expired"},
		   {"revoked", SIG_REVOKED, "revoked"},
		   {"stranger", SIG_UNKNOWN_KEY, "not in the keyring"},
		   {"two", SIG_MALFORMED, "more than one"},
		   {"message", SIG_MALFORMED, "no detached"},
		   {"clear", SIG_MALFORMED, "no detached"}};
	struct signature got;
	size_t i;

	if (no_gpgv())
		return;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		got = verify(bad[i].name, NULL, NOON);
		assert_signature(&got, bad[i].status, bad[i].word);
	}
	got = verify("good", "more", NOON);
	assert_signature(&got, SIG_BAD, "does not match");
}
END_TEST

START_TEST(key_of_nobody_or_of_two_counts_for_nobody)
{
	struct principal both[] = {alice, alice};
	struct principals was = owners;
	struct signature got;

	if (no_gpgv())
		return;
	both[1].name = (char[]){"bob"};
	owners = (struct principals){.v = both, .n = 2};
	got = verify("good", NULL, NOON);
	assert_signature(&got, SIG_UNKNOWN_KEY, "stands for two people");
	both[0].nopenpgp = both[1].nopenpgp = 0;
	got = verify("good", NULL, NOON);
	assert_signature(&got, SIG_UNKNOWN_KEY, "no principal's");
	both[0].nopenpgp = 3;
	both[0].until = NOON - 1;
	got = verify("good", NULL, NOON);
	assert_signature(&got, SIG_EXPIRED, "its owner until 2026-06-01");
	owners = was;
}
END_TEST

START_TEST(gpgv_that_is_missing_or_hangs_is_an_error)
{
	struct openpgp_spec spec = {.gpgv = "/nonexistent/gpgv",
				    .keyring = DIR "keyring.gpg",
				    .deadline = deadline_in_ms(30000)};
	static const char text[] = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n"
				   "-----END PGP SIGNATURE-----\n";
	struct signature got;
	struct err e;

	ck_assert_int_eq(openpgp_verify(&spec, &owners, span_str(""),
					span_str(text), NOON, &got, &e),
			 ERR_NOT_FOUND);
	spec.gpgv = scratch_file("#!/bin/sh\nexec sleep 60\n");
	chmod(spec.gpgv, 0700);
	spec.deadline = deadline_in_ms(300);
	ck_assert_int_eq(openpgp_verify(&spec, &owners, span_str(""),
					span_str(text), NOON, &got, &e),
			 ERR_TIMEOUT);
	ck_assert_int_ne(got.status, SIG_GOOD);
}
END_TEST

START_TEST(answer_survives_the_way_to_another_process)
{
	unsigned char wire[SIGNATURE_WIRE_SIZE];
	struct signature sig = {.status = SIG_GOOD,
				.format = "openpgp",
				.key_type = "openpgp-RSA",
				.fingerprint = ALICE,
				.signer = "alice",
				.principal = &alice,
				.presence = true},
			 got;

	signature_encode(&sig, &owners, wire);
	ck_assert(signature_decode(wire, &owners, &got));
	ck_assert_mem_eq(&got, &sig, sizeof(sig));
	memset(&sig, 0, sizeof(sig));
	signature_say(&sig, SIG_REVOKED, "%0500d", 1);
	signature_encode(&sig, &owners, wire);
	ck_assert(signature_decode(wire, &owners, &got));
	ck_assert_mem_eq(&got, &sig, sizeof(sig));
}
END_TEST

START_TEST(answer_that_says_too_much_is_none)
{
	static const struct {
		size_t at;
		unsigned char to;
	} bad[] = {{0, 0},
		   {0, SIG_UNSUPPORTED + 1},
		   {0, SIG_BAD},
		   {1, 4},
		   {5, 0},
		   {5, 2},
		   {2, 1},
		   {6 + 11, 'x'},
		   {6 + 8, 'x'},
		   {SIGNATURE_WIRE_SIZE - SIG_MAX_TEXT, 'w'},
		   {SIGNATURE_WIRE_SIZE - 1, 'w'}};
	unsigned char wire[SIGNATURE_WIRE_SIZE];
	struct signature sig = {.status = SIG_GOOD,
				.format = "openpgp",
				.principal = &alice},
			 got;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		signature_encode(&sig, &owners, wire);
		wire[bad[i].at] = bad[i].to;
		ck_assert_msg(!signature_decode(wire, &owners, &got), "%zu", i);
		ck_assert_int_eq(got.status, SIG_NONE);
		ck_assert_ptr_null(got.principal);
	}
}
END_TEST

Suite *suite_openpgp(void)
{
	Suite *s = suite_create("OpenPGP");
	TCase *t = tcase_create("status");

	tcase_add_test(t, status_of_one_valid_signature_is_good);
	tcase_add_test(
		t, status_that_is_not_that_of_one_valid_signature_is_not_good);
	tcase_add_test(t, user_id_of_a_key_says_nothing);
	tcase_add_test(t, fingerprints_are_full_and_in_capitals);
	tcase_add_test(t, answer_survives_the_way_to_another_process);
	tcase_add_test(t, answer_that_says_too_much_is_none);
	suite_add_tcase(s, t);
	t = tcase_create("gpgv");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, gpgv_finds_signatures_of_listed_keys_good);
	tcase_add_test(t, gpgv_refuses_by_reason);
	tcase_add_test(t, key_of_nobody_or_of_two_counts_for_nobody);
	tcase_add_test(t, gpgv_that_is_missing_or_hangs_is_an_error);
	suite_add_tcase(s, t);
	return s;
}
