/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_UUID_H
#define GATEPOST_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

enum { UUID_TEXT_SIZE = 37 };

/** Fill from the kernel's random source. @return 0, or ERR_SYS */
int random_bytes(void *out, size_t n, struct err *e);

/** A UUIDv7 (RFC 9562, 5.7) of the time `ms`, in lower case. */
int uuid7_make(int64_t ms, char out[UUID_TEXT_SIZE], struct err *e);

/** The time in a UUIDv7, milliseconds; false for what is none. */
bool uuid7_time(struct span s, int64_t *ms);

/** Whether `s` is a UUID in lower case with its four hyphens. */
bool uuid_is(struct span s);

#endif
