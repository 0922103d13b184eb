/* SPDX-License-Identifier: Apache-2.0 */
/* What the trailer block declares, against what the commit shows. */
#include "checks/provenance.h"

#include <string.h>

enum { MAX_DENIED = 4 /* lines with a denied key told of one commit */ };

/* ---- denied keys ---- */

static const struct agent_declaration *
declaration_of(const struct agents_facts *agents, const struct trailer *t)
{
	size_t i;

	for (i = 0; i < agents->ndeclared; i++)
		if (agents->declared[i].trailer == t)
			return &agents->declared[i];
	return NULL;
}

/* Whom a line names with a key that declares nothing, such as Reviewed-by:
 * read it as if it were a key under which only tools are told. */
static const char *agent_named(const struct asking *a, const struct trailer *t)
{
	struct trailer as = {span_str("Co-authored-by"), t->value};
	const struct trailers one = {.v = &as, .n = 1};
	const struct commit nothing = {.message = {"", 0}};
	struct agents_facts facts;

	agents_examine(a->ctx->policy->agents, &nothing, &one, &facts);
	return facts.nseen ? facts.seen[0].title : NULL;
}

static int say_denied(const struct asking *a, const struct trailer *t,
		      const char *tool)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	provenance_add_reword(a, &hint);
	buf_adds(&hint, "write ");
	provenance_suggest_any(a, &hint);
	buf_adds(&hint, " in place of ");
	provenance_add_quoted(&hint, t);
	rc = provenance_say(
		a, "denied-key", hint.data, NULL,
		"%.*s names %s; here this key may not name an AI tool",
		provenance_key_size(t->key), t->key.p, tool);
	buf_release(&hint);
	return rc;
}

int provenance_ask_denied(const struct asking *a)
{
	const struct trailers *trailers = a->facts->trailers;
	size_t i, told = 0;
	int rc = 0;

	if (!a->o->denied.n)
		return 0;
	for (i = 0; i < trailers->n && told < MAX_DENIED && !rc; i++) {
		const struct trailer *t = &trailers->v[i];
		const struct agent_declaration *d;
		const char *tool = NULL;

		if (!provenance_key_listed(&a->o->denied, t->key))
			continue;
		d = declaration_of(a->facts->agents, t);
		if (!d)
			tool = agent_named(a, t);
		else if (declaration_is_tool(d))
			tool = declaration_title(a, d);
		if (tool) {
			told++;
			rc = say_denied(a, t, tool);
		}
	}
	return rc;
}

/* ---- ambiguous ---- */

/* A key that says something about AI and says it only in one of the two
 * readings of a message with a divider; empty when there is none. */
static struct span differing_key(const struct asking *a,
				 const struct agents_facts *agents)
{
	const struct commit_facts *c = a->facts;
	size_t i;

	for (i = 0; i < agents->ndeclared; i++) {
		const struct agent_declaration *d = &agents->declared[i];

		if (!d->person && (declaration_is_tool(d) || d->none) &&
		    !trailers_same_for(c->trailers, c->divided,
				       d->trailer->key))
			return d->trailer->key;
	}
	return span_of("", 0);
}

static int ask_divider(const struct asking *a)
{
	const struct commit_facts *c = a->facts;
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	struct agents_facts divided;
	struct span key;
	int rc;

	if (!c->divided)
		return 0;
	key = differing_key(a, c->agents);
	if (!key.n) {
		agents_examine(a->ctx->policy->agents, c->commit, c->divided,
			       &divided);
		key = differing_key(a, &divided);
	}
	if (!key.n)
		return 0;
	provenance_add_reword(a, &hint);
	buf_adds(&hint, "remove the line `---`");
	rc = provenance_say(
		a, "ambiguous", hint.data, NULL,
		"some tools stop reading at the line `---`, and read another "
		"%.*s",
		provenance_key_size(key), key.p);
	buf_release(&hint);
	return rc;
}

static int ask_none(const struct asking *a, bool *contradicts)
{
	const struct agent_declaration *d =
		declaration_of_none(a->facts->agents);
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	struct buf tools = BUF_INIT(CHECK_MAX_TEXT / 2);
	struct buf line = BUF_INIT(CHECK_MAX_TEXT / 2);
	int rc;

	*contradicts = d && a->facts->shows_ai;
	if (!*contradicts)
		return 0;
	provenance_add_tools(a, &tools);
	provenance_add_quoted(&line, d->trailer);
	provenance_add_reword(a, &hint);
	buf_adds(&hint, "write ");
	provenance_suggest_any(a, &hint);
	buf_addf(&hint, " in place of %s", line.data);
	rc = provenance_say(a, "ambiguous", hint.data, NULL,
			    "says %s, but was made with %s", line.data,
			    tools.data);
	buf_release(&hint);
	buf_release(&tools);
	buf_release(&line);
	return rc;
}

static int ask_many(const struct asking *a)
{
	if (!a->facts->agents->too_many)
		return 0;
	return provenance_say(
		a, "ambiguous",
		"split the commit, or name only the tools that made it", NULL,
		"names more than %d AI tools", AGENTS_MAX_SEEN);
}

/* ---- undeclared ---- */

/* Whether what was seen is declared: by name, or by the word for a tool that
 * goes without (`Assisted-by: LLM`), which has to be registered like one. */
static bool covers(const struct agent_declaration *d,
		   const struct agent_seen *seen)
{
	return provenance_same_id(d->id, seen->id) ||
	       provenance_same_id(d->id, AGENTS_OTHER) ||
	       !strcmp(seen->id, AGENTS_OTHER);
}

/* Declared, or in a way of which ask_stated() speaks. */
static bool is_stated(const struct asking *a, const struct agent_seen *seen)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;

	if (provenance_inherits(a, seen->id))
		return true;
	for (i = 0; i < agents->ndeclared; i++) {
		const struct agent_declaration *d = &agents->declared[i];

		if (covers(d, seen) && declaration_is_tool(d) &&
		    (declaration_counts(a, d) || declaration_is_placeholder(d)))
			return true;
	}
	return false;
}

static int say_undeclared(const struct asking *a, const struct agent_seen *seen)
{
	const struct agents_facts *agents = a->facts->agents;
	const struct trailer *other = NULL;
	struct buf trailer = BUF_INIT(CHECK_MAX_TEXT);
	size_t i;
	int rc;

	for (i = 0; i < agents->ndeclared; i++)
		if (provenance_same_id(agents->declared[i].id, seen->id))
			other = agents->declared[i].trailer;
	provenance_suggest_seen(a, seen, &trailer);
	if (other)
		rc = provenance_say(
			a, "undeclared", NULL, trailer.data,
			"made with %s, which %.*s does not state here",
			seen->title, provenance_key_size(other->key),
			other->key.p);
	else if (seen->places & (AGENT_BODY | AGENT_COAUTHOR))
		rc = provenance_say(
			a, "undeclared", NULL, trailer.data,
			"made with %s, tool not stated in the last paragraph",
			seen->title);
	else
		rc = provenance_say(a, "undeclared", NULL, trailer.data,
				    "made with %s, tool not stated",
				    seen->title);
	buf_release(&trailer);
	return rc;
}

static int ask_seen(const struct asking *a)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;
	int rc = 0;

	for (i = 0; i < agents->nseen && !rc; i++)
		if (!is_stated(a, &agents->seen[i]))
			rc = say_undeclared(a, &agents->seen[i]);
	return rc;
}

static int say_placeholder(const struct asking *a,
			   const struct agent_declaration *d)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	struct buf line = BUF_INIT(CHECK_MAX_TEXT / 2);
	int rc;

	provenance_add_quoted(&line, d->trailer);
	provenance_add_reword(a, &hint);
	buf_addf(&hint, "write the tool's and the model's name into %s",
		 line.data);
	rc = provenance_say(a, "undeclared", hint.data, NULL,
			    "%s still has the word to fill in", line.data);
	buf_release(&hint);
	buf_release(&line);
	return rc;
}

/* A tool that agents.conf does not know, under a key that does not count. */
static int say_elsewhere(const struct asking *a,
			 const struct agent_declaration *d)
{
	const struct span key = d->trailer->key;
	struct buf trailer = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	provenance_suggest_declared(a, d, &trailer);
	rc = provenance_say(a, "undeclared", NULL, trailer.data,
			    "made with %s, which %.*s does not state here",
			    declaration_title(a, d), provenance_key_size(key),
			    key.p);
	buf_release(&trailer);
	return rc;
}

/* Declarations that do not count and whose tool nothing else shows. */
static int ask_stated(const struct asking *a)
{
	const struct agents_facts *agents = a->facts->agents;
	bool any = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < agents->ndeclared; i++)
		any |= declaration_counts(a, &agents->declared[i]);
	for (i = 0; i < agents->ndeclared && !rc; i++) {
		const struct agent_declaration *d = &agents->declared[i];

		if (!declaration_is_tool(d) || declaration_counts(a, d))
			continue;
		if (declaration_is_placeholder(d))
			rc = say_placeholder(a, d);
		else if (!any && !provenance_find_seen(agents, d->id) &&
			 !provenance_inherits(a, d->id ? d->id : d->tool))
			rc = say_elsewhere(a, d);
	}
	return rc;
}

int provenance_ask_declared(const struct asking *a)
{
	bool contradicts = false, lost = false;
	int rc = ask_divider(a);

	if (!rc)
		rc = ask_many(a);
	if (!rc)
		rc = ask_none(a, &contradicts);
	if (!rc && !contradicts)
		rc = provenance_ask_denial(a, &lost);
	contradicts |= lost;
	if (!rc && !contradicts)
		rc = provenance_ask_remembered(a);
	/* what to write in place of the `none` is said already */
	if (!rc && !contradicts)
		rc = ask_seen(a);
	if (!rc && !contradicts)
		rc = ask_stated(a);
	return rc;
}
