/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATEPOST_POLICY_SECTION_PEOPLE_H
#define GATEPOST_POLICY_SECTION_PEOPLE_H

/**
 * [principal], [signers] and [agent]: who is known, by which keys, and which AI
 * agents are approved.
 */

#include "policy/tables.h"

extern const struct policy_section_desc principal_section, signers_section,
	agent_section;

#endif
