/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_PUBLISH_H
#define GATEPOST_CLI_PUBLISH_H

/**
 * The ref refs/gatepost/published of a repository: what clients may know of
 * its policy (policy/published.h).
 */

#include "cli/place.h"

/** Whether what stands there is what the policy says. */
int publish_is_current(const struct place *p, bool *current, struct err *e);

/**
 * Put it there, unless it is.
 * @param text     appended: what stands there now; may be NULL
 * @param changed  whether anything was written; may be NULL
 */
int publish_write(const struct place *p, struct buf *text, bool *changed,
		  struct err *e);

/** Take the ref away, if it is there. */
int publish_remove(const struct place *p, struct err *e);

#endif
