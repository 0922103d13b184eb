/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "trust/approvals.h"
#include "trust_help.h"

static struct signers *allowed;

static void load_allowed(void)
{
	char text[512];

	snprintf(text, sizeof(text), "alice %s\n", vector_key_text("ed25519"));
	allowed = signers_of(text, NULL);
}

static void free_allowed(void)
{
	signers_free(allowed);
}

static void read_as(struct approval *a, const char *name,
		    const struct signers *s, int64_t at)
{
	struct oid id = {.algo = OID_SHA1, .id = {7}};
	struct buf b;
	struct err e;

	approval_init(a);
	vector(&b, name);
	if (approval_read(a, span_of(b.data, b.len), &id, OID_SHA1,
			  &(struct verifier){
				  .signers = s, .people = &people, .at = at},
			  &e))
		ck_abort_msg("%s", e.msg);
	buf_release(&b);
}

static void assert_approval(const char *name, enum approval_fault want,
			    const char *word)
{
	struct approval a;

	read_as(&a, name, allowed, NOON);
	ck_assert_msg(a.fault == want, "%s: %d: %s", name, (int)a.fault, a.why);
	ck_assert_msg(strstr(a.why, word) != NULL, "%s: \"%s\"", name, a.why);
	approval_release(&a);
}

START_TEST(approval_by_stock_git_is_read)
{
	struct approval a;

	read_as(&a, "approval-by-git.tag", allowed, NOON);
	ck_assert_msg(a.fault == APPROVAL_OK, "%s", a.why);
	ck_assert_str_eq(a.ref, "refs/heads/main");
	ck_assert_str_eq(a.repository, "payments/api");
	ck_assert_ptr_null(a.change);
	ck_assert(a.has_digest);
	ck_assert_str_eq(a.tagger, "Alice <alice@example.com>");
	ck_assert_str_eq(a.sig.principal->name, "alice");
	approval_release(&a);
}
END_TEST

START_TEST(approval_has_every_field)
{
	char hex[OID_HEX_SIZE];
	struct approval a;

	read_as(&a, "approval.tag", allowed, NOON);
	ck_assert_msg(a.fault == APPROVAL_OK, "%s", a.why);
	ck_assert_str_eq(a.change, "CHG0012345");
	ck_assert_int_eq(a.digest[1], 0x11);
	ck_assert_int_eq(a.digest[31], 0xff);
	ck_assert_int_eq(a.tag.id[0], 7);
	ck_assert_str_eq(oid_to_hex(&a.target, hex),
			 "1234567890abcdef1234567890abcdef12345678");
	approval_release(&a);
}
END_TEST

START_TEST(approval_of_the_tip_only_has_no_digest)
{
	static const char *const names[] = {"approval-tip-only.tag",
					    "approval-empty-diff.tag"};
	struct approval a;
	size_t i;

	for (i = 0; i < 2; i++) {
		read_as(&a, names[i], allowed, NOON);
		ck_assert_msg(a.fault == APPROVAL_OK, "%s", a.why);
		ck_assert(!a.has_digest);
		approval_release(&a);
	}
}
END_TEST

START_TEST(approval_may_be_for_several_refs)
{
	struct approval a;

	read_as(&a, "approval-two-refs.tag", allowed, NOON);
	ck_assert_msg(a.fault == APPROVAL_OK, "%s", a.why);
	ck_assert(approval_names_ref(&a, "refs/heads/main"));
	ck_assert(approval_names_ref(&a, "refs/heads/dev"));
	ck_assert(!approval_names_ref(&a, "refs/heads/de"));
	ck_assert(!approval_names_ref(&a, "dev"));
	approval_release(&a);
}
END_TEST

START_TEST(approval_that_is_unsigned_or_of_a_stranger_is_named_so)
{
	assert_approval("approval-unsigned.tag", APPROVAL_UNSIGNED,
			"not signed");
	assert_approval("approval-stranger.tag", APPROVAL_UNKNOWN_KEY,
			"not among the allowed signers");
	assert_approval("approval-openpgp.tag", APPROVAL_UNKNOWN_KEY,
			"OpenPGP");
}
END_TEST

START_TEST(approval_with_trailers_that_are_off_is_malformed)
{
	static const char *const bad[][2] = {
		{"no-ref", "no Approves-ref"},
		{"no-repository", "no Repository"},
		{"two-repositories", "several Repository"},
		{"two-digests", "several Approves-diff"},
		{"short-ref", "full ref name"},
		{"short-digest", "64 digits"},
		{"not-at-end", "no Approves-ref"},
		{"divider", "ambiguous"}};
	char name[64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(name, sizeof(name), "approval-%s.tag", bad[i][0]);
		assert_approval(name, APPROVAL_MALFORMED, bad[i][1]);
	}
}
END_TEST

START_TEST(approval_whose_object_is_off_is_malformed)
{
	assert_approval("approval-of-tree.tag", APPROVAL_MALFORMED,
			"tags no commit");
	assert_approval("approval-text-behind.tag", APPROVAL_MALFORMED,
			"after the end");
	assert_approval("approval-two-signatures.tag", APPROVAL_MALFORMED,
			"after the end");
	assert_approval("payload", APPROVAL_MALFORMED, "object header");
}
END_TEST

START_TEST(approval_whose_bytes_were_changed_is_malformed)
{
	assert_approval("approval-tampered.tag", APPROVAL_MALFORMED,
			"does not match");
}
END_TEST

START_TEST(approval_by_a_revoked_or_expired_key_is_of_nobody)
{
	struct approval a;
	struct signers *s;
	char text[512];

	snprintf(text, sizeof(text), "alice %s\n", vector_key_text("ed25519"));
	s = signers_of(text, "key.krl");
	read_as(&a, "approval.tag", s, NOON);
	ck_assert_int_eq(a.fault, APPROVAL_UNKNOWN_KEY);
	ck_assert_int_eq(a.sig.status, SIG_REVOKED);
	ck_assert_ptr_nonnull(strstr(a.why, "revoked"));
	approval_release(&a);
	signers_free(s);
	/* the tag's own date lies before the end; receipt does not */
	snprintf(text, sizeof(text), "alice valid-before=\"20260201Z\" %s\n",
		 vector_key_text("ed25519"));
	s = signers_of(text, NULL);
	read_as(&a, "approval.tag", s, NOON);
	ck_assert_int_eq(a.fault, APPROVAL_UNKNOWN_KEY);
	ck_assert_int_eq(a.sig.status, SIG_EXPIRED);
	approval_release(&a);
	signers_free(s);
}
END_TEST

START_TEST(approval_changed_in_any_byte_is_no_approval)
{
	struct oid id = {.algo = OID_SHA1};
	struct approval a;
	struct buf b;
	struct err e;
	size_t i;

	vector(&b, "approval.tag");
	for (i = 0; i < b.len; i++) {
		b.data[i] ^= 1;
		approval_init(&a);
		ck_assert_int_eq(
			approval_read(&a, span_of(b.data, b.len), &id, OID_SHA1,
				      &(struct verifier){.signers = allowed,
							 .people = &people,
							 .at = NOON},
				      &e),
			0);
		ck_assert_msg(a.fault != APPROVAL_OK, "byte %zu", i);
		ck_assert(a.why[0] != '\0');
		approval_release(&a);
		b.data[i] ^= 1;
	}
	buf_release(&b);
}
END_TEST

/* approval.tag with other trailers. What they say is read before who signed is
 * asked; that the signature is none of these bytes is told in the end. */
static void read_trailers(struct approval *a, const char *trailers)
{
	struct verifier v = {.signers = allowed, .people = &people, .at = NOON};
	struct oid id = {.algo = OID_SHA1, .id = {7}};
	struct buf b, other = BUF_INIT(APPROVAL_MAX_BYTES);
	const char *from, *to;
	struct err e;

	vector(&b, "approval.tag");
	from = strstr(b.data, "Approves-ref: ");
	to = strstr(b.data, "-----BEGIN");
	ck_assert(from && to);
	buf_add(&other, b.data, (size_t)(from - b.data));
	buf_adds(&other, trailers);
	buf_adds(&other, to);
	approval_init(a);
	if (approval_read(a, span_of(other.data, other.len), &id, OID_SHA1, &v,
			  &e))
		ck_abort_msg("%s", e.msg);
	buf_release(&other);
	buf_release(&b);
}

#define FOR_MAIN "Approves-ref: refs/heads/main\nRepository: payments/api\n"
#define TAG_ID "00112233445566778899aabbccddeeff00112233"

static const struct {
	const char *value;
	int64_t end;
} ends[] = {
	{"2026-12-01", INT64_C(1796169599999)},
	{"2026-12-01T12:00:00Z", INT64_C(1796126400000)},
	{"2026-12-01T12:00:00.5+02:00", INT64_C(1796119200500)},
	{"1970-01-01T00:00:00Z", 0},
};

START_TEST(approval_may_say_until_when_it_counts)
{
	struct approval a;
	char text[200];

	snprintf(text, sizeof(text), FOR_MAIN "Valid-until: %s\n",
		 ends[_i].value);
	read_trailers(&a, text);
	ck_assert_int_eq(a.sig.status, SIG_BAD);
	ck_assert(a.has_end && !a.withdrawal);
	ck_assert_int_eq(a.end, ends[_i].end);
	approval_release(&a);
}
END_TEST

START_TEST(approval_knows_when_it_was_made)
{
	struct approval a;

	read_as(&a, "approval.tag", allowed, NOON);
	ck_assert_int_eq(a.made, INT64_C(1767225600000));
	ck_assert(!a.has_end && !a.withdrawal);
	approval_release(&a);
}
END_TEST

START_TEST(withdrawal_names_the_tag_and_the_repository)
{
	char hex[OID_HEX_SIZE];
	struct approval a;

	read_trailers(&a, "Repository: payments/api\nChange: CHG1\n"
			  "Withdraws: " TAG_ID "\n");
	ck_assert_int_eq(a.sig.status, SIG_BAD);
	ck_assert(a.withdrawal && !a.has_digest);
	ck_assert_str_eq(oid_to_hex(&a.withdraws, hex), TAG_ID);
	ck_assert_ptr_null(a.ref);
	ck_assert_str_eq(a.repository, "payments/api");
	ck_assert_str_eq(a.change, "CHG1");
	approval_release(&a);
}
END_TEST

static const struct {
	const char *trailers, *words;
} off[] = {
	{FOR_MAIN "Valid-until: 2026-12-01\nValid-until: 2026-12-01\n",
	 "several Valid-until"},
	{FOR_MAIN "Valid-until: tomorrow\n", "no date"},
	{FOR_MAIN "Valid-until: 2026-13-01\n", "no date"},
	{FOR_MAIN "Valid-until: 2026-12-01T12:00:00\n", "no date"},
	{FOR_MAIN "Valid-until: 2026-12-01 12:00:00Z\n", "no date"},
	{FOR_MAIN "Valid-until:\n", "no date"},
	{"Repository: a\nWithdraws: " TAG_ID "\nWithdraws: " TAG_ID "\n",
	 "several Withdraws"},
	{"Repository: a\nWithdraws:\n", "no full id"},
	{"Repository: a\nWithdraws: 00112233\n", "no full id"},
	{"Repository: a\nWithdraws: " TAG_ID "00112233445566778899aabb\n",
	 "no full id"},
	{"Repository: a\nWithdraws: 00112233445566778899AABBCCDDEEFF00112233\n",
	 "no full id"},
	{"Withdraws: " TAG_ID "\n", "no Repository"},
	{FOR_MAIN "Withdraws: " TAG_ID "\n", "only an approval has"},
	{"Repository: a\nValid-until: 2026-12-01\nWithdraws: " TAG_ID "\n",
	 "only an approval has"},
	{"Repository: a\nWithdraws: " TAG_ID "\nApproves-diff: sha256:"
	 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
	 "only an approval has"},
};

START_TEST(dates_and_withdrawals_that_are_off_are_malformed)
{
	struct approval a;

	read_trailers(&a, off[_i].trailers);
	ck_assert_int_eq(a.fault, APPROVAL_MALFORMED);
	ck_assert_msg(strstr(a.why, off[_i].words) != NULL, "%s", a.why);
	ck_assert_int_eq(a.sig.status, SIG_NONE);
	approval_release(&a);
}
END_TEST

START_TEST(approval_refs_have_one_shape)
{
	static const char *const bad[] = {
		"refs/approvals/0123456789abcdef",
		"refs/approvals/0123456789abcdef/",
		"refs/approvals/0123456789abcdef/alice",
		"refs/approvals/0123456789abcdef/alice-",
		"refs/approvals/0123456789abcdef/alice-0",
		"refs/approvals/0123456789abcdef/alice-01",
		"refs/approvals/0123456789abcdef/-1",
		"refs/approvals/0123456789abcdef/--1",
		"refs/approvals/0123456789abcdef/.a-1",
		"refs/approvals/0123456789abcdef/a..b-1",
		"refs/approvals/0123456789abcdef/a b-1",
		"refs/approvals/0123456789abcdef/a\xc3\xbc-1",
		"refs/approvals/0123456789abcdef/alice-1234567890",
		"refs/approvals/0123456789abcdef/x/alice-1",
		"refs/approvals/0123456789ABCDEF/alice-1",
		"refs/approvals/0123456789abcde/alice-1",
		"refs/approvals/0123456789abcdef0/alice-1",
		"refs/tags/0123456789abcdef/alice-1"};
	char prefix[APPROVAL_DIGEST_PREFIX + 1], name[200];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!approval_ref_ok(bad[i], prefix), "%s", bad[i]);
	ck_assert(approval_ref_ok("refs/approvals/0123456789abcdef/alice-1",
				  prefix));
	ck_assert_str_eq(prefix, "0123456789abcdef");
	ck_assert(approval_ref_ok(
		"refs/approvals/0123456789abcdef/Al.i_c-e-2-10", prefix));
	snprintf(name, sizeof(name), "refs/approvals/0123456789abcdef/%065d-1",
		 7);
	ck_assert(!approval_ref_ok(name, prefix));
	snprintf(name, sizeof(name), "refs/approvals/0123456789abcdef/%064d-1",
		 7);
	ck_assert(approval_ref_ok(name, prefix));
}
END_TEST

START_TEST(repository_matches_whole_components_only)
{
	ck_assert(approval_repository_matches("payments/api", "payments/api"));
	ck_assert(approval_repository_matches("payments/api", "api"));
	ck_assert(
		approval_repository_matches("a/payments/api", "payments/api"));
	ck_assert(!approval_repository_matches("payments/api", "pi"));
	ck_assert(!approval_repository_matches("payments/api", "/api"));
	ck_assert(!approval_repository_matches("payments/api", ""));
	ck_assert(!approval_repository_matches("api", "payments/api"));
	ck_assert(!approval_repository_matches("payments/api", "API"));
}
END_TEST

START_TEST(tip_prefix_is_the_digest_of_the_tips_hex)
{
	char prefix[APPROVAL_DIGEST_PREFIX + 1];
	struct oid id;

	ck_assert(oid_from_hex(
		&id, OID_SHA1,
		span_str("1234567890abcdef1234567890abcdef12345678")));
	approval_tip_prefix(&id, prefix);
	/* printf %s 1234… | sha256sum */
	ck_assert_str_eq(prefix, "4c09422b949a7172");
}
END_TEST

Suite *suite_approvals(void)
{
	Suite *s = suite_create("approvals");
	TCase *t = tcase_create("approvals");

	tcase_add_checked_fixture(t, load_allowed, free_allowed);
	tcase_add_test(t, approval_by_stock_git_is_read);
	tcase_add_test(t, approval_has_every_field);
	tcase_add_test(t, approval_of_the_tip_only_has_no_digest);
	tcase_add_test(t, approval_may_be_for_several_refs);
	tcase_add_test(t,
		       approval_that_is_unsigned_or_of_a_stranger_is_named_so);
	tcase_add_test(t, approval_with_trailers_that_are_off_is_malformed);
	tcase_add_test(t, approval_whose_object_is_off_is_malformed);
	tcase_add_test(t, approval_whose_bytes_were_changed_is_malformed);
	tcase_add_test(t, approval_by_a_revoked_or_expired_key_is_of_nobody);
	tcase_add_test(t, approval_changed_in_any_byte_is_no_approval);
	tcase_add_loop_test(t, approval_may_say_until_when_it_counts, 0,
			    sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(t, approval_knows_when_it_was_made);
	tcase_add_test(t, withdrawal_names_the_tag_and_the_repository);
	tcase_add_loop_test(t, dates_and_withdrawals_that_are_off_are_malformed,
			    0, sizeof(off) / sizeof(off[0]));
	tcase_add_test(t, approval_refs_have_one_shape);
	tcase_add_test(t, repository_matches_whole_components_only);
	tcase_add_test(t, tip_prefix_is_the_digest_of_the_tips_hex);
	suite_add_tcase(s, t);
	return s;
}
