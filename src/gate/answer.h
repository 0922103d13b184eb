/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_ANSWER_H
#define GATEPOST_GATE_ANSWER_H

/**
 * What the developer reads. Every problem at once, each with the command to
 * type; the first and the last line carry the message, because some tools
 * show the one alone and a terminal shows the end. Printable text only.
 */

#include "base/buf.h"
#include "base/err.h"
#include "gate/report.h"

enum { ANSWER_MAX_LINES = 60, ANSWER_MAX_BYTES = 16384 };

struct answer {
	const struct report *report;
	const struct policy *policy;
	const char *record; /* the record's id; NULL: there is none */
	bool moves_refs;    /* false in `gatepost check`, where none would */
};

/** Append the answer to a judged push. */
int answer_write(const struct answer *a, struct buf *out, struct err *e);

/** What to call a person of a report. */
const char *answer_person(const struct report *r, size_t number);

/** Append a text or hint of a finding with {0} to {7} put into words;
 * printable, at most so many columns. */
void answer_add_text(struct buf *out, const struct report *r,
		     const struct report_finding *f, const char *text,
		     size_t columns);

/** The answer when the gate could not decide or could not record: nothing
 * of what went wrong, which is in the admin's log. */
void answer_write_failure(const struct policy *policy, struct buf *out);

#endif
