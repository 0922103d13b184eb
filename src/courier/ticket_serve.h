/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TICKET_SERVE_H
#define GATEPOST_COURIER_TICKET_SERVE_H

#include "base/err.h"
#include "policy/policy.h"

/**
 * Answer a hook that asks about one ticket. The question is lines `WORD VALUE`
 * on `in`: ticket, repository, seconds, cache, state for each that is allowed,
 * and require for each thing that is asked of it. The answer is one line of JSON on `out`: code, asked, state, why.
 *
 * @param sink  its name
 * @return 0, whatever the answer; ERR_MALFORMED for a question that is none;
 *   ERR_NOT_FOUND for a sink; those of ticket_ask()
 */
int ticket_serve(const struct policy *policy, const char *sink, int in, int out,
		 struct err *e);

#endif
