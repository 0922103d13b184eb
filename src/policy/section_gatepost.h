/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SECTION_GATEPOST_H
#define GATEPOST_POLICY_SECTION_GATEPOST_H

/**
 * [gatepost] and [ledger]: the gate itself, and how its records are read.
 */

#include "policy/tables.h"

extern const struct policy_section_desc gatepost_section, ledger_section;

#endif
