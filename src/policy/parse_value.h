/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_PARSE_VALUE_H
#define GATEPOST_POLICY_PARSE_VALUE_H

/**
 * Values that keys of several sections have and no type of option fits
 * (struct option, OPTION_CUSTOM).
 */

#include "policy/options.h"

/** The words of enum policy_mode, MODE_OFF first. */
extern const char *const policy_mode_words[];

/** A mode, into an int of enum policy_mode. */
int parse_mode(const char *value, void *field, const struct option_place *at,
	       struct err *e);

/** `0` or a duration, into a struct within. */
int parse_within(const char *value, void *field, const struct option_place *at,
		 struct err *e);

#endif
