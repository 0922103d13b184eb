/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_COURIER_PARK_H
#define GATEPOST_COURIER_PARK_H

#include <stdint.h>

#include "base/err.h"

/** A record that an endpoint refuses for good. */
struct park {
	const char *ledger_dir;
	const char *sink;
	const char *id; /* of the record; empty when it has none */
	uint64_t index;
	long status; /* 0: it could not be made into an event */
	const char *reason;
};

/** Append a record of kind `parked` that says so; durable on return. */
int park_record(const struct park *park, struct err *e);

#endif
