/* SPDX-License-Identifier: Apache-2.0 */

/* The certificate of a signed push: one form, and the very push. */
#include "git_push_cert.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "git/push_cert.h"

#define NULL40 "0000000000000000000000000000000000000000"
#define A40 "0123456789abcdef0123456789abcdef01234567"
#define B40 "89abcdef0123456789abcdef0123456789abcdef"
#define VERSION "certificate version 0.1\n"
#define PUSHER "pusher A U Thor <a@example.com> 1700000000 +0100\n"
#define PUSHEE "pushee ssh://host/one.git\n"
#define NONCE "nonce 1700000000-e3933981618c4db9476fe603784ab858dfe51e7d\n"
#define OPTIONS "push-option one\npush-option two words\n"
#define UPDATES                                                                \
	A40 " " B40 " refs/heads/main\n" NULL40 " " B40 " refs/tags/v1\n"
#define ARMOUR                                                                 \
	"-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n"
#define WHOLE VERSION PUSHER PUSHEE NONCE OPTIONS "\n" UPDATES ARMOUR

/* In memory of exactly its size, for sanitizers. */
static const char *parse_n(const char *text, size_t n, struct push_cert *out)
{
	static char *exact;

	free(exact);
	exact = malloc(n + !n);
	memcpy(exact, text, n);
	return push_cert_parse(span_of(exact, n), out);
}

static const char *parse(const char *text, struct push_cert *out)
{
	return parse_n(text, strlen(text), out);
}

START_TEST(a_certificate_is_cut_into_its_parts)
{
	struct push_cert c;

	ck_assert_ptr_null(parse(WHOLE, &c));
	ck_assert(
		span_is(c.pusher, "A U Thor <a@example.com> 1700000000 +0100"));
	ck_assert(span_is(c.pushee, "ssh://host/one.git"));
	ck_assert(span_starts(c.nonce, "1700000000-e39"));
	ck_assert(span_is(c.payload,
			  VERSION PUSHER PUSHEE NONCE OPTIONS "\n" UPDATES));
	ck_assert(span_is(c.signature, ARMOUR));
	ck_assert_ptr_null(parse(VERSION PUSHER "\n" UPDATES ARMOUR, &c));
	ck_assert_uint_eq(c.nonce.n, 0);
	ck_assert_uint_eq(c.pushee.n, 0);
	ck_assert_ptr_null(
		parse(VERSION "pusher  1 -0000\n\n" UPDATES ARMOUR, &c));
}
END_TEST

static const struct {
	const char *text, *word;
} wrong[] = {
	{"", "version"},
	{"certificate version 0.2\n" PUSHER "\n" UPDATES ARMOUR, "version"},
	{VERSION "\n" UPDATES ARMOUR, "pusher"},
	{VERSION "pusher A 17x +0100\n\n" UPDATES ARMOUR, "pusher"},
	{VERSION "pusher A 1700000000\n\n" UPDATES ARMOUR, "pusher"},
	{VERSION "pusher A 1700000000 0100\n\n" UPDATES ARMOUR, "pusher"},
	{VERSION PUSHER PUSHER "\n" UPDATES ARMOUR, "out of order"},
	{VERSION PUSHER NONCE PUSHEE "\n" UPDATES ARMOUR, "out of order"},
	{VERSION PUSHER NONCE NONCE "\n" UPDATES ARMOUR, "out of order"},
	{VERSION PUSHER OPTIONS NONCE "\n" UPDATES ARMOUR, "out of order"},
	{VERSION PUSHER "other x\n\n" UPDATES ARMOUR, "unknown"},
	{VERSION PUSHER UPDATES ARMOUR, "unknown"},
	{VERSION "pusher A\r 1700000000 +0100\n\n" UPDATES ARMOUR, "control"},
	{VERSION PUSHER "nonce 1\x7f\n\n" UPDATES ARMOUR, "control"},
	{VERSION PUSHER "push-option a\tb\n\n" UPDATES ARMOUR, "control"},
	{VERSION PUSHER "\n" ARMOUR, "no ref update"},
	{VERSION PUSHER "\n" UPDATES, "no signature"},
	{VERSION PUSHER "\n" UPDATES ARMOUR ARMOUR, "text after"},
	{VERSION PUSHER "\n" UPDATES ARMOUR UPDATES, "text after"},
	{VERSION PUSHER "\n" UPDATES "-----BEGIN SSH SIGNATURE-----\n" ARMOUR,
	 "second signature"},
	{VERSION PUSHER "\n" UPDATES "-----BEGIN SSH SIGNATURE-----\nU1NI\n",
	 "END"},
	{VERSION PUSHER
	 "\n" UPDATES
	 "-----BEGIN SSH SIGNATURE-----\n-----END PGP SIGNATURE-----\n",
	 "END"},
};

START_TEST(what_git_does_not_write_is_told)
{
	struct push_cert c;
	const char *why = parse(wrong[_i].text, &c);

	ck_assert_msg(why && strstr(why, wrong[_i].word), "%s: %s",
		      wrong[_i].word, why ? why : "accepted");
}
END_TEST

START_TEST(no_part_of_it_is_a_certificate)
{
	struct push_cert c;
	size_t n;

	for (n = 0; n < sizeof(WHOLE) - 2; n++)
		ck_assert_msg(parse_n(WHOLE, n, &c) != NULL, "%zu bytes", n);
	ck_assert_ptr_nonnull(strstr(
		parse_n(VERSION "pusher \0 1 +0000\n\n" UPDATES ARMOUR,
			sizeof(VERSION "pusher \0 1 +0000\n\n" UPDATES ARMOUR) -
				1,
			&c),
		"NUL"));
}
END_TEST

START_TEST(a_huge_one_is_not_read)
{
	size_t n = PUSH_CERT_MAX_BYTES + 1;
	char *text = malloc(n);
	struct push_cert c;

	memset(text, 'x', n);
	ck_assert_ptr_nonnull(
		strstr(push_cert_parse(span_of(text, n), &c), "too long"));
	free(text);
}
END_TEST

/* ---- whose push it is ---- */

static void push_of(struct push *p, const char *input)
{
	struct err e;

	push_init(p);
	ck_assert_int_eq(push_parse(p, span_str(input), OID_SHA1, 100, &e), 0);
	ck_assert_int_eq(p->fault, PUSH_OK);
}

static const struct {
	const char *input;
	bool same;
} pushes[] = {
	{UPDATES, true},
	{A40 " " B40 " refs/heads/main\n", false},
	{NULL40 " " B40 " refs/tags/v1\n" A40 " " B40 " refs/heads/main\n",
	 false},
	{UPDATES A40 " " B40 " refs/heads/more\n", false},
	{A40 " " B40 " refs/heads/other\n" NULL40 " " B40 " refs/tags/v1\n",
	 false},
	{B40 " " A40 " refs/heads/main\n" NULL40 " " B40 " refs/tags/v1\n",
	 false},
};

START_TEST(its_updates_are_those_of_the_push)
{
	struct push_cert c;
	struct push p;

	ck_assert_ptr_null(parse(WHOLE, &c));
	push_of(&p, pushes[_i].input);
	ck_assert_int_eq(push_cert_is_of(&c, &p, OID_SHA1), pushes[_i].same);
	push_release(&p);
}
END_TEST

START_TEST(a_line_that_is_no_update_is_no_push)
{
	struct push_cert c;
	struct push p;

	push_of(&p, UPDATES);
	ck_assert_ptr_null(
		parse(VERSION PUSHER "\n" UPDATES "odd\n" ARMOUR, &c));
	ck_assert(!push_cert_is_of(&c, &p, OID_SHA1));
	ck_assert_ptr_null(parse(VERSION PUSHER "\n" UPDATES "\n" ARMOUR, &c));
	ck_assert(!push_cert_is_of(&c, &p, OID_SHA1));
	push_release(&p);
}
END_TEST

START_TEST(its_options_are_those_of_the_push)
{
	static const char *const same[] = {"one", "two words"};
	static const char *const turned[] = {"two words", "one"};
	static const char *const longer[] = {"one", "two words", "three"};
	struct push_cert c;

	ck_assert_ptr_null(parse(WHOLE, &c));
	ck_assert(push_cert_has_options(&c, same, 2));
	ck_assert(!push_cert_has_options(&c, turned, 2));
	ck_assert(!push_cert_has_options(&c, longer, 3));
	ck_assert(!push_cert_has_options(&c, same, 1));
	ck_assert(!push_cert_has_options(&c, NULL, 0));
	ck_assert_ptr_null(parse(VERSION PUSHER "\n" UPDATES ARMOUR, &c));
	ck_assert(push_cert_has_options(&c, NULL, 0));
	ck_assert(!push_cert_has_options(&c, same, 1));
}
END_TEST

Suite *suite_push_cert(void)
{
	Suite *s = suite_create("push certificate");
	TCase *t = tcase_create("all");

	suite_add_tcase(s, t);
	tcase_add_test(t, a_certificate_is_cut_into_its_parts);
	tcase_add_loop_test(t, what_git_does_not_write_is_told, 0,
			    sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(t, no_part_of_it_is_a_certificate);
	tcase_add_test(t, a_huge_one_is_not_read);
	tcase_add_loop_test(t, its_updates_are_those_of_the_push, 0,
			    sizeof(pushes) / sizeof(*pushes));
	tcase_add_test(t, a_line_that_is_no_update_is_no_push);
	tcase_add_test(t, its_options_are_those_of_the_push);
	return s;
}
