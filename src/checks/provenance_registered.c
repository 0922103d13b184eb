/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the tools of a commit are in the registry of the policy. */
#include "checks/provenance.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum { MAX_LISTED = 6 /* tools or models that a hint names */ };

static const struct registered_agent *find_registered(const struct policy *p,
						      const char *id)
{
	size_t i;

	for (i = 0; i < p->nregistered; i++)
		if (provenance_same_id(id, p->registered[i].id))
			return &p->registered[i];
	return NULL;
}

static void add_registered(const struct policy *p, struct buf *out)
{
	size_t i;

	if (!p->nregistered)
		buf_adds(out, "no AI tool is registered here");
	for (i = 0; i < p->nregistered && i < MAX_LISTED; i++) {
		const char *id = p->registered[i].id;
		const char *title = agents_title(p->agents, id);

		buf_addf(out, "%s%s",
			 i ? ", " : "registered here: ", title ? title : id);
	}
	if (p->nregistered > MAX_LISTED)
		buf_adds(out, " and more");
}

static int say_unregistered(const struct asking *a, const char *title)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	add_registered(a->ctx->policy, &hint);
	buf_adds(&hint, "; ask the admin to add it");
	rc = provenance_say(a, "unregistered", hint.data, NULL,
			    "made with %s, which is not registered here",
			    title);
	buf_release(&hint);
	return rc;
}

static bool model_fits(const struct registered_agent *r, const char *model)
{
	size_t i;

	for (i = 0; i < r->models.n; i++)
		if (agents_model_matches(r->models.v[i], model))
			return true;
	return !r->models.n;
}

static void add_models(const struct registered_agent *r, struct buf *out)
{
	size_t i;

	buf_adds(out, "registered models: ");
	for (i = 0; i < r->models.n && i < MAX_LISTED; i++)
		buf_addf(out, "%s%s", i ? ", " : "", r->models.v[i]);
	if (r->models.n > MAX_LISTED)
		buf_adds(out, " and more");
}

/* Such as Co-authored-by alone: a line beside it can tell the model. */
static bool is_weakly_told(const struct agents_facts *agents, const char *id)
{
	size_t i;

	for (i = 0; i < agents->ndeclared; i++)
		if (provenance_same_id(agents->declared[i].id, id) &&
		    !agents->declared[i].weak)
			return false;
	return true;
}

static int say_no_model(const struct asking *a,
			const struct registered_agent *r, const char *title)
{
	const struct agents_facts *agents = a->facts->agents;
	const struct agent_seen *seen = provenance_find_seen(agents, r->id);
	bool beside = is_weakly_told(agents, r->id);
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	struct buf trailer = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	if (seen)
		provenance_suggest_seen(a, seen, &trailer);
	else
		provenance_suggest_any(a, &trailer);
	add_models(r, &hint);
	if (!beside) {
		buf_adds(&hint, "; ");
		provenance_add_reword(a, &hint);
		buf_addf(&hint, "write %s", trailer.data);
	}
	rc = provenance_say(a, "unregistered", hint.data,
			    beside ? trailer.data : NULL,
			    "made with %s, model not stated", title);
	buf_release(&hint);
	buf_release(&trailer);
	return rc;
}

static int say_model(const struct asking *a, const struct registered_agent *r,
		     const char *title, const char *model)
{
	struct buf hint = BUF_INIT(CHECK_MAX_TEXT);
	int rc;

	if (!*model)
		return say_no_model(a, r, title);
	add_models(r, &hint);
	buf_adds(&hint, "; ask the admin to add it");
	rc = provenance_say(a, "unregistered", hint.data, NULL,
			    "made with %s's model %s, which is not registered "
			    "here",
			    title, model);
	buf_release(&hint);
	return rc;
}

static int say_expired(const struct asking *a, const struct registered_agent *r,
		       const char *title)
{
	char when[TIME_RFC3339_SIZE], hint[CHECK_MAX_TEXT];

	time_format(r->until, when);
	snprintf(hint, sizeof(hint),
		 "ask the admin to look at `until` of [agent \"%s\"]", r->id);
	return provenance_say(a, "expired", hint, NULL,
			      "made with %s, which was registered until %.10s",
			      title, when);
}

/**
 * One tool with the model told for it.
 * @param told  whether a declaration says it: then a model is asked for
 */
static int ask_tool(const struct asking *a, const char *id, const char *title,
		    const char *model, bool told)
{
	const struct registered_agent *r = find_registered(a->ctx->policy, id);

	if (!r)
		return say_unregistered(a, title);
	if (r->until && a->ctx->now > r->until)
		return say_expired(a, r, title);
	if ((told || *model) && !model_fits(r, model))
		return say_model(a, r, title, model);
	return 0;
}

static const char *model_of(const struct agents_facts *agents,
			    const struct agent_declaration *d)
{
	const struct agent_seen *seen = provenance_find_seen(agents, d->id);

	return d->model[0] || !seen ? d->model : seen->model;
}

/* Whether an earlier line declares the same. */
static bool is_repeated(const struct agents_facts *agents, size_t at)
{
	const struct agent_declaration *d = &agents->declared[at];
	size_t i;

	for (i = 0; i < at; i++) {
		const struct agent_declaration *x = &agents->declared[i];

		if (declaration_is_tool(x) &&
		    (d->id ? provenance_same_id(x->id, d->id) : !x->id) &&
		    (d->id || !strcmp(x->tool, d->tool)) &&
		    !strcmp(model_of(agents, x), model_of(agents, d)))
			return true;
	}
	return false;
}

static bool is_named(const struct agents_facts *agents, const char *id)
{
	size_t i;

	for (i = 0; i < agents->ndeclared; i++)
		if (declaration_is_tool(&agents->declared[i]) &&
		    provenance_same_id(agents->declared[i].id, id))
			return true;
	return false;
}

int provenance_ask_registered(const struct asking *a)
{
	const struct agents_facts *agents = a->facts->agents;
	const struct memory_facts *m = a->facts->memory;
	size_t i;
	int rc = 0;

	if (a->o->agents == WELCOME_ANY)
		return 0;
	for (i = 0; i < agents->ndeclared && !rc; i++) {
		const struct agent_declaration *d = &agents->declared[i];

		if (declaration_is_tool(d) && !declaration_is_placeholder(d) &&
		    !is_repeated(agents, i))
			rc = ask_tool(a, d->id, declaration_title(a, d),
				      model_of(agents, d), true);
	}
	for (i = 0; m && i < m->n && !rc; i++)
		if (remembered_counts(a, &m->v[i]) &&
		    !is_named(agents, m->v[i].agent))
			rc = ask_tool(a, m->v[i].agent,
				      remembered_title(a, &m->v[i]),
				      m->v[i].model, true);
	/* an unnamed tool is undeclared: it cannot be looked up before */
	for (i = 0; i < agents->nseen && !rc; i++) {
		const struct agent_seen *s = &agents->seen[i];

		if (!is_named(agents, s->id) && strcmp(s->id, AGENTS_OTHER))
			rc = ask_tool(a, s->id, s->title, s->model, false);
	}
	return rc;
}
