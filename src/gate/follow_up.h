/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FOLLOW_UP_H
#define GATEPOST_GATE_FOLLOW_UP_H

/**
 * What an emergency push lacked may follow: a signed tag of one of its
 * commits says in its trailers what the commit's message should have said.
 * Where such a push is judged again, they are read as part of the message.
 */

#include "gate/statements.h"

struct follow_ups {
	struct statement *v;
	size_t n, cap;
};

/** Read those of j->in->follow_up, if it is one; others than its owner and
 * people with a role for emergencies are told, and do not count. */
int follow_ups_load(struct judging *j, struct follow_ups **out, struct err *e);
void follow_ups_free(struct follow_ups *f);

/** The message with what has followed for this commit, in `kept`; or as it
 * is. */
int follow_ups_extend(const struct follow_ups *f, const struct oid *commit,
		      struct span *message, struct buf *kept, struct err *e);

#endif
