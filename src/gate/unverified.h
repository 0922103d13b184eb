/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_UNVERIFIED_H
#define GATEPOST_GATE_UNVERIFIED_H

/**
 * Tickets that a push relies on though nobody has said what they are worth:
 * they are asked about again. Those of one ref are in a group of which one
 * that holds is enough; where every commit names its own, each is a group.
 * What was let in against an answer is a finding, and not asked about again.
 */

#include <stdbool.h>

#include "gate/answer.h"
#include "gate/report.h"
#include "policy/policy.h"

/** Whether ticket `i` of a report is the first of such a group. */
bool unverified_leads(const struct report *r, const struct policy *p, size_t i);

/** Whether ticket `k` is in the group that `leader` leads. */
bool unverified_is_of(const struct report *r, const struct policy *p,
		      size_t leader, size_t k);

/** Whether two leaders ask the same, if for different refs or commits. */
bool unverified_is_same(const struct report *r, const struct policy *p,
			size_t a, size_t b);

/** Of an accepted push: which tickets are asked about again.
 * @return lines added */
size_t unverified_answer(const struct answer *a, struct buf *out);

/** Of what is no push: that the server alone asks about tickets.
 * @return lines added */
size_t unasked_answer(const struct answer *a, struct buf *out);

#endif
