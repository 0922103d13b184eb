/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_SYS_DEADLINE_H
#define GATEPOST_SYS_DEADLINE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/** A point in time after which something is given up. */
struct deadline {
	int64_t at_us; /* by time_mono_us */
};

/** The deadline that is `ms` milliseconds from now. */
static inline struct deadline deadline_in_ms(int64_t ms)
{
	return (struct deadline){time_mono_us() + ms * 1000};
}

/** Milliseconds left, rounded up; 0 when it has passed. Fits poll(2). */
static inline int deadline_left_ms(struct deadline d)
{
	int64_t left = d.at_us - time_mono_us();

	if (left <= 0)
		return 0;
	return left / 1000 >= INT_MAX ? INT_MAX : (int)((left + 999) / 1000);
}

static inline bool deadline_passed(struct deadline d)
{
	return time_mono_us() >= d.at_us;
}

#endif
