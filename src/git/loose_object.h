/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_LOOSE_OBJECT_H
#define GATEPOST_GIT_LOOSE_OBJECT_H

/** Objects in files of their own (gitformat-loose(5)). Private to this
 * room. */

#include "git/inflate.h"
#include "git/object_bytes.h"

bool loose_object_exists(const char *dir, const struct oid *id);

/** @return 0, ERR_NOT_FOUND, ERR_MALFORMED, ERR_SYS */
int loose_object_stat(struct inflater *f, const char *dir, const struct oid *id,
		      enum object_type *type, uint64_t *size, struct err *e);

/** @return as above, ERR_LIMIT (over `max` bytes), ERR_MEMORY */
int loose_object_read(struct inflater *f, struct bytes_pool *pool,
		      const char *dir, const struct oid *id, size_t max,
		      struct object_bytes **out, struct err *e);

#endif
