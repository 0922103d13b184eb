/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SHOW_H
#define GATEPOST_POLICY_SHOW_H

/** What a policy comes to, defaults included. */

#include "base/buf.h"
#include "policy/policy.h"

/**
 * Append what applies to a repository and ref as policy text that could be
 * read again: [gatepost], [signers], the approved agents, the gates that
 * match, their rules and areas. Each value has a comment that says where it
 * stands, or that it is the default.
 * @param override  the repository's own mode, or MODE_UNSET
 * @param ref       NULL: all gates, rules and areas, whatever they match
 * @return 0 or ERR_MEMORY; `out` may also have failed by its own cap
 */
int policy_show(const struct policy *p, enum policy_mode override,
		const char *repository, const char *ref, struct buf *out,
		struct err *e);

#endif
