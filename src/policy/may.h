/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_MAY_H
#define GATEPOST_POLICY_MAY_H

/**
 * What a bot's section excuses its commits from: the keys `may`, `may-repo`,
 * `may-ref` and `may-path`. A bot whose section says nothing of it is excused
 * from `check = provenance`, everywhere.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "policy/options.h"
#include "trust/principals.h"

/** Readers of the four keys, for the table of [principal]. The field of the
 * first is a struct principal_may, of the others a struct principal_words. */
int may_parse(const char *value, void *field, const struct option_place *at,
	      struct err *e);
int may_parse_ref(const char *value, void *field, const struct option_place *at,
		  struct err *e);
int may_parse_path(const char *value, void *field,
		   const struct option_place *at, struct err *e);
int may_parse_repo(const char *value, void *field,
		   const struct option_place *at, struct err *e);

/** Whether this is a bot that is excused from a check somewhere. */
bool may_has_check(const struct principal *p, const char *check);
/** … in this repository, for this full ref name. */
bool may_has_repository(const struct principal *p, const char *repository);
bool may_has_ref(const struct principal *p, const char *ref);
/** … whether a commit may change this path. A pattern of what lies below a
 * directory does not match what stands in the directory's place. */
bool may_has_path(const struct principal *p, struct span path);

/** "bot renovate: may = provenance, review" */
void may_describe(const struct principal *p, struct buf *out);

#endif
