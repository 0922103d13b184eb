/* SPDX-License-Identifier: Apache-2.0 */

/* Commits and identities. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "git/object_parse.h"

#define HEX40 "0123456789abcdef0123456789abcdef01234567"
#define PARENT "89abcdef0123456789abcdef0123456789abcdef"
#define HEX64 HEX40 "0123456789abcdef01234567"
#define WHO "A U Thor <author@example.com> 1700000000 +0130"
#define LINKS "tree " HEX40 "\nparent " PARENT "\n"
#define IDENTS "author " WHO "\ncommitter " WHO "\n"
#define HEAD_LINES LINKS IDENTS
#define SIG                                                                    \
	"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n"                    \
	" -----END SSH SIGNATURE-----\n"

enum { MAX_TEXT = 1 << 16 };

static bool parse_n(const char *text, size_t n, enum oid_algo algo,
		    struct commit *c, struct object_fault *fault)
{
	return commit_parse(span_of(text, n), algo, NULL, c, fault);
}

struct vector {
	const char *raw;
	const char *word; /* in the fault's text */
};

/* Nothing but the message may differ from what git itself would write. */
static const struct vector malformed[] = {
	{"", "tree header"},
	{IDENTS "\nm\n", "tree header"},
	{"\n" HEAD_LINES "\nm\n", "tree header"},
	{"tree " HEX40 "\r\n" IDENTS "\nm\n", "tree header"},
	{"tree  " HEX40 "\n" IDENTS "\nm\n", "tree header"},
	{"tree 0123456789ABCDEF0123456789abcdef01234567\n" IDENTS "\nm\n",
	 "tree header"},
	{"tree 0123\n" IDENTS "\nm\n", "tree header"},
	{"tree " HEX64 "\n" IDENTS "\nm\n", "tree header"},
	{"tree " HEX40, "tree header"},
	{LINKS "parent 0123\n" IDENTS "\nm\n", "parent header"},
	{LINKS "parent 89ABCDEF0123456789abcdef0123456789abcdef\n" IDENTS
	       "\nm\n",
	 "parent header"},
	{"parent " PARENT "\ntree " HEX40 "\n" IDENTS "\nm\n", "tree header"},
	{LINKS "tree " HEX40 "\n" IDENTS "\nm\n", "no author"},
	{LINKS "committer " WHO "\nauthor " WHO "\n\nm\n", "no author"},
	{LINKS "author " WHO "\n\nm\n", "no committer"},
	{LINKS "author " WHO "\n" IDENTS "\nm\n", "no committer"},
	{LINKS "author " WHO "\nx y\ncommitter " WHO "\n\nm\n", "no committer"},
	{LINKS "author " WHO "\n continued\ncommitter " WHO "\n\nm\n",
	 "no committer"},
	{HEAD_LINES "committer " WHO "\n\nm\n", "\"committer\" behind"},
	{HEAD_LINES "author " WHO "\n\nm\n", "\"author\" behind"},
	{HEAD_LINES "Author " WHO "\n\nm\n", "\"author\" behind"},
	{HEAD_LINES "parent " PARENT "\n\nm\n", "\"parent\" behind"},
	{HEAD_LINES "tree " HEX40 "\n\nm\n", "\"tree\" behind"},
	{HEAD_LINES " folded\n\nm\n", "ill-formed header"},
	{HEAD_LINES "keyonly\n\nm\n", "ill-formed header"},
	{HEAD_LINES "k\xc3\xa4y v\n\nm\n", "ill-formed header"},
	{HEAD_LINES "-k v\n\nm\n", "ill-formed header"},
	{HEAD_LINES, "no empty line"},
	{HEAD_LINES "key value", "no empty line"},
	{LINKS "author " WHO "\ncommitter " WHO, "no committer"},
	{HEAD_LINES "encoding UTF-8\nencoding UTF-8\n\nm\n",
	 "more than one encoding"},
	{HEAD_LINES "encoding \n\nm\n", "encoding"},
	{HEAD_LINES "encoding UTF-8\n x\n\nm\n", "encoding"},
	{HEAD_LINES "Encoding UTF-8\n\nm\n", "looks like another"},
	{HEAD_LINES "MergeTag x\n\nm\n", "looks like another"},
	{HEAD_LINES SIG SIG "\nm\n", "more than one signature"},
	{HEAD_LINES "GPGsig x\n\nm\n", "looks like another"},
	{HEAD_LINES "gpgsig-sha256 x\n\nm\n", "hash function"},
	{HEAD_LINES "gpgsigs x\n\nm\n", "hash function"},
	{HEAD_LINES "gpgsig x\n\nm\n", "BEGIN"},
	{HEAD_LINES "gpgsig x\n -----BEGIN SSH SIGNATURE-----\n"
		    " -----END SSH SIGNATURE-----\n\nm\n",
	 "BEGIN"},
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE----- \n"
		    " -----END SSH SIGNATURE-----\n\nm\n",
	 "BEGIN"},
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n\nm\n",
	 "without an END"},
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n"
		    " -----END PGP SIGNATURE-----\n\nm\n",
	 "END line"},
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE-----\n"
		    " -----BEGIN PGP SIGNATURE-----\n"
		    " -----END PGP SIGNATURE-----\n\nm\n",
	 "second signature"},
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n"
		    " -----END SSH SIGNATURE-----\n x\n\nm\n",
	 "after the end"},
	/* in the message this is text, and the signature has no end */
	{HEAD_LINES "gpgsig -----BEGIN SSH SIGNATURE-----\n\n"
		    " -----END SSH SIGNATURE-----\n",
	 "without an END"},
};

START_TEST(refuses_what_parsers_may_read_in_two_ways)
{
	const struct vector *v = &malformed[_i];
	size_t n = strlen(v->raw);
	char *exact = malloc(n + !n);
	struct object_fault fault;
	struct commit c;

	memcpy(exact, v->raw, n);
	ck_assert(!parse_n(exact, n, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_msg(strstr(fault.text, v->word) != NULL, "%d: %s", _i,
		      fault.text);
	free(exact);
}
END_TEST

static const char *const accepted[] = {
	HEAD_LINES "\nmessage\n",
	HEAD_LINES "\n",
	"tree " HEX40 "\n" IDENTS "\nroot\n",
	LINKS "parent " PARENT "\n" IDENTS "\ngpgsig x\nauthor y\n",
	HEAD_LINES "encoding UTF-8\n\nm\n",
	HEAD_LINES "encoding utf8\n\nm\n",
	HEAD_LINES SIG "\nm\n",
	/* as GitHub's own signatures end */
	HEAD_LINES "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n"
		   " -----END PGP SIGNATURE-----\n \n\nm\n",
	HEAD_LINES "gpgsig -----BEGIN SIGNED MESSAGE-----\n x\n"
		   " -----END SIGNED MESSAGE-----\n\nm\n",
	HEAD_LINES "HG:extra a\nHG:extra b\nHG:rename-source hg\n\nm\n",
	HEAD_LINES "change-id zxyw\n" SIG "\nm\n",
	HEAD_LINES SIG "jj:trees x\n y\n\nm\n",
	HEAD_LINES "mergetag object " HEX40 "\n type commit\n \n gpgsig x\n"
		   "mergetag object " HEX40 "\n\nm\n",
	HEAD_LINES "empty \n\nm\n",
};

START_TEST(accepts_what_real_histories_have)
{
	struct object_fault fault;
	struct commit c;

	ck_assert_msg(parse_n(accepted[_i], strlen(accepted[_i]), OID_SHA1, &c,
			      &fault),
		      "%d: %s", _i, fault.text);
	ck_assert_int_eq(fault.code, FAULT_NONE);
}
END_TEST

START_TEST(tells_every_part_of_a_commit)
{
	static const char raw[] = HEAD_LINES "mergetag x\n" SIG "\nsubject\n";
	struct object_fault fault;
	char hex[OID_HEX_SIZE];
	struct oid parent;
	struct commit c;

	ck_assert(parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert_str_eq(oid_to_hex(&c.tree, hex), HEX40);
	ck_assert_uint_eq(c.nparents, 1);
	commit_parent(&c, 0, &parent);
	ck_assert_str_eq(oid_to_hex(&parent, hex), PARENT);
	ck_assert(span_is(c.author.raw, WHO));
	ck_assert(span_is(c.author.name, "A U Thor"));
	ck_assert(span_is(c.author.mail, "author@example.com"));
	ck_assert_int_eq(c.author.when, 1700000000);
	ck_assert_int_eq(c.committer.zone, 90);
	ck_assert(c.has_mergetag);
	ck_assert(span_is(c.signature, SIG));
	ck_assert(span_is(c.message, "subject\n"));
}
END_TEST

START_TEST(sha256_commits_have_long_ids_and_their_own_signature)
{
	static const char raw[] =
		"tree " HEX64 "\nparent " HEX64 "\n" IDENTS
		"gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n x\n"
		" -----END SSH SIGNATURE-----\n\nm\n";
	static const char foreign[] = "tree " HEX64 "\n" IDENTS SIG "\nm\n";
	struct buf sig = BUF_INIT(MAX_TEXT), payload = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	struct oid parent;
	char hex[OID_HEX_SIZE];
	struct commit c;

	ck_assert(parse_n(raw, sizeof(raw) - 1, OID_SHA256, &c, &fault));
	commit_parent(&c, 0, &parent);
	ck_assert_str_eq(oid_to_hex(&parent, hex), HEX64);
	ck_assert_int_eq(commit_signature(&c, &sig, &payload), 0);
	ck_assert_str_eq(payload.data,
			 "tree " HEX64 "\nparent " HEX64 "\n" IDENTS "\nm\n");
	ck_assert(!parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert(
		!parse_n(foreign, sizeof(foreign) - 1, OID_SHA256, &c, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, "hash function"));
	buf_release(&sig);
	buf_release(&payload);
}
END_TEST

START_TEST(a_signature_covers_the_object_without_its_header)
{
	static const char raw[] = HEAD_LINES "mergetag a\n gpgsig b\n" SIG
					     "change-id x\n\nm\n" SIG;
	struct buf sig = BUF_INIT(MAX_TEXT), payload = BUF_INIT(MAX_TEXT);
	struct object_fault fault;
	struct commit c;

	ck_assert(parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(commit_signature(&c, &sig, &payload), 0);
	ck_assert_str_eq(sig.data, "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n"
				   "-----END SSH SIGNATURE-----\n");
	ck_assert_str_eq(payload.data, HEAD_LINES
			 "mergetag a\n gpgsig b\nchange-id x\n\nm\n" SIG);
	ck_assert(parse_n(raw, strlen(HEAD_LINES), OID_SHA1, &c, &fault) ==
		  false);
	buf_release(&sig);
	buf_release(&payload);
}
END_TEST

START_TEST(an_unsigned_commit_has_no_signature)
{
	struct buf sig = BUF_INIT(MAX_TEXT), payload = BUF_INIT(MAX_TEXT);
	static const char raw[] = HEAD_LINES "\n" SIG;
	struct object_fault fault;
	struct commit c;

	ck_assert(parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert_uint_eq(c.signature.n, 0);
	ck_assert_int_eq(commit_signature(&c, &sig, &payload), -1);
	ck_assert_uint_eq(payload.len, 0);
}
END_TEST

START_TEST(another_encoding_is_a_fault_of_its_own)
{
	static const char raw[] = HEAD_LINES "encoding UTF-7\n\nm\n";
	struct object_fault fault;
	struct commit c;

	ck_assert(!parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_ENCODING);
	ck_assert_ptr_nonnull(strstr(fault.text, "UTF-7"));
	ck_assert(span_is(c.message, "m\n"));
	ck_assert(span_is(c.encoding, "UTF-7"));
}
END_TEST

START_TEST(a_nul_in_the_message_is_a_fault_of_its_own)
{
	static const char raw[] = HEAD_LINES "\nm\0Key: v\n";
	struct object_fault fault;
	struct commit c;

	ck_assert(!parse_n(raw, sizeof(raw) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_NUL);
	ck_assert_ptr_nonnull(strstr(fault.text, "NUL"));
	ck_assert_uint_eq(c.message.n, 9);
}
END_TEST

START_TEST(a_nul_in_a_header_is_malformed)
{
	static const char in_key[] = HEAD_LINES "x\0 y\n\nm\n";
	static const char in_fold[] = HEAD_LINES "x y\n \0\n\nm\n";
	static const char in_name[] =
		LINKS "author A\0 <a@x> 1 +0000\ncommitter " WHO "\n\nm\n";
	struct object_fault fault;
	struct commit c;

	ck_assert(!parse_n(in_key, sizeof(in_key) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_ptr_nonnull(strstr(fault.text, "ill-formed header"));
	ck_assert(!parse_n(in_fold, sizeof(in_fold) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_ptr_nonnull(strstr(fault.text, "folded"));
	ck_assert(!parse_n(in_name, sizeof(in_name) - 1, OID_SHA1, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_ptr_nonnull(strstr(fault.text, "control"));
}
END_TEST

START_TEST(limits_are_told_as_too_big)
{
	static const char raw[] =
		LINKS "parent " HEX40 "\n" IDENTS "\nmessage\n";
	struct span s = span_of(raw, sizeof(raw) - 1);
	struct object_limits limits = {.message = 8, .parents = 2};
	struct object_fault fault;
	struct commit c;

	ck_assert(commit_parse(s, OID_SHA1, &limits, &c, &fault));
	limits.message = 7;
	ck_assert(!commit_parse(s, OID_SHA1, &limits, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_TOO_BIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "message of 8 bytes"));
	limits.parents = 1;
	ck_assert(!commit_parse(s, OID_SHA1, &limits, &c, &fault));
	ck_assert_int_eq(fault.code, FAULT_TOO_BIG);
	ck_assert_ptr_nonnull(strstr(fault.text, "2 parents"));
}
END_TEST

START_TEST(links_are_read_where_the_rest_is_off)
{
	static const char raw[] = LINKS "parent " HEX40 "\nauthor <<>> x\n"
					"committer a <b> 123 zone\n\nm\n";
	static const char timeless[] = "tree " HEX40 "\n\ncommitter <> 5\n";
	struct commit_links links;
	char hex[OID_HEX_SIZE];
	struct oid id;

	ck_assert(commit_parse_links(span_of(raw, sizeof(raw) - 1), OID_SHA1,
				     &links));
	ck_assert_uint_eq(links.nparents, 2);
	commit_links_parent(&links, OID_SHA1, 1, &id);
	ck_assert_str_eq(oid_to_hex(&id, hex), HEX40);
	ck_assert_int_eq(links.when, 123);
	ck_assert(commit_parse_links(span_of(timeless, sizeof(timeless) - 1),
				     OID_SHA1, &links));
	ck_assert_int_eq(links.when, 0);
	ck_assert(!commit_parse_links(span_str("tree x\n"), OID_SHA1, &links));
}
END_TEST

static const struct vector bad_idents[] = {
	{"", "no mail"},
	{"A", "no mail"},
	{"A 1 +0000", "no mail"},
	{"A <a@x 1 +0000", "no mail"},
	{"<a@x> 1 +0000", "no blank before"},
	{"A<a@x> 1 +0000", "no blank before"},
	{"A > <a@x> 1 +0000", "angle brackets"},
	{"A <a@x> <m@x> 1 +0000", "more than one mail"},
	{"A <a<b@x> 1 +0000", "angle brackets"},
	{"A <a@x>> 1 +0000", "more than one mail"},
	{"A\r <a@x> 1 +0000", "control"},
	{"A <a@x\r> 1 +0000", "control"},
	{"A\nB <a@x> 1 +0000", "control"},
	{"A <a@x>", "time"},
	{"A <a@x> ", "time"},
	{"A <a@x>1 +0000", "time"},
	{"A <a@x>  1 +0000", "time"},
	{"A <a@x> 1", "time"},
	{"A <a@x> -1 +0000", "time"},
	{"A <a@x> +1 +0000", "time"},
	{"A <a@x> 01 +0000", "time"},
	{"A <a@x> 0x1 +0000", "time"},
	{"A <a@x> 1.5 +0000", "time"},
	{"A <a@x> 253402300800 +0000", "time"},
	{"A <a@x> 99999999999999999999999999 +0000", "time"},
	{"A <a@x> 18446744073709551617 +0000", "time"},
	{"A <a@x> 1 0000", "zone"},
	{"A <a@x> 1 +000", "zone"},
	{"A <a@x> 1 +051800", "zone"},
	{"A <a@x> 1 -7", "zone"},
	{"A <a@x> 1 +00:00", "zone"},
	{"A <a@x> 1  +0000", "zone"},
	{"A <a@x> 1 +0000 ", "zone"},
	{"A <a@x> 1 UTC", "zone"},
};

START_TEST(refuses_identities_that_are_not_canonical)
{
	const struct vector *v = &bad_idents[_i];
	struct object_fault fault;
	struct ident who;

	ck_assert(!ident_parse(span_str(v->raw), &who, &fault));
	ck_assert_int_eq(fault.code, FAULT_MALFORMED);
	ck_assert_msg(strstr(fault.text, v->word) != NULL, "%d: %s", _i,
		      fault.text);
}
END_TEST

START_TEST(accepts_odd_but_clear_identities)
{
	struct object_fault fault;
	struct ident who;

	ck_assert(ident_parse(span_str(" <> 0 -0000"), &who, &fault));
	ck_assert_uint_eq(who.name.n, 0);
	ck_assert_uint_eq(who.mail.n, 0);
	ck_assert_int_eq(who.when, 0);
	ck_assert(ident_parse(span_str("\xe4  x  <a b> 253402300799 -1245"),
			      &who, &fault));
	ck_assert(span_is(who.name, "\xe4  x"));
	ck_assert(span_is(who.mail, "a b"));
	ck_assert_int_eq(who.zone, -765);
	ck_assert_int_eq(who.when, 253402300799);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("commits");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, refuses_what_parsers_may_read_in_two_ways, 0,
			    sizeof(malformed) / sizeof(*malformed));
	tcase_add_loop_test(t, accepts_what_real_histories_have, 0,
			    sizeof(accepted) / sizeof(*accepted));
	tcase_add_loop_test(t, refuses_identities_that_are_not_canonical, 0,
			    sizeof(bad_idents) / sizeof(*bad_idents));
	tcase_add_test(t, accepts_odd_but_clear_identities);
	tcase_add_test(t, tells_every_part_of_a_commit);
	tcase_add_test(t, sha256_commits_have_long_ids_and_their_own_signature);
	tcase_add_test(t, a_signature_covers_the_object_without_its_header);
	tcase_add_test(t, an_unsigned_commit_has_no_signature);
	tcase_add_test(t, another_encoding_is_a_fault_of_its_own);
	tcase_add_test(t, a_nul_in_the_message_is_a_fault_of_its_own);
	tcase_add_test(t, a_nul_in_a_header_is_malformed);
	tcase_add_test(t, limits_are_told_as_too_big);
	tcase_add_test(t, links_are_read_where_the_rest_is_off);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
