/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_BASE_CACHE_H
#define GATEPOST_GIT_BASE_CACHE_H

/**
 * Recently unpacked objects of packs, by place: deltas of history lie on one
 * another. Private to this room.
 */

#include <stdint.h>

#include "git/object_bytes.h"
#include "git/pack_file.h"

enum {
	BASE_CACHE_BYTES = 32 << 20,
	BASE_CACHE_MAX_OBJECT = 4 << 20, /* larger ones are not kept */
	BASE_CACHE_BUCKETS = 1 << 12
};

struct base_cache {
	struct base_entry *buckets[BASE_CACHE_BUCKETS];
	struct base_entry *newest, *oldest;
	size_t bytes;
};

/** With a reference for the caller, or NULL. */
struct object_bytes *base_cache_get(struct base_cache *c, const struct pack *p,
				    uint64_t offset);
/** Keep it, with a reference of the cache's own; or not. */
void base_cache_put(struct base_cache *c, const struct pack *p, uint64_t offset,
		    struct object_bytes *bytes);
void base_cache_release(struct base_cache *c);

#endif
