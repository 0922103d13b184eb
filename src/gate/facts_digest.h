/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FACTS_DIGEST_H
#define GATEPOST_GATE_FACTS_DIGEST_H

/**
 * The digest of what a commit changes, and who is known to have brought that
 * first.
 */

#include "gate/facts.h"

/** SHA-256 of the commit's change against its first parent.
 * Trees that cannot be compared are a finding, and as if nothing changed.
 * For a merge that of those against each parent.
 * @param any  false when it changes nothing */
int facts_digest(struct facts *f, struct judging *j, struct check_sink *sink,
		 unsigned char out[SHA256_SIZE], bool *any, struct err *e);

/**
 * Who first brought the commit's change to this server, on any ref; who
 * pushes, when it came with this push.
 * @param who  set; NULL when it is nobody whom the policy knows now
 */
int facts_brought_by(struct facts *f, struct judging *j,
		     struct check_sink *sink, const struct principal **who,
		     struct err *e);

#endif
