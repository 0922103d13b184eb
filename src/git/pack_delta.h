/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PACK_DELTA_H
#define GATEPOST_GIT_PACK_DELTA_H

/** Deltas of packs (gitformat-pack(5)). Private to this room. */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"

/** Take the two sizes at a delta's start. */
bool delta_take_sizes(struct cursor *delta, uint64_t *base, uint64_t *result);

/** Apply what follows the sizes. @return whether it gives exactly `size`
 * bytes from `base` */
bool delta_apply(struct cursor *delta, struct span base, char *out,
		 size_t size);

#endif
