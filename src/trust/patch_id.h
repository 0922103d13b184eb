/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_PATCH_ID_H
#define GATEPOST_TRUST_PATCH_ID_H

/**
 * git's patch id of the difference between two trees (git-patch-id(1),
 * --verbatim): the lines that are added and taken away, those around them,
 * names and modes, and no line numbers. git itself makes it, as two children,
 * since nobody else's would be the same. This is for who reads nothing of a
 * pusher: the difference passes through as bytes.
 */

#include "base/err.h"
#include "git/oid.h"
#include "sys/deadline.h"

enum {
	PATCH_ID_MAX_DIFF = 64 << 20 /* bytes; of more there is no patch id */
};

enum patch_answer {
	PATCH_NONE = 0, /* there is none: nothing differs, too much does, a
			 * line has a NUL (behind which git does not look), or
			 * git cannot read it */
	PATCH_ID,
	PATCH_TOO_OLD /* git is older than 2.39: it has no --verbatim */
};

struct patch_id_spec {
	const char *git;	/* the program, absolute */
	const char *gitdir;	/* absolute */
	const char *quarantine; /* where more objects are, or NULL */
	enum oid_algo algo;
	struct deadline deadline;
};

/**
 * Attributes, configuration of users, replaced objects, external programs and
 * whatever a work tree or its index has do not change it.
 * @param from, to  trees; commits do as well
 * @return 0 whenever there is an answer; ERR_NOT_FOUND without git;
 *         ERR_TIMEOUT, ERR_SYS, ERR_MEMORY
 */
int patch_id_make(const struct patch_id_spec *spec, const struct oid *from,
		  const struct oid *to, enum patch_answer *answer,
		  struct oid *out, struct err *e);

#endif
