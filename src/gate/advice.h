/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ADVICE_H
#define GATEPOST_GATE_ADVICE_H

/** The command and the last line of what a branch is told by a preview. */

#include "gate/answer.h"

/** A problem that others mend: approvals are asked for last. */
bool advice_waits(const struct report_finding *f);

/** What to type about the problems that are advice; false: nobody knows. */
bool advice_command(const struct report *r, struct buf *out);

/** Where it can go then: "main", a pattern, or "a gated ref". */
void advice_target(const struct answer *a, struct buf *out);

#endif
