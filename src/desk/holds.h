/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_HOLDS_H
#define GATEPOST_DESK_HOLDS_H

/**
 * Holds: records of kind `hold` keep other records over their retention,
 * until a date or a record of kind `release`.
 */

#include <stdbool.h>
#include <stdint.h>
#include <yyjson.h>

#include "base/err.h"
#include "base/uuid.h"
#include "desk/decision.h"
#include "ledger/ledger.h"

struct hold {
	char id[UUID_TEXT_SIZE]; /* of the record */
	int64_t since, until;	 /* milliseconds since 1970 */
	/* what is held; two of them are NULL */
	char *record, *repository, *person;
	char *reason;
	bool erased; /* the person was: nobody knows whom it holds */
	char released[UUID_TEXT_SIZE]; /* the record that ended it, or "" */
};

struct holds {
	struct hold *v;
	size_t n, cap;
};

/** All that were ever made, in order, as the index has them. */
int holds_read(struct holds *h, struct ledger *l, struct err *e);
/** Again, from the records themselves, before something is removed for good:
 * what an index leaves out is held none the less. Damaged records are passed
 * over. */
int holds_read_again(struct holds *h, struct ledger *l, struct err *e);
void holds_release(struct holds *h);

bool hold_is_active(const struct hold *h, int64_t now);

/** An active one that holds this record, or NULL. */
const struct hold *holds_find(const struct holds *h,
			      const struct ledger_item *item,
			      yyjson_val *record, int64_t now);

/** The one whose id is, or begins with, `id`.
 * @return 0, ERR_NOT_FOUND, ERR_USAGE when several do */
int holds_by_id(const struct holds *h, const char *id, const struct hold **out,
		struct err *e);

/** Record a new hold. `hold` has what is held, `until`, `reason`; its id is
 * filled in. */
int hold_record(struct ledger *l, const struct record_frame *frame,
		struct hold *hold, struct err *e);
/** Record that one ends. */
int hold_record_release(struct ledger *l, const struct record_frame *frame,
			const struct hold *hold, const char *reason,
			struct err *e);

#endif
