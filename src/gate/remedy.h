/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_REMEDY_H
#define GATEPOST_GATE_REMEDY_H

#include <stdbool.h>

#include "base/buf.h"
#include "gate/report.h"

/**
 * One command that adds the missing trailers to exactly those commits that
 * lack them: an amend when it is the tip alone, else a rewrite of messages
 * that leaves every tree and merge as it is. Typed in a clone with the branch
 * checked out.
 *
 * @return false when no finding of this weight asks for a trailer that is
 *   safe to paste, or the command does not fit into `out`
 */
bool remedy_command(const struct report *r, int weight, struct buf *out);

#endif
