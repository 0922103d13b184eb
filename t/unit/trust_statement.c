/* SPDX-License-Identifier: Apache-2.0 */

/* Signed statements: their form, their trailers, their refs. */

#include <stdio.h>
#include <string.h>

#include "trust/import.h"
#include "trust/statement.h"
#include "trust/waiver.h"
#include "trust_help.h"

#define TAG_OF(type)                                                           \
	"object 1234567890123456789012345678901234567890\n"                    \
	"type " type "\ntag x\ntagger A <a@example.com> 1700000000 +0000\n\n"
#define SIGNATURE                                                              \
	"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"

static void read_text(struct statement *s, const char *text)
{
	struct oid id = {.algo = OID_SHA1, .id = {7}};
	struct err e;

	statement_init(s);
	ck_assert_int_eq(statement_read(s, span_str(text), &id, OID_SHA1, &e),
			 0);
}

static const struct {
	const char *text;
	enum approval_fault fault;
	const char *word;
} forms[] = {
	{TAG_OF("commit") "m\n\nUntil: x\n" SIGNATURE, APPROVAL_OK, ""},
	{TAG_OF("commit") "m\n\nUntil: x\n", APPROVAL_UNSIGNED, "not signed"},
	{TAG_OF("tree") "m\n" SIGNATURE, APPROVAL_MALFORMED, "no commit"},
	{"object 1\n", APPROVAL_MALFORMED, ""},
	{"", APPROVAL_MALFORMED, ""},
};

START_TEST(the_form_is_told)
{
	struct statement s;

	read_text(&s, forms[_i].text);
	ck_assert_int_eq(s.fault, forms[_i].fault);
	ck_assert_msg(strstr(s.why, forms[_i].word) != NULL, "%s", s.why);
	statement_release(&s);
}
END_TEST

START_TEST(a_bad_signature_is_a_fault)
{
	const struct verifier v = {.people = &people, .at = NOON};
	struct statement s;
	struct err e;

	read_text(&s, forms[0].text);
	ck_assert_int_eq(statement_verify(&s, &v, &e), 0);
	ck_assert_int_ne(s.fault, APPROVAL_OK);
	ck_assert_str_ne(s.why, "");
	statement_release(&s);
}
END_TEST

static const struct {
	const char *message, *value; /* NULL: malformed */
	const char *word;
} values[] = {
	{"m\n\nUntil: 2027-01-01\n", "2027-01-01", ""},
	{"m\n\nuntil: 2027-01-01\n", "2027-01-01", ""},
	{"m\n\nOther: 1\n", "", ""},
	{"m\n\nUntil: 1\nUntil: 1\n", NULL, "several Until"},
	{"m\n\nUntil: 1\n---\n\nUntil: 2\n", NULL, "`---`"},
};

START_TEST(a_trailer_says_one_thing)
{
	struct statement s;
	struct span value;
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s", TAG_OF("commit"),
		 values[_i].message, SIGNATURE);
	read_text(&s, text);
	ck_assert_int_eq(s.fault, APPROVAL_OK);
	ck_assert_int_eq(statement_value(&s, "Until", &value),
			 values[_i].value != NULL);
	if (values[_i].value)
		ck_assert(span_is(value, values[_i].value));
	else
		ck_assert_int_eq(s.fault, APPROVAL_MALFORMED);
	ck_assert_msg(strstr(s.why, values[_i].word) != NULL, "%s", s.why);
	statement_release(&s);
}
END_TEST

static const struct {
	const char *ref, *between; /* NULL: no such ref */
} refs[] = {
	{"refs/followups/abc/alice-1", "abc"},
	{"refs/followups/abc/alice-12", "abc"},
	{"refs/followups/abc/alice", NULL},
	{"refs/followups/abc/alice-01", NULL},
	{"refs/followups/abc/x/alice-1", NULL},
	{"refs/followups/alice-1", NULL},
	{"refs/followups//alice-1", NULL},
	{"refs/approvals/abc/alice-1", NULL},
	{"refs/followups/a..b/alice-1", NULL},
};

START_TEST(its_ref_says_of_what_it_is)
{
	struct span between;

	ck_assert_int_eq(
		statement_ref_ok(refs[_i].ref, FOLLOW_UPS_PREFIX, &between),
		refs[_i].between != NULL);
	if (refs[_i].between)
		ck_assert(span_is(between, refs[_i].between));
}
END_TEST

/* ---- waivers ---- */

#define RULE "Waives-rule: r\n"
#define UNTIL "Until: 2027-01-31\n"
#define REASON "Reason: a b\n"
#define CONTROL "Compensating-control: c\n"
#define REPOSITORY "Repository: one\n"

static const struct {
	const char *trailers;
	const char *word; /* NULL: it is well formed */
	size_t nrefs, npaths;
} waivers[] = {
	{RULE UNTIL REASON CONTROL REPOSITORY, NULL, 0, 0},
	{RULE UNTIL REASON CONTROL REPOSITORY "Ref: refs/heads/a\nRef: b\n"
					      "Path: c/**\n",
	 NULL, 2, 1},
	{UNTIL REASON CONTROL REPOSITORY, "no Waives-rule", 0, 0},
	{RULE REASON CONTROL REPOSITORY, "no Until", 0, 0},
	{RULE UNTIL CONTROL REPOSITORY, "no Reason", 0, 0},
	{RULE UNTIL REASON REPOSITORY, "no Compensating-control", 0, 0},
	{RULE UNTIL REASON CONTROL, "no Repository", 0, 0},
	{RULE RULE UNTIL REASON CONTROL REPOSITORY, "several Waives-rule", 0,
	 0},
	{RULE "Until: soon\n" REASON CONTROL REPOSITORY, "no date", 0, 0},
	{RULE UNTIL "Reason:\n" CONTROL REPOSITORY, "no Reason", 0, 0},
	{RULE UNTIL REASON CONTROL REPOSITORY "Path:\n", "empty", 0, 0},
	{RULE UNTIL REASON CONTROL REPOSITORY
	 "Path: a\n---\n\n" RULE UNTIL REASON CONTROL REPOSITORY "Path: b\n",
	 "`---`", 0, 0},
};

START_TEST(a_waiver_says_all_that_it_must)
{
	const size_t room = 2048;
	char text[2048];
	struct waiver w;

	snprintf(text, room, "%sm\n\n%s%s", TAG_OF("commit"),
		 waivers[_i].trailers, SIGNATURE);
	waiver_init(&w);
	statement_release(&w.said);
	read_text(&w.said, text);
	waiver_take(&w);
	if (waivers[_i].word) {
		ck_assert_int_eq(w.said.fault, APPROVAL_MALFORMED);
		ck_assert_msg(strstr(w.said.why, waivers[_i].word) != NULL,
			      "%s", w.said.why);
	} else {
		ck_assert_msg(w.said.fault == APPROVAL_OK, "%s", w.said.why);
		ck_assert(span_is(w.rule, "r"));
		ck_assert(span_is(w.reason, "a b"));
		/* the last millisecond of that day */
		ck_assert_int_eq(w.until, 1801439999999);
		ck_assert_uint_eq(w.nrefs, waivers[_i].nrefs);
		ck_assert_uint_eq(w.npaths, waivers[_i].npaths);
	}
	waiver_release(&w);
}
END_TEST

/* ---- imports ---- */

#define ID "1234567890123456789012345678901234567890"
#define IMPORTS "Imports: " ID "\n"
#define MAIN "Approves-ref: refs/heads/main\n"

static const struct {
	const char *trailers;
	const char *word; /* NULL: it is well formed */
	const char *prefix;
	size_t nrefs;
	bool withdrawal;
} imports[] = {
	{IMPORTS MAIN REPOSITORY REASON, NULL, "", 1, false},
	{IMPORTS MAIN "Approves-ref: refs/heads/x\n" REPOSITORY REASON
		      "Prefix: a/b/\nValid-until: 2027-01-31\n",
	 NULL, "a/b", 2, false},
	{"Withdraws: " ID "\n" REPOSITORY, NULL, "", 0, true},
	{"Withdraws: " ID "\n" REPOSITORY MAIN, "stands beside", NULL, 0, true},
	{"Withdraws: " ID "\n" REPOSITORY IMPORTS, "stands beside", NULL, 0,
	 true},
	{"Withdraws: 12\n" REPOSITORY, "no full id", NULL, 0, true},
	{"Withdraws: " ID "\n", "no Repository", NULL, 0, true},
	{MAIN REPOSITORY REASON, "no Imports", NULL, 0, false},
	{IMPORTS IMPORTS MAIN REPOSITORY REASON, "several Imports", NULL, 0,
	 false},
	{"Imports: 1234\n" MAIN REPOSITORY REASON, "no full id", NULL, 0,
	 false},
	{"Imports: 2234567890123456789012345678901234567890\n" MAIN REPOSITORY
		 REASON,
	 "tags another commit", NULL, 0, false},
	{IMPORTS REPOSITORY REASON, "no Approves-ref", NULL, 0, false},
	{IMPORTS "Approves-ref: main\n" REPOSITORY REASON, "no full ref name",
	 NULL, 0, false},
	{IMPORTS "Approves-ref: refs/heads/*\n" REPOSITORY REASON,
	 "no full ref name", NULL, 0, false},
	{IMPORTS MAIN REASON, "no Repository", NULL, 0, false},
	{IMPORTS MAIN REPOSITORY, "no Reason", NULL, 0, false},
	{IMPORTS MAIN REPOSITORY REASON "Prefix: /a\n", "no path", NULL, 0,
	 false},
	{IMPORTS MAIN REPOSITORY REASON "Prefix: a/../b\n", "no path", NULL, 0,
	 false},
	{IMPORTS MAIN REPOSITORY REASON "Prefix: a//\n", "no path", NULL, 0,
	 false},
	{IMPORTS MAIN REPOSITORY REASON "Prefix: /\n", "no path", NULL, 0,
	 false},
	{IMPORTS MAIN REPOSITORY REASON "Prefix: a\nPrefix: b\n",
	 "several Prefix", NULL, 0, false},
	{IMPORTS MAIN REPOSITORY REASON "Valid-until: soon\n", "no date", NULL,
	 0, false},
	{IMPORTS MAIN REPOSITORY REASON
	 "Prefix: a\n---\n\n" IMPORTS MAIN REPOSITORY REASON "Prefix: b\n",
	 "`---`", NULL, 0, false},
};

START_TEST(an_import_says_all_that_it_must)
{
	const size_t room = 2048;
	char text[2048];
	struct import i;

	snprintf(text, room, "%sm\n\n%s%s", TAG_OF("commit"),
		 imports[_i].trailers, SIGNATURE);
	import_init(&i);
	statement_release(&i.said);
	read_text(&i.said, text);
	import_take(&i, OID_SHA1);
	ck_assert_int_eq(i.withdrawal, imports[_i].withdrawal);
	if (imports[_i].word) {
		ck_assert_int_eq(i.said.fault, APPROVAL_MALFORMED);
		ck_assert_msg(strstr(i.said.why, imports[_i].word) != NULL,
			      "%s", i.said.why);
	} else {
		ck_assert_msg(i.said.fault == APPROVAL_OK, "%s", i.said.why);
		ck_assert(span_is(i.repository, "one"));
		ck_assert(span_is(i.prefix, imports[_i].prefix));
		ck_assert_uint_eq(i.nrefs, imports[_i].nrefs);
		ck_assert_int_eq(import_names_ref(&i, "refs/heads/main"),
				 !i.withdrawal);
		ck_assert(!import_names_ref(&i, "refs/heads/mai"));
	}
	import_release(&i);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_statement(void)
{
	Suite *s = suite_create("statement");
	TCase *t = tcase_create("statement");

	tcase_add_loop_test(t, the_form_is_told, 0, COUNT(forms));
	tcase_add_test(t, a_bad_signature_is_a_fault);
	tcase_add_loop_test(t, a_trailer_says_one_thing, 0, COUNT(values));
	tcase_add_loop_test(t, its_ref_says_of_what_it_is, 0, COUNT(refs));
	tcase_add_loop_test(t, a_waiver_says_all_that_it_must, 0,
			    COUNT(waivers));
	tcase_add_loop_test(t, an_import_says_all_that_it_must, 0,
			    COUNT(imports));
	suite_add_tcase(s, t);
	return s;
}
