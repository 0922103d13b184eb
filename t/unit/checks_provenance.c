/* SPDX-License-Identifier: Apache-2.0 */
#include "checks_help.h"

#include <stdio.h>
#include <string.h>

#define CLAUDE "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n"
#define ASSISTED "Assisted-by: Claude:claude-opus-4-6\n"
#define REGISTRY                                                               \
	"[agent \"claude-code\"]\n\tmodel = claude-*\n\tuntil = 2026-12-31\n"  \
	"[agent \"devin\"]\n\tuntil = 2026-03-31\n[agent \"copilot\"]\n"

static struct bench b;

static void open_with(const char *options)
{
	bench_open(&b, "provenance", options, REGISTRY);
}

static void teardown(void)
{
	bench_close(&b);
}

START_TEST(a_human_commit_is_asked_nothing)
{
	open_with("");
	bench_commit(&b, "fix\n\nSigned-off-by: Ann <ann@example.com>\n");
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 0);
}
END_TEST

/* What counts, with the default options. */
static const char *const declared[] = {
	"fix\n\n" CLAUDE,
	"fix\n\n" ASSISTED,
	"fix\n\nAI-agent: Claude (claude-opus-4-6)\n",
	"fix\n\nCo-authored-by: Copilot "
	"<223556219+Copilot@users.noreply.github.com>\n",
	"fix\n\nAI-assistance: none\n",
	"fix\n\nAssisted-by: Jane Doe <jane@example.com>\n",
};

START_TEST(a_declared_tool_that_is_registered_passes)
{
	open_with("");
	bench_commit(&b, declared[_i]);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, _i < 4);
}
END_TEST

START_TEST(a_declaration_is_evidence)
{
	open_with("");
	bench_commit(&b, "fix\n\n" ASSISTED);
	ck_assert_uint_eq(b.ntold, 1);
	ck_assert_str_eq(b.told[0].kind, "declaration");
	ck_assert_str_eq(b.told[0].text, "Assisted-by: Claude:claude-opus-4-6");
}
END_TEST

START_TEST(an_agent_in_the_body_alone_is_undeclared)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\n" CLAUDE "\nSquashed from the branch.\n");
	s = said_once(&b, "undeclared", "made with Claude Code");
	has_words(s->text, "not stated in the last paragraph");
	ck_assert_str_eq(s->trailer, "Assisted-by: Claude:claude-opus-4-6");
	ck_assert_str_ne(s->commit, "");
	ck_assert_uint_eq(b.ntold, 0);
}
END_TEST

START_TEST(an_agent_as_author_is_undeclared)
{
	const struct made by_aider = {.author =
					      "Ann (aider) <ann@example.com>"};
	const struct said *s;

	bench_open(&b, "provenance", "\tagents = any\n", NULL);
	bench_commit_as(&b, "fix\n", &by_aider);
	s = said_once(&b, "undeclared", "made with Aider, tool not stated");
	ck_assert_str_eq(s->trailer, "Assisted-by: Aider:MODEL");
}
END_TEST

START_TEST(the_words_to_fill_in_must_be_filled_in)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\nAssisted-by: Claude:MODEL\n");
	s = said_once(&b, "undeclared", "still has the word to fill in");
	has_words(s->hint, "git commit --amend");
	ck_assert_str_eq(s->trailer, "");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAssisted-by: TOOL:MODEL\n");
	said_once(&b, "undeclared", "still has the word to fill in");
}
END_TEST

START_TEST(declaring_one_tool_does_not_declare_another)
{
	const struct said *s;

	open_with("\tagents = any\n");
	bench_commit(&b, "fix\n\nGenerated with [Claude Code]\n\n"
			 "Assisted-by: Copilot\n");
	s = said_once(&b, "undeclared", "made with Claude Code");
	has_words(s->trailer, "Assisted-by: Claude");
}
END_TEST

START_TEST(a_nameless_tool_may_be_declared_where_any_is_welcome)
{
	open_with("\tagents = any\n");
	bench_commit(&b, "fix\n\nGenerated with [Claude Code]\n\n"
			 "Assisted-by: LLM sparse\n");
	said_nothing(&b);
	bench_close(&b);
	open_with("");
	bench_commit(&b, "fix\n\nAssisted-by: LLM sparse\n");
	said_once(&b, "unregistered", "an AI tool");
}
END_TEST

START_TEST(declare_key_narrows_what_counts)
{
	const struct said *s;

	open_with("\tdeclare-key = Generated-by\n\tdeclare-key = AI-agent\n");
	bench_commit(&b, "fix\n\n" ASSISTED);
	s = said_once(&b, "undeclared", "Assisted-by does not state here");
	ck_assert_str_eq(s->trailer, "Generated-by: Claude:claude-opus-4-6");
	bench_again(&b);
	bench_commit(&b, "fix\n\nGenerated-by: Claude:claude-opus-4-6\n");
	said_nothing(&b);
	bench_again(&b);
	bench_commit(&b, "fix\n\nAI-assistance: none\n");
	said_nothing(&b);
}
END_TEST

START_TEST(an_unknown_tool_under_another_key_is_undeclared)
{
	const struct said *s;

	open_with("\tdeclare-key = Assisted-by\n\tagents = any\n");
	bench_commit(&b, "fix\n\nAI-Tool: frobnicator\n");
	s = said_once(&b, "undeclared", "made with frobnicator");
	ck_assert_str_eq(s->trailer, "Assisted-by: frobnicator");
}
END_TEST

START_TEST(a_denied_key_may_name_people_but_no_tool)
{
	const struct said *s;

	open_with("\tdeny-key = co-authored-by\n\tdeny-key = Reviewed-by\n");
	bench_commit(&b, "fix\n\nCo-authored-by: Ann <ann@example.com>\n"
			 "Reviewed-by: Bob <bob@example.com>\n" ASSISTED);
	said_nothing(&b);
	bench_again(&b);
	bench_commit(&b, "fix\n\n" ASSISTED CLAUDE);
	s = said_once(&b, "denied-key", "Co-Authored-By names Claude Code");
	has_words(s->hint, "git commit --amend, and write Assisted-by: Claude");
	has_words(s->hint, "in place of \"Co-Authored-By: Claude Opus 4.6");
	bench_again(&b);
	bench_commit(&b, "fix\n\nReviewed-by: Claude "
			 "<noreply@anthropic.com>\n" ASSISTED);
	said_once(&b, "denied-key", "Reviewed-by names Claude Code");
}
END_TEST

START_TEST(a_denied_key_declares_nothing)
{
	open_with("\tdeny-key = Co-authored-by\n");
	bench_commit(&b, "fix\n\n" CLAUDE);
	ck_assert_uint_eq(b.nsaid, 2);
	said_some(&b, "denied-key", "Co-Authored-By");
	has_words(said_some(&b, "undeclared", "Claude Code")->trailer,
		  "Assisted-by: Claude:claude-opus-4-6");
}
END_TEST

START_TEST(always_asks_where_nothing_is_seen)
{
	const struct said *s;

	open_with("\tdeclare = always\n");
	bench_commit(&b, "fix\n");
	s = said_once(&b, "missing", "does not say whether an AI tool helped");
	ck_assert_str_eq(s->trailer, "AI-assistance: none");
	has_words(s->hint, "Assisted-by: TOOL:MODEL");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAI-assistance: none\n");
	said_nothing(&b);
	bench_again(&b);
	bench_commit(&b, "fix\n\nAssisted-by: Jane Doe <jane@example.com>\n");
	said_once(&b, "missing", "does not say");
}
END_TEST

START_TEST(always_never_suggests_none_where_an_agent_was_seen)
{
	open_with("\tdeclare = always\n");
	bench_commit(&b, "fix\n\nGenerated with [Claude Code]\n\nThe end.\n");
	ck_assert_ptr_null(strstr(
		said_once(&b, "undeclared", "Claude Code")->trailer, "none"));
}
END_TEST

START_TEST(forbid_refuses_whatever_shows_an_agent)
{
	const struct said *s;

	open_with("\tdeclare = forbid\n");
	bench_commit(&b, "fix\n\n" ASSISTED);
	s = said_once(&b, "forbidden", "made with Claude Code");
	has_words(s->hint, "git rebase --onto 010000000^ 010000000");
	bench_again(&b);
	bench_commit(&b, "fix\n\nGenerated with [Claude Code]\n\nEnd.\n");
	said_once(&b, "forbidden", "Claude Code");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAssisted-by: frobnicator\n");
	said_once(&b, "forbidden", "frobnicator");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAI-assistance: none\n");
	said_nothing(&b);
}
END_TEST

START_TEST(none_beside_an_agent_is_ambiguous)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\nAI-assistance: none\n" CLAUDE);
	s = said_once(&b, "ambiguous", "says \"AI-assistance: none\"");
	has_words(s->text, "made with Claude Code");
	has_words(s->hint, "write Assisted-by: Claude:claude-opus-4-6 in place "
			   "of \"AI-assistance: none\"");
}
END_TEST

START_TEST(a_declaration_behind_a_divider_is_ambiguous)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\ntext\n---\n\n" ASSISTED);
	s = said_once(&b, "ambiguous", "read another Assisted-by");
	has_words(s->hint, "remove the line `---`");
	bench_again(&b);
	bench_commit(&b, "fix\n\n" ASSISTED "\n---\n\nnotes\n");
	said_some(&b, "ambiguous", "read another Assisted-by");
	bench_again(&b);
	bench_commit(&b, "fix\n\ntext\n---\n\n"
			 "Signed-off-by: Ann <ann@example.com>\n");
	said_nothing(&b);
}
END_TEST

START_TEST(more_tools_than_fit_are_ambiguous)
{
	struct buf m = BUF_INIT(1 << 16);
	int i;

	open_with("\tagents = any\n");
	buf_adds(&m, "fix\n\n");
	for (i = 0; i <= AGENTS_MAX_SEEN; i++)
		buf_addf(&m, "Assisted-by: tool%d\n", i);
	bench_commit(&b, m.data);
	said_once(&b, "ambiguous", "names more than 16 AI tools");
	buf_release(&m);
}
END_TEST

START_TEST(an_unregistered_tool_is_told_what_is)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\nAssisted-by: Cursor:gpt-5\n");
	s = said_once(&b, "unregistered", "made with Cursor");
	has_words(s->hint, "registered here: Claude Code, Devin");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAssisted-by: frobnicator:7\n");
	said_once(&b, "unregistered", "made with frobnicator");
	bench_close(&b);
	bench_open(&b, "provenance", "", NULL);
	bench_commit(&b, "fix\n\n" ASSISTED);
	s = said_once(&b, "unregistered", "Claude Code");
	has_words(s->hint, "no AI tool is registered here");
	bench_close(&b);
	open_with("\tagents = any\n");
	bench_commit(&b, "fix\n\nAssisted-by: Cursor:gpt-5\n");
	said_nothing(&b);
}
END_TEST

START_TEST(a_model_must_be_registered_too)
{
	open_with("");
	bench_commit(&b, "fix\n\nAssisted-by: Claude:gpt-5\n");
	said_once(&b, "unregistered", "Claude Code's model gpt-5");
	bench_again(&b);
	bench_commit(&b, "fix\n\nAssisted-by: Claude\n");
	has_words(said_once(&b, "unregistered", "model not stated")->hint,
		  "write Assisted-by: Claude:MODEL");
	bench_again(&b);
	bench_commit(&b, "fix\n\nCo-authored-by: Claude "
			 "<noreply@anthropic.com>\n");
	ck_assert_str_eq(
		said_once(&b, "unregistered", "model not stated")->trailer,
		"Assisted-by: Claude:MODEL");
}
END_TEST

START_TEST(a_registration_ends)
{
	const struct said *s;

	open_with("");
	bench_commit(&b, "fix\n\nAssisted-by: Devin:2\n");
	s = said_once(&b, "expired", "Devin");
	has_words(s->text, "until 2026-03-31");
	has_words(s->hint, "[agent \"devin\"]");
}
END_TEST

START_TEST(an_agent_does_not_sign_off)
{
	static const char message[] =
		"fix\n\n" ASSISTED
		"Signed-off-by: Claude <noreply@anthropic.com>\n";

	open_with("");
	bench_commit(&b, message);
	has_words(said_once(&b, "agent-signoff", "signed off by Claude")->hint,
		  "your own name");
	bench_close(&b);
	open_with("\tagent-signoff = allow\n");
	bench_commit(&b, message);
	said_nothing(&b);
}
END_TEST

START_TEST(an_older_commit_is_reworded_by_a_rebase)
{
	open_with("");
	bench_commit(&b, "newest\n");
	bench_commit(&b, "older\n\nAI-assistance: none\n" CLAUDE);
	has_words(said_once(&b, "ambiguous", "none")->hint,
		  "git rebase -i 020000000^, `reword` this commit");
}
END_TEST

static const struct made exempt[] = {
	{.merge = true, .changes_nothing = true},
	{.exact_revert = true},
	{.unmatched = true},
};
static const char *const modes[] = {"\tdeclare = forbid\n",
				    "\tdeclare = always\n", ""};

START_TEST(some_commits_are_not_asked)
{
	size_t i;

	for (i = 0; i < 3; i++) {
		open_with(modes[i]);
		bench_commit_as(&b,
				"fix\n\nSigned-off-by: Claude "
				"<noreply@anthropic.com>\n\nEnd.\n",
				&exempt[_i]);
		said_nothing(&b);
		if (i < 2)
			bench_close(&b);
	}
}
END_TEST

START_TEST(an_evil_merge_is_asked)
{
	const struct made evil = {.merge = true};

	open_with("");
	bench_commit_as(&b, "Merge x\n\nGenerated with [Claude Code]\n\nEnd.\n",
			&evil);
	said_once(&b, "undeclared", "Claude Code");
}
END_TEST

START_TEST(hostile_lines_stay_short)
{
	struct buf m = BUF_INIT(1 << 20);
	size_t i;

	open_with("\tdeny-key = Assisted-by\n");
	buf_adds(&m, "fix\n\n");
	for (i = 0; i < 5000; i++)
		buf_adds(&m, "Assisted-by: x{0}x\n");
	bench_commit(&b, m.data);
	ck_assert_uint_lt(b.nsaid, 40);
	bench_again(&b);
	buf_clear(&m);
	buf_adds(&m, "fix\n\nAssisted-by: ");
	for (i = 0; i < 500000; i++)
		buf_addch(&m, 'a');
	buf_addch(&m, '\n');
	bench_commit(&b, m.data);
	for (i = 0; i < b.nsaid; i++)
		ck_assert_uint_lt(strlen(b.said[i].hint), CHECK_MAX_TEXT);
	buf_release(&m);
}
END_TEST

static const struct {
	const char *options, *words;
} mistakes[] = {
	{"\tdeclare = sometimes\n", "when-detected, always or forbid"},
	{"\tdeclare-key = Rollback Plan\n", "no trailer's key"},
	{"\tdeny-key = Assisted-by:\n", "no trailer's key"},
	{"\tdeclare-key = Change-Id\n", "knows no such key"},
	{"\tdeclare-key = AI-agent\n\tdeny-key = ai-agent\n", "is both"},
	{"\tdeclare = forbid\n\tdeclare-key = AI-agent\n", "mean nothing"},
	{"\tagents = some\n", "registered or any"},
	{"\tagent-signoff = maybe\n", "deny or allow"},
};

START_TEST(mistakes_in_the_rule_are_told)
{
	has_words(bench_mistake("provenance", mistakes[_i].options, NULL),
		  mistakes[_i].words);
}
END_TEST

/* ---- what earlier pushes said of the same change ---- */

#define EARLIER "01934f00-0000-7000-8000-000000000001"

static struct memory_facts memory;
static const struct made again = {.memory = &memory};

static struct remembered *remember(const char *agent, const char *model,
				   const char *trailer)
{
	struct remembered *r = &memory.v[memory.n++];

	memset(r, 0, sizeof(*r));
	snprintf(r->record, sizeof(r->record), "%s", EARLIER);
	snprintf(r->agent, sizeof(r->agent), "%s", agent);
	snprintf(r->model, sizeof(r->model), "%s", model);
	snprintf(r->trailer, sizeof(r->trailer), "%s", trailer);
	r->declared = *trailer;
	r->none = !*agent;
	return r;
}

static void open_again(const char *options)
{
	open_with(options);
	memory.n = 0;
}

START_TEST(a_lost_declaration_is_inherited)
{
	open_again("declare = always");
	remember("claude-code", "claude-opus-4-6",
		 "Assisted-by: Claude:claude-opus-4-6");
	bench_commit_as(&b, "fix\n", &again);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 1);
	ck_assert_str_eq(b.told[0].kind, "inherited");
	ck_assert_str_eq(b.told[0].text,
			 EARLIER " Assisted-by: Claude:claude-opus-4-6");
	/* seen in the body, as a squash leaves it */
	bench_again(&b);
	bench_commit_as(&b, "fix\n\n    " ASSISTED "\nSquashed.\n", &again);
	said_nothing(&b);
	/* who says so again inherits nothing */
	bench_again(&b);
	bench_commit_as(&b, "fix\n\n" ASSISTED, &again);
	said_nothing(&b);
	ck_assert_uint_eq(b.ntold, 1);
	ck_assert_str_eq(b.told[0].kind, "declaration");
}
END_TEST

START_TEST(a_denied_declaration_is_lost)
{
	const struct said *s;

	open_again("");
	remember("claude-code", "claude-opus-4-6",
		 "Assisted-by: Claude:claude-opus-4-6");
	bench_commit_as(&b, "fix\n\nAI-assistance: none\n", &again);
	s = said_once(&b, "declaration-lost", "record " EARLIER);
	has_words(s->text, "came with Claude Code before");
	has_words(s->hint, "git -c trailer.ifexists=replace commit --amend");
	has_words(s->hint, "AI-assistance: Claude:claude-opus-4-6");
	/* not the tip: the next commit that the rule sees */
	bench_commit_as(&b, "fix\n\nAI-assistance: none\n", &again);
	ck_assert_uint_eq(b.nsaid, 2);
	has_words(b.said[1].hint, "git rebase -i");
}
END_TEST

START_TEST(a_declaration_of_another_key_is_not_inherited)
{
	const struct said *s;

	open_again("declare-key = AI-agent");
	remember("claude-code", "claude-opus-4-6",
		 "Assisted-by: Claude:claude-opus-4-6");
	bench_commit_as(&b, "fix\n", &again);
	s = said_once(&b, "undeclared", "says record " EARLIER);
	ck_assert_str_eq(s->trailer, "AI-agent: Claude:claude-opus-4-6");
	ck_assert_uint_eq(b.ntold, 0);
}
END_TEST

START_TEST(a_tool_that_was_seen_alone_is_to_be_declared)
{
	const struct said *s;

	open_again("");
	remember("claude-code", "", "");
	bench_commit_as(&b, "fix\n", &again);
	s = said_once(&b, "undeclared", "made with Claude Code");
	has_words(s->trailer, "Assisted-by: Claude");
	bench_again(&b);
	bench_commit_as(&b, "fix\n\n" ASSISTED, &again);
	said_nothing(&b);
	/* hostile bytes of another push stay a word of the command */
	bench_close(&b);
	open_again("agents = any");
	remember("x'; rm -rf / #$(id)`id`", "", "");
	bench_commit_as(&b, "fix\n\nAI-assistance: none\n", &again);
	s = said_once(&b, "declaration-lost", "x'; rm");
	has_words(s->hint, "--trailer 'AI-assistance: x'\\''; rm");
}
END_TEST

START_TEST(an_inherited_tool_has_to_be_registered)
{
	open_again("");
	remember("devin", "", "Assisted-by: Devin");
	bench_commit_as(&b, "fix\n", &again);
	said_once(&b, "expired", "Devin");
	bench_close(&b);
	open_again("");
	remember("Frobnicator", "", "Assisted-by: Frobnicator");
	bench_commit_as(&b, "fix\n", &again);
	said_once(&b, "unregistered", "Frobnicator");
}
END_TEST

START_TEST(none_is_inherited_where_something_has_to_be_said)
{
	open_again("declare = always");
	remember("", "", "");
	bench_commit_as(&b, "fix\n", &again);
	said_nothing(&b);
	bench_again(&b);
	memory.n = 0;
	bench_commit_as(&b, "fix\n", &again);
	said_once(&b, "missing", "does not say");
}
END_TEST

START_TEST(what_is_remembered_is_forbidden_too)
{
	open_again("declare = forbid");
	remember("claude-code", "", "");
	bench_commit_as(&b, "fix\n", &again);
	said_once(&b, "forbidden", "Claude Code (record " EARLIER ")");
}
END_TEST

Suite *suite_provenance(void)
{
	Suite *s = suite_create("provenance");
	TCase *t = tcase_create("commits"), *p = tcase_create("policy");

	suite_add_tcase(s, t);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, a_human_commit_is_asked_nothing);
	tcase_add_loop_test(t, a_declared_tool_that_is_registered_passes, 0,
			    sizeof(declared) / sizeof(declared[0]));
	tcase_add_test(t, a_declaration_is_evidence);
	tcase_add_test(t, an_agent_in_the_body_alone_is_undeclared);
	tcase_add_test(t, an_agent_as_author_is_undeclared);
	tcase_add_test(t, the_words_to_fill_in_must_be_filled_in);
	tcase_add_test(t, declaring_one_tool_does_not_declare_another);
	tcase_add_test(t, a_nameless_tool_may_be_declared_where_any_is_welcome);
	tcase_add_test(t, declare_key_narrows_what_counts);
	tcase_add_test(t, an_unknown_tool_under_another_key_is_undeclared);
	tcase_add_test(t, a_denied_key_may_name_people_but_no_tool);
	tcase_add_test(t, a_denied_key_declares_nothing);
	tcase_add_test(t, always_asks_where_nothing_is_seen);
	tcase_add_test(t, always_never_suggests_none_where_an_agent_was_seen);
	tcase_add_test(t, forbid_refuses_whatever_shows_an_agent);
	tcase_add_test(t, none_beside_an_agent_is_ambiguous);
	tcase_add_test(t, a_declaration_behind_a_divider_is_ambiguous);
	tcase_add_test(t, more_tools_than_fit_are_ambiguous);
	tcase_add_test(t, an_unregistered_tool_is_told_what_is);
	tcase_add_test(t, a_model_must_be_registered_too);
	tcase_add_test(t, a_registration_ends);
	tcase_add_test(t, an_agent_does_not_sign_off);
	tcase_add_test(t, an_older_commit_is_reworded_by_a_rebase);
	tcase_add_loop_test(t, some_commits_are_not_asked, 0,
			    sizeof(exempt) / sizeof(exempt[0]));
	tcase_add_test(t, an_evil_merge_is_asked);
	tcase_add_test(t, hostile_lines_stay_short);
	tcase_add_loop_test(p, mistakes_in_the_rule_are_told, 0,
			    sizeof(mistakes) / sizeof(mistakes[0]));
	tcase_add_test(t, a_lost_declaration_is_inherited);
	tcase_add_test(t, a_denied_declaration_is_lost);
	tcase_add_test(t, a_declaration_of_another_key_is_not_inherited);
	tcase_add_test(t, a_tool_that_was_seen_alone_is_to_be_declared);
	tcase_add_test(t, an_inherited_tool_has_to_be_registered);
	tcase_add_test(t, none_is_inherited_where_something_has_to_be_said);
	tcase_add_test(t, what_is_remembered_is_forbidden_too);
	return s;
}
