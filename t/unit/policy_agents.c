/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "policy/agents.h"
#include "policy_help.h"
#include "sys/files.h"

/* The agents.conf that is installed; a copy, since whose the source tree is
 * and who may write there is not for this test to say. */
static struct agents *shipped(void)
{
	struct buf b = BUF_INIT(1 << 20);
	struct agents *a;
	struct err e;

	if (file_read(TOP_SRCDIR "/conf/agents.conf", &b, &e))
		ck_abort_msg("%s", e.msg);
	if (agents_load(&a, scratch_write("agents.conf", b.data, b.len), NULL,
			&e))
		ck_abort_msg("%s", e.msg);
	buf_release(&b);
	return a;
}

static struct ident ident_of(const char *name, const char *mail)
{
	struct ident who = {.name = span_str(name), .mail = span_str(mail)};

	return who;
}

static void add_places(struct buf *b, unsigned places)
{
	static const char letters[] = "ACoTBS";
	int i;

	for (i = 0; letters[i]; i++)
		if (places & 1U << i)
			buf_addch(b, letters[i]);
}

/*
 * What was found, as one line: `id[places]{model}` of each agent seen, then
 * `key=id(tool|model)` of each declaration, with `none`, `person`, `weak`.
 */
static void summarise(const struct agents_facts *f, struct buf *b)
{
	size_t i;

	for (i = 0; i < f->nseen; i++) {
		buf_addf(b, "%s%s[", b->len ? " " : "", f->seen[i].id);
		add_places(b, f->seen[i].places);
		buf_addf(b, "]");
		if (*f->seen[i].model)
			buf_addf(b, "{%s}", f->seen[i].model);
		if (*f->seen[i].session)
			buf_addf(b, "<%s>", f->seen[i].session);
	}
	for (i = 0; i < f->ndeclared; i++) {
		const struct agent_declaration *d = &f->declared[i];

		buf_addf(b, "%s%.*s=%s(%s|%s)%s%s%s", b->len ? " " : "",
			 (int)d->trailer->key.n, d->trailer->key.p,
			 d->id ? d->id : "-", d->tool, d->model,
			 d->none ? "none" : "", d->person ? "person" : "",
			 d->weak ? "weak" : "");
	}
}

static void assert_found(const struct agents *a, struct ident author,
			 struct ident committer, const char *message,
			 const char *want)
{
	static struct agents_facts facts;
	struct commit c = {.author = author,
			   .committer = committer,
			   .message = span_str(message)};
	struct buf b = BUF_INIT(1 << 16);
	struct trailers t;
	struct err e;

	trailers_init(&t);
	ck_assert_int_eq(
		trailers_parse(&t, c.message, TRAILERS_NO_DIVIDER, 1000, &e),
		0);
	agents_examine(a, &c, &t, &facts);
	summarise(&facts, &b);
	ck_assert_str_eq(b.data, want);
	buf_release(&b);
	trailers_release(&t);
}

static const struct {
	const char *block; /* of trailers, behind a subject */
	const char *want;
} blocks[] = {
	/* as the tools write it unasked */
	{"Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>",
	 "claude-code[o]{Claude Opus 4.6} "
	 "Co-Authored-By=claude-code(|Claude Opus 4.6)weak"},
	{"Co-Authored-By: Claude Opus 4.8 (1M context) "
	 "<NoReply@Anthropic.com>",
	 "claude-code[o]{Claude Opus 4.8 (1M context)} "
	 "Co-Authored-By=claude-code(|Claude Opus 4.8 (1M context))weak"},
	{"Co-Authored-By: Claude <noreply@anthropic.com>",
	 "claude-code[o] Co-Authored-By=claude-code(Claude|)weak"},
	{"Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
	 "copilot[o] Co-authored-by=copilot(Copilot|)weak"},
	{"Co-authored-by: Cursor <cursoragent@cursor.com>",
	 "cursor[o] Co-authored-by=cursor(Cursor|)weak"},
	{"Made-with: Cursor", "cursor[T] Made-with=cursor(Cursor|)weak"},
	{"Co-authored-by: aider (gpt-5.2) <aider@aider.chat>",
	 "aider[o]{gpt-5.2} Co-authored-by=aider(aider|gpt-5.2)weak"},
	{"Co-authored-by: Codex <noreply@openai.com>",
	 "codex[o] Co-authored-by=codex(Codex|)weak"},
	{"Co-authored-by: Amp <amp@ampcode.com>\n"
	 "Amp-Thread-ID: https://ampcode.com/threads/T-12",
	 "amp[oTB]<https://ampcode.com/threads/T-12> "
	 "Co-authored-by=amp(Amp|)weak"},
	{"Co-Authored-By: \xf0\x9f\x92\x98 Crush <crush@charm.land",
	 "crush[o] Co-Authored-By=crush(\xf0\x9f\x92\x98 Crush|)weak"},
	{"Claude-Session: https://claude.ai/code/session_01",
	 "claude-code[TB]<https://claude.ai/code/session_01>"},
	{"Agent-Logs-Url: https://github.com/o/r/sessions/1",
	 "copilot[T]<https://github.com/o/r/sessions/1>"},
	/* Tool:model tools */
	{"Assisted-by: Claude:claude-3-opus coccinelle sparse",
	 "claude-code[T]{claude-3-opus} "
	 "Assisted-by=claude-code(Claude|claude-3-opus)"},
	{"Assisted-by: Crush:anthropic/claude-opus-5",
	 "crush[T]{anthropic/claude-opus-5} "
	 "Assisted-by=crush(Crush|anthropic/claude-opus-5)"},
	{"Assisted-by: Crush:AWS Claude Opus 4.6",
	 "crush[T]{AWS Claude Opus 4.6} "
	 "Assisted-by=crush(Crush|AWS Claude Opus 4.6)"},
	{"Assisted-by: Zorg:zorg-1 tool", "Assisted-by=-(Zorg|zorg-1)"},
	/* LLM tools */
	{"Assisted-by: LLM sparse", "Assisted-by=other(LLM|)"},
	{"Assisted-by: Claude coccinelle",
	 "claude-code[T] Assisted-by=claude-code(Claude|)"},
	/* Tool (model), Tool/model */
	{"Assisted-by: GitHub Copilot (gpt-5)",
	 "copilot[T]{gpt-5} Assisted-by=copilot(GitHub Copilot|gpt-5)"},
	{"Assisted-by: Claude Code/claude-opus-4-6",
	 "claude-code[T]{claude-opus-4-6} "
	 "Assisted-by=claude-code(Claude Code|claude-opus-4-6)"},
	/* Model via Tool */
	{"Assisted-by: GLM-4.7 via Crush <crush@charm.land>",
	 "crush[T]{GLM-4.7} Assisted-by=crush(Crush|GLM-4.7)"},
	{"Assisted-by: Z.ai: GLM 5.1 via Crush <crush@charm.land>",
	 "crush[T]{Z.ai: GLM 5.1} Assisted-by=crush(Crush|Z.ai: GLM 5.1)"},
	{"Assisted-by: Claude Sonnet 4.5 via Crush",
	 "crush[T]{Claude Sonnet 4.5} "
	 "Assisted-by=crush(Crush|Claude Sonnet 4.5)"},
	/* a bare model */
	{"Assisted-by: Opus 4.7", "Assisted-by=-(|Opus 4.7)"},
	{"Assisted-by: Claude Opus 4.6",
	 "claude-code[T]{Claude Opus 4.6} "
	 "Assisted-by=claude-code(|Claude Opus 4.6)"},
	{"Assisted-by: openai/gpt-5.5", "Assisted-by=-(|openai/gpt-5.5)"},
	/* free text */
	{"Assisted-by: my own tool v2", "Assisted-by=-(my own tool v2|)"},
	{"AI-used-for: writing the tests", "AI-used-for=-(writing the tests|)"},
	{"Assisted-by: https://example.com/gpt-5",
	 "Assisted-by=-(https://example.com/gpt-5|)"},
	{"AI-assisted: yes", "AI-assisted=-(|)"},
	{"Assisted-by:", "Assisted-by=-(|)"},
	/* no */
	{"AI-assistance: none", "AI-assistance=-(|)none"},
	{"Assisted-by: N/A", "Assisted-by=-(|)none"},
	{"AI-generated: no", "AI-generated=-(|)none"},
	/* a model of its own */
	{"AI-Tool: Cursor\nAI-Model: composer-1",
	 "cursor[T] AI-Tool=cursor(Cursor|composer-1)"},
	{"Coding-Agent: Zorg\nModel: zorg-2", "Coding-Agent=-(Zorg|zorg-2)"},
	/* people */
	{"Assisted-by: Jane Doe <jane@example.com>", "Assisted-by=-(|)person"},
	{"Assisted-by: Jay Satiro", "Assisted-by=-(Jay Satiro|)person"},
	{"Assisted-by: bubbleguuum on github",
	 "Assisted-by=-(bubbleguuum on github|)person"},
	{"Assisted-by: Claude Monet <claude@example.fr>",
	 "Assisted-by=-(|)person"},
	{"Assisted-by: Claude Monet", "Assisted-by=-(Claude Monet|)person"},
	{"Co-authored-by: Claude <claude@example.fr>", ""},
	{"Co-authored-by: Devin Booker <devin@example.com>", ""},
	{"Co-authored-by: Jules <jules@example.com>", ""},
	{"Co-authored-by: Ted <ted@openai.com>", ""},
	{"Reviewed-by: Claude Opus 4.6 <noreply@anthropic.com>", ""},
	{"Generated-by: swig 4.1", ""},
	{"Agent: Smith", ""},
	/* GitHub Actions is nobody */
	{"Co-authored-by: github-actions[bot] "
	 "<41898282+github-actions[bot]@users.noreply.github.com>",
	 ""},
	{"Co-authored-by: claude[bot] "
	 "<41898282+claude[bot]@users.noreply.github.com>",
	 "claude-code[o] Co-authored-by=claude-code(claude[bot]|)weak"},
	/* who signs off */
	{"Signed-off-by: Claude <noreply@anthropic.com>", "claude-code[S]"},
	{"Signed-off-by: Claude Shannon <claude@example.com>", ""},
	/* a session of an unnamed tool */
	{"Entire-Checkpoint: 2373a92c6c40", "other[T]<2373a92c6c40>"},
	{"Entire-Checkpoint: 2373a92c6c40\nAssisted-by: Zorg:1",
	 "Assisted-by=-(Zorg|1)"},
	{"Entire-Checkpoint: 2373a92c6c40\nAI-assistance: none",
	 "other[T]<2373a92c6c40> AI-assistance=-(|)none"},
	{"Entire-Checkpoint: 2373a92c6c40\n"
	 "Co-authored-by: Crush <crush@charm.land>",
	 "crush[o]<2373a92c6c40> Co-authored-by=crush(Crush|)weak"},
	/* hostile */
	{"Assisted-by: Claude:\x1b[31mred",
	 "claude-code[T]{?[31mred} Assisted-by=claude-code(Claude|?[31mred)"},
};

START_TEST(trailers_are_read_in_every_shape)
{
	struct agents *a = shipped();
	struct ident jane = ident_of("Jane Doe", "jane@example.com");
	char message[2048];

	strcpy(message, "do it\n\n");
	strcat(message, blocks[_i].block);
	strcat(message, "\n");
	assert_found(a, jane, jane, message, blocks[_i].want);
	agents_free(a);
}
END_TEST

static const struct {
	const char *message, *want;
} bodies[] = {
	{"do it\n\n\xf0\x9f\xa4\x96 Generated with "
	 "[Claude Code](https://claude.com/claude-code)\n",
	 "claude-code[B]"},
	{"do it\n\n\xf0\x9f\x92\x98 Generated with Crush\n", "crush[B]"},
	{"do it\n\nThe files are\nGenerated with Crush line, including\n", ""},
	{"do it\n\nGenerated with the script\n", ""},
	{"do it\n\n \xf0\x9f\xa4\x96 Generated with zorg\n", "other[B]"},
	{"do it\n\n\xf0\x9f\xa4\x96 I am no robot\n", ""},
	{"do it\n\nsee https://claude.ai/code/session_01ab) for it\n",
	 "claude-code[B]<https://claude.ai/code/session_01ab>"},
	{"do it\n\nhttps://claude.ai/code/sessions\n", ""},
	/* a squash indents what it collects */
	{"Squashed commit of the following:\n\n    do it\n\n"
	 "    Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>\n",
	 "claude-code[o]{Claude Opus 4.6}"},
	{"Squashed\n\n    Assisted-by: Crush:glm-5.2\n", "crush[B]{glm-5.2}"},
	{"Squashed\n\n    Assisted-by: Zorg:1\n", "other[B]{1}"},
	{"Squashed\n\n    Assisted-by: Jane Doe <j@example.com>\n", ""},
	{"Squashed\n\n    AI-assistance: none\n", ""},
	{"Squashed\n\n* do it\n\n* Co-authored-by: Copilot "
	 "<223556219+Copilot@users.noreply.github.com>\n",
	 "copilot[o]"},
	/* a paragraph behind the block */
	{"do it\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n\n"
	 "more text here\n",
	 "claude-code[o]"},
	{"do it\n\nSigned-off-by: Claude <noreply@anthropic.com>\n\nend\n",
	 "claude-code[S]"},
	/* in both */
	{"do it\n\n\xf0\x9f\xa4\x96 Generated with [Claude Code](x)\n\n"
	 "Assisted-by: Claude:claude-opus-4-6\n",
	 "claude-code[TB]{claude-opus-4-6} "
	 "Assisted-by=claude-code(Claude|claude-opus-4-6)"},
	{"", ""},
	{"no newline", ""},
	{"x\n\n:", ""},
	{"x\n\n: https", ""},
	{"https://claude.ai/code/session_",
	 "claude-code[B]"
	 "<https://claude.ai/code/session_>"},
};

START_TEST(agents_are_seen_anywhere_in_the_message)
{
	struct agents *a = shipped();
	struct ident jane = ident_of("Jane Doe", "jane@example.com");

	assert_found(a, jane, jane, bodies[_i].message, bodies[_i].want);
	agents_free(a);
}
END_TEST

static const struct {
	const char *name, *mail, *want;
} authors[] = {
	{"Claude", "noreply@anthropic.com", "claude-code[AC]"},
	{"copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com",
	 "copilot[AC]"},
	{"Copilot", "198982749+renamed@users.noreply.github.com",
	 "copilot[AC]"},
	{"copilot-swe-agent[bot]", "x@example.com", "copilot[AC]"},
	{"Jane Doe (aider)", "jane@example.com", "aider[AC]"},
	{"devin-ai-integration[bot]",
	 "158243242+devin-ai-integration[bot]@users.noreply.github.com",
	 "devin[AC]"},
	{"claude[bot]", "41898282+claude[bot]@users.noreply.github.com",
	 "claude-code[AC]"},
	{"github-actions[bot]",
	 "41898282+github-actions[bot]@users.noreply.github.com", ""},
	{"Claude", "claude@example.fr", ""},
	{"Copilot", "pilot@example.com", ""},
	{"Jane", "198982749@users.noreply.github.com", ""},
	{"Ted", "ted@openai.com", ""},
	{"", "", ""},
};

START_TEST(authors_are_known_by_address)
{
	struct agents *a = shipped();
	struct ident who = ident_of(authors[_i].name, authors[_i].mail);

	assert_found(a, who, who, "do it\n", authors[_i].want);
	agents_free(a);
}
END_TEST

START_TEST(more_than_fit_is_said)
{
	static struct agents_facts facts;
	struct buf b = BUF_INIT(1 << 16);
	struct agents *a = shipped();
	struct commit c = {0};
	struct trailers t;
	struct err e;
	int i;

	buf_adds(&b, "x\n\n");
	for (i = 0; i <= AGENTS_MAX_SEEN; i++)
		buf_addf(&b, "Assisted-by: T%d:m\n", i);
	c.message = span_of(b.data, b.len);
	trailers_init(&t);
	ck_assert_int_eq(
		trailers_parse(&t, c.message, TRAILERS_NO_DIVIDER, 1000, &e),
		0);
	agents_examine(a, &c, &t, &facts);
	ck_assert(facts.too_many);
	ck_assert_uint_eq(facts.ndeclared, AGENTS_MAX_SEEN);
	trailers_release(&t);
	buf_release(&b);
	agents_free(a);
}
END_TEST

START_TEST(long_hostile_values_are_read_in_linear_time)
{
	static struct agents_facts facts;
	struct buf b = BUF_INIT(4 << 20);
	struct agents *a = shipped();
	struct commit c = {0};
	struct trailers t;
	struct err e;
	int i;

	buf_adds(&b, "x\n\nAssisted-by: ");
	for (i = 0; i < 250000; i++)
		buf_adds(&b, "a (/ ");
	buf_adds(&b, "\n");
	c.message = span_of(b.data, b.len);
	trailers_init(&t);
	ck_assert_int_eq(
		trailers_parse(&t, c.message, TRAILERS_NO_DIVIDER, 1000, &e),
		0);
	agents_examine(a, &c, &t, &facts);
	ck_assert_uint_eq(facts.ndeclared, 1);
	trailers_release(&t);
	buf_release(&b);
	agents_free(a);
}
END_TEST

static const struct {
	const char *id, *model, *key, *want;
} suggestions[] = {
	{"claude-code", "Claude Opus 4.6 (1M context)", "Assisted-by",
	 "Assisted-by: Claude:claude-opus-4-6"},
	{"claude-code", "", "Assisted-by", "Assisted-by: Claude:MODEL"},
	{"crush", "GLM-4.7", "Generated-by", "Generated-by: Crush:glm-4.7"},
	{"other", "", "Assisted-by", "Assisted-by: TOOL:MODEL"},
	{"cursor", "", "Co-authored-by",
	 "Co-authored-by: Cursor <cursoragent@cursor.com>"},
};

START_TEST(suggestions_are_what_would_be_accepted)
{
	struct agent_seen seen = {.id = suggestions[_i].id};
	struct buf b = BUF_INIT(1024);
	struct agents *a = shipped();

	strcpy(seen.model, suggestions[_i].model);
	agents_suggest(a, &seen, suggestions[_i].key, &b);
	ck_assert_str_eq(b.data, suggestions[_i].want);
	buf_release(&b);
	agents_free(a);
}
END_TEST

static int list_variable(void *ctx, const char *id, const char *variable)
{
	buf_addf(ctx, "%s:%s ", id, variable);
	return !strcmp(variable, "LAST");
}

START_TEST(agents_variables_are_told_until_one_is_enough)
{
	static const char text[] =
		"[agent \"a\"]\ntitle = A\nenvironment = A_1\n"
		"environment = a2\n[agent \"b\"]\ntitle = B\n"
		"environment = LAST\nenvironment = MORE\n";
	struct buf b = BUF_INIT(1000);
	struct agents *a;
	struct err e;

	ck_assert_int_eq(
		agents_load(&a, scratch_text("agents", text), NULL, &e), 0);
	ck_assert_int_eq(agents_variables(a, list_variable, &b), 1);
	ck_assert_str_eq(b.data, "a:A_1 a:a2 b:LAST ");
	buf_release(&b);
	agents_free(a);
}
END_TEST

START_TEST(models_match_in_every_spelling)
{
	ck_assert(agents_model_matches("claude-*", "claude-opus-4-6"));
	ck_assert(agents_model_matches("claude-*", "Claude Opus 4.6"));
	ck_assert(agents_model_matches("claude-opus-4-6", "Claude Opus 4.6"));
	ck_assert(agents_model_matches("claude-opus-4.6",
				       "anthropic/claude-opus-4.6"));
	ck_assert(agents_model_matches("claude-*", "Claude Opus 5 (1M)"));
	ck_assert(!agents_model_matches("claude-*", "GPT-5.2"));
	ck_assert(!agents_model_matches("claude-*", ""));
	ck_assert(!agents_model_matches("claude-*", "not-claude-1"));
}
END_TEST

static const struct {
	const char *text, *words;
} wrong[] = {
	{"[agent \"x\"]\ngithub-id = 41898282\ntitle = X\n",
	 ":2: github-id: 41898282 is GitHub Actions"},
	{"[agent \"x\"]\n", "needs a title"},
	{"[agent]\ntitle = X\n", "and no other section"},
	{"[agents \"x\"]\ntitle = X\n", "and no other section"},
	{"[agent \"x\"]\ntitle = X\ntitle = Y\n", ":3: title: is given twice"},
	{"[agent \"x\"]\ntitle = X\nmail = a@b\n", ":3: mail: "},
	{"[agent \"x\"]\ntitle = X\nemail = b\n", "no e-mail address"},
	{"[agent \"x\"]\ntitle = X\nline = with\n", "ordinary text"},
	{"[agent \"x\"]\ntitle = X\nsession-url = x/y\n", "begin a URL"},
	{"[agent \"x\"]\ntitle = X\nenvironment = a-b\n",
	 ":3: environment: \"a-b\" cannot be the name of a variable"},
	{"[keys]\nstrong = a b\n", "trailer's key"},
	{"[agent \"x\"]\ntitle = X\nemail = a@b\n"
	 "[agent \"y\"]\ntitle = Y\nemail = A@B\n",
	 "is two agents'"},
};

START_TEST(wrong_agents_files_are_refused)
{
	struct agents *a;
	struct err e;

	ck_assert_int_eq(
		agents_load(&a, scratch_text("agents.conf", wrong[_i].text),
			    NULL, &e),
		ERR_CONFIG);
	ck_assert_msg(strstr(e.msg, wrong[_i].words) != NULL, "%s", e.msg);
	ck_assert_ptr_null(a);
}
END_TEST

Suite *suite_agents(void)
{
	Suite *s = suite_create("policy agents");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, trailers_are_read_in_every_shape, 0,
			    (int)COUNT(blocks));
	tcase_add_loop_test(t, agents_are_seen_anywhere_in_the_message, 0,
			    (int)COUNT(bodies));
	tcase_add_loop_test(t, authors_are_known_by_address, 0,
			    (int)COUNT(authors));
	tcase_add_test(t, more_than_fit_is_said);
	tcase_add_test(t, long_hostile_values_are_read_in_linear_time);
	tcase_add_loop_test(t, suggestions_are_what_would_be_accepted, 0,
			    (int)COUNT(suggestions));
	tcase_add_test(t, agents_variables_are_told_until_one_is_enough);
	tcase_add_test(t, models_match_in_every_spelling);
	tcase_add_loop_test(t, wrong_agents_files_are_refused, 0,
			    (int)COUNT(wrong));
	suite_add_tcase(s, t);
	return s;
}
