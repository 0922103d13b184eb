/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_OBJECT_STORE_H
#define GATEPOST_GIT_OBJECT_STORE_H

/**
 * Objects in a list of object directories. Only the directories that are
 * given are read: whose alternates they are, and what a git directory's
 * grafts, shallow file, replace refs or configuration say, is not known
 * here. Private to this room.
 */

#include <stdbool.h>

#include "base/err.h"
#include "git/oid.h"
#include "git/repository.h"

struct object_store;

int object_store_new(struct object_store **out, enum oid_algo algo,
		     const char *const *dirs, size_t ndirs, struct err *e);
void object_store_free(struct object_store *s);

/** As object_read and object_stat in repository.h. */
int object_store_read(struct object_store *s, const struct oid *id, size_t max,
		      struct object *out, struct err *e);
int object_store_stat(struct object_store *s, const struct oid *id,
		      enum object_type *type, uint64_t *size, struct err *e);
/** Without looking for packs that came since the last look. */
bool object_store_has(struct object_store *s, const struct oid *id);

#endif
