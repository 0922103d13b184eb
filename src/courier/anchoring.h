/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ANCHORING_H
#define GATEPOST_COURIER_ANCHORING_H

/**
 * Getting checkpoints vouched for: the life of the process that asks one
 * witness or one time stamper. What it gets it leaves in the ledger's inbox
 * (ledger/anchors.h); it has no business with what is sealed.
 */

#include "courier/http.h"
#include "courier/progress.h"
#include "ledger/anchors.h"
#include "policy/policy.h"
#include "sys/admin_log.h"
#include "sys/deadline.h"

struct anchoring {
	const struct witness *witness; /* one of the two; with a URL */
	const struct timestamp *stamper;
	const char *ledger_dir;
	struct admin_log *log;
	int stop_fd; /* readable: stop; -1: never */
	/* private */
	struct ledger *ledger;
	struct progress progress;
};

/** How one request, or a few in a row, went. */
struct anchoring_try {
	bool done;
	bool alarm;  /* what was sealed is not what they know */
	long status; /* of the last answer; 0: there was none */
	int64_t retry_after;
	char why[HTTP_MAX_ERROR]; /* unless done */
};

/** `witness` or `time stamper`, and the name. */
const char *anchoring_word(const struct anchoring *a);
const char *anchoring_name(const struct anchoring *a);

/** What their cursor's files end in: `.witness.json` and so on. */
const char *anchoring_cursor(const struct anchoring *a);
const char *anchoring_lock(const struct anchoring *a);

bool anchoring_must_stop(void *arg);

/** Open the ledger, and make the folders that are written in. First of all;
 * then this process can be confined. Both calls below close it. */
int anchoring_open(struct anchoring *a, struct err *e);

/**
 * What is there, once, and again until the deadline when it fails.
 * @return a status of worker.h; for WORKER_FAILED `e` has the reason
 */
int anchoring_run_once(struct anchoring *a, struct deadline deadline,
		       struct err *e);

/** Until told to stop. As above. */
int anchoring_run(struct anchoring *a, struct err *e);

#endif
