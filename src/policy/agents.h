/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_AGENTS_H
#define GATEPOST_POLICY_AGENTS_H

/**
 * Known AI agents, as data (conf/agents.conf): the identities and phrases
 * they leave in commits, and the trailer keys in use. Two questions are
 * answered here: which agents does a commit show (anywhere in it), and what
 * does its trailer block declare.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "git/object_parse.h"
#include "git/trailers.h"

struct agents;

/** Read agents.conf. Errors name file and line. `normal`: as signers_load */
int agents_load(struct agents **out, const char *path, struct buf *normal,
		struct err *e);
void agents_free(struct agents *a);

enum {
	AGENTS_MAX_SEEN = 16,
	AGENTS_MAX_WORD = 128,
	AGENTS_MAX_VARIABLE = 128
};

/** The id under which an AI tool is seen that is not told by name. */
#define AGENTS_OTHER "other"

/** Where an agent showed. */
enum agent_place {
	AGENT_NOWHERE = 0,
	AGENT_AUTHOR = 1,
	AGENT_COMMITTER = 2,
	AGENT_COAUTHOR = 4, /* a Co-authored-by line anywhere */
	AGENT_TRAILER = 8,  /* in the trailer block */
	AGENT_BODY = 16,    /* elsewhere in the message */
	AGENT_SIGNOFF = 32  /* in a Signed-off-by line */
};

struct agent_seen {
	const char *id;	   /* as agents.conf names it, e.g. claude-code */
	const char *title; /* for people, e.g. Claude Code */
	unsigned places;   /* enum agent_place */
	char model[AGENTS_MAX_WORD];   /* if it was told, sanitised */
	char session[2 * AGENTS_MAX_WORD];
};

/** One line of the trailer block that says something about AI. */
struct agent_declaration {
	const struct trailer *trailer;
	const char *id; /* a known agent's, or NULL */
	char tool[AGENTS_MAX_WORD];  /* what the value names, sanitised; ""
				      * for a bare model or "yes" */
	char model[AGENTS_MAX_WORD]; /* "" when not told */
	bool none;	/* the value says no (none, n/a, no, …) */
	bool person;	/* the value names a human, not a tool */
	bool weak;	/* a key that counts only with a known agent */
};

struct agents_facts {
	struct agent_seen seen[AGENTS_MAX_SEEN];
	size_t nseen;
	struct agent_declaration declared[AGENTS_MAX_SEEN];
	size_t ndeclared;
	bool too_many; /* more than fit: treated as ambiguous */
};

/**
 * Detect anywhere in the commit, declare only in the trailer block.
 * AGENTS_OTHER is told only where nothing else is: a session of an unnamed
 * tool beside a known agent or a declaration is taken for that one's.
 * Linear in the message. Of `out` only what the two counts cover is set.
 */
void agents_examine(const struct agents *a, const struct commit *c,
		    const struct trailers *t, struct agents_facts *out);

/** The trailer line that a developer should add for this agent, e.g.
 * `Assisted-by: Claude:claude-opus-4-6`; the model is a placeholder word in
 * capitals when it is not known. */
void agents_suggest(const struct agents *a, const struct agent_seen *seen,
		    const char *key, struct buf *out);

/** @return NULL when agents.conf knows no such id */
const char *agents_title(const struct agents *a, const char *id);
/**
 * Whether a model, as somebody wrote it, is meant by a pattern of a policy:
 * `claude-*` means "Claude Opus 4.6", "claude-opus-4-6" and
 * "anthropic/claude-opus-4.6".
 */
bool agents_model_matches(const char *glob, const char *model);

/** Call fn for each variable that an agent has in the environment of the
 * commands it runs, until it returns other than 0, which is returned. */
typedef int agents_variable_fn(void *ctx, const char *id, const char *variable);
int agents_variables(const struct agents *a, agents_variable_fn *fn, void *ctx);

/** Whether a trailer with this key can declare an agent. */
bool agents_declare_by(const struct agents *a, const char *key);

/** The known id that is nearest to a wrong one, or NULL. */
const char *agents_nearest(const struct agents *a, const char *id);

#endif
