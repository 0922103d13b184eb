/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/told.h"

#include <stdint.h>
#include <string.h>

#include "base/encode.h"

/* What the report has of a commit, in judging.told. */
enum { TOLD_AGENTS = 1, TOLD_CHANGE = 2 };

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

static int tell_seen(struct judging *j, struct facts *f,
		     const struct agent_seen *seen, struct report_provenance *p,
		     struct err *e)
{
	const struct agent_declaration *d = declared_as(f, seen->id);

	p->agent = seen->id;
	p->model = d && d->model[0] ? d->model : seen->model;
	p->model = p->model[0] ? p->model : NULL;
	p->session = seen->session[0] ? seen->session : NULL;
	p->detected = true;
	p->declared = d != NULL;
	p->how = place_word(seen->places);
	return report_add_provenance(j->report, p, e);
}

/* Tools that were declared and that agents.conf does not know. */
static int tell_unknown(struct judging *j, const struct agent_declaration *d,
			struct report_provenance *p, struct err *e)
{
	p->agent = d->id ? d->id : d->tool;
	p->model = d->model[0] ? d->model : NULL;
	p->session = NULL;
	p->detected = false;
	p->declared = true;
	p->how = "trailer";
	return report_add_provenance(j->report, p, e);
}

static bool was_seen(const struct facts *f, const char *id)
{
	size_t i;

	for (i = 0; id && i < f->agents.nseen; i++)
		if (!strcmp(f->agents.seen[i].id, id))
			return true;
	return false;
}

static int tell_agents(struct judging *j, struct facts *f, const char *digest,
		       struct err *e)
{
	char hex[OID_HEX_SIZE];
	struct report_provenance p = {
		.commit = oid_to_hex(&f->facts.id, hex),
		.digest = digest,
	};
	size_t i;
	int rc = judging_ident(j, &f->commit.author, &p.author, e);

	for (i = 0; !rc && i < f->agents.nseen; i++)
		rc = tell_seen(j, f, &f->agents.seen[i], &p, e);
	for (i = 0; !rc && i < f->agents.ndeclared; i++) {
		const struct agent_declaration *d = &f->agents.declared[i];

		if (!d->none && !d->person && !was_seen(f, d->id))
			rc = tell_unknown(j, d, &p, e);
	}
	return rc;
}

int told_commit(struct judging *j, struct facts *f, struct check_sink *sink,
		struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	char hex[OID_HEX_SIZE], digest_hex[SHA256_HEX_SIZE];
	struct report_change change = {.digest = digest_hex};
	size_t told = oid_map_get(&j->told, &f->facts.id), news = 0;
	bool any;
	int rc;

	if (told == SIZE_MAX)
		told = 0;
	if (f->has_message && f->facts.ai_assisted)
		news |= TOLD_AGENTS;
	if (j->wants_changes && object_is_new(j->repo, &f->facts.id))
		news |= TOLD_CHANGE;
	/* a ref without rules may have told its part before one with rules */
	news &= ~told;
	if (!news)
		return 0;
	if (oid_map_put(&j->told, &f->facts.id, told | news))
		return err_nomem(e);
	rc = facts_digest(f, j, sink, digest, &any, e);
	if (rc)
		return rc;
	hex_encode(digest, any ? SHA256_SIZE : 0, digest_hex);
	if (news & TOLD_AGENTS)
		rc = tell_agents(j, f, any ? digest_hex : NULL, e);
	if (!rc && news & TOLD_CHANGE && any) {
		change.commit = oid_to_hex(&f->facts.id, hex);
		rc = report_add_change(j->report, &change, e);
	}
	return rc;
}
