/* SPDX-License-Identifier: Apache-2.0 */
#include "checks/check.h"

int check_find(const struct check_ctx *ctx, const struct finding *f,
	       struct err *e)
{
	return ctx->ops->find(ctx, f, e);
}

int check_evidence(const struct check_ctx *ctx, const char *kind,
		   const struct commit_facts *commit, const char *text,
		   struct err *e)
{
	return ctx->ops->evidence(ctx, kind, commit, text, NULL, e);
}

int check_evidence_of(const struct check_ctx *ctx, const char *kind,
		      const struct commit_facts *commit, const char *text,
		      const struct finding_who *who, struct err *e)
{
	return ctx->ops->evidence(ctx, kind, commit, text, who, e);
}

int check_approval(const struct check_ctx *ctx, const struct approval_facts *a,
		   bool counted, const char *why, struct err *e)
{
	return ctx->ops->approval(ctx, a, counted, why, e);
}

int check_signed(const struct check_ctx *ctx, enum signed_thing of,
		 const struct oid *id, const struct signature *sig,
		 struct err *e)
{
	return ctx->ops->signature(ctx, of, id, sig, e);
}

int check_ticket_named(const struct check_ctx *ctx,
		       const struct ticket_facts *t, struct err *e)
{
	return ctx->ops->ticket(ctx, t, e);
}
