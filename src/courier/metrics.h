/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_METRICS_H
#define GATEPOST_COURIER_METRICS_H

/**
 * How the deliveries stand, in the text format of Prometheus (0.0.4). Labels
 * are names of the policy and words of ours: nothing that a pusher or an
 * endpoint wrote.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "courier/status.h"
#include "policy/policy.h"

enum {
	METRICS_EVERY_SECONDS = 15, /* while the courier serves */
	METRICS_SHARE = 50, /* more seldom where one in so many is spent so, */
	METRICS_MAX_SECONDS = 300, /* but not more seldom than this */
	METRICS_MODE = 0644	   /* whoever collects it is another user */
};

/** What kind of failure the last one was: a word, for a label. */
const char *metrics_error_class(const struct progress *p);

/**
 * Append all of it.
 * @param sealed_at  when was sealed last, seconds since 1970; 0: never
 * @return 0, ERR_MEMORY
 */
int metrics_write(const struct delivery_status *s, int64_t sealed_at,
		  struct buf *out, struct err *e);

/** When the ledger's checkpoint was written, as metrics_write takes it. */
int64_t metrics_sealed_at(const char *ledger_dir);

/**
 * Put the policy's file of metrics anew, at once, as its readers see it;
 * nothing without one.
 * @return 0; the errors of status_read(), ERR_SYS, ERR_MEMORY
 */
int metrics_save(const struct policy *policy, struct err *e);

#endif
