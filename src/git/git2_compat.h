/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_GIT2_COMPAT_H
#define GATEPOST_GIT_GIT2_COMPAT_H

/**
 * One face for the two libgit2: the one with SHA-256 (whose calls take the
 * hash function) and the distributions', which know SHA-1 only.
 */

#include "config.h"

#ifdef HAVE_GIT2_EXPERIMENTAL
#include <git2-experimental.h>
#include <git2-experimental/sys/odb_backend.h>
#else
#include <git2.h>
#include <git2/sys/odb_backend.h>
#endif

#include <string.h>

#include "base/err.h"
#include "git/oid.h"

/** Start libgit2 once, with no search path, no cache of its own. */
int git2_start(struct err *e);

/** Put what libgit2 said last behind `what` (it may quote hostile bytes). */
int git2_error(struct err *e, int code, const char *what);

static inline int git2_oid(git_oid *out, const struct oid *id)
{
#ifdef HAVE_GIT2_EXPERIMENTAL
	return git_oid_fromraw(out, id->id,
			       id->algo == OID_SHA256 ? GIT_OID_SHA256
						      : GIT_OID_SHA1);
#else
	if (id->algo != OID_SHA1)
		return -1;
	return git_oid_fromraw(out, id->id);
#endif
}

#endif
