/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ASK_TICKET_H
#define GATEPOST_GATE_ASK_TICKET_H

/**
 * What the judge asks its parent where a rule has tickets looked up: the
 * parent has the courier ask, which alone talks to the network (gate/ask.h).
 *
 * A question is the byte ASK_TICKET, the number of the rule (uint32,
 * big-endian), a byte for the length of the ticket's number, and that. The
 * answer is ASK_TICKET_ANSWER bytes: one for enum ticket_answer, eight for the
 * time in milliseconds, the state and the reason, each padded with NULs.
 */

#include "checks/ticket.h"
#include "gate/ask.h"

enum {
	ASK_TICKET = 'T',
	ASK_TICKET_ANSWER =
		1 + 8 + (TICKET_MAX_STATE + 1) + (TICKET_MAX_WHY + 1)
};

/** The judge's side, for struct check_lookup; `ctx` is the struct asker. What
 * was asked once is not asked again; beyond TICKET_MAX_ASKED of a push it is
 * TICKET_TOO_MANY. */
int asker_ticket(void *ctx, const struct rule *rule, const char *id,
		 struct ticket_said *out, struct err *e);

/** The parent's side. Begins zeroed, but for what it is given. */
struct ticket_answerer {
	const char *courier, *repository;
	size_t n;	       /* answered so far */
	bool begun;	       /* the time has: */
	struct deadline until; /* of all look-ups of the push */
};

/** Answer the question whose first byte has been read. @return as
 * answerer_openpgp */
int answerer_ticket(struct answerer *a, struct ticket_answerer *t,
		    struct err *e);

#endif
