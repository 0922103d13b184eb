/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_PART_DIGEST_H
#define GATEPOST_GATE_PART_DIGEST_H

#include "gate/change.h"

/**
 * Whether one ref may have more compared: CHANGE_MAX_DIGESTS and …_PATHS. If
 * not, c->bounded is set.
 */
bool part_may_compare(struct change *c);

/** The digest between two trees, counted against what one ref may have.
 * @param has  false when there is no difference, or no room for one more */
int part_digest(struct change *c, struct judging *j, const struct oid *from,
		const struct oid *to, unsigned char out[SHA256_SIZE], bool *has,
		struct err *e);

#endif
