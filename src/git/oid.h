/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_OID_H
#define GATEPOST_GIT_OID_H

/**
 * Object ids of either hash function. No size of an id is written anywhere
 * but here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

enum oid_algo { OID_NONE = 0, OID_SHA1, OID_SHA256 };

enum { OID_MAX_RAW = 32, OID_HEX_SIZE = 2 * OID_MAX_RAW + 1 };

struct oid {
	unsigned char algo; /* enum oid_algo */
	unsigned char id[OID_MAX_RAW]; /* the rest beyond the algo's is zero */
};

/** Bytes, and hex digits, of an id of `algo`; 0 for OID_NONE. */
size_t oid_raw_size(enum oid_algo algo);
size_t oid_hex_size(enum oid_algo algo);

/** "sha1", "sha256", and back (OID_NONE for anything else). */
const char *oid_algo_name(enum oid_algo algo);
enum oid_algo oid_algo_of_name(struct span name);

/** Exactly oid_hex_size lower-case digits. @return false otherwise */
bool oid_from_hex(struct oid *out, enum oid_algo algo, struct span hex);
/** From oid_raw_size bytes. */
void oid_from_raw(struct oid *out, enum oid_algo algo, const void *raw);
/** The whole id as lower-case hex, NUL-terminated. @return `out` */
char *oid_to_hex(const struct oid *id, char out[OID_HEX_SIZE]);

bool oid_equal(const struct oid *a, const struct oid *b);
int oid_compare(const struct oid *a, const struct oid *b);
/** Whether it is the null id (all zeros), or no id at all. */
bool oid_is_null(const struct oid *id);

/** A hash map from ids to size_t. Zero-initialise; release when done. */
struct oid_map {
	struct oid_map_slot *slots;
	size_t n, cap;
};
/** @return the value, or SIZE_MAX when the id is not in the map */
size_t oid_map_get(const struct oid_map *m, const struct oid *id);
/** Insert or replace. @return 0, or -1 when memory ran out */
int oid_map_put(struct oid_map *m, const struct oid *id, size_t value);
void oid_map_release(struct oid_map *m);

#endif
