/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_BASE_TIME_H
#define GATEPOST_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

enum { TIME_RFC3339_SIZE = 32 }; /* bytes that time_format needs */

/** Seconds. */
#define TIME_DAY INT64_C(86400)

/** Milliseconds since 1970-01-01T00:00:00Z, by the system's clock. */
int64_t time_now_ms(void);

/** Microseconds of a clock that never jumps; for deadlines and durations. */
int64_t time_mono_us(void);

/**
 * RFC 3339, UTC, with milliseconds: 2027-01-31T23:59:59.123Z. Times outside
 * the years 0000 to 9999 give the nearest of them.
 */
void time_format(int64_t ms, char out[TIME_RFC3339_SIZE]);

/**
 * Read `YYYY-MM-DD` (its last millisecond: `until` includes the day) or
 * RFC 3339 with `Z` or an offset.
 * @param ms  milliseconds since 1970
 */
bool time_parse(struct span s, int64_t *ms);

/**
 * Seconds since 1970 of a UTC calendar time; no validation beyond ranges.
 * @return false when a part is out of range (29 February only in leap years)
 */
bool time_from_civil(int year, int month, int day, int hour, int min,
		     int sec, int64_t *out);

/**
 * Read a duration: digits and one of `s m h d w y` (a year is 365 days).
 * @param seconds  at most INT64_MAX / 1000
 */
bool time_parse_duration(struct span s, int64_t *seconds);

#endif
