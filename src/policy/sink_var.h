/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SINK_VAR_H
#define GATEPOST_POLICY_SINK_VAR_H

/** `var = NAME VALUE`: what differs from house to house in a ready template,
 * such as the number of a project. */

#include <stdbool.h>

#include "base/cursor.h"
#include "base/err.h"
#include "policy/options.h"

enum { SINK_VAR_MAX_NAME = 32, SINK_VAR_MAX_VALUE = 256 }; /* bytes */

int value_is_var(const char *value, struct err *e);

/** The name that such a line gives a value to; checked before. */
struct span sink_var_name(const char *line);

/** @return false when no line gives it; the first that does counts */
bool sink_var_find(const struct option_list *vars, struct span name,
		   struct span *value);

#endif
