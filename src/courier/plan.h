/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_PLAN_H
#define GATEPOST_COURIER_PLAN_H

#include <stdbool.h>

#include "policy/policy.h"

/**
 * Whether two readings of a policy ask the same of the courier: the same
 * ledger, log, sinks, witnesses and time stampers. Secrets and CA files are
 * read anew by every drain and do not count.
 */
bool plan_is_same(const struct policy *a, const struct policy *b);

/** Whether a sink wants records of this kind. */
bool plan_wants(const struct sink *sink, const char *kind);

#endif
