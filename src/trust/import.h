/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_TRUST_IMPORT_H
#define GATEPOST_TRUST_IMPORT_H

/**
 * An import is a statement that foreign history, all that one commit stands
 * on, may come to a ref without being asked what is asked of every commit.
 */

#include "trust/statement.h"

/** refs/imports/<id of the commit>/<who>-<n> */
#define IMPORTS_PREFIX "refs/imports/"

enum { IMPORT_MAX_REFS = 64 };

struct import {
	struct statement said;
	struct oid tip; /* what the tag is of, and says that it is of */
	struct span tip_hex;
	struct span repository, reason;
	struct span prefix; /* the directory where it comes to lie, without a
			     * final `/`; empty: where its own paths say */
	struct span refs[IMPORT_MAX_REFS];
	size_t nrefs;
	bool has_end;
	int64_t end; /* the last millisecond at which it counts */
	bool withdrawal;
	struct oid withdraws; /* the tag that is taken back */
};

void import_init(struct import *i);
void import_release(struct import *i);

/**
 * Take the trailers of i->said, which was read: exactly one each of Imports,
 * Repository and Reason, some Approves-ref, at most one Prefix and
 * Valid-until; or Withdraws and Repository alone. What is off is told in
 * i->said.
 */
void import_take(struct import *i, enum oid_algo algo);

/** Whether it is for this ref. */
bool import_names_ref(const struct import *i, const char *ref);

#endif
