/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "policy_help.h"
#include "trust/principals.h"

#define NOREPLY "@users.noreply.github.com"

static const struct {
	const char *a, *b;
	bool same;
} mails[] = {
	{"alice@example.com", "Alice@Example.COM", true},
	{"alice@example.com", "alice@example.org", false},
	{"7+alice" NOREPLY, "7+renamed" NOREPLY, true},
	{"7+alice" NOREPLY, "7+alice@Users.NoReply.GitHub.com", true},
	{"7+alice" NOREPLY, "77+alice" NOREPLY, false},
	{"7+alice" NOREPLY, "07+alice" NOREPLY, false},
	{"7+alice" NOREPLY, "alice" NOREPLY, false},
	{"7+alice" NOREPLY, "7+alice@example.com", false},
	{"+alice" NOREPLY, "+bob" NOREPLY, false},
	{"7alice" NOREPLY, "7bob" NOREPLY, false},
	{"41898282+a[bot]" NOREPLY, "41898282+b[bot]" NOREPLY, false},
	{"41898282+a[bot]" NOREPLY, "41898282+A[bot]" NOREPLY, true},
	{NOREPLY, NOREPLY, true},
	{"", "", false},
};

START_TEST(addresses_are_one_persons_by_account_or_spelling)
{
	struct span a = span_str(mails[_i].a), b = span_str(mails[_i].b);

	ck_assert(email_same(a, b) == mails[_i].same);
	ck_assert(email_same(b, a) == mails[_i].same);
}
END_TEST

START_TEST(people_are_found_until_their_last_day)
{
	struct policy *p = policy_of("[principal \"alice\"]\n"
				     "email = alice@example.com\n"
				     "login = al\nrole = dev\n"
				     "until = 2026-06-01\n"
				     "[gate \"g\"]\nref = refs/x\nrule = r\n"
				     "[rule \"r\"]\ncheck = demo\n");
	const struct principals *all = &p->people;
	const struct principal *alice = &all->v[0];
	int64_t last = alice->until;

	ck_assert_ptr_eq(principals_by_name(all, span_str("alice"), last),
			 alice);
	ck_assert_ptr_eq(
		principals_by_email(all, span_str("ALICE@example.com"), last),
		alice);
	ck_assert_ptr_eq(principals_by_login(all, span_str("al"), last), alice);
	ck_assert_ptr_null(
		principals_by_name(all, span_str("alice"), last + 1));
	ck_assert_ptr_null(principals_by_email(
		all, span_str("alice@example.com"), last + 1));
	ck_assert_ptr_null(principals_by_login(all, span_str("al"), last + 1));
	ck_assert_ptr_null(principals_by_login(all, span_str("AL"), last));
	ck_assert_ptr_null(principals_by_login(all, span_str(""), last));
	ck_assert_ptr_null(principals_by_email(all, span_str(""), last));
	ck_assert(principal_has_role(alice, "dev"));
	ck_assert(!principal_has_role(alice, "Dev"));
	policy_free(p);
}
END_TEST

#define PRINT "0123456789ABCDEF0123456789ABCDEF01234567"

START_TEST(keys_are_read_as_gpg_prints_them)
{
	struct policy *p = policy_of("[principal \"alice\"]\n"
				     "openpgp = " PRINT "\n"
				     "openpgp = 0123 4567 89ab cdef 0123  "
				     "4567 89ab cdef 0123 4568\n");
	const struct principal *alice = &p->people.v[0];

	ck_assert_uint_eq(alice->nopenpgp, 2);
	ck_assert_str_eq(alice->openpgp[0], PRINT);
	ck_assert_str_eq(alice->openpgp[1],
			 "0123456789ABCDEF0123456789ABCDEF01234568");
	policy_free(p);
}
END_TEST

START_TEST(keys_by_short_name_or_of_two_people_are_mistakes)
{
	struct policy_mistakes m;

	mistakes_of("[principal \"a\"]\n\topenpgp = 89ABCDEF01234567\n", &m);
	assert_mistake(&m, 0, 2, "full fingerprint");
	policy_mistakes_release(&m);
	mistakes_of("[principal \"a\"]\n\topenpgp = " PRINT "\n"
		    "[principal \"b\"]\n\topenpgp = " PRINT "\n",
		    &m);
	assert_mistake(&m, 0, 4, "is a's already");
	policy_mistakes_release(&m);
}
END_TEST

Suite *suite_principals(void)
{
	Suite *s = suite_create("policy principals");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, addresses_are_one_persons_by_account_or_spelling,
			    0, (int)COUNT(mails));
	tcase_add_test(t, people_are_found_until_their_last_day);
	tcase_add_test(t, keys_are_read_as_gpg_prints_them);
	tcase_add_test(t, keys_by_short_name_or_of_two_people_are_mistakes);
	suite_add_tcase(s, t);
	return s;
}
