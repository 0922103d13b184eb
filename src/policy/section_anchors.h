/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SECTION_ANCHORS_H
#define GATEPOST_POLICY_SECTION_ANCHORS_H

/**
 * [witness] and [timestamp]: who else vouches for the record book.
 */

#include "policy/tables.h"

extern const struct policy_section_desc witness_section, timestamp_section;

#endif
