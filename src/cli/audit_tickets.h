/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_AUDIT_TICKETS_H
#define GATEPOST_CLI_AUDIT_TICKETS_H

/** Tickets that nobody could verify when a push was let in, for an audit. */

#include "cli/cli.h"
#include "cli/place.h"
#include "desk/unverified.h"

/** Whether it is still to be asked, or was refused and nobody has settled
 * it. */
bool audit_ticket_is_open(const struct unverified_case *c);

/** Print one that is open. */
int audit_ticket_show(const struct unverified_case *c, int64_t now, bool json,
		      struct err *e);

/**
 * Settle by hand all that is open of one decision.
 * @param id  how its id begins
 * @return 0; ERR_NOT_FOUND, with `e` untouched, when there is none or several
 */
int audit_tickets_close(const struct unverified_book *b, struct place *p,
			const char *id, const char *reason, struct err *e);

#endif
