/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/said.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gate/facts_digest.h"

/* ---- the commit itself ---- */

static const char *place_word(unsigned places)
{
	if (places & AGENT_AUTHOR)
		return "author";
	if (places & AGENT_COAUTHOR)
		return "co-author";
	if (places & AGENT_TRAILER)
		return "trailer";
	if (places & AGENT_SIGNOFF)
		return "sign-off";
	if (places & AGENT_COMMITTER)
		return "committer";
	return "message";
}

static const struct agent_declaration *declared_as(const struct facts *f,
						   const char *id)
{
	size_t i;

	for (i = 0; i < f->agents.ndeclared; i++) {
		const struct agent_declaration *d = &f->agents.declared[i];

		if (!d->none && !d->person && d->id && !strcmp(d->id, id))
			return d;
	}
	return NULL;
}

static bool was_seen(const struct facts *f, const char *id)
{
	size_t i;

	for (i = 0; id && i < f->agents.nseen; i++)
		if (!strcmp(f->agents.seen[i].id, id))
			return true;
	return false;
}

static const char *text_or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static void copy_trailer(const struct trailer *t,
			 char out[REMEMBERED_MAX_TRAILER])
{
	struct buf text = BUF_INIT(4 * REMEMBERED_MAX_TRAILER);
	struct span value = t->value;

	if (value.n > REMEMBERED_MAX_TRAILER)
		value.n = REMEMBERED_MAX_TRAILER;
	text_add_printable(&text, t->key, AGENTS_MAX_WORD / 2);
	buf_adds(&text, ": ");
	/* a column may take four bytes */
	text_add_printable(&text, value, (REMEMBERED_MAX_TRAILER - 80) / 4);
	if (buf_ok(&text) && text.len < REMEMBERED_MAX_TRAILER)
		memcpy(out, text.data, text.len + 1);
	buf_release(&text);
}

static void say_seen(const struct facts *f, const struct agent_seen *seen,
		     struct said *out)
{
	const struct agent_declaration *d = declared_as(f, seen->id);

	*out = (struct said){
		.agent = seen->id,
		.model = d ? text_or_null(d->model) : NULL,
		.session = text_or_null(seen->session),
		.how = place_word(seen->places),
		.detected = true,
		.declared = d != NULL,
	};
	if (!out->model)
		out->model = text_or_null(seen->model);
	if (d)
		copy_trailer(d->trailer, out->trailer);
}

/* Tools that were declared and that agents.conf does not know. */
static void say_unknown(const struct agent_declaration *d, struct said *out)
{
	*out = (struct said){
		.agent = d->id ? d->id : d->tool,
		.model = text_or_null(d->model),
		.how = "trailer",
		.declared = true,
	};
	copy_trailer(d->trailer, out->trailer);
}

bool said_none(const struct facts *f)
{
	size_t i;

	for (i = 0; i < f->agents.ndeclared && !f->facts.shows_ai; i++)
		if (f->agents.declared[i].none)
			return true;
	return false;
}

/* ---- what is remembered ---- */

/* Whether the commit says as much itself, or an earlier push did. */
static bool is_told(const struct said *v, size_t n, const struct remembered *r)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i].agent, r->agent) &&
		    (v[i].declared || v[i].trailer[0] || !r->declared))
			return true;
	return false;
}

static void say_remembered(const struct remembered *r, struct said *out)
{
	*out = (struct said){
		.agent = r->agent,
		.model = text_or_null(r->model),
		.session = text_or_null(r->session),
		.how = "memory",
		.record = r->record,
	};
	if (r->declared)
		memcpy(out->trailer, r->trailer, sizeof(out->trailer));
}

size_t said_of(const struct facts *f, struct said v[SAID_MAX])
{
	const struct memory_facts *m = f->facts.memory;
	size_t n = 0, i;

	for (i = 0; i < f->agents.nseen; i++)
		say_seen(f, &f->agents.seen[i], &v[n++]);
	for (i = 0; i < f->agents.ndeclared; i++) {
		const struct agent_declaration *d = &f->agents.declared[i];

		if (!d->none && !d->person && !was_seen(f, d->id))
			say_unknown(d, &v[n++]);
	}
	for (i = 0; m && i < m->n; i++)
		if (m->v[i].declared && !is_told(v, n, &m->v[i]))
			say_remembered(&m->v[i], &v[n++]);
	for (i = 0; m && i < m->n; i++)
		if (!m->v[i].none && !is_told(v, n, &m->v[i]))
			say_remembered(&m->v[i], &v[n++]);
	return n;
}

static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static int hear(void *ctx, const struct engine_statement *s)
{
	struct memory_facts *m = ctx;
	struct remembered *r = &m->v[m->n];

	if (m->n == REMEMBERED_MAX)
		return 1;
	copy_text(r->record, sizeof(r->record), s->record);
	copy_text(r->agent, sizeof(r->agent), s->agent);
	copy_text(r->model, sizeof(r->model), s->model);
	copy_text(r->session, sizeof(r->session), s->session);
	copy_text(r->trailer, sizeof(r->trailer), s->trailer);
	r->declared = s->declared;
	r->none = s->none;
	m->n++;
	return 0;
}

/* Who said from the first that no tool helped may go on saying so, whatever
 * others have said of the change since. */
static void weigh(struct facts *f)
{
	struct memory_facts *m = &f->memory;
	size_t i;

	if (!m->n)
		return;
	if (m->v[0].none && said_none(f))
		m->n = 1;
	f->facts.memory = m;
	for (i = 0; i < m->n; i++)
		f->facts.ai_assisted |= !m->v[i].none;
}

int facts_remember(struct facts *f, struct judging *j, struct check_sink *sink,
		   struct err *e)
{
	const struct engine_memory *m = j->in->memory;
	unsigned char digest[SHA256_SIZE];
	bool any;
	int rc;

	if (f->has_memory || !j->remembers ||
	    (f->facts.merge && f->facts.changes_nothing))
		return 0;
	f->has_memory = true;
	f->memory.n = 0;
	rc = facts_digest(f, j, sink, digest, &any, e);
	if (!rc && any)
		rc = m->statements(m->ctx, j->in->repository, digest, hear,
				   &f->memory, e);
	if (!rc)
		weigh(f);
	return rc;
}
