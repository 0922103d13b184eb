/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_PACK_FILE_H
#define GATEPOST_GIT_PACK_FILE_H

/**
 * A pack and its index, mapped (gitformat-pack(5), index version 2). Private
 * to this room. git wrote the index and checked the pack; nothing here trusts
 * either.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "git/oid.h"

struct pack;

/**
 * Map `path`, which ends in .idx.
 * @return 0; ERR_NOT_FOUND when either file is gone; ERR_CONFIG for an index
 *         of another version; ERR_MALFORMED; ERR_SYS
 */
int pack_open(struct pack **out, const char *path, enum oid_algo algo,
	      struct err *e);
void pack_free(struct pack *p);

/** @return whether it is there; *offset is then where */
bool pack_find(const struct pack *p, const unsigned char *raw_id,
	       uint64_t *offset);

enum pack_type {
	PACK_NONE = 0,
	PACK_COMMIT = 1,
	PACK_TREE = 2,
	PACK_BLOB = 3,
	PACK_TAG = 4,
	PACK_OFS_DELTA = 6,
	PACK_REF_DELTA = 7
};

struct pack_entry {
	enum pack_type type; /* one of the above, not PACK_NONE */
	uint64_t size;	     /* unpacked; of the delta if it is one */
	uint64_t base;	     /* offset of a delta's base */
	struct span data;    /* from the zlib stream to the pack's end */
};

/** @return false when there is no well-formed entry at `offset` */
bool pack_entry_at(const struct pack *p, uint64_t offset,
		   struct pack_entry *out);

#endif
