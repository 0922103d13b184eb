/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "trust/ssh_key.h"
#include "trust_help.h"

#define CERTS "../ssh-cert/"

static struct signers *load(const char *revoked)
{
	char file[64];
	struct signers *s;
	struct buf b;

	vector(&b, CERTS "allowed_signers");
	if (revoked)
		snprintf(file, sizeof(file), CERTS "%s", revoked);
	s = signers_of(b.data, revoked ? file : NULL);
	buf_release(&b);
	return s;
}

static struct signature verify(const struct signers *s, const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), CERTS "%s", name);
	return verify_vector(s, file);
}

START_TEST(certificates_of_every_accepted_type_are_good)
{
	static const char *const names[][2] = {
		{"good-ed25519", "ssh-ed25519-cert-v01@openssh.com"},
		{"good-p256", "ecdsa-sha2-nistp256-cert-v01@openssh.com"},
		{"good-p384", "ecdsa-sha2-nistp384-cert-v01@openssh.com"},
		{"good-rsa", "ssh-rsa-cert-v01@openssh.com"},
		{"good-two-names", "ssh-ed25519-cert-v01@openssh.com"},
		{"good-extension", "ssh-ed25519-cert-v01@openssh.com"},
		{"good-crafted", "ssh-ed25519-cert-v01@openssh.com"},
		{"good-sk", "sk-ssh-ed25519-cert-v01@openssh.com"},
		{"good-sk-verified", "sk-ssh-ed25519-cert-v01@openssh.com"}};
	struct signers *s = load(NULL);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct signature got = verify(s, names[i][0]);

		assert_signature(&got, SIG_GOOD, "");
		ck_assert_str_eq(got.key_type, names[i][1]);
		ck_assert_str_eq(got.principal->name, "alice");
		ck_assert_str_eq(got.signer, "alice");
		ck_assert_int_eq(got.presence,
				 span_starts(span_str(names[i][0]), "good-sk"));
	}
	signers_free(s);
}
END_TEST

START_TEST(fingerprint_is_that_of_the_certified_key)
{
	struct signers *s = load(NULL);
	struct signature got = verify(s, "good-ed25519");
	char print[SSH_KEY_FINGERPRINT];
	struct buf b;

	ssh_key_fingerprint(vector_key(&b, CERTS "ed25519"), print);
	ck_assert_str_eq(got.fingerprint, print);
	buf_release(&b);
	signers_free(s);
}
END_TEST

START_TEST(certificates_that_do_not_count_are_refused_by_their_reason)
{
	static const struct {
		const char *name;
		enum signature_status status;
		const char *word;
	} bad[] = {{"host", SIG_UNSUPPORTED, "one of a host"},
		   {"no-kind", SIG_UNSUPPORTED, "unknown type"},
		   {"expired", SIG_EXPIRED, "expired 2026-06-01"},
		   {"early", SIG_EXPIRED, "not valid before 2026-07-01"},
		   {"no-principals", SIG_UNKNOWN_KEY, "names no principal"},
		   {"force-command", SIG_UNSUPPORTED, "force-command"},
		   {"source-address", SIG_UNSUPPORTED, "source-address"},
		   {"critical", SIG_UNSUPPORTED, "thing@example.com"},
		   {"verify-required", SIG_UNSUPPORTED, "verify-required"},
		   {"sk-verify-required", SIG_UNSUPPORTED, "verify-required"},
		   {"sk-untouched", SIG_UNSUPPORTED, "not touched"},
		   {"sha1", SIG_UNSUPPORTED, "SHA-1"},
		   {"stranger", SIG_UNKNOWN_KEY, "by authority SHA256:"},
		   {"two-people", SIG_UNKNOWN_KEY, "stands for two people"},
		   {"nobody", SIG_UNKNOWN_KEY, "nobody of the policy"},
		   {"not-listed", SIG_UNKNOWN_KEY, "nobody of the policy"},
		   {"nested", SIG_UNSUPPORTED, "a certificate itself"},
		   {"reserved", SIG_MALFORMED, "reserved"},
		   {"tail", SIG_MALFORMED, "bytes follow"},
		   {"unordered", SIG_MALFORMED, "not in order"},
		   {"twice", SIG_MALFORMED, "not in order"},
		   {"small-order", SIG_UNSUPPORTED, "small order"},
		   {"dsa", SIG_UNSUPPORTED, "type is not known"}};
	struct signers *s = load(NULL);
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct signature got = verify(s, bad[i].name);

		assert_signature(&got, bad[i].status, bad[i].word);
	}
	signers_free(s);
}
END_TEST

START_TEST(certificate_is_verified_again_after_another_took_its_place)
{
	static const char *const names[] = {"good-ed25519", "good-rsa",
					    "good-ed25519", "stranger",
					    "good-rsa",	    "good-ed25519"};
	struct signers *s = load(NULL);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct signature got = verify(s, names[i]);

		ck_assert_int_eq(got.status == SIG_GOOD, names[i][0] == 'g');
	}
	signers_free(s);
}
END_TEST

/* One line for the authority of good-ed25519. */
static void assert_line(const char *before, enum signature_status want,
			const char *word)
{
	char text[512];
	struct signers *s;
	struct signature got;

	snprintf(text, sizeof(text), "%s %s\n", before,
		 vector_key_text(CERTS "ca-ed25519"));
	s = signers_of(text, NULL);
	got = verify(s, "good-ed25519");
	assert_signature(&got, want, word);
	signers_free(s);
}

START_TEST(line_of_an_authority_limits_what_it_certifies)
{
	assert_line("alice@example.com cert-authority", SIG_GOOD, "");
	assert_line("* cert-authority,namespaces=\"git\"", SIG_GOOD, "");
	assert_line("*@example.com", SIG_UNKNOWN_KEY, "authority");
	assert_line("alice cert-authority", SIG_UNKNOWN_KEY, "nobody");
	assert_line("ALICE@example.com cert-authority", SIG_UNKNOWN_KEY,
		    "nobody");
	assert_line("*,!alice@example.com cert-authority", SIG_UNKNOWN_KEY,
		    "nobody");
	assert_line("*,!alice cert-authority", SIG_UNKNOWN_KEY, "nobody");
	assert_line("* cert-authority,namespaces=\"file\"", SIG_UNKNOWN_KEY,
		    "not allowed to sign for git");
	assert_line("* cert-authority,valid-before=\"20260101Z\"", SIG_EXPIRED,
		    "expired 2026-01-01");
	assert_line("* cert-authority,valid-after=\"20270101Z\"", SIG_EXPIRED,
		    "not valid before 2027-01-01");
}
END_TEST

START_TEST(certified_key_by_itself_is_not_among_the_signers)
{
	char text[512];
	struct signers *s;
	struct signature got;

	snprintf(text, sizeof(text), "alice %s\n",
		 vector_key_text(CERTS "ed25519"));
	s = signers_of(text, NULL);
	got = verify(s, "good-ed25519");
	assert_signature(&got, SIG_UNKNOWN_KEY, "authority");
	signers_free(s);
}
END_TEST

static void assert_revoked(const char *list, const char *name, bool yes)
{
	struct signers *s = load(list);
	struct signature got = verify(s, name);

	ck_assert_msg((got.status == SIG_REVOKED) == yes, "%s, %s: %s %s", list,
		      name, signature_status_word(got.status), got.why);
	assert_signature(&got, yes ? SIG_REVOKED : SIG_GOOD,
			 yes ? "is revoked" : "");
	signers_free(s);
}

START_TEST(certificates_are_revoked_by_serial_and_id_of_their_authority)
{
	assert_revoked("serial.krl", "good-ed25519", true);
	assert_revoked("serial.krl", "good-two-names", false);
	assert_revoked("range.krl", "good-ed25519", true);
	assert_revoked("range.krl", "good-two-names", true);
	assert_revoked("range.krl", "good-p256", false);
	assert_revoked("bitmap.krl", "good-ed25519", true);
	assert_revoked("bitmap.krl", "good-rsa", true);
	assert_revoked("bitmap.krl", "good-two-names", false);
	assert_revoked("serial-other.krl", "good-ed25519", false);
	assert_revoked("id.krl", "good-ed25519", true);
	assert_revoked("id.krl", "good-two-names", false);
	assert_revoked("id-other.krl", "good-ed25519", false);
	assert_revoked("id-any.krl", "good-ed25519", true);
}
END_TEST

START_TEST(certificates_are_revoked_with_their_key_or_their_authority)
{
	static const char *const lists[] = {"key.krl", "sha256.krl",
					    "revoked.txt", "signed.krl"};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		assert_revoked(lists[i], "good-ed25519", true);
		assert_revoked(lists[i], "good-two-names", true);
		assert_revoked(lists[i], "good-rsa", false);
	}
	assert_revoked("authority.krl", "good-ed25519", true);
	assert_revoked("authority.krl", "good-rsa", true);
	assert_revoked("authority.krl", "good-p256", false);
	assert_revoked("authority.txt", "good-rsa", true);
	assert_revoked("authority.txt", "good-p384", false);
}
END_TEST

Suite *suite_certificate(void)
{
	Suite *s = suite_create("ssh certificates");
	TCase *t = tcase_create("certificates");

	tcase_add_test(t, certificates_of_every_accepted_type_are_good);
	tcase_add_test(t, fingerprint_is_that_of_the_certified_key);
	tcase_add_test(
		t, certificates_that_do_not_count_are_refused_by_their_reason);
	tcase_add_test(
		t, certificate_is_verified_again_after_another_took_its_place);
	tcase_add_test(t, line_of_an_authority_limits_what_it_certifies);
	tcase_add_test(t, certified_key_by_itself_is_not_among_the_signers);
	tcase_add_test(
		t,
		certificates_are_revoked_by_serial_and_id_of_their_authority);
	tcase_add_test(
		t, certificates_are_revoked_with_their_key_or_their_authority);
	suite_add_tcase(s, t);
	return s;
}
