/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_WOULD_H
#define GATEPOST_DESK_WOULD_H

/**
 * What a gate that only warns would have refused, counted. Record after
 * record is added and forgotten: what stays is a line for each rule, role and
 * repository, and which people each of them met.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/name_map.h"
#include "ledger/ledger.h"
#include "policy/policy.h"

enum {
	WOULD_MAX_LINES = 10000,   /* of each table; the rest share one */
	WOULD_MAX_SEEN = 1000000,  /* people, once for each of their lines */
	WOULD_MAX_REASONS = 100000 /* rules, once for each of their codes */
};

/** The line that those beyond WOULD_MAX_LINES share. */
#define WOULD_OTHERS "(others)"

struct would_line {
	const char *name;
	size_t pushes, people;
	int64_t first, last; /* milliseconds since 1970 */
	/* of a rule: the most frequent, as `check/code`; "" for none */
	const char *reason;
	size_t reasons;	     /* pushes with that one */
	const char *example; /* its words, the first time */
};

struct would_table {
	struct name_map at;
	struct would_line *v;
	size_t n, cap;
};

struct would {
	struct arena arena;
	const struct policy *policy; /* of today; may be NULL */
	struct would_table rules, roles, repositories, reasons;
	struct name_map people, seen;
	size_t pushes;	      /* where a gate warned */
	size_t refused;	      /* of these, what would have been */
	size_t npeople, nmet; /* who pushed; whom it would have met */
	int64_t first, last;  /* of `pushes` */
	size_t unread;	      /* decisions part of which is gone */
	bool bounded;	      /* people were too many to count */
};

/** @param policy  of today: what is level = warn there is not counted */
void would_init(struct would *w, const struct policy *policy);
void would_release(struct would *w);

/** Add a decision; any other record is passed over.
 * @return 0; ERR_MALFORMED, ERR_MEMORY */
int would_add(struct would *w, struct ledger *l, const struct ledger_item *item,
	      struct err *e);

/** When all are added: sort, the most pushes first, and find the reasons. */
void would_finish(struct would *w);

#endif
