/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_NAME_MAP_H
#define GATEPOST_BASE_NAME_MAP_H

/**
 * A hash map from strings to size_t. The map copies nothing: keys are borrowed
 * and must outlive it.
 */

#include <stddef.h>
#include <stdint.h>

struct name_map_slot;

/** Zero-initialise; release when done. */
struct name_map {
	struct name_map_slot *slots;
	size_t n, cap;
};

/** @return the value, or SIZE_MAX when the name is not in the map */
size_t name_map_get(const struct name_map *m, const char *name);
/** Insert or replace the value; the first key stays.
 * @return 0, or -1 when memory ran out */
int name_map_put(struct name_map *m, const char *name, size_t value);
void name_map_release(struct name_map *m);

#endif
