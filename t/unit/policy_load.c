/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/show.h"
#include "policy_help.h"

#define RULED                                                                  \
	"[gate \"g\"]\nref = refs/heads/main\nrule = r\n"                      \
	"[rule \"r\"]\ncheck = demo\n"

static const char whole[] = "[gatepost]\n"
			    "mode = enforce\n"
			    "root = repos\n"
			    "pusher-from = REMOTE_USER\n"
			    "message-max = 2m\n"
			    "deadline = 1m\n"
			    "[principal \"alice\"]\n"
			    "email = alice@example.com\n"
			    "email = 7+alice@users.noreply.github.com\n"
			    "login = alice\n"
			    "role = developer\n"
			    "role = security\n"
			    "[principal \"bot\"]\n"
			    "login = ci\n"
			    "kind = bot\n"
			    "[agent \"claude-code\"]\n"
			    "model = claude-*\n"
			    "until = 2027-06-30\n"
			    "[area \"payments\"]\n"
			    "path = src/payments/\n"
			    "exclude = src/payments/doc/**\n"
			    "[gate \"release\"]\n"
			    "repo = team/**\n"
			    "ref = refs/heads/main\n"
			    "rule = one\n"
			    "rule = two\n"
			    "mode = warn\n"
			    "[rule \"one\"]\n"
			    "check = demo\n"
			    "size = 9\n"
			    "role = security\n"
			    "when = area:payments\n"
			    "when = not-merge\n"
			    "control = SOC2:CC8.1\n"
			    "[rule \"two\"]\n"
			    "check = demo\n"
			    "level = warn\n"
			    "[sink \"grc\"]\n"
			    "url = https://grc.example.com/x\n"
			    "sign = standard-webhooks\n"
			    "secret-file = grc.secret\n"
			    "header = X-Team: a\n"
			    "record = decision\n";

START_TEST(a_whole_policy_becomes_structs)
{
	struct policy *p = policy_of(whole);
	const struct demo_options *o = p->rules[0].options;

	ck_assert_int_eq(p->mode, MODE_ENFORCE);
	ck_assert_str_eq(p->root, scratch_path("repos"));
	ck_assert_str_eq(p->ledger, "/var/lib/gatepost/ledger");
	ck_assert_str_eq(p->log, "syslog");
	ck_assert_uint_eq(p->limits.message, 2 << 20);
	ck_assert_uint_eq(p->limits.depth, 2048);
	ck_assert_int_eq(p->deadline, 60);
	ck_assert_uint_eq(p->people.n, 2);
	ck_assert_uint_eq(p->people.v[0].nemails, 2);
	ck_assert_int_eq(p->people.v[0].kind, KIND_HUMAN);
	ck_assert_int_eq(p->people.v[1].kind, KIND_BOT);
	ck_assert_str_eq(p->registered[0].id, "claude-code");
	ck_assert_str_eq(p->areas[0].paths.v[0], "src/payments/**");
	ck_assert_int_eq(p->gates[0].mode, MODE_WARN);
	ck_assert_uint_eq(p->gates[0].nrules, 2);
	ck_assert_uint_eq(p->gates[0].rules[1], 1);
	ck_assert_int_eq(o->size, 9);
	ck_assert_str_eq(o->role, "security");
	ck_assert_uint_eq(p->rules[0].nwhen, 2);
	ck_assert_int_eq(p->rules[0].when[0].kind, WHEN_AREA);
	ck_assert_uint_eq(p->rules[0].when[0].area, 0);
	ck_assert_int_eq(p->rules[0].when[1].kind, WHEN_NOT_MERGE);
	ck_assert_int_eq(p->rules[0].level, LEVEL_REJECT);
	ck_assert_int_eq(p->rules[1].level, LEVEL_WARN);
	o = p->rules[1].options;
	ck_assert_int_eq(o->size, 7);
	ck_assert_str_eq(p->sinks[0].secret_file, scratch_path("grc.secret"));
	ck_assert_int_eq(p->sinks[0].format, SINK_CLOUDEVENTS);
	ck_assert_int_eq(p->sinks[0].timeout, 30);
	ck_assert_uint_eq(strlen(p->digest), 64);
	policy_free(p);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
	const char *words;
} wrong[] = {
	{"[gatepost]\nmod = warn\n" RULED, 2,
	 "gatepost.mod: there is no such key; did you mean mode?"},
	{"[gatepost]\nmode = warm\n" RULED, 2,
	 "off, warn or enforce; did you mean warn?"},
	{"[gatepost]\nmode = preview\n" RULED, 2, "is not off, warn"},
	{"[gatepost]\nmode = warn\nmode = off\n" RULED, 3,
	 "is given twice, first in"},
	{"[gatepost \"x\"]\nmode = warn\n" RULED, 1, "takes no name"},
	{"[gatpost]\nmode = warn\n" RULED, 1, "did you mean [gatepost]?"},
	{"[auditor]\n" RULED, 1, "there is no section [auditor]"},
	{"[gatepost]\ndeadline = 0s\n" RULED, 2, "from 1s to 10m"},
	{"[gatepost]\ndeadline = 601s\n" RULED, 2, "from 1s to 10m"},
	{"[gatepost]\nmessage-max = 0\n" RULED, 2, "a number from"},
	{"[gatepost]\npusher-from = GIT_USER\n" RULED, 2, "set by others"},
	{"[gatepost]\npusher-from = PATH\n" RULED, 2, "set by others"},
	{"[gatepost]\npusher-from = LD_PRELOAD\n" RULED, 2, "set by others"},
	{"[gatepost]\npusher-from = SSH_ORIGINAL_COMMAND\n" RULED, 2,
	 "set by others"},
	{"[gatepost]\npusher-from = gl_user\n" RULED, 2, "neither uid nor"},
	{"[gatepost]\nlog = relative\n" RULED, 2, "absolute path"},
	{"[gatepost]\nhelp = wiki\n" RULED, 2, "no http or https URL"},
	{"[gatepost]\nmode\n" RULED, 2, "needs a value"},
	{"[principal]\nemail = a@b\n" RULED, 1, "write [principal \"name\"]"},
	{"[principal \"a b\"]\n" RULED, 1, "is no name"},
	{"[principal \"../x\"]\n" RULED, 1, "is no name"},
	{"[principal \"a\"]\nemail = nobody\n" RULED, 2, "no e-mail address"},
	{"[principal \"a\"]\nlogin = a b\n" RULED, 2, "not one word"},
	{"[principal \"a\"]\nkind = humn\n" RULED, 2, "did you mean human?"},
	{"[principal \"a\"]\nuntil = 2026-13-01\n" RULED, 2, "a date"},
	{"[principal \"a\"]\nemail = X@y.z\n[principal \"b\"]\nemail = "
	 "x@Y.z\n" RULED,
	 4, "is a's already"},
	{"[principal \"a\"]\nemail = 5+x@users.noreply.github.com\n"
	 "[principal \"b\"]\nemail = 5+y@users.noreply.github.com\n" RULED,
	 4, "is a's already"},
	{"[principal \"a\"]\nlogin = x\n[principal \"b\"]\nlogin = x\n" RULED,
	 4, "is a's already"},
	{"[signers]\nssh = not-there\n" RULED, 2, "not-there"},
	{"[agent \"claude-cod\"]\n" RULED, 1, "did you mean claude-code?"},
	{"[area \"a\"]\n" RULED, 1, "needs path"},
	{"[area \"a\"]\npath = /src/**\n" RULED, 2, "without a `/`"},
	{"[area \"a\"]\npath = src/../x\n" RULED, 2, "matches no path"},
	{"[area \"a\"]\npath = src**\n" RULED, 2, "must stand alone"},
	{"[gate \"g\"]\nref = main\nrule = r\n[rule \"r\"]\ncheck = demo\n", 2,
	 "did you mean refs/heads/main?"},
	{"[gate \"g\"]\nrule = r\n[rule \"r\"]\ncheck = demo\n", 1,
	 "needs ref"},
	{"[gate \"g\"]\nref = refs/heads/main\n", 1, "needs rule"},
	{"[gate \"g\"]\nref = refs/heads/main\nrule = rr\n" RULED, 3,
	 "did you mean r?"},
	{"[gate \"h\"]\nref = refs/x\nrule = r\nrule = r\n" RULED, 3,
	 "is given twice"},
	{RULED "[rule \"s\"]\ncheck = demo\n", 6, "no gate names this rule"},
	{RULED "[rule \"r\"]\nsise = 3\n", 7, "did you mean size?"},
	{RULED "[rule \"r\"]\nsize = 11\n", 7, "from 1 to 10"},
	{RULED "[rule \"r\"]\nlevl = warn\n", 7, "did you mean level?"},
	{RULED "size = 3\n", 4, "three is not liked"},
	{RULED "role = securty\n[principal \"a\"]\nrole = security\n", 4,
	 "did you mean security?"},
	{RULED "when = area:pay\n[area \"pays\"]\npath = x\n", 6,
	 "did you mean pays?"},
	{RULED "when = ai-asisted\n", 6, "did you mean ai-assisted?"},
	{RULED "when = merge\nwhen = not-merge\n", 6, "never hold"},
	{RULED "check = demo\n", 6, "is given twice"},
	{"[gate \"g\"]\nref = refs/x\nrule = r\n[rule \"r\"]\nlevel = warn\n",
	 4, "needs check"},
	{"[gate \"g\"]\nref = refs/x\nrule = r\n[rule \"r\"]\ncheck = demmo\n",
	 5, "did you mean demo?"},
	{RULED "[sink \"s\"]\nsign = none\n", 6, "needs url"},
	{RULED "[sink \"s\"]\nurl = http://grc.example.com/\n", 7,
	 "by https only"},
	{RULED "[sink \"s\"]\nurl = http://127.0.0.1.example.com/\n", 7,
	 "by https only"},
	{RULED "[sink \"s\"]\nurl = https://u:p@x.org/\n", 7, "password"},
	{RULED "[sink \"s\"]\nurl = https://\n", 7, "no https URL"},
	{RULED "[sink \"s\"]\nurl = ftp://x/\n", 7, "no https URL"},
	{RULED "[sink \"s\"]\nurl = https://x/\nsign = standard-webhooks\n", 8,
	 "needs secret-file"},
	{RULED "[sink \"s\"]\nurl = https://x/\nsecret-file = f\n", 8,
	 "used by nothing"},
	{RULED "[sink \"s\"]\nurl = https://x/\nheader = X\n", 8,
	 "Name: value"},
	{RULED "[sink \"s\"]\nurl = https://x/\nheader = \"A: b\\nC: d\"\n", 8,
	 "control characters"},
	{RULED "[sink \"s\"]\nurl = https://x/\nheader = Webhook-Id: 1\n", 8,
	 "set by the courier"},
	{RULED "[sink \"s\"]\nurl = https://x/\nheader = ce-id: 1\n", 8,
	 "set by the courier"},
	{RULED "[sink \"s\"]\nurl = https://x/\nrecord = decisions\n", 8,
	 "did you mean decision?"},
	{RULED "[include]\npath = not-there\n", 7, "not-there"},
};

START_TEST(mistakes_are_told_with_line_and_remedy)
{
	struct policy_mistakes m;

	mistakes_of(wrong[_i].text, &m);
	assert_mistake(&m, 0, wrong[_i].line, wrong[_i].words);
	ck_assert_msg(m.n == 1, "also: %s", m.n > 1 ? m.v[1] : "");
	policy_mistakes_release(&m);
}
END_TEST

START_TEST(all_mistakes_are_told_in_the_order_of_lines)
{
	struct policy_mistakes m;

	mistakes_of("[gatepost]\n"
		    "mode = enforced\n"
		    "colour = red\n"
		    "[rule \"r\"]\n"
		    "check = demo\n"
		    "size = 12\n"
		    "[gate \"g\"]\n"
		    "ref = main\n"
		    "rule = q\n"
		    "oops\n",
		    &m);
	ck_assert_uint_eq(m.n, 7);
	assert_mistake(&m, 0, 2, "did you mean enforce?");
	assert_mistake(&m, 1, 3, "colour");
	assert_mistake(&m, 2, 4, "no gate");
	assert_mistake(&m, 3, 6, "from 1 to 10");
	assert_mistake(&m, 4, 8, "full ref name");
	assert_mistake(&m, 5, 9, "no [rule \"q\"]");
	assert_mistake(&m, 6, 10, "oops");
	policy_mistakes_release(&m);
}
END_TEST

START_TEST(mistakes_hold_no_escapes)
{
	struct policy_mistakes m;

	mistakes_of("[gatepost]\nmode = \xc2\x9b"
		    "31mred\n" RULED,
		    &m);
	ck_assert_ptr_null(strstr(m.v[0], "\xc2\x9b"));
	assert_mistake(&m, 0, 2, "?31mred");
	policy_mistakes_release(&m);
}
END_TEST

START_TEST(loopback_sinks_need_no_https)
{
	static const char *const urls[] = {
		"http://localhost:8080/x", "http://127.0.0.1/",
		"http://127.9.9.9:1/x", "http://[::1]:8080/"};
	size_t i;

	for (i = 0; i < COUNT(urls); i++) {
		char text[512];
		struct policy *p;

		snprintf(text, sizeof(text), "%s[sink \"s\"]\nurl = %s\n",
			 RULED, urls[i]);
		p = policy_of(text);
		ck_assert_str_eq(p->sinks[0].url, urls[i]);
		policy_free(p);
	}
}
END_TEST

START_TEST(sections_may_be_continued_elsewhere)
{
	struct policy *p;

	scratch_text("more.conf", "[rule \"r\"]\nsize = 2\n");
	p = policy_of("[include]\npath = more.conf\n" RULED);
	ck_assert_uint_eq(p->nrules, 1);
	ck_assert_int_eq(((struct demo_options *)p->rules[0].options)->size, 2);
	policy_free(p);
}
END_TEST

START_TEST(without_kinds_rules_are_not_read)
{
	const char *path = scratch_text("policy.conf", RULED "x = y\n");
	struct policy *p;
	struct err e;

	ck_assert_int_eq(
		policy_load(&p, path, NULL, 0, POLICY_SHALLOW, NULL, &e), 0);
	ck_assert_ptr_null(p->rules[0].options);
	ck_assert_ptr_null(p->normal);
	ck_assert_str_eq(p->digest, "");
	policy_free(p);
}
END_TEST

START_TEST(a_missing_policy_is_no_empty_policy)
{
	struct policy *p;
	struct err e;

	ck_assert_int_eq(
		policy_load(&p, scratch_path("none"), NULL, 0, 0, NULL, &e),
		ERR_NOT_FOUND);
	ck_assert_ptr_null(p);
	ck_assert_ptr_nonnull(strstr(e.msg, "none"));
}
END_TEST

START_TEST(a_policy_that_others_can_write_is_refused)
{
	const char *path = scratch_text("policy.conf", RULED);
	struct policy *p;
	struct err e;

	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(policy_load(&p, path, NULL, 0, 0, NULL, &e),
			 ERR_DENIED);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(an_agents_file_that_others_can_write_is_refused)
{
	const char *path = scratch_text("policy.conf", RULED);
	struct policy *p;
	struct err e;

	ck_assert_int_eq(chmod(scratch_text("agents.conf", small_agents), 0666),
			 0);
	ck_assert_int_eq(policy_load(&p, path, NULL, 0, 0, NULL, &e),
			 ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.msg, "agents.conf"));
}
END_TEST

static void digest_of(const char *text, const char *agents,
		      char out[SHA256_HEX_SIZE])
{
	const char *path = scratch_text("policy.conf", text);
	struct policy *p;
	struct err e;

	scratch_text("agents.conf", agents);
	if (policy_load(&p, path, NULL, 0, 0, NULL, &e))
		ck_abort_msg("%s", e.msg);
	memcpy(out, p->digest, SHA256_HEX_SIZE);
	policy_free(p);
}

START_TEST(the_digest_is_of_all_that_decides_and_of_nothing_else)
{
	static const char other_agents[] =
		"[agent \"x\"]\ntitle = X\nname = x\n";
	char a[SHA256_HEX_SIZE], b[SHA256_HEX_SIZE], c[SHA256_HEX_SIZE],
		d[SHA256_HEX_SIZE];

	digest_of(RULED, small_agents, a);
	digest_of("; comment\n" RULED "  ; more\n", small_agents, b);
	digest_of(RULED "level = warn\n", small_agents, c);
	digest_of(RULED, other_agents, d);
	ck_assert_str_eq(a, b);
	ck_assert_str_ne(a, c);
	ck_assert_str_ne(a, d);
}
END_TEST

START_TEST(show_can_be_read_again)
{
	struct policy *p = policy_of(whole), *again;
	struct buf b = BUF_INIT(1 << 16);
	struct err e;

	ck_assert_int_eq(
		policy_show(p, MODE_UNSET, "team/x", "refs/heads/main", &b, &e),
		0);
	ck_assert_ptr_nonnull(strstr(b.data, "team/x refs/heads/main: warn"));
	ck_assert_ptr_nonnull(strstr(b.data, "\tsize = 7 "));
	ck_assert_ptr_nonnull(strstr(b.data, "policy.conf:2\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "[area \"payments\"]"));
	policy_free(p);
	buf_adds(&b, "[principal \"s\"]\nrole = security\n");
	again = policy_of(b.data);
	ck_assert_uint_eq(again->nrules, 2);
	policy_free(again);
	buf_release(&b);
}
END_TEST

START_TEST(show_says_when_nothing_applies)
{
	struct policy *p = policy_of(whole);
	struct buf b = BUF_INIT(1 << 16);
	struct err e;

	ck_assert_int_eq(policy_show(p, MODE_UNSET, "other/x",
				     "refs/heads/main", &b, &e),
			 0);
	ck_assert_ptr_nonnull(strstr(b.data, "outside of every gate"));
	ck_assert_ptr_null(strstr(b.data, "[rule"));
	policy_free(p);
	buf_release(&b);
}
END_TEST

Suite *suite_load(void)
{
	Suite *s = suite_create("policy load");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_whole_policy_becomes_structs);
	tcase_add_loop_test(t, mistakes_are_told_with_line_and_remedy, 0,
			    (int)COUNT(wrong));
	tcase_add_test(t, all_mistakes_are_told_in_the_order_of_lines);
	tcase_add_test(t, mistakes_hold_no_escapes);
	tcase_add_test(t, loopback_sinks_need_no_https);
	tcase_add_test(t, sections_may_be_continued_elsewhere);
	tcase_add_test(t, without_kinds_rules_are_not_read);
	tcase_add_test(t, a_missing_policy_is_no_empty_policy);
	tcase_add_test(t, a_policy_that_others_can_write_is_refused);
	tcase_add_test(t, an_agents_file_that_others_can_write_is_refused);
	tcase_add_test(t,
		       the_digest_is_of_all_that_decides_and_of_nothing_else);
	tcase_add_test(t, show_can_be_read_again);
	tcase_add_test(t, show_says_when_nothing_applies);
	suite_add_tcase(s, t);
	return s;
}
