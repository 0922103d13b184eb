/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_BOTS_H
#define GATEPOST_GATE_BOTS_H

/**
 * What a bot's section excuses its commits from (policy/may.h), for one rule
 * and one ref.
 *
 * Excused is a change that the bot's login was the first to bring to this
 * server: never what somebody else brought, whoever pushes it on. From
 * `check = provenance` it is excused whoever lands it, since nobody can mend a
 * bot's message; from any other check in the bot's own push alone. The address
 * in a commit excuses from nothing.
 */

#include "gate/facts.h"

enum bots_fault {
	BOTS_FINE = 0,
	BOTS_LOGIN,   /* a bot is named as author, and another login pushes */
	BOTS_BROUGHT, /* somebody else brought it */
	BOTS_AUTHOR,  /* a person is named as author */
	BOTS_REF,
	BOTS_PATH,
	BOTS_MERGE, /* it changes something by itself */
	BOTS_FAULTS
};

enum { BOTS_MAX_TEXT = 200 /* bytes of a path that are told */ };

/** Why a commit was not excused where it might seem to be. */
struct bots_told {
	const struct principal *bot; /* NULL: there was no such commit */
	struct oid commit;
	char path[BOTS_MAX_TEXT + 1];
};

struct bots {
	struct judging *j;
	size_t ref;
	const char *check;
	bool asks;	 /* some bot is excused from this check */
	bool whoever;	 /* lands it */
	bool everywhere; /* a preview is not of the ref that it is pushed to */
	const struct principal *bot; /* one that was excused */
	size_t commits;
	struct bots_told faults[BOTS_FAULTS];
};

/** Whether some bot of the policy is excused from a check. */
bool bots_ask(const struct policy *p, const char *check);

void bots_init(struct bots *b, struct judging *j, size_t ref, const char *check,
	       enum policy_mode mode);

/** @param sink  gets object/… findings */
int bots_excuse(struct bots *b, struct facts *f, struct check_sink *sink,
		bool *yes, struct err *e);

/** Say beside what a rule has found why bots' commits were not excused.
 * @param rule  its sink, when all has been judged */
int bots_finish(const struct bots *b, const struct check_sink *rule,
		struct err *e);

#endif
