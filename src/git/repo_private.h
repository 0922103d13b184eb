/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_REPO_PRIVATE_H
#define GATEPOST_GIT_REPO_PRIVATE_H

#include "git/object_store.h"
#include "git/repo_format.h"
#include "git/repo_layout.h"
#include "git/repository.h"

/* For refs.c; everybody else uses repository.h. */
struct repository {
	struct repo_layout layout;
	struct repo_format format;
	struct object_store *all;   /* with the quarantine */
	struct object_store *base;  /* without it; opened at first use */
	struct packed_refs *packed; /* opened by refs.c at first use */
};

#endif
