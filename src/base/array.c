/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int array_grow(void *items, size_t n, size_t *cap, size_t size, size_t max)
{
	size_t want = *cap ? *cap + *cap / 2 + 1 : 8;
	void *old, *grown;

	if (n >= max)
		return -2;
	if (n < *cap)
		return 0;
	if (want > max)
		want = max;
	if (want > SIZE_MAX / size)
		return -1;
	/* items is the address of some T *; copying the pointer's bytes
	 * avoids an access through a void ** of another type */
	memcpy(&old, items, sizeof(old));
	grown = realloc(old, want * size);
	if (!grown)
		return -1;
	memcpy(items, &grown, sizeof(grown));
	*cap = want;
	return 0;
}
