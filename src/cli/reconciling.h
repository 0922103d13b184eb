/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_CLI_RECONCILING_H
#define GATEPOST_CLI_RECONCILING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { RECONCILING_GRACE_MS = 600000 };

/** Compare records with the refs of repositories. */
struct reconciling {
	const char *policy; /* --policy, or NULL: each repository's own */
	int64_t grace;	    /* milliseconds: younger pushes may not be over */
	bool look_only;	    /* record nothing */
	/** Told of each finding; its text may hold hostile bytes. */
	void (*tell)(void *ctx, const char *text);
	void *ctx;
	size_t moves; /* found: of gated refs, which no record tells of */
};

/** In these repositories; n = 0: in all that the records name and that are
 * below the policy's root. */
int reconcile_repos(struct reconciling *w, char **repos, int n, struct err *e);

#endif
