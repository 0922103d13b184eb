/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
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
	ck_assert(principal_has_role(alice, "dev", last + 1));
	ck_assert(!principal_has_role(alice, "Dev", last));
	policy_free(p);
}
END_TEST

START_TEST(roles_end_with_their_last_day)
{
	struct policy *p =
		policy_of("[principal \"alice\"]\n"
			  "role = dev\n"
			  "role = security until 2026-06-01\n"
			  "role = ops  until  2026-06-01T12:00:00Z\n");
	const struct principal *alice = &p->people.v[0];
	int64_t day = INT64_C(1780358399999), noon = INT64_C(1780315200000);

	ck_assert_uint_eq(alice->nroles, 3);
	ck_assert(principal_has_role(alice, "dev", INT64_MAX));
	ck_assert(principal_has_role(alice, "security", day));
	ck_assert(!principal_has_role(alice, "security", day + 1));
	ck_assert(principal_has_role(alice, "ops", noon));
	ck_assert(!principal_has_role(alice, "ops", noon + 1));
	ck_assert_int_eq(principal_role(alice, "security")->until, day);
	ck_assert_ptr_null(principal_role(alice, "secur"));
	policy_free(p);
}
END_TEST

static const struct {
	const char *value, *words;
} bad_roles[] = {
	{"dev until", "neither ROLE nor ROLE until"},
	{"dev until 2026", "neither ROLE nor ROLE until"},
	{"dev until 2026-02-30", "neither ROLE nor ROLE until"},
	{"dev until 2026-06-01 12:00", "neither ROLE nor ROLE until"},
	{"dev till 2026-06-01", "neither ROLE nor ROLE until"},
	{"dev ops", "neither ROLE nor ROLE until"},
	{"until 2026-06-01", "neither ROLE nor ROLE until"},
	{"owner", "owner is no role"},
	{"twice until 2026-06-01", "\"twice\" is given twice"},
};

START_TEST(roles_that_are_none_are_mistakes)
{
	struct policy_mistakes m;
	char text[200];

	snprintf(text, sizeof(text),
		 "[principal \"a\"]\n\trole = twice\n\trole = %s\n",
		 bad_roles[_i].value);
	mistakes_of(text, &m);
	assert_mistake(&m, 0, 3, bad_roles[_i].words);
	policy_mistakes_release(&m);
}
END_TEST

static const struct {
	const char *first, *second, *words;
} shared[] = {
	{"email = a@example.com", "email = A@Example.com", "is a's already ("},
	{"email = 7+a" NOREPLY, "email = 7+b" NOREPLY, "is a's already ("},
	{"login = al", "login = AL", "is a's already ("},
	{"openpgp = 0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567",
	 "openpgp = 0123456789ABCDEF0123456789ABCDEF01234567",
	 "is a's already ("},
};

START_TEST(what_two_people_claim_is_told_with_both_lines)
{
	struct policy_mistakes m;
	char text[400];

	snprintf(text, sizeof(text),
		 "[principal \"a\"]\n\tlogin = first\n\t%s\n"
		 "[principal \"b\"]\n\tlogin = second\n\t%s\n",
		 shared[_i].first, shared[_i].second);
	mistakes_of(text, &m);
	assert_mistake(&m, 0, 6, shared[_i].words);
	assert_mistake(&m, 0, 6, ":3)");
	policy_mistakes_release(&m);
}
END_TEST

START_TEST(a_name_that_is_anothers_address_is_a_mistake)
{
	struct policy_mistakes m;

	mistakes_of("[principal \"a\"]\n\temail = b@example.com\n"
		    "[principal \"b@example.com\"]\n\tlogin = b\n",
		    &m);
	assert_mistake(&m, 0, 3, "is a's already (");
	policy_mistakes_release(&m);
	policy_free(policy_of("[principal \"b@example.com\"]\n"
			      "\temail = b@example.com\n"));
}
END_TEST

static const struct {
	const char *owner, *words; /* NULL: it is one */
} owners[] = {
	{"alice", NULL},
	{"role:payments-team", NULL},
	{"alcie", "did you mean alice?"},
	{"role:payment-team", "did you mean payments-team?"},
	{"role:", "needs a value"},
	{"role:two words", "not one word"},
	{"rob", "is no human"},
};

START_TEST(owners_of_areas_are_people_who_can_approve)
{
	struct policy_mistakes m;
	struct policy *p;
	char text[600];

	snprintf(text, sizeof(text),
		 "[area \"pay\"]\n\tpath = pay/**\n\towner = %s\n"
		 "[principal \"alice\"]\n"
		 "\trole = payments-team until 2026-06-01\n"
		 "[principal \"rob\"]\n\tkind = bot\n",
		 owners[_i].owner);
	if (owners[_i].words) {
		mistakes_of(text, &m);
		assert_mistake(&m, 0, 3, owners[_i].words);
		policy_mistakes_release(&m);
		return;
	}
	p = policy_of(text);
	ck_assert(policy_owns(&p->areas[0], &p->people.v[0], 0));
	ck_assert(!policy_owns(&p->areas[0], &p->people.v[1], 0));
	ck_assert(policy_owns(&p->areas[0], &p->people.v[0], INT64_MAX) ==
		  (_i == 0));
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
	tcase_add_test(t, roles_end_with_their_last_day);
	tcase_add_loop_test(t, roles_that_are_none_are_mistakes, 0,
			    (int)COUNT(bad_roles));
	tcase_add_loop_test(t, what_two_people_claim_is_told_with_both_lines, 0,
			    (int)COUNT(shared));
	tcase_add_test(t, a_name_that_is_anothers_address_is_a_mistake);
	tcase_add_loop_test(t, owners_of_areas_are_people_who_can_approve, 0,
			    (int)COUNT(owners));
	tcase_add_test(t, keys_are_read_as_gpg_prints_them);
	tcase_add_test(t, keys_by_short_name_or_of_two_people_are_mistakes);
	suite_add_tcase(s, t);
	return s;
}
