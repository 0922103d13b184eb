/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_GIT_FAULT_H
#define GATEPOST_GIT_FAULT_H

/** How the object parsers of this room say what is off. */

#include "git/object_parse.h"

/** Say `fmt` in `f`, over whatever it said. @return false, always */
bool fault_set(struct object_fault *f, enum object_fault_code code,
	       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** For `%.*s`: the part of a hostile span that a fault's text shows. */
#define FAULT_QUOTE(s) (int)((s).n < 60 ? (s).n : 60), (s).p

/** `value` unless it is zero, else the default. */
size_t limit_or(size_t value, size_t fallback);

#endif
