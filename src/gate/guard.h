/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_GUARD_H
#define GATEPOST_GATE_GUARD_H

#include "gate/judging.h"

/** What gatepost writes for clients, see policy/published.h. */
#define GUARD_OWN_PREFIX "refs/gatepost/"

/**
 * The refs that gatepost itself guards, in every mode but off:
 * refs/approvals/ and refs/tags/approve/ take well-formed, verified approvals,
 * created once, and nobody moves or deletes one; refs/replace/ takes nothing,
 * and refs/gatepost/ is written by the gatepost command alone.
 *
 * @param guarded  whether the ref is of these; no rule judges it then
 */
int guard_ref(struct judging *j, size_t ref, bool *guarded, struct err *e);

/** Whether a ref is of these: no rule has judged what it reaches. */
bool guard_covers(const char *ref);

#endif
