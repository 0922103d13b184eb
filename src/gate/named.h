/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_NAMED_H
#define GATEPOST_GATE_NAMED_H

#include "gate/change.h"

/**
 * What an approval covers by the commits that it names: all up to the one
 * that it tags, or those from its Approves-base on. Of a tag that is for
 * several refs the one it tags may bring more to some than was seen, so there
 * its digest must be that of these commits. Sets tip, level, tip_low and
 * tip_end of `x`; nothing where it names none.
 */
void named_match(const struct change *c, const struct approval *a,
		 struct extent *x);

/**
 * The trees whose difference an approval with an Approves-base is for, of
 * objects that may be missing.
 * @return 0; ERR_NOT_FOUND, ERR_MALFORMED, ERR_LIMIT
 */
int named_trees(struct judging *j, const struct approval *a, struct oid *from,
		struct oid *to, struct err *e);

/**
 * Whether Approves-base is what it must be: a commit before the one that is
 * tagged.
 * @return 0 whenever *ok says
 */
int named_check_base(struct judging *j, const struct approval *a, bool *ok,
		     struct err *e);

#endif
