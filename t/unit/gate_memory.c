/* SPDX-License-Identifier: Apache-2.0 */

/* What takes a change back and what was picked, judged by what a ledger is
 * said to remember. */
#include "gate_help.h"

#include "base/sha256.h"
#include "checks/check.h"
#include "gate/engine.h"
#include "git_help.h"

#define NOW INT64_C(1700000000000)
#define HOUR INT64_C(3600000)
#define KEY "SHA256:ijfLSV3zw79A+rUPMKZ0z9333nbds8aWTLk6MYYh+C8"

enum { LANDINGS = 3 };

static const char policy_text[] = "[gatepost]\n"
				  "\tmode = enforce\n"
				  "\troot = %1$s\n"
				  "\tledger = %1$s/ledger\n"
				  "\tagents = %1$s/agents.conf\n"
				  "\trevert-window = 1h\n"
				  "[principal \"alice\"]\n"
				  "\temail = author@example.com\n"
				  "\tlogin = alice\n"
				  "[principal \"bob\"]\n"
				  "\temail = bob@example.com\n"
				  "[signers]\n"
				  "\tssh = signers\n"
				  "[gate \"main\"]\n"
				  "\tref = refs/heads/main\n"
				  "\trule = two\n"
				  "[gate \"release\"]\n"
				  "\tref = refs/heads/release\n"
				  "\tcarry = main\n"
				  "\trule = two\n"
				  "[rule \"two\"]\n"
				  "\tcheck = review\n"
				  "\tquorum = 1\n";

static const char signers_text[] =
	"bob ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIFvwA+PuqqnB/O+wYmkRDtFU/y2R6jTew02nkkT2isHL"
	"\n";

static struct policy *policy;
static struct push push;
static struct report report;
static struct oid base, change;
static char change_hex[OID_HEX_SIZE], base_hex[OID_HEX_SIZE];

/* What is remembered. */
static struct {
	unsigned char digest[LANDINGS][SHA256_SIZE];
	struct engine_landing landing[LANDINGS];
	size_t n;
	unsigned char approved[SHA256_SIZE];
	struct engine_counted counted;
	bool has_counted, broken;
} it;

static int brought_by(void *ctx, const char *repository,
		      const unsigned char digest[SHA256_SIZE],
		      struct buf *login, struct err *e)
{
	(void)ctx, (void)repository, (void)digest, (void)login, (void)e;
	return 0;
}

static int uses(void *ctx, const char *repository, const char *payload,
		engine_use_fn *fn, void *fn_ctx, struct err *e)
{
	(void)ctx, (void)repository, (void)payload, (void)fn, (void)fn_ctx;
	(void)e;
	return 0;
}

static int landings(void *ctx, const char *repository,
		    const unsigned char digest[SHA256_SIZE],
		    engine_landing_fn *fn, void *fn_ctx, struct err *e)
{
	size_t i;

	(void)ctx;
	ck_assert_str_eq(repository, "r");
	if (it.broken)
		return err_set(e, ERR_SYS, "the index is gone");
	for (i = 0; i < it.n; i++)
		if (!memcmp(digest, it.digest[i], SHA256_SIZE) &&
		    fn(fn_ctx, &it.landing[i]))
			break;
	return 0;
}

static int counted(void *ctx, const char *repository,
		   const unsigned char digest[SHA256_SIZE],
		   engine_counted_fn *fn, void *fn_ctx, struct err *e)
{
	(void)ctx, (void)repository, (void)e;
	if (it.has_counted && !memcmp(digest, it.approved, SHA256_SIZE))
		fn(fn_ctx, &it.counted);
	return 0;
}

static const struct engine_memory memory = {.brought_by = brought_by,
					    .uses = uses,
					    .landings = landings,
					    .counted = counted};

static void load_policy(void)
{
	struct policy_mistakes m = {0};
	char text[4096];
	struct err e = {0};

	snprintf(text, sizeof(text), policy_text, help_dir);
	help_write("policy.conf", text);
	help_write("signers", signers_text);
	help_write("agents.conf", "[keys]\nstrong = Assisted-by\n");
	ck_assert_msg(!policy_load(&policy, "policy.conf", checks_kinds,
				   checks_count, 0, &m, &e),
		      "%s", e.msg);
	policy_mistakes_release(&m);
}

/* main has a change on top of base; release is at base. */
static void setup(void)
{
	help_setup();
	memset(&it, 0, sizeof(it));
	load_policy();
	help_init(0);
	help_run(NULL, "git init -q -b main w && cd w && echo 1 > a && "
		       "git add a && git commit -q -m one && "
		       "git push -q ../r main main:release && echo 2 > a && "
		       "git commit -qam two && git push -q ../r main");
	base = help_id("git -C r rev-parse release");
	change = help_id("git -C r rev-parse main");
	oid_to_hex(&base, base_hex);
	oid_to_hex(&change, change_hex);
	push_init(&push);
	report_init(&report);
}

static void teardown(void)
{
	report_release(&report);
	push_release(&push);
	policy_free(policy);
	help_teardown();
}

/* landed WHEN on REF: the difference between two commits of the clone. */
static struct engine_landing *landed(const char *from, const char *to,
				     const char *ref, int64_t when)
{
	struct engine_landing *a = &it.landing[it.n];
	struct buf out = BUF_INIT(HELP_MAX);

	help_run(&out,
		 "git -C w --no-replace-objects diff-tree -r -z --no-renames "
		 "--no-abbrev --ignore-submodules=none %s %s",
		 from, to);
	sha256_of(out.data, out.len, it.digest[it.n++]);
	buf_release(&out);
	*a = (struct engine_landing){.record = RECORD,
				     .ref = ref,
				     .commit = change_hex,
				     .old = base_hex,
				     .when = when};
	return a;
}

/* What the clone has checked out is pushed to a ref; the error. */
static int judge(const char *ref, struct err *e)
{
	struct engine_input in = {
		.policy = policy,
		.repository = "r",
		.git_namespace = "",
		.push = &push,
		.pusher = {.login = "alice", .how = "uid"},
		.now = NOW,
		.memory = &memory,
	};
	struct oid old = help_id("git -C r rev-parse %s", ref), new_;
	struct repository *repo;
	char line[512];
	int rc;

	help_run(NULL, "git -C r fetch -q ../w HEAD");
	new_ = help_id("git -C w rev-parse HEAD");
	snprintf(line, sizeof(line), "%s %s %s\n", help_hex(&old),
		 help_hex(&new_), ref);
	ck_assert_int_eq(push_parse(&push, span_str(line), OID_SHA1, 10, e), 0);
	repo = help_open("r");
	report_release(&report);
	rc = engine_judge(&in, repo, &report, e);
	repository_free(repo);
	return rc;
}

static void passes(const char *ref)
{
	struct err e = {0};

	ck_assert_msg(!judge(ref, &e), "%s", e.msg);
	ck_assert_msg(report.verdict == VERDICT_PASS, "%s",
		      report.nfindings ? report.findings[0].text : "?");
}

/* It is refused for want of an approval, and it is told why it needs one. */
static void needs_one(const char *ref, const char *check, const char *code,
		      const char *word)
{
	bool quorum = false, told = false;
	struct err e = {0};
	size_t i;

	ck_assert_msg(!judge(ref, &e), "%s", e.msg);
	ck_assert_int_eq(report.verdict, VERDICT_REJECT);
	for (i = 0; i < report.nfindings; i++) {
		const struct report_finding *f = &report.findings[i];

		quorum |= !strcmp(f->check, "review") &&
			  !strcmp(f->code, "quorum");
		if (strcmp(f->check, check) != 0)
			continue;
		told = true;
		ck_assert_str_eq(f->code, code);
		ck_assert_msg(strstr(f->text, word) != NULL, "%s", f->text);
	}
	ck_assert(quorum);
	ck_assert_msg(told, "nothing of %s", check);
}

/* ---- taken back ---- */

#define MAIN "refs/heads/main"
#define RELEASE "refs/heads/release"

static void revert(void)
{
	help_run(NULL, "cd w && git revert --no-edit HEAD 2>&1");
}

START_TEST(the_reverse_of_what_landed_needs_no_approval)
{
	landed("HEAD^", "HEAD", MAIN, NOW - HOUR);
	revert();
	passes(MAIN);
	ck_assert_uint_eq(report.nreverts, 1);
	ck_assert_str_eq(report.reverts[0].undoes, change_hex);
	ck_assert_str_eq(report.reverts[0].record, RECORD);
	ck_assert(report.reverts[0].review);
	ck_assert(!report.reverts[0].whole);
	ck_assert_str_eq(report.reverts[0].deadline,
			 "2023-11-15T22:13:20.000Z");
}
END_TEST

START_TEST(one_moment_late_is_too_late)
{
	landed("HEAD^", "HEAD", MAIN, NOW - HOUR - 1);
	revert();
	needs_one(MAIN, "revert", "too-late", "for 1 hours only");
	ck_assert_uint_eq(report.nreverts, 0);
}
END_TEST

START_TEST(a_landing_far_in_the_future_is_none)
{
	landed("HEAD^", "HEAD", MAIN, NOW + HOUR + 1);
	revert();
	needs_one(MAIN, "revert", "too-late", "may be taken back");
}
END_TEST

START_TEST(what_nobody_remembers_was_never_accepted)
{
	landed("HEAD", "HEAD^", MAIN, NOW - HOUR);
	revert();
	needs_one(MAIN, "revert", "unknown", "ever accepted here");
}
END_TEST

START_TEST(another_ref_is_not_this_one)
{
	landed("HEAD^", "HEAD", RELEASE, NOW - HOUR);
	revert();
	needs_one(MAIN, "revert", "other-ref", "accepted on release");
}
END_TEST

START_TEST(a_commit_that_is_not_behind_it_never_came)
{
	struct engine_landing *a = landed("HEAD^", "HEAD", MAIN, NOW - HOUR);
	struct oid other;
	char hex[OID_HEX_SIZE];

	help_run(NULL, "cd w && git commit-tree -m x HEAD^{tree} > ../id && "
		       "git push -q ../r $(cat ../id):refs/heads/x");
	other = help_id("cat id");
	a->commit = oid_to_hex(&other, hex);
	revert();
	needs_one(MAIN, "revert", "unknown", "never came to this ref");
}
END_TEST

START_TEST(what_was_itself_a_taking_back_is_not_taken_back)
{
	landed("HEAD^", "HEAD", MAIN, NOW - HOUR)->back = true;
	revert();
	needs_one(MAIN, "revert", "again", "took a change back itself");
}
END_TEST

START_TEST(what_had_landed_before_is_brought_again)
{
	landed("HEAD", "HEAD^", MAIN, NOW - 2 * HOUR);
	landed("HEAD^", "HEAD", MAIN, NOW - HOUR);
	revert();
	needs_one(MAIN, "revert", "again", "approved again");
}
END_TEST

START_TEST(a_state_that_the_ref_never_had_is_judged)
{
	struct engine_landing *a = landed("HEAD^", "HEAD", MAIN, NOW - HOUR);

	a->old = change_hex;
	revert();
	needs_one(MAIN, "revert", "between", "never the state of this ref");
}
END_TEST

START_TEST(one_byte_more_is_another_change)
{
	landed("HEAD^", "HEAD", MAIN, NOW - HOUR);
	revert();
	help_run(NULL, "cd w && echo 1 > b && git add b && "
		       "git commit -q --amend --no-edit");
	needs_one(MAIN, "revert", "not-exact", "does not exactly take back");
}
END_TEST

START_TEST(a_memory_that_fails_accepts_nothing)
{
	struct err e = {0};

	landed("HEAD^", "HEAD", MAIN, NOW - HOUR);
	it.broken = true;
	revert();
	ck_assert_int_eq(judge(MAIN, &e), ERR_SYS);
	ck_assert_msg(strstr(e.msg, "the index is gone") != NULL, "%s", e.msg);
	ck_assert_int_ne(report.verdict, VERDICT_PASS);
}
END_TEST

/* ---- picked ---- */

/* bob has approved the change between two commits of the clone, on main. */
static void approved(const char *from, const char *to)
{
	it.n = 0;
	landed(from, to, MAIN, NOW - HOUR);
	memcpy(it.approved, it.digest[0], SHA256_SIZE);
	it.has_counted = true;
	it.counted = (struct engine_counted){
		.record = RECORD,
		.ref = MAIN,
		.principal = "bob",
		.payload = DIGEST,
		.tag = HEX_A,
		.tip = change_hex,
		.key = KEY,
		.made = NOW - 2 * HOUR,
	};
}

static void pick(void)
{
	help_run(NULL, "cd w && git checkout -q --detach main^ && "
		       "git commit -q --allow-empty -m beside && "
		       "git push -q ../r HEAD:release && "
		       "git cherry-pick -x main 2>&1");
}

START_TEST(an_approval_is_carried_to_what_was_picked)
{
	approved("HEAD^", "HEAD");
	pick();
	passes(RELEASE);
	ck_assert_uint_eq(report.napprovals, 1);
	ck_assert(report.approvals[0].counted);
	ck_assert_str_eq(report.approvals[0].carried, RECORD);
	ck_assert_str_eq(report.approvals[0].from, MAIN);
}
END_TEST

START_TEST(nothing_is_carried_where_the_gate_says_nothing)
{
	struct err e = {0};

	approved("HEAD^", "HEAD");
	it.landing[0].ref = it.counted.ref = RELEASE;
	pick();
	help_run(NULL, "cd w && git push -q -f ../r HEAD^:main");
	ck_assert_int_eq(judge(MAIN, &e), 0);
	ck_assert_int_eq(report.verdict, VERDICT_REJECT);
	ck_assert_uint_eq(report.napprovals, 0);
}
END_TEST

START_TEST(who_wrote_what_was_picked_has_not_approved_it)
{
	struct err e = {0};

	help_run(NULL, "cd w && git commit -q --amend --no-edit --author "
		       "'bob <bob@example.com>' && git push -q -f ../r main");
	change = help_id("git -C w rev-parse HEAD");
	oid_to_hex(&change, change_hex);
	approved("HEAD^", "HEAD");
	pick();
	help_run(NULL, "cd w && git commit -q --amend --no-edit --author "
		       "'eve <eve@example.com>'");
	ck_assert_int_eq(judge(RELEASE, &e), 0);
	ck_assert_int_eq(report.verdict, VERDICT_REJECT);
	ck_assert_uint_eq(report.napprovals, 1);
	ck_assert(!report.approvals[0].counted);
	ck_assert_str_eq(report.approvals[0].why, "wrote part of the change");
}
END_TEST

START_TEST(a_key_that_nobody_has_carries_nothing)
{
	struct err e = {0};

	approved("HEAD^", "HEAD");
	it.counted.key = "SHA256:another";
	pick();
	ck_assert_int_eq(judge(RELEASE, &e), 0);
	ck_assert_int_eq(report.verdict, VERDICT_REJECT);
	ck_assert(!report.approvals[0].counted);
}
END_TEST

START_TEST(a_line_without_a_landing_is_only_a_line)
{
	approved("HEAD^", "HEAD");
	it.n = 0;
	pick();
	needs_one(RELEASE, "carry", "unknown", "never let in where");
}
END_TEST

START_TEST(a_landing_elsewhere_carries_nothing)
{
	approved("HEAD^", "HEAD");
	it.landing[0].ref = "refs/heads/dev";
	pick();
	needs_one(RELEASE, "carry", "other-ref", "let in on dev");
}
END_TEST

START_TEST(a_pick_with_more_in_it_is_another_change)
{
	approved("HEAD^", "HEAD");
	pick();
	help_run(NULL, "cd w && echo 1 > b && git add b && "
		       "git commit -q --amend --no-edit");
	needs_one(RELEASE, "carry", "not-equal", "changes something else");
}
END_TEST

START_TEST(what_was_taken_back_since_is_not_carried)
{
	approved("HEAD^", "HEAD");
	landed("HEAD", "HEAD^", MAIN, NOW);
	pick();
	needs_one(RELEASE, "carry", "taken-back", "taken back there since");
}
END_TEST

START_TEST(what_landed_without_an_approval_carries_none)
{
	approved("HEAD^", "HEAD");
	it.has_counted = false;
	pick();
	needs_one(RELEASE, "carry", "not-approved", "no approval of exactly");
}
END_TEST

Suite *suite_memory(void)
{
	Suite *s = suite_create("memory");
	TCase *t = tcase_create("memory");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_reverse_of_what_landed_needs_no_approval);
	tcase_add_test(t, one_moment_late_is_too_late);
	tcase_add_test(t, a_landing_far_in_the_future_is_none);
	tcase_add_test(t, what_nobody_remembers_was_never_accepted);
	tcase_add_test(t, another_ref_is_not_this_one);
	tcase_add_test(t, a_commit_that_is_not_behind_it_never_came);
	tcase_add_test(t, what_was_itself_a_taking_back_is_not_taken_back);
	tcase_add_test(t, what_had_landed_before_is_brought_again);
	tcase_add_test(t, a_state_that_the_ref_never_had_is_judged);
	tcase_add_test(t, one_byte_more_is_another_change);
	tcase_add_test(t, a_memory_that_fails_accepts_nothing);
	tcase_add_test(t, an_approval_is_carried_to_what_was_picked);
	tcase_add_test(t, nothing_is_carried_where_the_gate_says_nothing);
	tcase_add_test(t, who_wrote_what_was_picked_has_not_approved_it);
	tcase_add_test(t, a_key_that_nobody_has_carries_nothing);
	tcase_add_test(t, a_line_without_a_landing_is_only_a_line);
	tcase_add_test(t, a_landing_elsewhere_carries_nothing);
	tcase_add_test(t, a_pick_with_more_in_it_is_another_change);
	tcase_add_test(t, what_was_taken_back_since_is_not_carried);
	tcase_add_test(t, what_landed_without_an_approval_carries_none);
	suite_add_tcase(s, t);
	return s;
}
