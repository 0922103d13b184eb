/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_GIT2_STORE_H
#define GATEPOST_GIT_GIT2_STORE_H

/**
 * Objects through libgit2, for what object_store.c does not read itself.
 * Private to this room.
 */

#include <stdbool.h>

#include "base/err.h"
#include "git/object_bytes.h"

struct git2_store;

/** @return 0; ERR_CONFIG when this libgit2 does not know the hash function */
int git2_store_new(struct git2_store **out, enum oid_algo algo,
		   char *const *dirs, size_t ndirs, struct err *e);
void git2_store_free(struct git2_store *s);

/** As object_read and object_stat in repository.h. */
int git2_store_read(struct git2_store *s, struct bytes_pool *pool,
		    const struct oid *id, size_t max, struct object_bytes **out,
		    struct err *e);
int git2_store_stat(struct git2_store *s, const struct oid *id,
		    enum object_type *type, uint64_t *size, struct err *e);

#endif
