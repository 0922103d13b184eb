/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SECTION_GATES_H
#define GATEPOST_POLICY_SECTION_GATES_H

/**
 * [gate], [rule] and [area]: what is asked, and where.
 */

#include "policy/tables.h"

extern const struct policy_section_desc gate_section, rule_section,
	area_section;

#endif
