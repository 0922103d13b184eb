/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_MIRROR_H
#define GATEPOST_POLICY_MIRROR_H

/**
 * Mirrors: gates with `mode = off` for what a bot pushes that brings the
 * history of another server, which nobody here can mend. Such a gate opens
 * only the gates that it names by `instead-of`, and only for that login.
 */

#include "policy/policy.h"

/** Before a glob that takes refs out of a list. */
#define MIRROR_SPARED '!'

/** Whether this is a mirror's gate, and before this ref. */
bool mirror_has_ref(const struct gate *g, const char *repository,
		    const char *ref);

/** The first mirror's gate that matches a push by `pusher`; NULL: there is
 * none, or nobody knows who pushes. */
const struct gate *mirror_of(const struct policy *p, const char *repository,
			     const char *ref, const struct principal *pusher);

#endif
