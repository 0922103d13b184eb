/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/told.h"

#include <stdint.h>
#include <string.h>

#include "base/encode.h"
#include "gate/facts_digest.h"
#include "gate/said.h"

/* What the report has of a commit, in judging.told. */
enum { TOLD_AGENTS = 1, TOLD_CHANGE = 2, TOLD_NONE = 4 };

static int tell_agents(struct judging *j, struct facts *f, const char *digest,
		       struct err *e)
{
	char hex[OID_HEX_SIZE];
	struct report_provenance p = {
		.commit = oid_to_hex(&f->facts.id, hex),
		.digest = digest,
	};
	struct said v[SAID_MAX];
	size_t n = said_of(f, v), i;
	int rc = judging_ident(j, &f->commit.author, &p.author, e);

	for (i = 0; !rc && i < n; i++) {
		p.agent = v[i].agent;
		p.model = v[i].model;
		p.session = v[i].session;
		p.detected = v[i].detected;
		p.declared = v[i].declared;
		p.how = v[i].how;
		p.trailer = v[i].trailer[0] ? v[i].trailer : NULL;
		p.inherited = v[i].record;
		rc = report_add_provenance(j->report, &p, e);
	}
	return rc;
}

static int tell_none(struct judging *j, const struct facts *f,
		     const char *digest, struct err *e)
{
	char hex[OID_HEX_SIZE];
	const struct report_statement s = {
		.commit = oid_to_hex(&f->facts.id, hex),
		.commits = 1,
		.digest = digest,
		.none = true,
	};

	return report_add_statement(j->report, &s, e);
}

/* A preview is no gate: nothing is accepted there. */
static bool is_gated(const struct judging *j, size_t ref)
{
	return ref != REPORT_NO_REF && j->refs[ref].scope.ngates > 0;
}

/* What a merge changes on the line that it is pushed to, which may be taken
 * back as a whole. */
static int tell_first(struct judging *j, const struct facts *f,
		      const struct report_change *merge, struct err *e)
{
	struct report_change out = *merge;
	char hex[SHA256_HEX_SIZE];

	if (out.ref == REPORT_NO_REF || !f->facts.merge || !f->first_any)
		return 0;
	hex_encode(f->first, SHA256_SIZE, hex);
	out.digest = hex;
	out.known = true;
	return report_add_change(j->report, &out, e);
}

int told_commit(struct judging *j, struct facts *f, struct check_sink *sink,
		struct err *e)
{
	unsigned char digest[SHA256_SIZE];
	char hex[OID_HEX_SIZE], digest_hex[SHA256_HEX_SIZE];
	struct report_change change = {.digest = digest_hex};
	size_t told = oid_map_get(&j->told, &f->facts.id), news = 0;
	bool lands = (j->wants_changes || f->lands) && !j->in->follow_up &&
		     is_gated(j, sink->ref),
	     any;
	int rc;

	if (told == SIZE_MAX)
		told = 0;
	if (f->has_message && f->facts.ai_assisted)
		news |= TOLD_AGENTS;
	if (f->has_message && j->wants_memory && said_none(f))
		news |= TOLD_NONE;
	if (j->wants_changes && object_is_new(j->repo, &f->facts.id))
		news |= TOLD_CHANGE;
	/* a ref without rules may have told its part before one with rules */
	news &= ~told;
	if (!news && !lands)
		return 0;
	if (oid_map_put(&j->told, &f->facts.id, told | news))
		return err_nomem(e);
	rc = facts_digest(f, j, sink, digest, &any, e);
	if (rc)
		return rc;
	hex_encode(digest, any ? SHA256_SIZE : 0, digest_hex);
	if (news & TOLD_AGENTS)
		rc = tell_agents(j, f, any ? digest_hex : NULL, e);
	if (!rc && news & TOLD_NONE && any)
		rc = tell_none(j, f, digest_hex, e);
	if (rc || !any || !(news & TOLD_CHANGE || lands))
		return rc;
	change.commit = oid_to_hex(&f->facts.id, hex);
	change.ref = lands ? sink->ref : REPORT_NO_REF;
	change.known = !(news & TOLD_CHANGE);
	change.back = f->back;
	rc = report_add_change(j->report, &change, e);
	return rc ? rc : tell_first(j, f, &change, e);
}
