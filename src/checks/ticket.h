/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_TICKET_H
#define GATEPOST_CHECKS_TICKET_H

/**
 * Tickets as pushes name them, and what a ticketing system says of one. Who
 * asks it is not the check: it is given answers.
 */

#include "checks/check.h"
#include "checks/plan.h"

enum {
	TICKET_MAX_ID = 64,	/* bytes of a ticket's number */
	TICKET_MAX_STATE = 64,	/* bytes of the word for its state */
	TICKET_MAX_WHY = 200,	/* bytes of what is wrong */
	TICKET_MAX_NAMED = 100, /* tickets of one ref update */
	TICKET_MAX_STATES = 32, /* that a rule allows */
	TICKET_MAX_ASKED = 8	/* tickets of one push that are looked up */
};

#define TICKET_OPTION "gatepost.ticket="

enum ticket_answer {
	TICKET_UNASKED = 0,
	TICKET_HOLDS,
	TICKET_UNKNOWN, /* there is no such ticket */
	TICKET_STATE,	/* it is in no allowed state, or not approved */
	TICKET_WINDOW,	/* its change window is not now */
	TICKET_NO_BACKOUT,
	TICKET_REPOSITORY, /* it is about another repository */
	TICKET_UNREACHABLE,
	TICKET_TOO_MANY,
	TICKET_N_ANSWERS
};
/** `verified`, `refused`, `unverified`; NULL where nobody was asked. */
const char *ticket_answer_word(enum ticket_answer a);
/** The code of a finding; "" where there is none. */
const char *ticket_answer_code(enum ticket_answer a);
/** The answer with this code, or `verified`; TICKET_UNASKED for no such. */
enum ticket_answer ticket_answer_of(const char *code);

/** What was said of one ticket. */
struct ticket_said {
	enum ticket_answer answer;
	int64_t asked;			  /* milliseconds since 1970 */
	char state[TICKET_MAX_STATE + 1]; /* in its system's words, or "" */
	char why[TICKET_MAX_WHY + 1];	  /* for people, or "" */
};

/** Who asks. */
struct check_lookup {
	void *ctx;
	/** About one ticket, as a rule wants it. What goes wrong is
	 * TICKET_UNREACHABLE. @return 0 or what stops the judging */
	int (*ask)(void *ctx, const struct rule *rule, const char *id,
		   struct ticket_said *out, struct err *e);
};

/** One ticket, for the record. */
struct ticket_facts {
	const char *id;
	bool by_option;		  /* of the push; else a commit's trailer */
	const struct oid *commit; /* NULL: named by the push itself */
	const char *sink;	  /* which was asked; NULL: none */
	const struct ticket_said *said;
};

/** What a rule may ask of a ticket besides its state. */
#define TICKET_REQUIRE_APPROVAL "approval"
#define TICKET_REQUIRE_BACKOUT "backout"
#define TICKET_REQUIRE_NONE "none"
#define TICKET_REQUIRE_REPOSITORY "repository"
#define TICKET_REQUIRE_WINDOW "window"

enum ticket_scope { TICKET_SCOPE_NONE = 0, TICKET_PUSH, TICKET_COMMIT };
enum ticket_silence { TICKET_SILENCE_NONE = 0, TICKET_REJECT, TICKET_ACCEPT };

struct ticket_options {
	struct plan_tickets *pattern;
	char *pattern_text;
	int scope;		/* enum ticket_scope */
	char *lookup;		/* name of a sink; NULL: nobody is asked */
	int64_t timeout, cache; /* seconds */
	struct option_list states;
	struct option_list require; /* none: all that its system tells */
	int unreachable; /* enum ticket_silence */
};

/** Of a rule with this check; NULL for others. */
const struct ticket_options *ticket_options_of(const struct rule *rule);

/** Whether some rule has tickets looked up. */
bool ticket_is_asked(const struct policy *p);

/** Whether it is a number that is safe in a URL, but for one `#` before it.
 * @return the number without that, or empty */
struct span ticket_number(struct span id);

/* ---- between ticket.c and ticket_ask.c ---- */

struct ticket_named {
	char id[TICKET_MAX_ID + 2];
	bool by_option;
	struct oid commit;
};

/** Those named of one thing: a push, or a commit. */
struct ticket_list {
	struct ticket_named *v;
	size_t n, cap;
	/* the first that is none */
	bool malformed, divided;
	struct oid malformed_at; /* null: the push option */
	char bad[TICKET_MAX_ID + 1];
};

/** Ask, put into the record, and find. @param commit  NULL: the push */
int ticket_judge(const struct check_ctx *ctx, const struct ticket_list *l,
		 const struct commit_facts *commit, struct err *e);

/** Of what is asked for no ticket, as it is excused or does not match, put
 * what it names into the record: people want to be told there. */
int ticket_note(const struct check_ctx *ctx, const struct ticket_list *l,
		struct err *e);

#endif
