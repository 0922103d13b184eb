/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of commits that take something back, and of those that only
 * seem to. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/time.h"
#include "gate/facts.h"
#include "gate/facts_trees.h"
#include "gate/reverts.h"

/* ---- telling ---- */

int reverts_tell_whole(struct reverts *r, struct err *e)
{
	struct judged_ref *ref = &r->j->refs[r->ref];
	struct object_fault fault = {0};
	unsigned char digest[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	struct report_change out = {
		.digest = hex, .ref = r->ref, .known = true, .back = r->any};
	struct oid from, to;
	size_t n = 0;
	int rc;

	/* what one commit brings is told of it */
	if (!r->lands || oid_is_null(&ref->old) || oid_is_null(&ref->tip) ||
	    ref->rewind || ref->commits == 1)
		return 0;
	if (ref->digest[0]) {
		out.digest = ref->digest;
		return report_add_change(r->j->report, &out, e);
	}
	rc = facts_commit_tree(r->j, &ref->old, &from, e);
	if (!rc)
		rc = facts_commit_tree(r->j, &ref->tip, &to, e);
	if (!rc)
		rc = tree_diff_digest(r->j->trees, &r->j->in->policy->limits,
				      &from, &to, digest, &n, &fault, e);
	if (rc || !n)
		return judging_pass_over(rc, e);
	hex_encode(digest, SHA256_SIZE, hex);
	return report_add_change(r->j->report, &out, e);
}

static int tell_used(struct reverts *r, size_t at, const char *deadline,
		     size_t who, struct err *e)
{
	const struct revert *v = &r->v[at];
	char commit[OID_HEX_SIZE], undoes[OID_HEX_SIZE];
	const struct report_revert out = {
		.ref = r->ref,
		.commit = oid_to_hex(&walk_at(r->walk, at)->id, commit),
		.undoes = oid_to_hex(&v->undoes, undoes),
		.record = v->record,
		.whole = v->whole,
		.review = v->review,
		.deadline = deadline,
		.who = who,
	};

	return report_add_revert(r->j->report, &out, e);
}

static int no_finding(const struct check_ctx *ctx, const struct finding *f,
		      struct err *e)
{
	(void)f;
	(void)e;
	ctx->sink->found++;
	return 0;
}

static int no_evidence(const struct check_ctx *ctx, const char *kind,
		       const struct commit_facts *commit, const char *text,
		       const struct finding_who *who, struct err *e)
{
	(void)ctx;
	(void)kind;
	(void)commit;
	(void)text;
	(void)who;
	(void)e;
	return 0;
}

static int no_approval(const struct check_ctx *ctx,
		       const struct approval_facts *a, bool counted,
		       const char *why, struct err *e)
{
	(void)ctx;
	(void)a;
	(void)counted;
	(void)why;
	(void)e;
	return 0;
}

static int no_signature(const struct check_ctx *ctx, enum signed_thing of,
			const struct oid *id, const struct signature *sig,
			struct err *e)
{
	(void)ctx;
	(void)of;
	(void)id;
	(void)sig;
	(void)e;
	return 0;
}

static int no_ticket(const struct check_ctx *ctx, const struct ticket_facts *t,
		     struct err *e)
{
	(void)ctx;
	(void)t;
	(void)e;
	return 0;
}

const struct check_sink_ops reverts_trial = {
	.find = no_finding,
	.evidence = no_evidence,
	.approval = no_approval,
	.signature = no_signature,
	.ticket = no_ticket,
};

/* ---- why it is none ---- */

/* The commit that a message names as git-revert(1) does; a hint alone. */
static int claimed(struct reverts *r, size_t at, struct oid *out, bool *yes,
		   struct err *e)
{
	static const char words[] = "This reverts commit ";
	size_t n = oid_hex_size(r->j->algo);
	const char *found;
	struct object o;
	int rc = object_read(r->j->repo, &walk_at(r->walk, at)->id,
			     WALK_MAX_COMMIT, &o, e);

	*yes = false;
	if (rc)
		return judging_pass_over(rc, e);
	found = memmem(o.data, o.size, words, sizeof(words) - 1);
	if (found) {
		found += sizeof(words) - 1;
		*yes = (size_t)((const char *)o.data + o.size - found) >= n &&
		       oid_from_hex(out, r->j->algo, span_of(found, n));
	}
	object_release(&o);
	return 0;
}

static int say(struct reverts *r, size_t at, const char *code, const char *text,
	       struct err *e)
{
	struct check_sink sink;

	judging_sink_ref(r->j, r->ref, "revert", &sink);
	return judging_find(&sink, code, &walk_at(r->walk, at)->id,
			    "it needs what every change needs", e, "%s", text);
}

static int say_late(struct reverts *r, size_t at, struct err *e)
{
	char when[TIME_RFC3339_SIZE], text[REPORT_MAX_TEXT];

	time_format(r->v[at].when, when);
	snprintf(text, sizeof(text),
		 "what it takes back was accepted on %.16s UTC, and may be "
		 "taken back unreviewed for %lld hours only",
		 when, (long long)(r->window / 3600));
	return say(r, at, "too-late", text, e);
}

static int say_elsewhere(struct reverts *r, size_t at, struct err *e)
{
	char text[REPORT_MAX_TEXT];

	snprintf(text, sizeof(text),
		 "what it takes back was accepted on %.200s, not here",
		 check_ref_short(r->v[at].elsewhere));
	return say(r, at, "other-ref", text, e);
}

static int say_claim(struct reverts *r, size_t at, struct err *e)
{
	struct tree_digests d;
	struct oid id;
	bool yes;
	int rc = claimed(r, at, &id, &yes, e);

	if (rc || !yes)
		return rc;
	rc = reverts_digests_of(r->j, &id, &d, e);
	if (!rc && d.changes &&
	    memcmp(d.back, r->v[at].digests.forth, SHA256_SIZE) != 0)
		return say(r, at, "not-exact",
			   "it does not exactly take back the commit that it "
			   "names",
			   e);
	rc = judging_pass_over(rc, e);
	return rc ? rc
		  : say(r, at, "unknown",
			"nothing that it takes back was ever accepted here", e);
}

static int say_why(struct reverts *r, size_t at, struct err *e)
{
	switch (r->v[at].state) {
	case REVERT_LATE:
		return say_late(r, at, e);
	case REVERT_STATE:
		return say(r, at, "between",
			   "it leads to what was never the state of this ref",
			   e);
	case REVERT_GONE:
		return say(r, at, "unknown",
			   "what it takes back never came to this ref", e);
	case REVERT_AGAIN:
		return say(r, at, "again",
			   "what it takes back took a change back itself: that "
			   "change must be approved again",
			   e);
	case REVERT_MERGE:
		return say(r, at, "merge",
			   "it is a merge, and may throw away more than it "
			   "takes back",
			   e);
	case REVERT_ELSEWHERE:
		return say_elsewhere(r, at, e);
	case REVERT_NONE:
		return say_claim(r, at, e);
	case REVERT_GOOD:
		break;
	}
	return 0;
}

int reverts_report(struct reverts *r, bool refused, struct err *e)
{
	struct judging *j = r->j;
	char deadline[TIME_RFC3339_SIZE];
	struct span none = {"", 0};
	size_t i, told = 0, who = REPORT_NO_PERSON;
	size_t before = j->report->nfindings_all;
	int rc = 0;

	if (!r->n || j->in->follow_up)
		return 0;
	time_format(j->in->now + r->review * 1000, deadline);
	for (i = 0; !rc && i < r->n; i++) {
		if (!r->v[i].used)
			continue;
		if (who == REPORT_NO_PERSON)
			rc = judging_person(j, j->pusher.principal, none, none,
					    span_str(j->pusher.login), &who, e);
		if (!rc)
			rc = tell_used(r, i, deadline, who, e);
	}
	for (i = 0; refused && !rc && i < r->n && told < REVERTS_MAX_TOLD;
	     i++) {
		if (r->v[i].has_digests)
			rc = say_why(r, i, e);
		told = j->report->nfindings_all - before;
	}
	return rc;
}
