/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_TRIAL_H
#define GATEPOST_CLI_TRIAL_H

/**
 * Judging an update of a ref that nobody pushes, as the hooks would.
 */

#include "cli/place.h"
#include "gate/report.h"

struct trial {
	const char *ref;	/* in full */
	const char *old_word;	/* what names its old value; NULL: none */
	const char *new_word;	/* what names the new one */
	const char *repository; /* its name; NULL: the place's */
	bool enforce;		/* whatever the mode is */
	bool remembers; /* ask the ledger of the place, which is open, who
			 * brought what and which approvals are used up */
};

/**
 * @param frame  what a record of it needs; borrows from both
 * @param out    the report; report_init was called on it
 */
int trial_run(struct place *p, const struct trial *t,
	      struct record_frame *frame, struct report *out, struct err *e);

#endif
