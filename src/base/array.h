/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_ARRAY_H
#define GATEPOST_BASE_ARRAY_H

#include <stddef.h>

/**
 * Make room for one more element at the end of a heap array.
 *
 * @param items  address of the array pointer (NULL when empty)
 * @param n      elements in use
 * @param cap    address of the number of elements allocated
 * @param size   bytes of one element
 * @param max    the most elements that the array may hold
 * @return 0, -1 when memory ran out, -2 when `n` has reached `max`
 */
int array_grow(void *items, size_t n, size_t *cap, size_t size, size_t max);

/** `array_push(&v, &n, &cap, max)`: room for one more of the type of *v. */
#define array_push(items, n, cap, max)                                         \
	array_grow((items), (n), (cap), sizeof(**(items)), (max))

#endif
