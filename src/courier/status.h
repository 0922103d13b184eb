/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_STATUS_H
#define GATEPOST_COURIER_STATUS_H

/** How the deliveries stand, for people and for programs. Needs no libcurl,
 * so that the gatepost command can ask, too. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "courier/parked.h"
#include "courier/progress.h"
#include "ledger/ledger.h"
#include "ledger/seal_health.h"
#include "policy/policy.h"

enum {
	STATUS_MAX_TEXT = 4 << 20,
	STATUS_MAX_HOST = 1024,
	STATUS_LATE_SECONDS = 3600 /* an undelivered record this old is amiss */
};

/** One sink. */
struct sink_status {
	const struct sink *sink;
	struct progress progress;
	struct parked_list parked; /* those that nobody has sent since */
	struct buf host;	   /* of the URL; its path may hold a token */
	uint64_t lag;		   /* records not yet delivered */
	int64_t lag_seconds;	   /* age of the oldest of them */
	uint64_t tickets;	   /* records whose tickets have no answer */
	int64_t tickets_seconds;   /* since the push of the oldest of them */
	bool drained;		   /* a process is at it now */
};

/** One witness or time stamper. */
struct anchor_status {
	const char *word, *name; /* `witness` or `time stamper` */
	struct progress progress;
	struct buf host;	  /* empty: it comes by itself */
	uint64_t sealed, covered; /* records */
	int64_t every;		  /* seconds */
	bool running;		  /* a process asks it now */
};

struct delivery_status {
	struct sink_status *v; /* one a sink, in the order of the policy */
	size_t n;
	struct anchor_status *anchors; /* witnesses, then time stampers */
	size_t nanchors;
	struct seal_health seal; /* what is not sealed is not delivered */
};

/** Append the host of a URL. */
void status_add_host(struct buf *out, const char *url);

/** Fill in `anchors`; those that were begun are released as all others. */
int status_read_anchors(struct delivery_status *out,
			const struct policy *policy, struct ledger *ledger,
			struct err *e);
void status_release_anchors(struct delivery_status *s);
bool status_anchor_is_well(const struct anchor_status *s);
/** `failing`, `behind`, `up to date`. */
const char *status_anchor_condition(const struct anchor_status *s);

/** @return 0; the errors of the ledger and of progress_load() */
int status_read(struct delivery_status *out, const struct policy *policy,
		struct err *e);
void status_release(struct delivery_status *s);

bool status_sink_is_well(const struct sink_status *s);

/** Whether nothing fails, is parked, lies unsealed or undelivered for long, or
 * has waited for long to be asked about. */
bool status_is_well(const struct delivery_status *s);

/** @return 0, ERR_MEMORY */
int status_write_text(const struct delivery_status *s, struct buf *out,
		      struct err *e);
int status_write_json(const struct delivery_status *s, struct buf *out,
		      struct err *e);

#endif
