/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_TICKET_ASK_H
#define GATEPOST_COURIER_TICKET_ASK_H

/** Ask a ticketing system whether a ticket allows a push. */

#include <stdint.h>

#include "base/err.h"
#include "courier/change.h"
#include "policy/policy.h"
#include "sys/admin_log.h"

enum {
	TICKET_ASK_MAX_STATES = 32,
	TICKET_ASK_STATE_SIZE = 65,
	TICKET_ASK_WHY_SIZE = 201,
	TICKET_ASK_CODE_SIZE = 16,
	TICKET_ASK_REPOSITORY_SIZE = 1025
};

struct ticket_question {
	char id[CHANGE_KEY_SIZE + 1]; /* as it was named */
	char repository[TICKET_ASK_REPOSITORY_SIZE];
	struct option_list states; /* that are allowed; none: any */
	/* what else is asked, in the words of the policy; none: all that the
	 * sink's keys tell */
	struct option_list require;
	int64_t seconds;	   /* for the answer */
	int64_t cache;		   /* seconds that a good one is used again */
	/* the moment for which its window is asked, milliseconds since 1970;
	 * 0: when the answer comes */
	int64_t at;
	bool (*stop)(void *); /* whether to give up; or NULL */
	void *stop_arg;
};

void ticket_question_release(struct ticket_question *q);

struct ticket_reply {
	/** "verified", or the code of what is wrong. */
	char code[TICKET_ASK_CODE_SIZE];
	int64_t asked; /* when, milliseconds since 1970 */
	int64_t until; /* when its window ends; 0: it has none */
	char state[TICKET_ASK_STATE_SIZE];
	char why[TICKET_ASK_WHY_SIZE]; /* for who pushes: no internals */
};

/**
 * Ask. That no answer comes, or none of use, is a reply as well: its details
 * go to the log.
 * @return 0; ERR_CONFIG, ERR_DENIED, ERR_NOT_FOUND (files of the sink),
 *   ERR_MEMORY
 */
int ticket_ask(const struct ticket_question *q, const struct sink *sink,
	       struct admin_log *log, struct ticket_reply *out, struct err *e);

/** What an answer says of the ticket. For ticket_ask(), and for tests. */
int ticket_ask_judge(const struct ticket_question *q, const struct sink *sink,
		     struct span answer, int64_t now, struct ticket_reply *out,
		     struct err *e);

#endif
