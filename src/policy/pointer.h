/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_POINTER_H
#define GATEPOST_POLICY_POINTER_H

/**
 * JSON pointers (RFC 6901) into the answers of products, with one kind of part
 * more: `[name=Backout plan]` is the element of a list whose member `name` is
 * that text. Custom fields are given as such lists, in any order.
 */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"

/** Cut the first part, without its `/`, off a pointer that is not empty. A
 * `/` within brackets is of their text. */
struct span pointer_part(struct span *rest);

/** Whether a part selects an element, and by what. */
bool pointer_selects(struct span part, struct span *member, struct span *text);

/** @return 0; ERR_CONFIG for one that does not begin with `/`, or with
 *   brackets that say nothing */
int pointer_check(struct span pointer, struct err *e);

#endif
