/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_SAID_H
#define GATEPOST_GATE_SAID_H

/**
 * What a commit says of AI tools, and what earlier pushes said of the same
 * change.
 */

#include "gate/facts.h"

enum { SAID_MAX = 2 * AGENTS_MAX_SEEN + REMEMBERED_MAX };

/** One tool. Borrows from the facts. */
struct said {
	const char *agent;	     /* its id, or how it was declared */
	const char *model, *session; /* NULL: not told */
	const char *how;	     /* a word for where it was seen */
	const char *record;	     /* of the push that said it; NULL: the
				      * commit says it itself */
	bool detected, declared;
	char trailer[REMEMBERED_MAX_TRAILER]; /* that declares it, or "" */
};

/** @return how many; the commit's own come first. Needs facts_message */
size_t said_of(const struct facts *f, struct said v[SAID_MAX]);
/** Whether it declares that no tool helped, and shows none. */
bool said_none(const struct facts *f);

/**
 * Look up what earlier pushes said of the commit's change. A commit that says
 * less than is remembered is AI-assisted none the less. Needs facts_message.
 */
int facts_remember(struct facts *f, struct judging *j, struct check_sink *sink,
		   struct err *e);

#endif
