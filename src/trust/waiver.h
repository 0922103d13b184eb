/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_WAIVER_H
#define GATEPOST_TRUST_WAIVER_H

/** A waiver is a statement that excuses commits from a rule until a date. */

#include "trust/statement.h"

/** refs/waivers/<rule>/<who>-<n> */
#define WAIVERS_PREFIX "refs/waivers/"

enum { WAIVER_MAX_GLOBS = 64 /* of each kind */ };

struct waiver {
	struct statement said;
	struct span rule, repository, reason, control;
	int64_t until; /* the last millisecond at which it counts */
	struct span refs[WAIVER_MAX_GLOBS];  /* patterns; none: all */
	struct span paths[WAIVER_MAX_GLOBS]; /* likewise */
	size_t nrefs, npaths;
};

void waiver_init(struct waiver *w);
void waiver_release(struct waiver *w);

/**
 * Take the trailers of w->said, which was read: exactly one each of
 * Waives-rule, Until (time_parse), Reason, Compensating-control and
 * Repository; any number of Ref and Path. What is off is told in w->said.
 */
void waiver_take(struct waiver *w);

#endif
