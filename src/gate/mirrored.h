/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GATE_MIRRORED_H
#define GATEPOST_GATE_MIRRORED_H

/** What a mirror brings (policy/mirror.h), which nobody judges. */

#include "gate/judging.h"

enum { MIRRORED_MAX = 100000 /* commits counted of one push */ };

/**
 * Count the commits that came with this push and that a ref reaches, for the
 * record. Nothing of them is said, and nothing remembered: a foreign history
 * may hold objects of any form.
 */
int mirrored_count(struct judging *j, size_t ref, struct err *e);

#endif
