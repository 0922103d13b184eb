/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "trust/cms.h"
#include "trust_help.h"

#define X509 "../x509/"

/* Midday of 2027-01-01 and of 2020-01-01, UTC: the vectors are of 2026. */
#define LATER INT64_C(1798804800000)
#define EARLIER INT64_C(1577880000000)

/* A copy of a vector, which only we can write. */
static const char *copy_of(const char *name)
{
	const char *path;
	char file[64];
	struct buf b;

	snprintf(file, sizeof(file), X509 "%s", name);
	vector(&b, file);
	path = scratch_file(b.data);
	buf_release(&b);
	return path;
}

static struct signers *load(const char *authorities, const char *lists)
{
	struct buf normal = BUF_INIT(VECTOR_MAX);
	struct signers_spec spec = {.x509_ca = copy_of(authorities)};
	struct signers *s;
	struct err e;

	if (lists)
		spec.x509_crl = copy_of(lists);
	if (signers_load(&s, &spec, &normal, &e))
		ck_abort_msg("%s", e.msg);
	buf_release(&normal);
	return s;
}

static struct signature verify(const struct signers *s, const char *name,
			       int64_t at)
{
	struct signature got;
	char file[64];
	struct buf b;

	snprintf(file, sizeof(file), X509 "%s.sig", name);
	got = verify_text(s, vector(&b, file), at);
	buf_release(&b);
	return got;
}

START_TEST(signatures_of_every_accepted_kind_are_good)
{
	static const char *const names[][2] = {
		{"good-rsa", "x509-RSA"},     {"good-sha512", "x509-RSA"},
		{"good-p256", "x509-EC"},     {"good-p384", "x509-EC"},
		{"good-subject", "x509-RSA"}, {"good-with-root", "x509-RSA"},
		{"good-gpgsm", "x509-RSA"}};
	struct signers *s = load("ca.pem", NULL);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct signature got = verify(s, names[i][0], LATER);

		assert_signature(&got, SIG_GOOD, "");
		ck_assert_str_eq(got.format, "x509");
		ck_assert_str_eq(got.key_type, names[i][1]);
		ck_assert_str_eq(got.principal->name, "alice");
		ck_assert_str_eq(got.signer, "alice");
		ck_assert(!got.presence);
		ck_assert_uint_eq(strlen(got.fingerprint), 7 + 64);
	}
	signers_free(s);
}
END_TEST

START_TEST(signatures_that_do_not_count_are_refused_by_their_reason)
{
	static const struct {
		const char *name;
		enum signature_status status;
		const char *word;
	} bad[] = {
		{"other", SIG_UNKNOWN_KEY, "is of nobody of the policy"},
		{"two-people", SIG_UNKNOWN_KEY, "stands for two people"},
		{"gone", SIG_EXPIRED, "its owner until 2026-01-31"},
		{"no-mail", SIG_UNKNOWN_KEY, "no e-mail address"},
		{"stranger", SIG_UNKNOWN_KEY, "none of the authorities"},
		{"no-intermediate", SIG_UNKNOWN_KEY, "none of the authorities"},
		{"by-no-authority", SIG_UNSUPPORTED, "invalid CA"},
		{"expired", SIG_EXPIRED, "its certificate expired 2026-"},
		{"weak", SIG_UNSUPPORTED, "too short"},
		{"sha1-cert", SIG_UNSUPPORTED, "SHA-1"},
		{"encipherment", SIG_UNSUPPORTED, "key usage"},
		{"server", SIG_UNSUPPORTED, "other purposes"},
		{"sha1", SIG_UNSUPPORTED, "digest algorithm is not"},
		{"attached", SIG_MALFORMED, "not a detached"},
		{"two-signers", SIG_UNSUPPORTED, "more than one signer"},
		{"no-attributes", SIG_MALFORMED, "no signed attributes"},
		{"no-certificate", SIG_MALFORMED, "no certificate in it"},
		{"key-id", SIG_MALFORMED, "version"},
		{"pss", SIG_UNSUPPORTED, "PSS"},
		{"stray-certificate", SIG_MALFORMED, "not of its signer"}};
	struct signers *s = load("ca.pem", NULL);
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct signature got = verify(s, bad[i].name, LATER);

		ck_assert_msg(got.status == bad[i].status, "%s: %s",
			      bad[i].name, got.why);
		assert_signature(&got, bad[i].status, bad[i].word);
	}
	signers_free(s);
}
END_TEST

START_TEST(certificate_counts_in_its_time_only)
{
	struct signers *s = load("ca.pem", NULL);
	struct signature got = verify(s, "good-rsa", EARLIER);

	assert_signature(&got, SIG_EXPIRED, "not valid before 2026-");
	got = verify(s, "good-rsa", INT64_C(4580000000000));
	assert_signature(&got, SIG_EXPIRED, "expired 2114-");
	signers_free(s);
}
END_TEST

START_TEST(authority_below_a_root_may_be_trusted_alone)
{
	struct signers *s = load("sub.pem", NULL);
	struct signature got = verify(s, "good-p256", LATER);

	assert_signature(&got, SIG_GOOD, "");
	got = verify(s, "good-rsa", LATER);
	assert_signature(&got, SIG_UNKNOWN_KEY, "none of the authorities");
	signers_free(s);
}
END_TEST

static void assert_listed(const char *authorities, const char *lists,
			  const char *name, enum signature_status want,
			  const char *word)
{
	struct signers *s = load(authorities, lists);
	struct signature got = verify(s, name, LATER);

	ck_assert_msg(got.status == want, "%s %s: %s", lists, name, got.why);
	assert_signature(&got, want, word);
	signers_free(s);
}

START_TEST(revocation_lists_are_honoured_and_must_be_there)
{
	assert_listed("ca.pem", "crl.pem", "good-rsa", SIG_GOOD, "");
	assert_listed("ca.pem", "crl.pem", "good-p256", SIG_GOOD, "");
	assert_listed("sub.pem", "crl.pem", "good-p256", SIG_GOOD, "");
	assert_listed("sub.pem", "crl-other.pem", "good-p256", SIG_GOOD, "");
	assert_listed("ca.pem", NULL, "revoked", SIG_GOOD, "");
	assert_listed("ca.pem", "crl.pem", "revoked", SIG_REVOKED, "revoked");
	assert_listed("ca.pem", "crl-sub.pem", "good-p256", SIG_REVOKED,
		      "revoked");
	assert_listed("ca.pem", "crl-sub.pem", "good-rsa", SIG_GOOD, "");
	assert_listed("ca.pem", "crl-stale.pem", "good-rsa", SIG_EXPIRED,
		      "out of date");
	assert_listed("ca.pem", "crl-other.pem", "good-rsa", SIG_UNKNOWN_KEY,
		      "no revocation list");
	assert_listed("ca.pem", "crl-other.pem", "good-p256", SIG_UNKNOWN_KEY,
		      "no revocation list");
}
END_TEST

START_TEST(payload_that_differs_is_bad)
{
	struct signers *s = load("ca.pem", NULL);
	struct signature got;
	struct buf sig;
	struct err e;

	vector(&sig, X509 "good-rsa.sig");
	ck_assert_int_eq(signature_verify(&(struct verifier){.signers = s,
							     .people = &people,
							     .at = LATER},
					  span_str("other"),
					  span_of(sig.data, sig.len), &got, &e),
			 0);
	assert_signature(&got, SIG_BAD, "does not match");
	buf_release(&sig);
	signers_free(s);
}
END_TEST

START_TEST(without_authorities_nothing_is_accepted)
{
	struct signers *s = signers_of("", NULL);
	struct signature got = verify(s, "good-rsa", LATER);

	assert_signature(&got, SIG_UNSUPPORTED, "x509-ca");
	signers_free(s);
}
END_TEST

static void put_armour(struct buf *text, const struct buf *raw)
{
	struct buf joined = BUF_INIT(VECTOR_MAX);
	size_t i;

	buf_clear(text);
	base64_encode(&joined, raw->data, raw->len);
	buf_adds(text, "-----BEGIN SIGNED MESSAGE-----\n");
	for (i = 0; i < joined.len; i += 64)
		buf_addf(text, "%.64s\n", joined.data + i);
	buf_adds(text, "-----END SIGNED MESSAGE-----\n");
	buf_release(&joined);
}

static void take_armour(struct buf *raw, const char *name)
{
	struct buf text, joined = BUF_INIT(VECTOR_MAX);
	struct cursor c;
	struct span line;
	char file[64];

	snprintf(file, sizeof(file), X509 "%s.sig", name);
	vector(&text, file);
	buf_init(raw, VECTOR_MAX);
	c = cursor_of(text.data, text.len);
	while (cursor_line(&c, &line))
		if (line.p[0] != '-')
			buf_add(&joined, line.p, line.n);
	ck_assert(base64_decode(raw, span_of(joined.data, joined.len)));
	buf_release(&joined);
	buf_release(&text);
}

static void assert_raw_refused(const struct signers *s, const struct buf *raw,
			       size_t at)
{
	struct buf text = BUF_INIT(VECTOR_MAX);
	struct signature got;

	put_armour(&text, raw);
	got = verify_text(s, span_of(text.data, text.len), LATER);
	ck_assert_msg(got.status != SIG_GOOD && got.status != SIG_NONE,
		      "byte %zu", at);
	ck_assert_uint_gt(strlen(got.why), 0);
	buf_release(&text);
}

/* One bit of every byte, another one of each. */
START_TEST(every_byte_of_a_signature_matters)
{
	static const char *const names[] = {"good-gpgsm", "good-p256",
					    "good-with-root"};
	struct signers *s = load("ca.pem", NULL);
	struct buf raw;
	size_t i;

	take_armour(&raw, names[_i]);
	for (i = 0; i < raw.len; i++) {
		raw.data[i] ^= (char)(1 << i % 8);
		assert_raw_refused(s, &raw, i);
		raw.data[i] ^= (char)(1 << i % 8);
	}
	buf_addch(&raw, 0);
	assert_raw_refused(s, &raw, i);
	buf_release(&raw);
	signers_free(s);
}
END_TEST

START_TEST(signature_cut_anywhere_is_malformed)
{
	struct cms cms;
	struct buf raw;
	const char *why;
	size_t n;

	take_armour(&raw, "good-gpgsm");
	ck_assert_int_eq(cms_read(&cms, span_of(raw.data, raw.len), &why),
			 CMS_OK);
	for (n = 0; n < raw.len; n++) {
		/* a copy, so that a sanitizer sees reads beyond its end */
		char *cut = malloc(n + 1);

		memcpy(cut, raw.data, n);
		ck_assert_int_ne(cms_read(&cms, span_of(cut, n), &why), CMS_OK);
		ck_assert_uint_gt(strlen(why), 0);
		free(cut);
	}
	buf_release(&raw);
}
END_TEST

static void assert_armour(const struct signers *s, const char *text)
{
	struct signature got = verify_text(s, span_str(text), LATER);

	assert_signature(&got, SIG_MALFORMED, "armour");
}

START_TEST(armour_has_one_form)
{
	struct signers *s = load("ca.pem", NULL);
	struct buf b, changed;
	char *at;

	vector(&b, X509 "good-rsa.sig");
	buf_init(&changed, VECTOR_MAX);
	buf_adds(&changed, b.data);
	buf_adds(&changed, "\n");
	assert_armour(s, changed.data);
	buf_truncate(&changed, b.len - 1);
	assert_armour(s, changed.data);
	buf_clear(&changed);
	at = strchr(b.data, '\n') + 1;
	buf_add(&changed, b.data, (size_t)(at - b.data));
	buf_adds(&changed, "\n");
	buf_adds(&changed, at);
	assert_armour(s, changed.data);
	b.data[at - b.data + 64] = ' ';
	assert_armour(s, b.data);
	buf_release(&changed);
	buf_release(&b);
	signers_free(s);
}
END_TEST

static void assert_file_refused(const char *authorities, const char *lists,
				const char *word)
{
	struct buf normal = BUF_INIT(VECTOR_MAX);
	struct signers_spec spec = {.x509_ca = authorities, .x509_crl = lists};
	struct signers *s;
	struct err e;
	int rc;

	rc = signers_load(&s, &spec, &normal, &e);
	if (!rc) {
		rc = signers_check(s, &e);
		signers_free(s);
	}
	ck_assert_int_eq(rc, ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, word) != NULL, "\"%s\"", e.msg);
	buf_release(&normal);
}

/* A vector whose last block begins behind a blank. */
static void indented(struct buf *b, const char *name)
{
	char file[64], *at, *next;
	struct buf was;

	snprintf(file, sizeof(file), X509 "%s", name);
	vector(&was, file);
	at = was.data;
	while ((next = strstr(at + 1, "-----BEGIN")))
		at = next;
	buf_init(b, VECTOR_MAX);
	buf_add(b, was.data, (size_t)(at - was.data));
	buf_addch(b, ' ');
	buf_adds(b, at);
	buf_release(&was);
}

START_TEST(files_that_are_off_are_errors)
{
	const char *ca = copy_of("ca.pem");
	struct buf b;

	assert_file_refused(scratch_file("text\n"), NULL, "no CERTIFICATE");
	assert_file_refused(copy_of("crl.pem"), NULL, "whole blocks");
	assert_file_refused(scratch_file("-----BEGIN CERTIFICATE-----\nAAAA\n"),
			    NULL, "does not end");
	assert_file_refused(scratch_file("-----BEGIN CERTIFICATE-----\nA!\n"
					 "-----END CERTIFICATE-----\n"),
			    NULL, "base64");
	assert_file_refused(scratch_file("-----BEGIN CERTIFICATE-----\nAAAA\n"
					 "-----END CERTIFICATE-----\n"),
			    NULL, "DER");
	assert_file_refused(scratch_file("-----BEGIN CERTIFICATE-----\nMAA=\n"
					 "-----END CERTIFICATE-----\n"),
			    NULL, "a certificate is off");
	assert_file_refused(copy_of("rsa.pem"), NULL, "not of an authority");
	indented(&b, "ca.pem");
	assert_file_refused(scratch_file(b.data), NULL, "start of a line");
	buf_release(&b);
	indented(&b, "crl.pem");
	assert_file_refused(ca, scratch_file(b.data), "start of a line");
	buf_release(&b);
	assert_file_refused(ca, copy_of("ca.pem"), "whole blocks");
	assert_file_refused(ca, scratch_file(""), "no X509 CRL");
	assert_file_refused(NULL, copy_of("crl.pem"), "without x509-ca");
}
END_TEST

Suite *suite_x509(void)
{
	Suite *s = suite_create("X.509");
	TCase *t = tcase_create("x509");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, signatures_of_every_accepted_kind_are_good);
	tcase_add_test(
		t, signatures_that_do_not_count_are_refused_by_their_reason);
	tcase_add_test(t, certificate_counts_in_its_time_only);
	tcase_add_test(t, authority_below_a_root_may_be_trusted_alone);
	tcase_add_test(t, revocation_lists_are_honoured_and_must_be_there);
	tcase_add_test(t, payload_that_differs_is_bad);
	tcase_add_test(t, without_authorities_nothing_is_accepted);
	tcase_add_loop_test(t, every_byte_of_a_signature_matters, 0, 3);
	tcase_add_test(t, signature_cut_anywhere_is_malformed);
	tcase_add_test(t, armour_has_one_form);
	tcase_add_test(t, files_that_are_off_are_errors);
	suite_add_tcase(s, t);
	return s;
}
