/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_PUBLISHED_H
#define GATEPOST_POLICY_PUBLISHED_H

/**
 * What reviewers' clones may know of a policy: git-approve(1) fetches it.
 * Everyone who can fetch from the repository can read it.
 */

#include "base/buf.h"
#include "policy/policy.h"

/** The ref whose blob it is. */
#define PUBLISHED_REF "refs/gatepost/published"

enum { PUBLISHED_MAX_BYTES = 256 << 10 };

/**
 * Append the text, in git-config syntax: the repository's name, its gated
 * refs, where an approval is to have a patch id, whether `git approve` may
 * sign unattended, and the variables that tell of an AI agent. The same policy
 * gives the same bytes.
 * @return 0; ERR_LIMIT when it would be too long for a client to take
 */
int published_text(const struct policy *p, const char *repository,
		   struct buf *out, struct err *e);

#endif
