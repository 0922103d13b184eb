/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_DESK_DECISION_H
#define GATEPOST_DESK_DECISION_H

/**
 * The records of a push: what was decided, what moved. gatepost-records(5)
 * describes every member.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "gate/engine.h"
#include "gate/report.h"
#include "git/push.h"
#include "ledger/ledger.h"

enum {
	DECISION_LIST_MAX = 100,       /* entries; longer lists are evidence */
	DECISION_LIST_BYTES = 6 * 1024 /* likewise */
};

/** What surrounds a record of any kind. */
struct record_frame {
	const char *repository;
	const char *git_namespace; /* GIT_NAMESPACE; NULL or "": none */
	const struct policy *policy;
	const struct pusher *pusher; /* NULL: nobody pushed */
	int64_t now;		     /* milliseconds since 1970 */
	const char *id; /* the record's, when it was drawn before; or NULL */
};

/**
 * Record the decision, its evidence and, when it is new, the policy's text.
 * Durable on return.
 * @param duration_us  of judging
 */
int decision_record(struct ledger *l, const struct record_frame *frame,
		    const struct report *report, int64_t duration_us,
		    struct err *e);

/** What a decision would say, as JSON with the people joined in: for
 * `gatepost check`, which decides nothing. Its kind is `check`. */
int decision_print(const struct record_frame *frame,
		   const struct report *report, struct buf *out, struct err *e);

/**
 * Record that nothing could be decided about this push, and so it was
 * refused (or, in warn mode, let through unjudged).
 * @param verdict  VERDICT_ERROR, or VERDICT_WARN
 */
int decision_record_failure(struct ledger *l, const struct record_frame *frame,
			    const struct push *push, int verdict,
			    const char *why, struct err *e);

/** Record which refs moved. `decision` is the id of the decision, or "". */
int outcome_record(struct ledger *l, const struct record_frame *frame,
		   const struct push *moved, const char *decision,
		   struct err *e);

/** A change of how a repository is gated. NULL members are left out. */
struct change_note {
	const char *kind;      /* of the record: install, uninstall, mode */
	const char *from, *to; /* modes */
	const char *digest;    /* of the baseline, hex */
	size_t count;	       /* of its tips */
};
int change_record(struct ledger *l, const struct record_frame *frame,
		  const struct change_note *what, struct err *e);

#endif
