/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SINK_TABLE_H
#define GATEPOST_POLICY_SINK_TABLE_H

/**
 * [sink]: where records are posted.
 */

#include "policy/tables.h"

extern const struct policy_section_desc sink_section;

#endif
