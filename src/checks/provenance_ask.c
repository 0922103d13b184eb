/* SPDX-License-Identifier: Apache-2.0 */
/* The words and small questions that all of provenance shares. */
#include "checks/provenance.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TOOLS = 6 /* that a text names */ };

int provenance_key_size(struct span key)
{
	return (int)(key.n < PROVENANCE_MAX_KEY ? key.n : PROVENANCE_MAX_KEY);
}

bool provenance_key_listed(const struct option_list *l, struct span key)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (span_is_nocase(key, l->v[i]))
			return true;
	return false;
}

int provenance_say(const struct asking *a, const char *code, const char *hint,
		   const char *trailer, const char *fmt, ...)
{
	char text[CHECK_MAX_TEXT];
	struct finding f = {
		.code = code,
		.commit = a->facts,
		.text = text,
		.hint = hint,
		.trailer = trailer,
	};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return check_find(a->ctx, &f, a->e);
}

void provenance_add_reword(const struct asking *a, struct buf *out)
{
	char hex[OID_HEX_SIZE];

	if (a->tip)
		buf_adds(out, "git commit --amend, and ");
	else
		buf_addf(out, "git rebase -i %.*s^, `reword` this commit, and ",
			 PROVENANCE_ABBREV, oid_to_hex(&a->facts->id, hex));
}

void provenance_add_quoted(struct buf *out, const struct trailer *t)
{
	size_t n = t->value.n < PROVENANCE_MAX_QUOTE ? t->value.n
						     : PROVENANCE_MAX_QUOTE;

	buf_addch(out, '"');
	buf_add(out, t->key.p, (size_t)provenance_key_size(t->key));
	buf_adds(out, ": ");
	buf_add(out, t->value.p, n);
	buf_adds(out, n < t->value.n ? "...\"" : "\"");
}

bool declaration_is_tool(const struct agent_declaration *d)
{
	return !d->none && !d->person && (!d->weak || d->id);
}

/* agents_suggest() writes these where it does not know better. */
bool declaration_is_placeholder(const struct agent_declaration *d)
{
	return !strcmp(d->tool, "TOOL") ||
	       span_is_nocase(span_str(d->model), "MODEL");
}

bool declaration_counts(const struct asking *a,
			const struct agent_declaration *d)
{
	struct span key = d->trailer->key;

	return declaration_is_tool(d) && !declaration_is_placeholder(d) &&
	       !provenance_key_listed(&a->o->denied, key) &&
	       (!a->o->keys.n || provenance_key_listed(&a->o->keys, key));
}

bool provenance_same_id(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

const struct agent_seen *provenance_find_seen(const struct agents_facts *agents,
					      const char *id)
{
	size_t i;

	for (i = 0; i < agents->nseen; i++)
		if (provenance_same_id(id, agents->seen[i].id))
			return &agents->seen[i];
	return NULL;
}

const char *declaration_title(const struct asking *a,
			      const struct agent_declaration *d)
{
	const char *title = NULL;

	if (d->id)
		title = agents_title(a->ctx->policy->agents, d->id);
	if (title)
		return title;
	if (d->tool[0])
		return d->tool;
	return d->model[0] ? d->model : "an AI tool";
}

const char *provenance_best_key(const struct asking *a)
{
	static const char *const keys[] = {"Assisted-by", "AI-assisted-by",
					   "AI-agent"};
	size_t i;

	if (a->o->keys.n)
		return a->o->keys.v[0];
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!provenance_key_listed(&a->o->denied, span_str(keys[i])))
			return keys[i];
	return keys[0];
}

void provenance_suggest_seen(const struct asking *a,
			     const struct agent_seen *seen, struct buf *out)
{
	agents_suggest(a->ctx->policy->agents, seen, provenance_best_key(a),
		       out);
}

void provenance_suggest_declared(const struct asking *a,
				 const struct agent_declaration *d,
				 struct buf *out)
{
	const struct agent_seen *seen =
		provenance_find_seen(a->facts->agents, d->id);

	if (seen && !declaration_is_placeholder(d)) {
		provenance_suggest_seen(a, seen, out);
		return;
	}
	buf_addf(out, "%s: %s", provenance_best_key(a),
		 d->tool[0] ? d->tool : "TOOL");
	if (d->model[0])
		buf_addf(out, ":%s", d->model);
}

void provenance_suggest_any(const struct asking *a, struct buf *out)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;

	if (agents->nseen) {
		provenance_suggest_seen(a, &agents->seen[0], out);
		return;
	}
	for (i = 0; i < agents->ndeclared; i++) {
		if (declaration_is_tool(&agents->declared[i])) {
			provenance_suggest_declared(a, &agents->declared[i],
						    out);
			return;
		}
	}
	buf_addf(out, "%s: TOOL:MODEL", provenance_best_key(a));
}

void provenance_add_tools(const struct asking *a, struct buf *out)
{
	const struct agents_facts *agents = a->facts->agents;
	const struct memory_facts *m = a->facts->memory;
	size_t i;

	for (i = 0; i < agents->nseen && i < MAX_TOOLS; i++)
		buf_addf(out, "%s%s", i ? ", " : "", agents->seen[i].title);
	for (i = 0; i < agents->ndeclared && !out->len; i++)
		if (declaration_is_tool(&agents->declared[i]))
			buf_adds(out,
				 declaration_title(a, &agents->declared[i]));
	for (i = 0; m && i < m->n && !out->len; i++)
		if (!m->v[i].none)
			buf_addf(out, "%s (record %s)",
				 remembered_title(a, &m->v[i]), m->v[i].record);
	if (!out->len)
		buf_adds(out, "an AI tool");
}

const struct agent_declaration *
declaration_of_none(const struct agents_facts *agents)
{
	size_t i;

	for (i = 0; i < agents->ndeclared; i++)
		if (agents->declared[i].none)
			return &agents->declared[i];
	return NULL;
}
