/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_CARRY_PICKS_H
#define GATEPOST_GATE_CARRY_PICKS_H

/**
 * What the commits of a change say that they were picked from, and the refs
 * from which the gates before a ref let approvals be carried.
 */

#include "gate/change.h"

enum { CARRY_MAX_LINES = 8 /* `(cherry picked from …)`, of one message */ };

enum carry_state {
	CARRY_NONE = 0, /* it does not say that it was picked */
	CARRY_UNKNOWN,
	CARRY_ELSEWHERE, /* from a ref that is not named */
	CARRY_OTHER,	 /* it does something else */
	CARRY_BACK,	 /* what was taken back there since */
	CARRY_GOOD
};

/** One commit of the change. */
struct carry_commit {
	enum carry_state state;
	struct oid picked[CARRY_MAX_LINES]; /* what its message names */
	size_t n;
	size_t good;	 /* which of them, when CARRY_GOOD */
	bool approved;	 /* with what was approved together */
	char *elsewhere; /* a ref on which it was let in; owned */
};

struct carry {
	char **refs; /* real names of those that the gates carry from */
	size_t nrefs;
	struct carry_commit *v; /* by number in the change */
	size_t n;
	bool any; /* says that it was picked */
};

/**
 * Start with the refs that every gate before this ref carries from.
 * @param out  NULL on an error; else to be freed by carry_free()
 */
int carry_new(struct carry **out, const struct judging *j, size_t ref,
	      struct err *e);
void carry_free(struct carry *k);

/** Read what the messages of the change's commits name. */
int carry_read(struct carry *k, const struct change *c, struct judging *j,
	       struct err *e);

/** Whether approvals may be carried from a ref, by its real name. */
bool carry_is_from(const struct carry *k, const char *ref);

/** Whether each commit of a run says rightly where it was picked.
 * @param low, end  places in the order */
bool carry_is_picked(const struct change *c, size_t low, size_t end);

#endif
