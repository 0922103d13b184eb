/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What earlier pushes said of the same change. A commit that was rebased,
 * picked or squashed and lost its declaration has that of what it is made of;
 * one that denies it has none.
 */
#include "checks/provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The key of a remembered line. */
static struct span key_of(const struct remembered *r)
{
	struct cursor c = cursor_of(r->trailer, strlen(r->trailer));
	struct span key;

	return cursor_until(&c, ':', &key) ? key : span_of("", 0);
}

/* Whether it would be a declaration for this rule, too. */
bool remembered_counts(const struct asking *a, const struct remembered *r)
{
	struct span key = key_of(r);

	return r->declared && key.n && strcmp(r->agent, "TOOL") != 0 &&
	       !span_is_nocase(span_str(r->model), "MODEL") &&
	       !provenance_key_listed(&a->o->denied, key) &&
	       (!a->o->keys.n || provenance_key_listed(&a->o->keys, key));
}

const char *remembered_title(const struct asking *a, const struct remembered *r)
{
	const char *title = agents_title(a->ctx->policy->agents, r->agent);

	if (title)
		return title;
	return r->agent[0] ? r->agent : "an AI tool";
}

/* The commit's own word that no tool helped. */
static const struct agent_declaration *own_none(const struct asking *a)
{
	return a->facts->shows_ai ? NULL
				  : declaration_of_none(a->facts->agents);
}

bool provenance_inherits(const struct asking *a, const char *id)
{
	const struct memory_facts *m = a->facts->memory;
	size_t i;

	for (i = 0; m && i < m->n && !own_none(a); i++)
		if (remembered_counts(a, &m->v[i]) &&
		    (!id || !strcmp(m->v[i].agent, id) ||
		     !strcmp(m->v[i].agent, AGENTS_OTHER)))
			return true;
	return false;
}

bool provenance_inherits_none(const struct asking *a)
{
	const struct memory_facts *m = a->facts->memory;
	size_t i;

	for (i = 0; m && i < m->n; i++)
		if (m->v[i].none)
			return true;
	return false;
}

/* Whether the commit declares this tool itself. */
static bool declares(const struct asking *a, const char *agent)
{
	const struct agents_facts *agents = a->facts->agents;
	size_t i;

	for (i = 0; i < agents->ndeclared; i++) {
		const struct agent_declaration *d = &agents->declared[i];

		if (declaration_counts(a, d) &&
		    (provenance_same_id(d->id, agent) ||
		     provenance_same_id(d->id, AGENTS_OTHER) ||
		     !strcmp(d->tool, agent)))
			return true;
	}
	return false;
}

/* What to write for it: a line that counts here. */
static void suggest(const struct asking *a, const struct remembered *r,
		    const char *key, struct buf *out)
{
	struct agent_seen seen = {.id = r->agent};

	seen.title = agents_title(a->ctx->policy->agents, r->agent);
	snprintf(seen.model, sizeof(seen.model), "%s", r->model);
	if (seen.title) {
		agents_suggest(a->ctx->policy->agents, &seen, key, out);
		return;
	}
	buf_addf(out, "%s: %s", key, r->agent[0] ? r->agent : "TOOL");
	if (r->model[0])
		buf_addf(out, ":%s", r->model);
}

/* ---- denied ---- */

static bool key_counts(const struct asking *a, struct span key)
{
	return !provenance_key_listed(&a->o->denied, key) &&
	       (!a->o->keys.n || provenance_key_listed(&a->o->keys, key));
}

/* The line that says no, replaced by one that says which tool. */
static void add_command(const struct asking *a, const struct remembered *r,
			const struct trailer *none, struct buf *hint)
{
	struct buf line = BUF_INIT(CHECK_MAX_TEXT / 2);
	char key[PROVENANCE_MAX_KEY + 1];

	if (a->tip && none->key.n <= PROVENANCE_MAX_KEY &&
	    key_counts(a, none->key)) {
		snprintf(key, sizeof(key), "%.*s",
			 provenance_key_size(none->key), none->key.p);
		suggest(a, r, key, &line);
		buf_adds(hint, "git -c trailer.ifexists=replace commit --amend "
			       "--no-edit --trailer ");
		text_add_shell(hint, span_of(line.data, line.len));
	} else {
		suggest(a, r, provenance_best_key(a), &line);
		provenance_add_reword(a, hint);
		buf_addf(hint, "write \"%s\" in place of ", line.data);
		provenance_add_quoted(hint, none);
	}
	buf_release(&line);
}

static int say_lost(const struct asking *a, const struct remembered *r,
		    const struct trailer *none)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	struct buf line = BUF_INIT(CHECK_MAX_TEXT / 2);
	int rc;

	add_command(a, r, none, &hint);
	provenance_add_quoted(&line, none);
	rc = provenance_say(a, "declaration-lost", hint.data, NULL,
			    "says %s, but the same change came with %s before: "
			    "record %s",
			    line.data, remembered_title(a, r), r->record);
	buf_release(&hint);
	buf_release(&line);
	return rc;
}

int provenance_ask_denial(const struct asking *a, bool *lost)
{
	const struct agent_declaration *none = own_none(a);
	const struct memory_facts *m = a->facts->memory;
	size_t i;

	*lost = false;
	for (i = 0; none && m && i < m->n && !*lost; i++) {
		if (m->v[i].none)
			continue;
		*lost = true;
		return say_lost(a, &m->v[i], none->trailer);
	}
	return 0;
}

/* ---- seen before, and never declared ---- */

static int say_unstated(const struct asking *a, const struct remembered *r)
{
	struct buf trailer = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	suggest(a, r, provenance_best_key(a), &trailer);
	rc = provenance_say(a, "undeclared", NULL, trailer.data,
			    "made with %s, says record %s of the same change; "
			    "tool not stated",
			    remembered_title(a, r), r->record);
	buf_release(&trailer);
	return rc;
}

int provenance_ask_remembered(const struct asking *a)
{
	const struct memory_facts *m = a->facts->memory;
	size_t i;
	int rc = 0;

	for (i = 0; m && i < m->n && !rc; i++) {
		const struct remembered *r = &m->v[i];

		if (!r->none && !provenance_inherits(a, r->agent) &&
		    !declares(a, r->agent) &&
		    !provenance_find_seen(a->facts->agents, r->agent))
			rc = say_unstated(a, r);
	}
	return rc;
}

/* ---- evidence ---- */

static bool adds(const struct asking *a, const struct remembered *r)
{
	return !r->none && remembered_counts(a, r) && !declares(a, r->agent);
}

size_t provenance_count_inherited(const struct asking *a)
{
	const struct memory_facts *m = a->facts->memory;
	size_t i, n = 0;

	for (i = 0; m && i < m->n && !own_none(a); i++)
		n += adds(a, &m->v[i]);
	return n;
}

int provenance_tell_inherited(const struct asking *a)
{
	const struct memory_facts *m = a->facts->memory;
	char text[CHECK_MAX_TEXT];
	size_t i;
	int rc = 0;

	for (i = 0; m && i < m->n && !rc && !own_none(a); i++) {
		if (!adds(a, &m->v[i]))
			continue;
		snprintf(text, sizeof(text), "%s %s", m->v[i].record,
			 m->v[i].trailer);
		rc = check_evidence(a->ctx, "inherited", a->facts, text, a->e);
	}
	return rc;
}
