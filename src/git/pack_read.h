/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PACK_READ_H
#define GATEPOST_GIT_PACK_READ_H

/** Objects out of a pack, deltas resolved. Private to this room. */

#include "git/base_cache.h"
#include "git/inflate.h"
#include "git/pack_file.h"

enum {
	PACK_MAX_BASE = 128 << 20, /* bytes of an object that a delta needs */
	PACK_MAX_CHAIN = 1 << 16   /* deltas upon deltas; git makes 4,095 */
};

struct pack_reader {
	struct inflater inflater;
	struct base_cache cache;
	struct bytes_pool *pool;
	char *delta; /* room for an unpacked delta */
	size_t delta_size;
	uint64_t *chain;
	size_t chain_cap;
};

void pack_reader_release(struct pack_reader *r);

/** Type and size of the entry at `offset`. @return 0, ERR_MALFORMED */
int pack_stat(struct pack_reader *r, const struct pack *p, uint64_t offset,
	      enum object_type *type, uint64_t *size, struct err *e);

/**
 * @param out  with a reference for the caller
 * @return 0; ERR_LIMIT (over `max` bytes, or its deltas need too much);
 *         ERR_MALFORMED; ERR_MEMORY
 */
int pack_read(struct pack_reader *r, const struct pack *p, uint64_t offset,
	      size_t max, struct object_bytes **out, struct err *e);

#endif
