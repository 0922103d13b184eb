/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_APPROVALS_PRINT_H
#define GATEPOST_CLI_APPROVALS_PRINT_H

/** What `gatepost approvals` prints of a report on one ref. */

#include "base/buf.h"
#include "gate/report.h"

/** Whether a rule of the policy asks for approvals. */
bool approvals_is_rule(const struct policy *p, size_t rule);

/** For people. */
int approvals_print(const struct policy *p, const struct report *r,
		    struct buf *out, struct err *e);

/** One JSON object, see gatepost(1). @param satisfied  what it says so */
int approvals_print_json(const struct policy *p, const char *repository,
			 const struct report *r, bool satisfied,
			 struct buf *out, struct err *e);

#endif
