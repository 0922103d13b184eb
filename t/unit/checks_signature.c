/* SPDX-License-Identifier: Apache-2.0 */

/* The check `signature`: whose counts, and how a refusal reads. */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

static struct bench b;
static struct signature sig;

static void teardown(void)
{
	bench_close(&b);
}

static const char more[] =
	"[principal \"forge\"]\n\temail = forge@example.com\n\tkind = bot\n"
	"\trole = merger\n";

static const struct principal *person(const char *name)
{
	const struct principal *p = principals_by_name(
		&b.policy->people, span_str(name), INT64_C(0));

	ck_assert_ptr_nonnull(p);
	return p;
}

static void open_rule(const char *options)
{
	bench_open(&b, "signature", options, more);
	memset(&sig, 0, sizeof(sig));
}

static void good(const char *who)
{
	sig.status = SIG_GOOD;
	sig.principal = person(who);
	snprintf(sig.fingerprint, sizeof(sig.fingerprint), "SHA256:x");
}

static void commit_by(const char *author, const char *committer)
{
	const struct made made = {
		.author = author, .committer = committer, .signature = &sig};

	bench_commit_as(&b, "one\n", &made);
}

static void relied_on(const char *who, enum signed_thing of)
{
	said_nothing(&b);
	ck_assert_uint_eq(b.nrelied, 1);
	ck_assert_ptr_eq(b.relied[0].who, person(who));
	ck_assert_int_eq(b.relied[0].of, of);
}

#define ANN "Ann <ann@example.com>"
#define BOB "Bob <bob@example.com>"
#define FORGE "Forge <forge@example.com>"

START_TEST(an_unsigned_commit_is_told_how_to_sign)
{
	open_rule("");
	commit_by(ANN, ANN);
	ck_assert(said_once(&b, "unsigned", "not signed")->sign);
	ck_assert_uint_eq(b.nrelied, 0);
}
END_TEST

START_TEST(every_kind_of_bad_signature_has_its_code)
{
	static const struct {
		enum signature_status status;
		const char *code;
	} all[] = {
		{SIG_UNKNOWN_KEY, "unknown-key"},
		{SIG_BAD, "bad"},
		{SIG_MALFORMED, "malformed"},
		{SIG_EXPIRED, "expired"},
		{SIG_REVOKED, "revoked"},
		{SIG_UNSUPPORTED, "unsupported"},
	};
	size_t i;

	open_rule("");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bench_again(&b);
		memset(&sig, 0, sizeof(sig));
		signature_say(&sig, all[i].status, "the reason why");
		commit_by(ANN, ANN);
		said_once(&b, all[i].code,
			  "its signature does not count: the reason why");
	}
}
END_TEST

START_TEST(author_or_committer_sign_by_default)
{
	open_rule("");
	good("ann");
	commit_by(ANN, BOB);
	relied_on("ann", SIGNED_COMMIT);
	bench_again(&b);
	commit_by(BOB, ANN);
	relied_on("ann", SIGNED_COMMIT);
	bench_again(&b);
	commit_by(BOB, BOB);
	said_once(&b, "not-theirs",
		  "signed by {0}, not by its author {1} or its committer {2}");
	ck_assert_ptr_eq(b.said[0].who[0], person("ann"));
	ck_assert_ptr_eq(b.said[0].who[1], person("bob"));
}
END_TEST

START_TEST(the_author_alone_may_be_asked_for)
{
	open_rule("\tby = author\n");
	good("ann");
	commit_by(BOB, ANN);
	said_once(&b, "not-theirs", "signed by {0}, not by its author {1}");
	bench_again(&b);
	commit_by(ANN, BOB);
	relied_on("ann", SIGNED_COMMIT);
}
END_TEST

START_TEST(an_email_that_nobody_has_is_nobodys)
{
	open_rule("");
	good("ann");
	commit_by("Ann <ann@elsewhere.example>", "Ann <ann@elsewhere.example>");
	said_once(&b, "not-theirs", "signed by {0}, not by");
	ck_assert_ptr_null(b.said[0].who[1]);
	has_words(b.said[0].hint, "git config user.email");
}
END_TEST

START_TEST(anyone_is_any_human)
{
	open_rule("\tby = anyone\n");
	good("ann");
	commit_by(BOB, BOB);
	relied_on("ann", SIGNED_COMMIT);
	bench_again(&b);
	good("forge");
	commit_by(BOB, BOB);
	said_once(&b, "not-theirs", "signed by {0}, a bot");
}
END_TEST

START_TEST(a_role_is_a_principal_with_it)
{
	open_rule("\tby = role:security\n");
	good("ann");
	commit_by(BOB, BOB);
	relied_on("ann", SIGNED_COMMIT);
	bench_again(&b);
	good("bob");
	commit_by(BOB, BOB);
	said_once(&b, "not-theirs",
		  "signed by {0}, not by a person with the role security");
}
END_TEST

START_TEST(a_bot_counts_by_its_role_alone)
{
	open_rule("\tby = author, committer\n");
	good("forge");
	commit_by(FORGE, FORGE);
	said_once(&b, "not-theirs", "it would count by a role");
	bench_close(&b);
	open_rule("\tby = author, role:merger\n");
	good("forge");
	commit_by(ANN, ANN);
	relied_on("forge", SIGNED_COMMIT);
}
END_TEST

START_TEST(presence_is_a_touch)
{
	open_rule("\tpresence = required\n");
	good("ann");
	commit_by(ANN, ANN);
	has_words(said_once(&b, "presence",
			    "does not prove that somebody touched")
			  ->hint,
		  "ed25519-sk");
	bench_again(&b);
	sig.presence = true;
	commit_by(ANN, ANN);
	relied_on("ann", SIGNED_COMMIT);
}
END_TEST

START_TEST(user_verification_is_more_than_a_touch)
{
	open_rule("\trequire = user-verification\n");
	good("ann");
	sig.presence = true;
	commit_by(ANN, ANN);
	said_once(&b, "presence",
		  "does not prove that a security key recognised its user");
	bench_again(&b);
	sig.verification = true;
	commit_by(ANN, ANN);
	relied_on("ann", SIGNED_COMMIT);
}
END_TEST

START_TEST(what_does_not_match_is_not_asked)
{
	const struct made made = {.signature = &sig, .unmatched = true};

	open_rule("");
	bench_commit_as(&b, "one\n", &made);
	said_nothing(&b);
}
END_TEST

/* ---- tags ---- */

static void tag(const char *ref, const struct signature *s, const char *mail)
{
	struct ref_facts facts = {
		.ref = ref, .tag_signature = s, .tagger = span_str(mail)};
	struct err e;

	facts.new_.algo = OID_SHA1;
	facts.new_.id[0] = 2;
	ck_assert_int_eq(b.check->ref(&b.ctx, &facts, &e), 0);
}

START_TEST(a_light_tag_is_unsigned)
{
	open_rule("\tobjects = tags\n");
	tag("refs/tags/v1", NULL, "");
	has_words(said_once(&b, "unsigned", "not signed")->hint,
		  "git tag -s -f v1 v1^{}");
	bench_again(&b);
	tag("refs/heads/main", NULL, "");
	said_nothing(&b);
}
END_TEST

START_TEST(a_tag_is_its_taggers)
{
	open_rule("\tobjects = commits, tags\n");
	good("ann");
	tag("refs/tags/v1", &sig, "ann@example.com");
	relied_on("ann", SIGNED_TAG);
	bench_again(&b);
	tag("refs/tags/v1", &sig, "bob@example.com");
	said_once(&b, "not-theirs", "signed by {0}, not by its tagger {1}");
}
END_TEST

START_TEST(tags_are_not_asked_by_default)
{
	open_rule("");
	tag("refs/tags/v1", NULL, "");
	said_nothing(&b);
}
END_TEST

/* ---- options ---- */

START_TEST(what_a_rule_needs_follows_from_its_objects)
{
	open_rule("");
	ck_assert_uint_eq(b.check->needs_of(b.ctx.options), NEED_SIGNATURES);
	bench_close(&b);
	open_rule("\tobjects = tags\n");
	ck_assert_uint_eq(b.check->needs_of(b.ctx.options), NEED_TAG);
}
END_TEST

START_TEST(mistakes_are_told)
{
	has_words(bench_mistake("signature", "\tobjects = comits\n", NULL),
		  "did you mean commits?");
	has_words(bench_mistake("signature", "\tby = autor\n", NULL),
		  "did you mean author?");
	has_words(bench_mistake("signature", "\tby = role:\n", NULL), "value");
	has_words(bench_mistake("signature", "\tby = role:secruity\n", NULL),
		  "security");
	has_words(bench_mistake("signature", "\tby =\n", NULL), "value");
}
END_TEST

Suite *suite_signature(void)
{
	Suite *s = suite_create("signature");
	TCase *t = tcase_create("commits"), *o = tcase_create("options");

	suite_add_tcase(s, t);
	suite_add_tcase(s, o);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, an_unsigned_commit_is_told_how_to_sign);
	tcase_add_test(t, every_kind_of_bad_signature_has_its_code);
	tcase_add_test(t, author_or_committer_sign_by_default);
	tcase_add_test(t, the_author_alone_may_be_asked_for);
	tcase_add_test(t, an_email_that_nobody_has_is_nobodys);
	tcase_add_test(t, anyone_is_any_human);
	tcase_add_test(t, a_role_is_a_principal_with_it);
	tcase_add_test(t, a_bot_counts_by_its_role_alone);
	tcase_add_test(t, presence_is_a_touch);
	tcase_add_test(t, user_verification_is_more_than_a_touch);
	tcase_add_test(t, what_does_not_match_is_not_asked);
	tcase_add_test(t, a_light_tag_is_unsigned);
	tcase_add_test(t, a_tag_is_its_taggers);
	tcase_add_test(t, tags_are_not_asked_by_default);
	tcase_add_test(t, what_a_rule_needs_follows_from_its_objects);
	tcase_add_test(o, mistakes_are_told);
	return s;
}
