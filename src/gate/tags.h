/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_TAGS_H
#define GATEPOST_GATE_TAGS_H

#include "gate/judging.h"

/** The annotated tags that a ref update brings, the one it names and those
 * which that one tags, must be well formed. */
int tags_judge(struct judging *j, size_t ref, struct err *e);

#endif
