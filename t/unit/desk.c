/* SPDX-License-Identifier: Apache-2.0 */

/* The records of a push. */

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "desk/decision.h"
#include "desk/decision_report.h"
#include "desk/record.h"
#include "gate_help.h"
#include "ledger/persons.h"
#include "ledger_help.h"

enum { FUZZ_ROUNDS = 40, EVIDENCE_MAX = 64 << 20 };

static struct place place;
static struct ledger *ledger;
static struct pusher pusher;
static struct record_frame frame;
static struct err e;

static void setup(void)
{
	static struct principal alice;
	static char name[] = "alice", role[] = "developer";
	static char gone[] = "security";
	static struct role roles[] = {{role, 0}, {gone, 1}};

	place_make(&place);
	ledger = place_open(&place, LEDGER_APPEND);
	alice.name = name;
	alice.roles = roles;
	alice.nroles = 2;
	pusher = (struct pusher){"al-login", "REMOTE_USER", &alice};
	frame = (struct record_frame){
		.repository = "payments/api",
		.policy = policy_bare(),
		.pusher = &pusher,
		.now = INT64_C(1700000000000),
	};
}

static void teardown(void)
{
	ledger_close(ledger);
	place_remove(&place);
}

/* ---- reading back ---- */

static struct buf line, people;
static yyjson_doc *doc;

/* The newest record of a kind: its line, its persons, its members. */
static yyjson_val *last(const char *kind)
{
	struct ledger_reader *r;
	struct ledger_item item;
	char member[64];
	bool any = false;

	snprintf(member, sizeof(member), "\"kind\":\"%s\"", kind);
	ck_assert_int_eq(ledger_reader_new(&r, ledger, 0, &e), 0);
	buf_init(&line, LEDGER_MAX_RECORD);
	buf_init(&people, LEDGER_MAX_PERSONS);
	while (ledger_reader_next(r, &item, &e) > 0) {
		ck_assert_msg(!persons_check(item.json, item.persons, &e), "%s",
			      e.msg);
		if (!item_has(&item, member))
			continue;
		any = true;
		buf_clear(&line);
		buf_clear(&people);
		buf_add(&line, item.json.p, item.json.n);
		buf_add(&people, item.persons.p, item.persons.n);
	}
	ledger_reader_free(r);
	ck_assert_msg(any, "no record of kind %s", kind);
	doc = yyjson_read(line.data, line.len, 0);
	ck_assert_ptr_nonnull(doc);
	return yyjson_doc_get_root(doc);
}

static void forget(void)
{
	yyjson_doc_free(doc);
	buf_release(&line);
	buf_release(&people);
}

/* What a path like "refs/0/name" leads to. */
static yyjson_val *at(yyjson_val *root, const char *path)
{
	char pointer[128];

	snprintf(pointer, sizeof(pointer), "/%s", path);
	return yyjson_ptr_get(root, pointer);
}

static void is_text(yyjson_val *root, const char *path, const char *want)
{
	const char *got = yyjson_get_str(at(root, path));

	ck_assert_msg(got && !strcmp(got, want), "%s is %s, not %s in\n%s",
		      path, got ? got : "absent", want, line.data);
}

static void is_number(yyjson_val *root, const char *path, uint64_t want)
{
	yyjson_val *v = at(root, path);

	ck_assert_msg(yyjson_is_uint(v) && yyjson_get_uint(v) == want,
		      "%s in\n%s", path, line.data);
}

static void is_absent(yyjson_val *root, const char *path)
{
	ck_assert_msg(!at(root, path), "%s in\n%s", path, line.data);
}

static void not_in_line(const char *words)
{
	ck_assert_msg(!strstr(line.data, words), "%s in\n%s", words, line.data);
}

static void record_it(const struct report *r)
{
	ck_assert_msg(!decision_record(ledger, &frame, r, 1234, &e), "%s",
		      e.msg);
}

/* ---- a decision ---- */

START_TEST(a_decision_holds_what_the_judge_said)
{
	struct report r;
	yyjson_val *root;

	report_fill(&r);
	record_it(&r);
	root = last("decision");
	is_number(root, "v", 1);
	is_text(root, "repository", "payments/api");
	is_text(root, "time", "2023-11-14T22:13:20.000Z");
	is_text(root, "policy", DIGEST);
	is_text(root, "verdict", "warn");
	is_text(root, "would", "reject");
	is_text(root, "mode", "warn");
	is_text(root, "unprotected", "the kernel has no Landlock");
	is_number(root, "commits", 23);
	is_number(root, "problems", 2);
	is_number(root, "duration_us", 1234);
	is_number(root, "pusher/person", 0);
	is_text(root, "pusher/how", "REMOTE_USER");
	is_text(root, "pusher/roles/0", "developer");
	is_absent(root, "pusher/roles/1");
	is_text(root, "refs/0/name", "refs/heads/alias");
	is_text(root, "refs/0/real", "refs/heads/main");
	is_text(root, "refs/0/kind", "rewind");
	is_text(root, "refs/0/gates/1", "second");
	is_text(root, "refs/0/would", "error");
	is_text(root, "refs/0/digest", "sha256:" DIGEST);
	is_absent(root, "refs/0/previews");
	is_text(root, "refs/1/previews/0", "release");
	is_text(root, "rules/0/rule", "second-person");
	is_text(root, "rules/0/controls/0", "SOC2:CC8.1");
	is_text(root, "rules/0/result", "not-applicable");
	is_text(root, "rules/0/why", "no new commit");
	is_text(root, "rules/0/evidence/0/text", "Reviewed-by");
	is_number(root, "rules/0/evidence/0/person", 2);
	is_absent(root, "rules/0/evidence/1");
	is_text(root, "findings/0/code", "missing");
	is_text(root, "findings/0/weight", "reject");
	is_text(root, "findings/0/ref", "refs/tags/v1");
	is_absent(root, "findings/1/rule");
	is_absent(root, "findings/1/ref");
	is_text(root, "provenance/0/agent", "claude-code");
	is_absent(root, "provenance/1/person");
	is_text(root, "approvals/0/key", "SHA256:abc");
	is_text(root, "approvals/1/why", "the key is unknown");
	is_text(root, "changes/0/digest", "sha256:" DIGEST);
	is_absent(root, "changes/1/commit");
	report_release(&r);
	forget();
}
END_TEST

START_TEST(people_stand_apart_and_texts_name_numbers)
{
	struct report r;
	yyjson_val *root;
	uint64_t b;

	report_fill(&r);
	record_it(&r);
	root = last("decision");
	not_in_line("alice");
	not_in_line("Alice A");
	not_in_line("a@example.com");
	not_in_line("b@example.com");
	not_in_line("al-login");
	ck_assert_ptr_nonnull(strstr(people.data, "\"name\":\"Alice A\""));
	ck_assert_ptr_nonnull(strstr(people.data, "b@example.com"));
	ck_assert_ptr_nonnull(strstr(people.data, "al-login"));
	/* the approver comes right behind the pusher */
	is_number(root, "approvals/0/person", 1);
	b = yyjson_get_uint(at(root, "findings/0/people/0"));
	ck_assert_uint_eq(b, 1);
	is_text(root, "findings/0/text", "needs {person:1} and {person:2}");
	is_text(root, "findings/0/hint", "ask {person:2}");
	is_number(root, "findings/0/person", 2);
	report_release(&r);
	forget();
}
END_TEST

START_TEST(the_signed_tag_is_kept_as_it_was)
{
	struct report r;
	struct buf tag = BUF_INIT(EVIDENCE_MAX);
	yyjson_val *root;

	report_fill(&r);
	record_it(&r);
	root = last("decision");
	ck_assert_int_eq(
		ledger_evidence_get(ledger,
				    yyjson_get_str(at(root, "approvals/0/"
							    "evidence")),
				    &tag, &e),
		0);
	ck_assert_str_eq(tag.data, "object");
	is_absent(root, "approvals/1/evidence");
	buf_release(&tag);
	report_release(&r);
	forget();
}
END_TEST

START_TEST(a_broken_tag_is_no_decision)
{
	struct report r;

	report_fill(&r);
	r.approvals[0].raw = "@@@";
	ck_assert_int_eq(decision_record(ledger, &frame, &r, 1, &e),
			 ERR_MALFORMED);
	ck_assert_ptr_nonnull(strstr(e.msg, "broken evidence"));
	report_release(&r);
}
END_TEST

START_TEST(a_policy_is_recorded_once)
{
	struct buf text = BUF_INIT(EVIDENCE_MAX);
	struct ledger_reader *r;
	struct ledger_item item;
	struct policy p = *policy_bare();
	struct report report;
	yyjson_val *root;
	size_t n = 0;

	sha256_hex(p.normal, p.normal_len, p.digest);
	frame.policy = &p;
	report_fill(&report);
	record_it(&report);
	record_it(&report);
	ck_assert_int_eq(ledger_reader_new(&r, ledger, 0, &e), 0);
	while (ledger_reader_next(r, &item, &e) > 0)
		n += item_has(&item, "\"kind\":\"policy\"");
	ledger_reader_free(r);
	ck_assert_uint_eq(n, 1);
	root = last("policy");
	is_text(root, "evidence", p.digest);
	is_text(root, "path", "/etc/policy.conf");
	is_absent(root, "pusher");
	is_absent(root, "repository");
	ck_assert_int_eq(ledger_evidence_get(ledger, p.digest, &text, &e), 0);
	ck_assert_str_eq(text.data, "[gatepost]\n");
	buf_release(&text);
	report_release(&report);
	forget();
}
END_TEST

/* ---- what is long ---- */

/* Read the evidence that a list has gone into; each line is an object. */
static size_t evidence_lines(yyjson_val *root, const char *name)
{
	struct buf text = BUF_INIT(EVIDENCE_MAX);
	char path[64];
	struct cursor c;
	struct span one;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s_evidence/sha256", name);
	ck_assert_msg(yyjson_is_str(at(root, path)), "%s", line.data);
	ck_assert_int_eq(ledger_evidence_get(ledger,
					     yyjson_get_str(at(root, path)),
					     &text, &e),
			 0);
	c = cursor_of(text.data, text.len);
	while (cursor_line(&c, &one)) {
		yyjson_doc *d = yyjson_read(one.p, one.n, 0);

		ck_assert(yyjson_is_obj(yyjson_doc_get_root(d)));
		yyjson_doc_free(d);
		n++;
	}
	snprintf(path, sizeof(path), "%s_evidence/count", name);
	is_number(root, path, n);
	is_absent(root, name);
	buf_release(&text);
	return n;
}

START_TEST(a_hundred_stay_and_one_more_goes)
{
	struct report r;
	yyjson_val *root;
	int i;

	report_refused(&r);
	for (i = 0; i < DECISION_LIST_MAX; i++) {
		const struct report_change c = {NULL, "0", REPORT_NO_REF, false,
						false};

		ck_assert_int_eq(report_add_change(&r, &c, &e), 0);
	}
	record_it(&r);
	root = last("decision");
	ck_assert_uint_eq(yyjson_arr_size(at(root, "changes")), 100);
	is_absent(root, "changes_evidence");
	forget();
	ck_assert_int_eq(report_add_change(&r, &r.changes[0], &e), 0);
	record_it(&r);
	ck_assert_uint_eq(evidence_lines(last("decision"), "changes"), 101);
	forget();
	report_release(&r);
}
END_TEST

START_TEST(evidence_that_was_too_much_is_counted)
{
	struct report r;
	yyjson_val *root;

	report_fill(&r);
	record_it(&r);
	is_absent(last("decision"), "evidence_unrecorded");
	forget();
	r.nevidence_all += 5;
	record_it(&r);
	root = last("decision");
	is_number(root, "evidence_unrecorded", 5);
	report_release(&r);
	forget();
}
END_TEST

START_TEST(few_that_are_long_go_too)
{
	char text[REPORT_MAX_TEXT];
	struct report r;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	report_refused(&r);
	for (i = 0; i < 7; i++)
		report_find(&r, WEIGHT_REJECT, HEX_A, text, NULL);
	record_it(&r);
	ck_assert_uint_eq(evidence_lines(last("decision"), "findings"), 7);
	report_release(&r);
	forget();
}
END_TEST

static void find_by(struct report *r, int i)
{
	char name[64], email[64];
	const struct report_person who = {.name = name, .email = email};
	struct report_finding f = {
		.check = "review",
		.code = "missing",
		.text = "by {0}",
		.commit = HEX_A,
		.weight = WEIGHT_REJECT,
		.nwho = 1,
	};

	snprintf(name, sizeof(name), "Person %d", i);
	snprintf(email, sizeof(email), "p%d@example.com", i);
	ck_assert_int_eq(report_add_person(r, &who, &f.author, &e), 0);
	f.who[0] = f.author;
	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
}

START_TEST(more_people_than_a_record_names_are_counted)
{
	struct buf text = BUF_INIT(EVIDENCE_MAX);
	struct report r;
	yyjson_val *root;
	int i;

	report_refused(&r);
	for (i = 0; i < 2000; i++)
		find_by(&r, i);
	record_it(&r);
	root = last("decision");
	is_number(root, "persons_unnamed", 2000 - DECISION_PERSONS_MAX);
	ck_assert_uint_eq(yyjson_arr_size(at(root, "persons")),
			  DECISION_PERSONS_MAX + 1);
	ck_assert_uint_eq(evidence_lines(root, "findings"), 2000);
	ck_assert_int_eq(
		ledger_evidence_get(
			ledger,
			yyjson_get_str(at(root, "findings_evidence/sha256")),
			&text, &e),
		0);
	ck_assert_ptr_nonnull(strstr(text.data, "by {person:300}"));
	ck_assert_ptr_nonnull(strstr(text.data, "by {person:?}"));
	ck_assert_ptr_null(strstr(text.data, "Person "));
	buf_release(&text);
	report_release(&r);
	forget();
}
END_TEST

/* Names that take much room as JSON leave others unnamed, and fit. */
START_TEST(people_with_long_names_fit)
{
	char name[1001];
	struct report r;
	yyjson_val *root;
	int i;

	report_refused(&r);
	memset(name, 1, 1000);
	name[1000] = '\0';
	for (i = 0; i < 300; i++) {
		struct report_person who = {.name = name, .login = name};
		struct report_finding f = {.check = "review",
					   .code = "missing",
					   .text = "x",
					   .weight = WEIGHT_REJECT};

		name[0] = (char)(1 + i % 100);
		name[1] = (char)(1 + i / 100);
		ck_assert_int_eq(report_add_person(&r, &who, &f.author, &e), 0);
		ck_assert_int_eq(report_add_finding(&r, &f, &e), 0);
	}
	record_it(&r);
	root = last("decision");
	ck_assert_uint_gt(yyjson_get_uint(at(root, "persons_unnamed")), 0);
	report_release(&r);
	forget();
}
END_TEST

/* A text of up to `max` bytes of any kind. */
static const char *any_text(unsigned *seed, char *out, size_t max)
{
	size_t n = (size_t)rand_r(seed) % max, i;
	int kind = rand_r(seed) % 3;

	for (i = 0; i < n; i++)
		out[i] = kind == 0   ? 'x'
			 : kind == 1 ? (char)(1 + rand_r(seed) % 31)
				     : (char)(1 + rand_r(seed) % 255);
	out[n] = '\0';
	return out;
}

static void add_anything(struct report *r, unsigned *seed)
{
	char a[1001], b[1001], c[1001];
	const struct report_person who = {
		.name = any_text(seed, a, 1000),
		.email = any_text(seed, b, 1000),
	};
	const char *none[] = {NULL};
	struct report_ref ref = {.name = any_text(seed, a, 1000),
				 .real = any_text(seed, b, 1000),
				 .old = HEX_A,
				 .new_ = HEX_B,
				 .gates = none,
				 .previews = none};
	struct report_finding f = {.check = "review",
				   .code = "missing",
				   .nwho = 1,
				   .weight = rand_r(seed) % 4};
	struct report_result res = {.rule = (size_t)rand_r(seed) % HELP_RULES};
	struct report_evidence ev = {.kind = "claim"};
	struct report_provenance p = {.commit = HEX_A, .how = "trailer"};
	struct report_approval ap = {
		.tag = HEX_A, .payload = DIGEST, .raw = "b2JqZWN0"};

	ck_assert_int_eq(report_add_person(r, &who, &f.author, &e), 0);
	ck_assert_int_eq(report_add_ref(r, &ref, &e), 0);
	f.who[0] = p.author = ap.who = ev.who = f.author;
	f.text = any_text(seed, a, 1000);
	f.hint = any_text(seed, b, 1000);
	f.subject = any_text(seed, c, 1000);
	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
	ev.text = any_text(seed, a, 1000);
	ev.rule = res.rule;
	ev.ref = res.ref = r->nrefs - 1;
	p.agent = any_text(seed, b, 1000);
	ap.at = ap.why = any_text(seed, c, 1000);
	ck_assert_int_eq(report_add_result(r, &res, &e), 0);
	ck_assert_int_eq(report_add_evidence(r, &ev, &e), 0);
	ck_assert_int_eq(report_add_provenance(r, &p, &e), 0);
	ck_assert_int_eq(report_add_approval(r, &ap, &e), 0);
	ck_assert_int_eq(
		report_add_change(
			r,
			&(struct report_change){HEX_A, DIGEST, 0, false, false},
			&e),
		0);
}

START_TEST(any_report_makes_a_record_that_fits)
{
	unsigned seed = 11;
	int round;

	for (round = 0; round < FUZZ_ROUNDS; round++) {
		struct report r;
		int n = rand_r(&seed) % (round % 4 ? 40 : 900);

		report_refused(&r);
		while (n--)
			add_anything(&r, &seed);
		record_it(&r);
		last("decision");
		ck_assert_uint_le(line.len, LEDGER_MAX_RECORD);
		report_release(&r);
		forget();
	}
}
END_TEST

/* ---- other records ---- */

static void push_of(struct push *p, size_t n)
{
	struct buf text = BUF_INIT(1 << 24);
	size_t i;

	push_init(p);
	for (i = 0; i < n; i++)
		buf_addf(&text, "%s %s refs/heads/b%zu\n", HEX_0, HEX_A, i);
	ck_assert_int_eq(push_parse(p, span_of(text.data, text.len), OID_SHA1,
				    100000, &e),
			 0);
	buf_release(&text);
}

START_TEST(a_failure_is_recorded_with_its_reason)
{
	struct push p;
	yyjson_val *root;

	push_of(&p, 2);
	ck_assert_int_eq(decision_record_failure(ledger, &frame, &p,
						 VERDICT_ERROR, "no \xff luck",
						 &e),
			 0);
	root = last("decision");
	is_text(root, "verdict", "error");
	is_absent(root, "would");
	is_text(root, "error", "no \ufffd luck");
	is_text(root, "refs/1/name", "refs/heads/b1");
	forget();
	ck_assert_int_eq(decision_record_failure(ledger, &frame, &p,
						 VERDICT_WARN, "late", &e),
			 0);
	root = last("decision");
	is_text(root, "verdict", "warn");
	is_text(root, "would", "error");
	forget();
	push_release(&p);
}
END_TEST

START_TEST(an_outcome_names_its_decision)
{
	struct push p;
	yyjson_val *root;

	push_of(&p, 1);
	ck_assert_int_eq(outcome_record(ledger, &frame, &p, "0193", &e), 0);
	root = last("outcome");
	is_text(root, "decision", "0193");
	is_text(root, "refs/0/old", HEX_0);
	forget();
	ck_assert_int_eq(outcome_record(ledger, &frame, &p, "", &e), 0);
	is_absent(last("outcome"), "decision");
	forget();
	push_release(&p);
}
END_TEST

START_TEST(a_push_of_ten_thousand_refs_is_recorded)
{
	struct push p;

	push_of(&p, 10000);
	ck_assert_int_eq(outcome_record(ledger, &frame, &p, "0193", &e), 0);
	ck_assert_uint_eq(evidence_lines(last("outcome"), "refs"), 10000);
	forget();
	push_release(&p);
}
END_TEST

START_TEST(a_change_of_mode_is_recorded)
{
	const struct change_note what = {
		.kind = "mode", .from = "warn", .to = "enforce"};
	const struct change_note install = {
		.kind = "install", .to = "warn", .digest = DIGEST, .count = 3};
	yyjson_val *root;

	ck_assert_int_eq(change_record(ledger, &frame, &what, &e), 0);
	root = last("mode");
	is_text(root, "from", "warn");
	is_text(root, "to", "enforce");
	is_absent(root, "baseline");
	forget();
	ck_assert_int_eq(change_record(ledger, &frame, &install, &e), 0);
	root = last("install");
	is_text(root, "baseline", "sha256:" DIGEST);
	is_number(root, "tips", 3);
	forget();
}
END_TEST

START_TEST(nobody_known_is_nobody_named)
{
	struct report r;
	yyjson_val *root;

	pusher = (struct pusher){"", "GL_USER", NULL};
	report_fill(&r);
	record_it(&r);
	root = last("decision");
	ck_assert(yyjson_is_false(at(root, "pusher/known")));
	is_text(root, "pusher/how", "GL_USER");
	is_absent(root, "pusher/roles");
	report_release(&r);
	forget();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("desk");
	TCase *t = tcase_create("records");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_decision_holds_what_the_judge_said);
	tcase_add_test(t, people_stand_apart_and_texts_name_numbers);
	tcase_add_test(t, the_signed_tag_is_kept_as_it_was);
	tcase_add_test(t, a_broken_tag_is_no_decision);
	tcase_add_test(t, a_policy_is_recorded_once);
	tcase_add_test(t, a_hundred_stay_and_one_more_goes);
	tcase_add_test(t, evidence_that_was_too_much_is_counted);
	tcase_add_test(t, few_that_are_long_go_too);
	tcase_add_test(t, more_people_than_a_record_names_are_counted);
	tcase_add_test(t, people_with_long_names_fit);
	tcase_add_test(t, any_report_makes_a_record_that_fits);
	tcase_add_test(t, a_failure_is_recorded_with_its_reason);
	tcase_add_test(t, an_outcome_names_its_decision);
	tcase_add_test(t, a_push_of_ten_thousand_refs_is_recorded);
	tcase_add_test(t, a_change_of_mode_is_recorded);
	tcase_add_test(t, nobody_known_is_nobody_named);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
