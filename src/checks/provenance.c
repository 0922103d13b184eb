/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether each commit says which AI tool made it, in its trailer block, and
 * whether that tool is registered here. Agents are looked for anywhere in the
 * commit; what they declare is read from the trailer block alone, where every
 * other tool reads it, too.
 */
#include "checks/provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	MAX_EVIDENCE = 10000,	/* declarations told of one ref */
	MAX_EVIDENCE_TEXT = 240 /* bytes of a value that are told */
};

/* What people say when no tool helped. */
#define NONE_KEY "AI-assistance"

static const char *const declare_words[] = {"when-detected", "always", "forbid",
					    NULL};
static const char *const welcome_words[] = {"registered", "any", NULL};
static const char *const signoff_words[] = {"deny", "allow", NULL};

struct provenance_state {
	size_t commits;	 /* seen so far, newest first */
	size_t evidence; /* told so far */
};

static int value_is_key(const char *value, struct err *e)
{
	size_t n = 0;

	while (ascii_alnum(value[n]) || value[n] == '-')
		n++;
	if (value[n] || n > PROVENANCE_MAX_KEY)
		return err_set(e, ERR_CONFIG,
			       "\"%s\" is no trailer's key: letters, digits "
			       "and `-`, without a `:`",
			       value);
	return 0;
}

static const struct option provenance_table[] = {
	{.name = "declare",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct provenance_options, declare),
	 .fallback = "when-detected",
	 .words = declare_words,
	 .help = "which commits must say whether an AI tool helped"},
	{.name = "declare-key",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct provenance_options, keys),
	 .check = value_is_key,
	 .help = "trailer keys that declare a tool; default: all known ones"},
	{.name = "deny-key",
	 .type = OPTION_STRINGS,
	 .offset = offsetof(struct provenance_options, denied),
	 .check = value_is_key,
	 .help = "trailer keys that may not name a tool"},
	{.name = "agents",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct provenance_options, agents),
	 .fallback = "registered",
	 .words = welcome_words,
	 .help = "which tools are welcome"},
	{.name = "agent-signoff",
	 .type = OPTION_WORD,
	 .offset = offsetof(struct provenance_options, signoff),
	 .fallback = "deny",
	 .words = signoff_words,
	 .help = "whether a tool may sign off"},
};

static int provenance_validate(const void *options, struct err *e)
{
	const struct provenance_options *o = options;
	size_t i;

	if (o->declare == DECLARE_FORBID && (o->keys.n || o->denied.n))
		return err_set(e, ERR_CONFIG,
			       "declare = forbid refuses every AI tool: "
			       "declare-key and deny-key mean nothing beside "
			       "it");
	for (i = 0; i < o->keys.n; i++)
		if (provenance_key_listed(&o->denied, span_str(o->keys.v[i])))
			return err_set(e, ERR_CONFIG,
				       "%s is both a declare-key and a "
				       "deny-key",
				       o->keys.v[i]);
	return 0;
}

static int provenance_resolve(const void *options, const struct policy *p,
			      struct err *e)
{
	const struct provenance_options *o = options;
	size_t i;

	for (i = 0; i < o->keys.n && p->agents; i++)
		if (!agents_declare_by(p->agents, o->keys.v[i]))
			return err_set(e, ERR_CONFIG,
				       "declare-key %s: %s knows no such key",
				       o->keys.v[i], p->agents_path);
	return 0;
}

static int ask_forbidden(const struct asking *a)
{
	struct buf tools = BUF_INIT(CHECK_MAX_TEXT / 2);
	char hint[CHECK_MAX_TEXT], hex[OID_HEX_SIZE];
	int rc;

	if (!a->facts->ai_assisted)
		return 0;
	provenance_add_tools(a, &tools);
	oid_to_hex(&a->facts->id, hex);
	snprintf(hint, sizeof(hint),
		 "to push the rest without it: git rebase --onto %.*s^ %.*s",
		 PROVENANCE_ABBREV, hex, PROVENANCE_ABBREV, hex);
	rc = provenance_say(a, "forbidden", hint, NULL,
			    "made with %s; nothing made with AI goes here",
			    tools.data);
	buf_release(&tools);
	return rc;
}

static int ask_missing(const struct asking *a)
{
	char hint[CHECK_MAX_TEXT];

	if (a->o->declare != DECLARE_ALWAYS || a->facts->ai_assisted ||
	    declaration_of_none(a->facts->agents) ||
	    provenance_inherits_none(a))
		return 0;
	snprintf(
		hint, sizeof(hint),
		"if a tool did help, take --trailer \"%s: TOOL:MODEL\" instead",
		provenance_best_key(a));
	return provenance_say(a, "missing", hint, NONE_KEY ": none",
			      "does not say whether an AI tool helped");
}

static int say_signoff(const struct asking *a, const struct agent_seen *seen)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	provenance_add_reword(a, &hint);
	buf_adds(&hint, "put your own name into that Signed-off-by");
	rc = provenance_say(a, "agent-signoff", hint.data, NULL,
			    "signed off by %s; only a person can sign off",
			    seen->title);
	buf_release(&hint);
	return rc;
}

static int ask_signoff(const struct asking *a)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;
	int rc = 0;

	if (a->o->signoff == SIGNOFF_ALLOW)
		return 0;
	for (i = 0; i < agents->nseen && !rc; i++)
		if (agents->seen[i].places & AGENT_SIGNOFF)
			rc = say_signoff(a, &agents->seen[i]);
	return rc;
}

static int tell_declaration(const struct asking *a,
			    const struct agent_declaration *d)
{
	struct buf text = BUF_INIT(CHECK_MAX_TEXT);
	struct span key = d->trailer->key, value = d->trailer->value;
	int rc;

	buf_add(&text, key.p, (size_t)provenance_key_size(key));
	buf_adds(&text, ": ");
	buf_add(&text, value.p,
		value.n < MAX_EVIDENCE_TEXT ? value.n : MAX_EVIDENCE_TEXT);
	rc = check_evidence(a->ctx, "declaration", a->facts, text.data, a->e);
	buf_release(&text);
	return rc;
}

static int tell_declarations(const struct asking *a,
			     struct provenance_state *state)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;
	int rc = 0;

	for (i = 0; i < agents->ndeclared && !rc; i++) {
		if (!declaration_counts(a, &agents->declared[i]) ||
		    state->evidence == MAX_EVIDENCE)
			continue;
		state->evidence++;
		rc = tell_declaration(a, &agents->declared[i]);
	}
	return rc;
}

/* Everything that can be said of one commit is said at once. */
static int ask_all(const struct asking *a)
{
	int rc = provenance_ask_denied(a);

	if (!rc)
		rc = provenance_ask_declared(a);
	if (!rc)
		rc = ask_missing(a);
	if (!rc)
		rc = provenance_ask_registered(a);
	return rc ? rc : ask_signoff(a);
}

static bool is_exempt(const struct commit_facts *facts)
{
	return (facts->merge && facts->changes_nothing) ||
	       facts->exact_revert;
}

static int provenance_commit(const struct check_ctx *ctx, void *opaque,
			     const struct commit_facts *facts, bool matched,
			     struct err *e)
{
	struct provenance_state *state = opaque;
	struct asking a = {ctx, ctx->options, facts, !state->commits, e};
	int rc;

	state->commits++;
	if (!matched || is_exempt(facts))
		return 0;
	if (!facts->trailers || !facts->agents)
		return err_set(e, ERR_INTERNAL, "a message was not read");
	if (a.o->declare == DECLARE_FORBID)
		return ask_forbidden(&a);
	rc = ask_all(&a);
	if (!rc)
		rc = tell_declarations(&a, state);
	if (!rc && state->evidence < MAX_EVIDENCE) {
		state->evidence += provenance_count_inherited(&a);
		rc = provenance_tell_inherited(&a);
	}
	return rc;
}

const struct check check_provenance = {
	.kind = {.name = "provenance",
		 .options = provenance_table,
		 .noptions =
			 sizeof(provenance_table) / sizeof(provenance_table[0]),
		 .size = sizeof(struct provenance_options),
		 .validate = provenance_validate,
		 .resolve = provenance_resolve},
	.excuses_reverts = true,
	.needs = NEED_MESSAGE | NEED_REVERTS | NEED_MEMORY,
	.state_size = sizeof(struct provenance_state),
	.commit = provenance_commit,
};
