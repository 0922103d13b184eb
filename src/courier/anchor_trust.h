/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_ANCHOR_TRUST_H
#define GATEPOST_COURIER_ANCHOR_TRUST_H

#include "ledger/anchors.h"
#include "policy/policy.h"

/**
 * The policy's witnesses and time stampers as the ledger needs to know them.
 * @param out  borrows from the policy; anchor_trust_release in any case
 * @return 0, ERR_CONFIG naming the section, ERR_MEMORY
 */
int anchor_trust_take(struct anchor_trust *out, const struct policy *policy,
		      struct err *e);

#endif
