/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/follow_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "git/walk.h"

struct loading {
	struct judging *j;
	struct follow_ups *to;
	size_t seen;
	struct err *e;
};

static bool has_any_role(const struct judging *j, const struct principal *p)
{
	const struct policy *policy = j->in->policy;
	size_t i, k;

	for (i = 0; i < policy->nrules; i++)
		for (k = 0; k < policy->rules[i].emergency.n; k++)
			if (principal_has_role(p,
					       policy->rules[i].emergency.v[k],
					       j->in->now))
				return true;
	return false;
}

static const char *why_not(const struct judging *j, struct statement *s)
{
	const struct principal *p = s->sig.principal;
	const struct engine_follow_up *of = j->in->follow_up;
	struct span record;

	if (s->fault != APPROVAL_OK)
		return s->why;
	if (!statement_value(s, "Follows-up", &record) ||
	    !span_is(record, of->record))
		return "it is of another record";
	if (!principal_is_human(p, j->in->now))
		return "its signer is no person";
	if (of->owner && !strcmp(p->name, of->owner))
		return NULL;
	return has_any_role(j, p) ? NULL
				  : "its signer neither owns the emergency nor "
				    "has a role for emergencies";
}

static int load_one(struct loading *l, const char *name, const struct oid *id)
{
	struct report_tag out = {
		.kind = STATEMENT_FOLLOW_UP,
		.ref = REPORT_NO_REF,
		.rule = REPORT_NO_RULE,
		.at = name,
	};
	struct statement s;
	int rc;

	statement_init(&s);
	rc = statements_read(l->j, id, &s, l->e);
	if (!rc)
		rc = statement_verify(&s, &l->j->verifier, l->e);
	out.why = why_not(l->j, &s);
	out.counted = !out.why;
	if (!rc)
		rc = statements_report(l->j, &s, &out, l->e);
	if (rc || !out.counted ||
	    array_push(&l->to->v, l->to->n, &l->to->cap, STATEMENTS_MAX)) {
		statement_release(&s);
		return rc;
	}
	l->to->v[l->to->n++] = s;
	return 0;
}

static int found(void *ctx, const char *name, const struct oid *id)
{
	struct loading *l = ctx;

	return l->seen++ == STATEMENTS_MAX ? 1 : load_one(l, name, id);
}

int follow_ups_load(struct judging *j, struct follow_ups **out, struct err *e)
{
	char prefix[sizeof(FOLLOW_UPS_PREFIX) + 64];
	struct loading l = {j, NULL, 0, e};
	int rc;

	*out = NULL;
	if (!j->in->follow_up)
		return 0;
	*out = l.to = calloc(1, sizeof(*l.to));
	if (!l.to)
		return err_nomem(e);
	snprintf(prefix, sizeof(prefix), FOLLOW_UPS_PREFIX "%.36s/",
		 j->in->follow_up->record);
	rc = judging_refs_each(j, prefix, found, &l, e);
	return rc < 0 ? rc : 0;
}

void follow_ups_free(struct follow_ups *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n; i++)
		statement_release(&f->v[i]);
	free(f->v);
	free(f);
}

static void add_trailers(const struct statement *s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s->trailers.n; i++) {
		const struct trailer *t = &s->trailers.v[i];

		if (span_is_nocase(t->key, "Follows-up") ||
		    span_is_nocase(t->key, "Repository"))
			continue;
		buf_add(out, t->key.p, t->key.n);
		buf_adds(out, ": ");
		buf_add(out, t->value.p, t->value.n);
		buf_addch(out, '\n');
	}
}

/* Further lines of the trailer block, or a block where there is none. */
static int begin_block(struct span message, struct buf *out, struct err *e)
{
	struct trailers t;
	int rc;

	trailers_init(&t);
	rc = trailers_parse(&t, message, TRAILERS_NO_DIVIDER,
			    STATEMENT_MAX_TRAILERS, e);
	if (rc == ERR_LIMIT) {
		err_clear(e);
		rc = 0;
	}
	while (message.n && message.p[message.n - 1] == '\n')
		message.n--;
	buf_add(out, message.p, message.n);
	buf_adds(out, t.n ? "\n" : "\n\n");
	trailers_release(&t);
	return rc;
}

int follow_ups_extend(const struct follow_ups *f, const struct oid *commit,
		      struct span *message, struct buf *kept, struct err *e)
{
	size_t i;
	bool any = false;
	int rc = 0;

	buf_clear(kept);
	for (i = 0; !rc && f && i < f->n; i++) {
		if (!oid_equal(&f->v[i].target, commit))
			continue;
		if (!any)
			rc = begin_block(*message, kept, e);
		any = true;
		add_trailers(&f->v[i], kept);
	}
	if (rc || !any)
		return rc;
	*message = span_of(kept->data, kept->len);
	return buf_ok(kept) ? 0 : err_nomem(e);
}
