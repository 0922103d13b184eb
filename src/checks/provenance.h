/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CHECKS_PROVENANCE_H
#define GATEPOST_CHECKS_PROVENANCE_H

/**
 * Private to provenance*.c: one commit under one rule, and the questions
 * that are asked of it. Each asks, says what it finds and returns 0, or an
 * error.
 */

#include "checks/check.h"

enum declare {
	DECLARE_NONE = 0,
	DECLARE_WHEN_DETECTED,
	DECLARE_ALWAYS,
	DECLARE_FORBID
};
enum welcome { WELCOME_NONE = 0, WELCOME_REGISTERED, WELCOME_ANY };
enum signoff { SIGNOFF_NONE = 0, SIGNOFF_DENY, SIGNOFF_ALLOW };

enum {
	PROVENANCE_MAX_KEY = 64,    /* bytes of a key in a text */
	PROVENANCE_MAX_QUOTE = 120, /* bytes of a value in a text */
	PROVENANCE_ABBREV = 9	    /* hex digits of a commit */
};

struct provenance_options {
	int declare; /* enum declare */
	struct option_list keys, denied;
	int agents;  /* enum welcome */
	int signoff; /* enum signoff */
};

struct asking {
	const struct check_ctx *ctx;
	const struct provenance_options *o;
	const struct commit_facts *facts;
	bool tip; /* of the push: it can be amended */
	struct err *e;
};

/** A finding about the commit; `trailer` would mend it, or NULL. */
int provenance_say(const struct asking *a, const char *code, const char *hint,
		   const char *trailer, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/** How to change the message, up to the words that say what to change. */
void provenance_add_reword(const struct asking *a, struct buf *out);
/** A trailer in double quotes, cut to what a text can take. */
void provenance_add_quoted(struct buf *out, const struct trailer *t);
/** The tools that the commit shows, for people. */
void provenance_add_tools(const struct asking *a, struct buf *out);
/** A key as the bytes of a text: `%.*s` with provenance_key_size(). */
int provenance_key_size(struct span key);

bool provenance_key_listed(const struct option_list *l, struct span key);
/** Whether a declaration names a tool at all. */
bool declaration_is_tool(const struct agent_declaration *d);
/** Whether it still has the words that agents_suggest() leaves to fill in. */
bool declaration_is_placeholder(const struct agent_declaration *d);
/** Whether it is a declaration for this rule. */
bool declaration_counts(const struct asking *a,
			const struct agent_declaration *d);
/** What it names, for people. */
const char *declaration_title(const struct asking *a,
			      const struct agent_declaration *d);
/** The one that says that no tool helped, or NULL. */
const struct agent_declaration *
declaration_of_none(const struct agents_facts *agents);
/** What was seen of an agent, or NULL; for a NULL id too. */
const struct agent_seen *provenance_find_seen(const struct agents_facts *agents,
					      const char *id);
/** Whether two ids are known and the same. */
bool provenance_same_id(const char *a, const char *b);

/** The key that a trailer which mends something should have. */
const char *provenance_best_key(const struct asking *a);
/** That trailer: for what was seen, for what was declared elsewhere, for the
 * first tool that the commit shows. */
void provenance_suggest_seen(const struct asking *a,
			     const struct agent_seen *seen, struct buf *out);
void provenance_suggest_declared(const struct asking *a,
				 const struct agent_declaration *d,
				 struct buf *out);
void provenance_suggest_any(const struct asking *a, struct buf *out);

/** Whether an earlier push of the same change made a declaration that counts
 * here; of this tool, or of any (NULL). */
bool provenance_inherits(const struct asking *a, const char *id);
/** Whether one said that no tool helped. */
bool provenance_inherits_none(const struct asking *a);
/** Whether what is remembered is a declaration for this rule. */
bool remembered_counts(const struct asking *a, const struct remembered *r);
/** What it names, for people. */
const char *remembered_title(const struct asking *a,
			     const struct remembered *r);
/** The commit denies what was said before: declaration-lost. */
int provenance_ask_denial(const struct asking *a, bool *lost);
/** Tools that were seen before and never declared: undeclared. */
int provenance_ask_remembered(const struct asking *a);
/** How many declarations the commit has from before, and their evidence. */
size_t provenance_count_inherited(const struct asking *a);
int provenance_tell_inherited(const struct asking *a);

/** Keys that may not name a tool: denied-key. */
int provenance_ask_denied(const struct asking *a);
/** What the trailers say against each other and against what was seen:
 * ambiguous, undeclared. */
int provenance_ask_declared(const struct asking *a);
/** The registry: unregistered, expired. */
int provenance_ask_registered(const struct asking *a);

#endif
