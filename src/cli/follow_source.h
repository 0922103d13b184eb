/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_FOLLOW_SOURCE_H
#define GATEPOST_CLI_FOLLOW_SOURCE_H

#include "base/err.h"
#include "sys/child_pipe.h"

/** Whoever answers for a ledger that is copied: `gatepost ledger send`, on
 * this machine or another. */
struct follow_source {
	struct child_pipe pipe;
};

/**
 * @param name  HOST, HOST:/LEDGER, or /LEDGER of this machine
 * @param ssh   a program and its options, in words; NULL: ssh
 */
int follow_source_open(struct follow_source *s, const char *name,
		       const char *ssh, struct err *e);

/** @return 0 when it ended well; 1 when it said that something is amiss
 *   there; a negative error */
int follow_source_close(struct follow_source *s, struct err *e);

#endif
