/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_FACTS_REVERT_H
#define GATEPOST_GATE_FACTS_REVERT_H

#include "gate/facts.h"

/** Whether it is the exact inverse of the change of an ancestor that its
 * message names. */
int facts_revert(struct facts *f, struct judging *j, struct err *e);

#endif
