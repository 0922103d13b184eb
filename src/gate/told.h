/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_TOLD_H
#define GATEPOST_GATE_TOLD_H

#include "gate/facts.h"

/**
 * What the record tells of one commit whatever the rules say of it: the
 * provenance of an AI-assisted one, and the digest of a change that this
 * push brings, if some rule will ask who brought it. Once a commit.
 */
int told_commit(struct judging *j, struct facts *f, struct check_sink *sink,
		struct err *e);

#endif
