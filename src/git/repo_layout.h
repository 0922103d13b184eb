/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_REPO_LAYOUT_H
#define GATEPOST_GIT_REPO_LAYOUT_H

/**
 * Where a repository keeps things (gitrepository-layout(5)), by paths alone.
 * Private to this room.
 */

#include <stddef.h>

#include "base/err.h"
#include "git/repository.h"

enum {
	LAYOUT_MAX_STORES = 64,	   /* object directories */
	LAYOUT_MAX_DEPTH = 5,	   /* of alternates of alternates, as git */
	LAYOUT_MAX_FILE = 1 << 20, /* bytes of info/alternates */
	LAYOUT_MAX_LINK = 16 << 10 /* bytes of HEAD, commondir */
};

struct repo_layout {
	char *gitdir, *commondir; /* absolute, without links */
	char *quarantine;	  /* or NULL */
	char **stores;		  /* the repository's own object directory,
				   * then its alternates */
	size_t nstores, cap;
};

/** @return 0; ERR_NOT_FOUND, ERR_CONFIG (no git directory), ERR_DENIED (a
 * quarantine outside the repository) */
int repo_layout_init(struct repo_layout *l, const struct repository_spec *spec,
		     struct err *e);
void repo_layout_release(struct repo_layout *l);

#endif
