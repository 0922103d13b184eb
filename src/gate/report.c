/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { SIGNERS_BACK = 256 }; /* latest signers that a new one is sought in */

static const char *const verdict_words[] = {"none", "pass", "warn", "reject",
					    "error"};
static const char *const kind_words[] = {"none", "create", "update", "rewind",
					 "delete"};
static const char *const result_words[] = {"none", "pass",   "fail",
					   "warn", "waived", "not-applicable"};

const char *verdict_word(enum verdict v)
{
	return verdict_words[v];
}

bool verdict_accepts(enum verdict v)
{
	return v == VERDICT_PASS || v == VERDICT_WARN;
}

const char *ref_kind_word(enum ref_kind k)
{
	return kind_words[k];
}

const char *result_word(enum result r)
{
	return result_words[r];
}

void report_init(struct report *r)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena, REPORT_MAX_BYTES);
}

void report_release(struct report *r)
{
	free(r->persons);
	free(r->refs);
	free(r->results);
	free(r->findings);
	free(r->evidence);
	free(r->provenance);
	free(r->approvals);
	free(r->signatures);
	free(r->certificates);
	free(r->changes);
	free(r->tickets);
	free(r->emergencies);
	free(r->reverts);
	free(r->tags);
	free(r->statements);
	arena_release(&r->arena);
	report_init(r);
}

static int grow_error(int rc, struct err *e)
{
	return rc == -2 ? err_set(e, ERR_LIMIT,
				  "the push has more to tell of than %d items",
				  REPORT_MAX_ITEMS)
			: err_nomem(e);
}

/* Each string member is replaced by its copy in the arena; a NULL stays. */
static int keep(struct report *r, const char **s, size_t max, struct err *e)
{
	size_t n;

	if (!*s)
		return 0;
	n = strnlen(*s, max);
	*s = arena_dup(&r->arena, span_of(*s, n));
	return *s ? 0 : err_nomem(e);
}

static int keep_all(struct report *r, const char **const *strings, size_t n,
		    struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (keep(r, strings[i], REPORT_MAX_BYTES, e))
			return e ? e->code : ERR_MEMORY;
	return 0;
}

static int keep_list(struct report *r, const char ***list, struct err *e)
{
	const char **copy;
	size_t n = 0, i;

	while (*list && (*list)[n])
		n++;
	copy = arena_alloc(&r->arena, (n + 1) * sizeof(*copy));
	if (!copy)
		return err_nomem(e);
	for (i = 0; i < n; i++) {
		copy[i] = arena_strdup(&r->arena, (*list)[i]);
		if (!copy[i])
			return err_nomem(e);
	}
	*list = copy;
	return 0;
}

#define KEEP(r, e, ...)                                                        \
	keep_all(r, (const char **const[]){__VA_ARGS__},                       \
		 sizeof((const char **const[]){__VA_ARGS__}) /                 \
			 sizeof(const char **),                                \
		 e)

/* Room for one element, and the element put there. */
#define APPEND(r, list, v, e)                                                  \
	do {                                                                   \
		int rc_ = array_push(&(r)->list, (r)->n##list,                 \
				     &(r)->list##_cap, REPORT_MAX_ITEMS);      \
		if (rc_)                                                       \
			return grow_error(rc_, e);                             \
		(r)->list[(r)->n##list++] = (v);                               \
	} while (0)

int report_add_ref(struct report *r, const struct report_ref *v, struct err *e)
{
	struct report_ref c = *v;
	int rc = KEEP(r, e, &c.name, &c.real, &c.old, &c.new_, &c.digest, &c.mirror);

	if (!rc)
		rc = keep_list(r, &c.gates, e);
	if (!rc)
		rc = keep_list(r, &c.previews, e);
	if (!rc)
		rc = keep_list(r, &c.approves, e);
	if (rc)
		return rc;
	APPEND(r, refs, c, e);
	return 0;
}

int report_add_result(struct report *r, const struct report_result *v,
		      struct err *e)
{
	struct report_result c = *v;
	int rc = KEEP(r, e, &c.why, &c.bot);

	if (rc)
		return rc;
	APPEND(r, results, c, e);
	return 0;
}

/* A flood of advice leaves room for the reason of a refusal. */
bool report_keeps_finding(const struct report *r, int weight)
{
	if (r->nfindings >= REPORT_MAX_FINDINGS)
		return false;
	if (weight == WEIGHT_REJECT)
		return true;
	if (weight == WEIGHT_WARN)
		return r->nwarnings < REPORT_MAX_WARNINGS;
	return r->nadvice < REPORT_MAX_ADVICE;
}

int report_add_finding(struct report *r, const struct report_finding *v,
		       struct err *e)
{
	struct report_finding c = *v;
	int rc;

	r->nfindings_all++;
	if (!report_keeps_finding(r, v->weight))
		return 0;
	r->nwarnings += v->weight == WEIGHT_WARN;
	r->nadvice += v->weight != WEIGHT_WARN && v->weight != WEIGHT_REJECT;
	rc = KEEP(r, e, &c.check, &c.code, &c.commit);
	if (!rc)
		rc = keep(r, &c.subject, REPORT_MAX_TEXT, e);
	if (!rc)
		rc = keep(r, &c.text, REPORT_MAX_TEXT, e);
	if (!rc)
		rc = keep(r, &c.hint, REPORT_MAX_TEXT, e);
	if (!rc)
		rc = keep(r, &c.trailer, REPORT_MAX_TEXT, e);
	if (rc)
		return rc;
	APPEND(r, findings, c, e);
	return 0;
}

int report_add_evidence(struct report *r, const struct report_evidence *v,
			struct err *e)
{
	struct report_evidence c = *v;
	int rc;

	r->nevidence_all++;
	if (r->nevidence >= REPORT_MAX_EVIDENCE)
		return 0;
	rc = KEEP(r, e, &c.kind, &c.commit);

	if (!rc)
		rc = keep(r, &c.text, REPORT_MAX_TEXT, e);
	if (rc)
		return rc;
	APPEND(r, evidence, c, e);
	return 0;
}

int report_add_provenance(struct report *r, const struct report_provenance *v,
			  struct err *e)
{
	struct report_provenance c = *v;
	int rc = KEEP(r, e, &c.commit, &c.agent, &c.model, &c.session, &c.how,
		      &c.trailer, &c.inherited, &c.digest);

	if (rc)
		return rc;
	APPEND(r, provenance, c, e);
	return 0;
}

int report_add_approval(struct report *r, const struct report_approval *v,
			struct err *e)
{
	struct report_approval c = *v;
	int rc = KEEP(r, e, &c.at, &c.tag, &c.payload, &c.made, &c.format,
		      &c.key_type, &c.fingerprint, &c.why, &c.raw, &c.kind,
		      &c.withdrawn, &c.withdrawal, &c.digest, &c.tip, &c.end,
		      &c.carried, &c.from);

	if (!rc)
		rc = keep_list(r, &c.others, e);
	if (rc)
		return rc;
	APPEND(r, approvals, c, e);
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_signer(const struct report_signature *a,
			const struct report_signature *b)
{
	return a->who == b->who && a->rule == b->rule && a->ref == b->ref &&
	       a->of == b->of && a->presence == b->presence &&
	       a->verification == b->verification &&
	       same(a->fingerprint, b->fingerprint);
}

/* One more id behind those that are there; all have one length. */
static int add_object(struct report *r, struct report_signature *s,
		      const char *id, struct err *e)
{
	size_t n = strlen(id) + 1, used = (s->count - 1) * n;
	char *longer;

	if (s->count > REPORT_MAX_SIGNED)
		return 0;
	if (used + n <= s->room) {
		union {
			const char *kept;
			char *ours;
		} u = {s->objects};

		u.ours[used - 1] = ' ';
		memcpy(u.ours + used, id, n);
		return 0;
	}
	s->room = 2 * (used + n);
	longer = arena_alloc(&r->arena, s->room);
	if (!longer)
		return err_nomem(e);
	memcpy(longer, s->objects, used);
	longer[used - 1] = ' ';
	memcpy(longer + used, id, n);
	s->objects = longer;
	return 0;
}

int report_add_signature(struct report *r, const struct report_signature *v,
			 struct err *e)
{
	size_t i, from = r->nsignatures > SIGNERS_BACK
				 ? r->nsignatures - SIGNERS_BACK
				 : 0;
	struct report_signature c = *v;
	int rc;

	for (i = r->nsignatures; i-- > from;)
		if (same_signer(&r->signatures[i], v)) {
			r->signatures[i].count++;
			return v->objects ? add_object(r, &r->signatures[i],
						       v->objects, e)
					  : 0;
		}
	rc = KEEP(r, e, &c.format, &c.key_type, &c.fingerprint, &c.objects);
	if (rc)
		return rc;
	c.room = 0;
	APPEND(r, signatures, c, e);
	return 0;
}

int report_add_certificate(struct report *r, const struct report_certificate *v,
			   struct err *e)
{
	struct report_certificate c = *v;
	int rc = KEEP(r, e, &c.format, &c.key_type, &c.fingerprint, &c.nonce,
		      &c.why, &c.raw);

	if (rc)
		return rc;
	APPEND(r, certificates, c, e);
	return 0;
}

int report_add_change(struct report *r, const struct report_change *v,
		      struct err *e)
{
	struct report_change c = *v;
	int rc = KEEP(r, e, &c.commit, &c.digest);

	if (rc)
		return rc;
	APPEND(r, changes, c, e);
	return 0;
}

int report_add_emergency(struct report *r, const struct report_emergency *v,
			 struct err *e)
{
	struct report_emergency c = *v;
	int rc = KEEP(r, e, &c.how, &c.ticket, &c.reason, &c.deadline);

	if (rc)
		return rc;
	APPEND(r, emergencies, c, e);
	return 0;
}

int report_add_revert(struct report *r, const struct report_revert *v,
		      struct err *e)
{
	struct report_revert c = *v;
	int rc = KEEP(r, e, &c.commit, &c.undoes, &c.record, &c.deadline);

	if (rc)
		return rc;
	APPEND(r, reverts, c, e);
	return 0;
}

static bool has_ticket(const struct report *r, const struct report_ticket *v)
{
	size_t i;

	for (i = 0; i < r->ntickets; i++)
		if (r->tickets[i].ref == v->ref &&
		    r->tickets[i].rule == v->rule &&
		    !strcmp(r->tickets[i].id, v->id))
			return true;
	return false;
}

int report_add_ticket(struct report *r, const struct report_ticket *v,
		      struct err *e)
{
	struct report_ticket c = *v;
	int rc;

	if (r->ntickets >= REPORT_MAX_TICKETS || has_ticket(r, v))
		return 0;
	rc = KEEP(r, e, &c.id, &c.from, &c.commit, &c.sink, &c.state, &c.asked,
		  &c.why);
	if (rc)
		return rc;
	APPEND(r, tickets, c, e);
	return 0;
}

int report_add_tag(struct report *r, const struct report_tag *v, struct err *e)
{
	struct report_tag c = *v;
	int rc = KEEP(r, e, &c.at, &c.tag, &c.payload, &c.format, &c.key_type,
		      &c.fingerprint, &c.why, &c.raw, &c.until, &c.reason,
		      &c.control, &c.tip);

	if (!rc)
		rc = keep_list(r, &c.refs, e);
	if (!rc)
		rc = keep_list(r, &c.paths, e);
	if (rc)
		return rc;
	APPEND(r, tags, c, e);
	return 0;
}

int report_add_statement(struct report *r, const struct report_statement *v,
			 struct err *e)
{
	struct report_statement c = *v;
	int rc = KEEP(r, e, &c.commit, &c.digest, &c.agent, &c.model,
		      &c.session, &c.trailer);

	if (rc)
		return rc;
	APPEND(r, statements, c, e);
	return 0;
}

int report_add_person(struct report *r, const struct report_person *v,
		      size_t *number, struct err *e)
{
	struct report_person c = *v;
	size_t i, from = r->npersons > 64 ? r->npersons - 64 : 0;
	int rc;

	/* Looking at the latest is enough to share nearly always, and keeps
	 * a push by 100,000 invented authors linear. */
	for (i = from; i < r->npersons; i++) {
		const struct report_person *p = &r->persons[i];

		if (same(p->principal, v->principal) &&
		    same(p->name, v->name) && same(p->email, v->email) &&
		    same(p->login, v->login)) {
			*number = i;
			return 0;
		}
	}
	rc = KEEP(r, e, &c.principal, &c.name, &c.email, &c.login);
	if (rc)
		return rc;
	APPEND(r, persons, c, e);
	*number = r->npersons - 1;
	return 0;
}
