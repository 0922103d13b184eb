/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_REPO_FORMAT_H
#define GATEPOST_GIT_REPO_FORMAT_H

/**
 * The repository's format: core.repositoryformatversion and extensions.* of
 * its own `config`, as Documentation/technical/repository-version has them.
 * Included files have no say in it. Private to this room.
 */

#include "base/err.h"
#include "git/oid.h"

enum { FORMAT_MAX_CONFIG = 8 << 20 }; /* bytes of the config file */

enum ref_storage {
	REF_STORAGE_NONE = 0,
	REF_STORAGE_FILES,
	REF_STORAGE_REFTABLE
};

struct repo_format {
	enum oid_algo algo;
	enum ref_storage refs;
};

/**
 * Read `commondir`/config; a missing file is format 0.
 * @return 0; ERR_CONFIG naming what is not understood
 */
int repo_format_read(const char *commondir, struct repo_format *out,
		     struct err *e);

#endif
