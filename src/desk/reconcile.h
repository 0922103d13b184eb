/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_RECONCILE_H
#define GATEPOST_DESK_RECONCILE_H

/**
 * Compare what the records say with where the refs stand. git does not always
 * run post-receive, and a ref can be moved by more than a push: what is found
 * is recorded, once.
 */

#include <stdint.h>

#include "base/err.h"
#include "desk/decision.h"
#include "desk/ref_book.h"
#include "desk/retention_refs.h"
#include "git/repository.h"
#include "ledger/ledger.h"
#include "policy/policy.h"

struct reconcile {
	struct ledger *ledger; /* opened for reading and appending */
	struct ref_book book;
	struct ledger_reader *reader;
	struct retention_refs gone; /* of records that left */
	struct arena names; /* for who goes through the book */
	int64_t grace; /* milliseconds: a push that young may not be over */
	/* what was found, over all repositories */
	size_t outcomes; /* that never came, and are recorded now */
	size_t moves;	 /* of gated refs that no record tells of */
};

/** A repository to look at. Borrowed. */
struct reconcile_repository {
	struct repository *repo;
	const struct policy *policy;
	enum policy_mode override; /* gatepost.mode of the repository */
	const char *name;
	const struct option_list *baseline; /* ids in hex */
	const struct record_frame *frame;   /* for records about it */
	bool look_only;			    /* record nothing */
	/** Told of each finding, in words; or NULL. */
	void (*tell)(void *ctx, const char *text);
	void *ctx;
};

int reconcile_init(struct reconcile *r, struct ledger *l, int64_t grace,
		   struct err *e);
void reconcile_release(struct reconcile *r);

/** Take in all records up to now. */
int reconcile_read(struct reconcile *r, struct err *e);

/**
 * Look at one repository and record what is found: outcomes that never came,
 * as records of kind `outcome`; moves of gated refs that no record tells of,
 * as one of kind `break`.
 */
int reconcile_repository(struct reconcile *r,
			 const struct reconcile_repository *at, struct err *e);

#endif
