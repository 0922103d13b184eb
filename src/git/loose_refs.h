/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_LOOSE_REFS_H
#define GATEPOST_GIT_LOOSE_REFS_H

/** Refs in files of their own. Private to this room. */

#include <stddef.h>

#include "base/err.h"
#include "git/oid.h"
#include "git/refs.h"

enum { LOOSE_MAX_REFS = 4 << 20 }; /* files and directories of one listing */

enum loose_kind { LOOSE_NONE = 0, LOOSE_MISSING, LOOSE_ID, LOOSE_SYMBOLIC };

struct loose_ref {
	enum loose_kind kind;
	struct oid id;
	char target[REFS_MAX_NAME + 1]; /* of a symbolic ref; not checked */
};

/**
 * Read home/name, where `name` is well formed.
 * @return 0 (also when it is missing), ERR_MALFORMED, ERR_SYS
 */
int loose_ref_read(struct loose_ref *out, const char *home, const char *name,
		   enum oid_algo algo, struct err *e);

struct loose_refs {
	struct loose_item {
		char *name;
		enum loose_kind kind;
		struct oid id;
	} * v;
	size_t n, cap;
};

/** All loose refs below a prefix that ends in `/`, or the one of that name,
 * sorted; `out` is zeroed by the caller. */
int loose_refs_list(struct loose_refs *out, const char *home,
		    const char *prefix, enum oid_algo algo, struct err *e);
void loose_refs_release(struct loose_refs *l);

int loose_refs_compare(const char *name, struct span other);

#endif
