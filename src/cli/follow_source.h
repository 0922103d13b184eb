/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_FOLLOW_SOURCE_H
#define GATEPOST_CLI_FOLLOW_SOURCE_H

#include <stdbool.h>

#include "base/err.h"
#include "sys/child_pipe.h"

/** Whoever answers for a ledger that is copied: `gatepost ledger send`, on
 * this machine or another; or the courier, that gets what is served. */
struct follow_source {
	struct child_pipe pipe;
};

struct follow_name {
	const char *name; /* HOST, HOST:/LEDGER, URL, or /LEDGER of this
			   * machine */
	const char *ssh;  /* a program and its options, in words; NULL: ssh */
	const char *ca_file; /* of a URL; NULL: the system's */
	int seconds;	     /* for each file of a URL */
};

/** Whether it is a URL. */
bool follow_source_is_served(const char *name);

int follow_source_open(struct follow_source *s, const struct follow_name *n,
		       struct err *e);

/** @return 0 when it ended well; 1 when it said that something is amiss
 *   there; a negative error */
int follow_source_close(struct follow_source *s, struct err *e);

#endif
