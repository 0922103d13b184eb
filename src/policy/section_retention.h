/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SECTION_RETENTION_H
#define GATEPOST_POLICY_SECTION_RETENTION_H

/**
 * [retention]: how long records of each kind are kept.
 */

#include "policy/tables.h"

extern const struct policy_section_desc retention_section;

#endif
