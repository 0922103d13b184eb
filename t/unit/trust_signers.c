/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "trust/signers_private.h"
#include "trust_help.h"

/* A line of allowed_signers with the Ed25519 vector. */
static const char *line_of(const char *before)
{
	static char out[512];

	snprintf(out, sizeof(out), "%s %s\n", before,
		 vector_key_text("ed25519"));
	return out;
}

static void assert_refused(const char *text, const char *word)
{
	const char *msg = signers_refused(text, NULL, ERR_CONFIG);

	ck_assert_msg(strstr(msg, word) != NULL, "\"%s\" lacks \"%s\"", msg,
		      word);
	ck_assert_msg(strstr(msg, ":1: ") != NULL, "no line in \"%s\"", msg);
}

START_TEST(lines_of_every_form_are_read)
{
	static const char *const forms[] = {
		"alice",
		"alice@example.com,bob@example.com",
		"\"alice\"",
		"*@example.com,!bob@example.com",
		"alice cert-authority",
		"alice CERT-AUTHORITY,namespaces=\"git,file\"",
		"alice namespaces=\"git\"",
		"alice valid-after=\"20260101Z\",valid-before=\"20270101Z\"",
		"alice valid-before=\"202701012359\"",
		"alice Valid-Before=\"20270101235959z\"",
		"alice\tnamespaces=\"g\\\"it\" ",
		NULL};
	size_t i;

	for (i = 0; forms[i]; i++) {
		struct signers *s = signers_of(line_of(forms[i]), NULL);

		ck_assert_uint_eq(s->ssh.n, 1);
		signers_free(s);
	}
}
END_TEST

START_TEST(comments_and_blank_lines_are_none)
{
	struct signers *s =
		signers_of("# alice ssh-ed25519 x\n\n  \t\n  # y\n", NULL);

	ck_assert_uint_eq(s->ssh.n, 0);
	signers_free(s);
}
END_TEST

START_TEST(option_values_are_kept)
{
	struct signers *s = signers_of(
		line_of("alice namespaces=\"git\",valid-after=\"19700102Z\","
			"valid-before=\"19700103000001Z\""),
		NULL);
	const struct signer_options *o = &s->ssh.v[0].options;

	ck_assert_str_eq(o->namespaces, "git");
	ck_assert_int_eq(o->after, 86400);
	ck_assert_int_eq(o->before, 2 * 86400 + 1);
	ck_assert(!o->authority);
	signers_free(s);
}
END_TEST

START_TEST(times_without_zone_have_the_narrowest_meaning)
{
	struct signers *s = signers_of(line_of("alice valid-after=\"19700102\","
					       "valid-before=\"19700105\""),
				       NULL);
	const struct signer_options *o = &s->ssh.v[0].options;

	ck_assert_int_eq(o->after, 86400 + 12 * 3600);
	ck_assert_int_eq(o->before, 4 * 86400 - 14 * 3600);
	signers_free(s);
	assert_refused(line_of("alice valid-after=\"19700102\","
			       "valid-before=\"19700103\""),
		       "write Z");
}
END_TEST

START_TEST(options_that_are_off_are_refused)
{
	static const char *const bad[][2] = {
		{"alice no-such-option", "neither a key's type nor"},
		{"alice namespaces=git", "quotes"},
		{"alice namespaces=\"\"", "quotes"},
		{"alice namespaces=\"git", "quotes"},
		{"alice valid-after=\"2026\"", "YYYYMMDD"},
		{"alice valid-after=\"20260230Z\"", "YYYYMMDD"},
		{"alice valid-after=\"2026-01-01\"", "YYYYMMDD"},
		{"alice valid-after=\"20260101Z\",valid-after=\"20260102Z\"",
		 "twice"},
		{"alice valid-before=\"20260101Z\",valid-before=\"20260102Z\"",
		 "twice"},
		{"alice namespaces=\"a\",namespaces=\"b\"", "twice"},
		{"alice valid-after=\"20270101Z\",valid-before=\"20260101Z\"",
		 "not behind"},
		{"alice cert-authority,", "neither"},
		{"alice cert-authorityx", "commas"},
		{"alice namespaces=\"git\"valid-after=\"20260101Z\"",
		 "commas"}};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(line_of(bad[i][0]), bad[i][1]);
}
END_TEST

START_TEST(principals_that_are_off_are_refused)
{
	static const char *const bad[][2] = {
		{"!alice", "negated principals only"},
		{"alice,,bob", "a principal is empty"},
		{"alice,", "a principal is empty"},
		{"\"\"", "a principal is empty"},
		{"\"alice", "not closed"},
		{"al\"ice", "quote"},
		{"\xff", "UTF-8"},
		{"\001", "control"}};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(line_of(bad[i][0]), bad[i][1]);
}
END_TEST

START_TEST(keys_that_are_off_are_refused)
{
	static const char *const vectors[][2] = {
		{"weak", "fewer than 2048"},
		{"small-order", "small order"},
		{"not-canonical", "canonical"},
		{"dsa", "DSA"},
		{"certified-cert", "certificate"}};
	char text[8192];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		snprintf(text, sizeof(text), "alice %s\n",
			 vector_key_text(vectors[i][0]));
		assert_refused(text, vectors[i][1]);
	}
	assert_refused("alice\n", "neither");
	assert_refused("alice ssh-ed25519\n", "expected");
	assert_refused("alice ssh-ed25519 AAAA!\n", "base64");
	assert_refused("alice ssh-ed25519 AAAAB3NzaC1yc2E=\n", "type");
}
END_TEST

START_TEST(files_that_are_missing_or_writable_are_errors)
{
	struct signers_spec spec = {.ssh = "/nonexistent/signers"};
	struct buf normal = BUF_INIT(VECTOR_MAX);
	struct signers *s;
	struct err e;

	ck_assert_int_eq(signers_load(&s, &spec, &normal, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.msg, "/nonexistent/signers"));
	spec.ssh = scratch_file("");
	spec.ssh_revoked = "/nonexistent/revoked";
	ck_assert_int_eq(signers_load(&s, &spec, &normal, &e), ERR_NOT_FOUND);
	spec.ssh_revoked = NULL;
	chmod(spec.ssh, 0666);
	ck_assert_int_eq(signers_load(&s, &spec, &normal, &e), ERR_DENIED);
	ck_assert_ptr_null(s);
	spec.ssh = NULL;
	spec.openpgp = scratch_file("");
	ck_assert_int_eq(signers_load(&s, &spec, &normal, &e), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.msg, "empty"));
	spec.openpgp = NULL;
	spec.x509_ca = scratch_file("no pem\n");
	ck_assert_int_eq(signers_load(&s, &spec, &normal, &e), ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.msg, "no CERTIFICATE"));
	buf_release(&normal);
}
END_TEST

static void normal_of(const char *allowed, const char *revoked,
		      struct buf *normal)
{
	struct signers_spec spec = {0};
	struct signers *s;
	struct err e;

	buf_init(normal, VECTOR_MAX);
	spec.ssh = scratch_file(allowed);
	if (revoked)
		spec.ssh_revoked = scratch_file(revoked);
	if (signers_load(&s, &spec, normal, &e))
		ck_abort_msg("%s", e.msg);
	signers_free(s);
}

START_TEST(normal_text_has_all_that_matters_and_no_comment)
{
	char text[512];
	struct buf a, b;

	snprintf(text, sizeof(text), "# c\n\n  alice   %s  someone\n",
		 vector_key_text("ed25519"));
	normal_of(text, NULL, &a);
	snprintf(text, sizeof(text), "[signers ssh]\n\"alice\" %s\n",
		 vector_key_text("ed25519"));
	ck_assert_str_eq(a.data, text);
	normal_of("", vector_key_text("ed25519"), &b);
	ck_assert(span_starts(span_str(b.data),
			      "[signers ssh]\n[signers ssh-revoked]\nssh-ed"));
	buf_release(&a);
	buf_release(&b);
}
END_TEST

Suite *suite_signers(void)
{
	Suite *s = suite_create("allowed signers");
	TCase *t = tcase_create("signers");

	tcase_add_test(t, lines_of_every_form_are_read);
	tcase_add_test(t, comments_and_blank_lines_are_none);
	tcase_add_test(t, option_values_are_kept);
	tcase_add_test(t, times_without_zone_have_the_narrowest_meaning);
	tcase_add_test(t, options_that_are_off_are_refused);
	tcase_add_test(t, principals_that_are_off_are_refused);
	tcase_add_test(t, keys_that_are_off_are_refused);
	tcase_add_test(t, files_that_are_missing_or_writable_are_errors);
	tcase_add_test(t, normal_text_has_all_that_matters_and_no_comment);
	suite_add_tcase(s, t);
	return s;
}
