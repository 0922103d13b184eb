/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_ROLLBACK_H
#define GATEPOST_CHECKS_ROLLBACK_H

/** Private to rollback*.c: what the commits of one ref update bring, and the
 * questions that are asked of it in the end. */

#include "checks/check.h"
#include "checks/plan.h"
#include "checks/undo.h"

enum {
	ROLLBACK_MAX_TOLD = 20,	 /* findings, and plans in the record */
	ROLLBACK_MAX_SHOWN = 200 /* bytes of a value or path in a text */
};

/* One trailer that gives a plan. */
struct given {
	struct oid commit;
	enum plan_kind kind;
	bool divided; /* another value, for who stops at a `---` */
	char *value;  /* its first bytes */
};

struct step {
	size_t tool;
	char *path;
};

struct rollback_state {
	struct given *plans;
	size_t nplans, plans_cap;
	bool more_plans;
	struct step *steps;
	size_t nsteps, steps_cap;
	bool more_steps;
};

struct rollback_asking {
	const struct check_ctx *ctx;
	const struct rollback_state *s;
	const struct range_facts *range;
	struct err *e;
};

/** A finding, about the commit that gives `plan` if there is one. */
int rollback_say(const struct rollback_asking *a, const char *code,
		 const struct given *plan, const char *hint, const char *text);

/** Whether some commit gives plans that all hold. */
int rollback_ask_plan(const struct rollback_asking *a);

#endif
