/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_STATUS_SET_H
#define GATEPOST_POLICY_STATUS_SET_H

/** HTTP statuses: `200-299,409`. */

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/err.h"

enum { STATUS_SET_MAX = 32 };

struct status_set {
	struct {
		int from, to;
	} v[STATUS_SET_MAX];
	size_t n;
};

/** @return 0; ERR_CONFIG */
int status_set_parse(struct status_set *out, struct span text, struct err *e);
bool status_set_has(const struct status_set *s, long status);

#endif
