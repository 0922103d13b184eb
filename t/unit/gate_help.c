/* SPDX-License-Identifier: Apache-2.0 */
#include "gate_help.h"

static void add_people(struct report *r)
{
	const struct report_person all = {"alice", "Alice A", "a@example.com",
					  "al"};
	const struct report_person email = {.email = "b@example.com"};
	size_t n;
	struct err e;

	ck_assert_int_eq(report_add_person(r, &all, &n, &e), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(report_add_person(r, &email, &n, &e), 0);
	ck_assert_int_eq(report_add_person(r, &email, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
}

static void add_refs(struct report *r)
{
	const char *gates[] = {"release", "second", NULL};
	const char *none[] = {NULL};
	const struct report_ref one = {
		.name = "refs/heads/alias",
		.real = "refs/heads/main",
		.old = HEX_A,
		.new_ = HEX_B,
		.kind = REF_REWIND,
		.mode = MODE_ENFORCE,
		.verdict = VERDICT_REJECT,
		.would = VERDICT_ERROR,
		.commits = 17,
		.digest = DIGEST,
		.gates = gates,
		.previews = none,
	};
	const struct report_ref two = {
		.name = "refs/tags/v1",
		.real = "refs/tags/v1",
		.old = HEX_0,
		.new_ = HEX_C,
		.kind = REF_CREATE,
		.verdict = VERDICT_PASS,
		.would = VERDICT_WARN,
		.gates = none,
		.previews = gates,
	};
	struct err e;

	ck_assert_int_eq(report_add_ref(r, &one, &e), 0);
	ck_assert_int_eq(report_add_ref(r, &two, &e), 0);
}

static void add_findings(struct report *r)
{
	const struct report_finding one = {
		.ref = 1,
		.rule = 2,
		.check = "review",
		.code = "missing",
		.commit = HEX_B,
		.subject = "say \"no\"\n\x01 to {0}",
		.author = 0,
		.text = "needs {0} and {1}",
		.hint = "ask {1}",
		.trailer = "Assisted-by: X",
		.weight = WEIGHT_REJECT,
		.who = {1, 0},
		.nwho = 2,
	};
	const struct report_finding two = {
		.ref = REPORT_NO_REF,
		.rule = REPORT_NO_RULE,
		.check = "push",
		.code = "malformed",
		.author = REPORT_NO_PERSON,
		.text = "",
		.weight = WEIGHT_ADVICE,
	};
	struct err e;

	ck_assert_int_eq(report_add_finding(r, &one, &e), 0);
	ck_assert_int_eq(report_add_finding(r, &two, &e), 0);
}

static void add_facts(struct report *r)
{
	const struct report_result pass = {
		.ref = 0,
		.rule = 1,
		.mode = MODE_WARN,
		.result = RESULT_NOT_APPLICABLE,
		.commits = 5,
		.matched = 3,
		.why = "no new commit",
	};
	const struct report_evidence evidence = {
		0, 1, "claim", HEX_A, "Reviewed-by", 0};
	const struct report_evidence bare = {1,	   0,	   "plan",
					     NULL, "text", REPORT_NO_PERSON};
	const struct report_provenance known = {HEX_A,
						0,
						"claude-code",
						"claude-opus",
						"https://s/1",
						true,
						true,
						"trailer",
						"Assisted-by: Claude",
						RECORD,
						DIGEST};
	const struct report_statement several = {
		.commit = HEX_A,
		.commits = 3,
		.digest = DIGEST,
		.agent = "claude-code",
		.model = "claude-opus",
		.session = "https://s/1",
		.trailer = "Assisted-by: Claude:claude-opus",
		.declared = true,
	};
	const struct report_statement none = {
		.commit = HEX_B, .commits = 1, .digest = DIGEST, .none = true};
	const struct report_provenance unknown = {
		.commit = HEX_B, .author = REPORT_NO_PERSON, .how = "message"};
	struct err e;

	ck_assert_int_eq(report_add_result(r, &pass, &e), 0);
	ck_assert_int_eq(report_add_evidence(r, &evidence, &e), 0);
	ck_assert_int_eq(report_add_evidence(r, &bare, &e), 0);
	ck_assert_int_eq(report_add_provenance(r, &known, &e), 0);
	ck_assert_int_eq(report_add_provenance(r, &unknown, &e), 0);
	ck_assert_int_eq(report_add_statement(r, &several, &e), 0);
	ck_assert_int_eq(report_add_statement(r, &none, &e), 0);
}

static void add_approvals(struct report *r)
{
	const struct report_approval counted = {
		.ref = 0,
		.rule = 1,
		.kind = "tag",
		.covers = 2,
		.at = "refs/approvals/0123456789abcdef/bob-1",
		.tag = HEX_C,
		.payload = DIGEST,
		.who = 1,
		.fingerprint = "SHA256:abc",
		.presence = true,
		.counted = true,
		.raw = "b2JqZWN0",
	};
	const struct report_approval refused = {
		.ref = 0,
		.rule = REPORT_NO_RULE,
		.kind = "tag",
		.withdrawn = "refs/approvals/0123456789abcdef/eve-2",
		.withdrawal = "e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5",
		.at = "refs/approvals/0123456789abcdef/eve-1",
		.tag = HEX_A,
		.payload = DIGEST,
		.who = REPORT_NO_PERSON,
		.why = "the key is unknown",
	};
	const struct report_change change = {HEX_A, DIGEST, 0, true, false};
	const struct report_change range = {NULL, DIGEST, REPORT_NO_REF, false,
					    false};
	struct err e;

	ck_assert_int_eq(report_add_approval(r, &counted, &e), 0);
	ck_assert_int_eq(report_add_approval(r, &refused, &e), 0);
	ck_assert_int_eq(report_add_change(r, &change, &e), 0);
	ck_assert_int_eq(report_add_change(r, &range, &e), 0);
}

void report_fill(struct report *r)
{
	report_init(r);
	r->verdict = VERDICT_WARN;
	r->would = VERDICT_REJECT;
	r->mode = MODE_WARN;
	r->commits = 23;
	r->sandbox = "the kernel has no Landlock";
	add_people(r);
	add_refs(r);
	add_findings(r);
	add_facts(r);
	add_approvals(r);
}

void report_ref(struct report *r, const char *name, int verdict)
{
	const char *none[] = {NULL};
	const struct report_ref ref = {
		.name = name,
		.real = name,
		.old = HEX_C,
		.new_ = HEX_A,
		.kind = REF_UPDATE,
		.mode = MODE_ENFORCE,
		.verdict = verdict,
		.would = verdict,
		.gates = none,
		.previews = none,
	};
	struct err e;

	ck_assert_int_eq(report_add_ref(r, &ref, &e), 0);
}

void report_refused(struct report *r)
{
	report_init(r);
	r->verdict = r->would = VERDICT_REJECT;
	r->mode = MODE_ENFORCE;
	report_ref(r, "refs/heads/main", VERDICT_REJECT);
}

static void find(struct report *r, struct report_finding f)
{
	struct err e;

	f.rule = 0;
	f.check = "provenance";
	f.code = "undeclared";
	f.author = REPORT_NO_PERSON;
	ck_assert_int_eq(report_add_finding(r, &f, &e), 0);
}

void report_find(struct report *r, int weight, const char *commit,
		 const char *text, const char *hint)
{
	find(r, (struct report_finding){.commit = commit,
					.weight = weight,
					.text = text,
					.hint = hint});
}

void report_lacks(struct report *r, const char *commit, const char *trailer)
{
	find(r, (struct report_finding){.commit = commit,
					.weight = WEIGHT_REJECT,
					.text = "tool not stated",
					.trailer = trailer});
}

struct policy *policy_bare(void)
{
	static char name[] = "second-person", check[] = "review";
	static char control[] = "SOC2:CC8.1", path[] = "/etc/policy.conf";
	static char text[] = "[gatepost]\n", digest[] = DIGEST;
	static char *controls[] = {control};
	static struct rule rules[HELP_RULES];
	static struct policy p;
	size_t i;

	for (i = 0; i < HELP_RULES; i++) {
		rules[i].name = name;
		rules[i].check = check;
		rules[i].controls.v = controls;
		rules[i].controls.n = 1;
	}
	p.path = path;
	p.rules = rules;
	p.nrules = HELP_RULES;
	p.normal = text;
	p.normal_len = sizeof(text) - 1;
	memcpy(p.digest, digest, sizeof(digest));
	return &p;
}
